"""What a model writes for what: how likely the words written are if a phrase was said."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from voicemon.speech.confusions import LEAST, Confusions, as_table, pair, read_confusions
from voicemon.speech.models import confusions, read_manifest
from voicemon.speech.pinyin import syllables


def counted(*heard: tuple[str, str, int]) -> Confusions:
    """From characters said and heard, and how often."""
    return Confusions(Counter({pair(*syllables(said), *syllables(written)): times for said, written, times in heard}))


LEARNT = counted(("听", "听", 90), ("听", "心", 10), ("心", "心", 50), ("清", "清", 60), ("不", "不", 80), ("提", "西", 6))


def likely(said: str, heard: str, learnt: Confusions = LEARNT) -> float:
    return learnt.log_likelihood(syllables(said), syllables(heard))


def test_what_is_written_as_said_loses_nothing() -> None:
    """Whatever the tone or the character."""
    assert likely("听不清", "听不清") == likely("听不清", "厅布轻") == 0.0


def test_what_the_model_is_known_to_confuse_is_likelier_than_what_it_is_not() -> None:
    """听 was heard as 心, and never as 不 or 清; the more it was, the likelier."""
    assert 0 > likely("听不清", "心不清") > likely("听不清", "不不清") and likely("听不清", "心不清") > likely("听不清", "清不清")
    often = counted(("听", "听", 60), ("听", "心", 40), ("心", "心", 50))
    assert likely("听", "心", often) > likely("听", "心")


def test_confusions_go_one_way() -> None:
    """听 becomes 心; that 心 becomes 听 does not follow."""
    assert likely("听", "心") > likely("心", "听")


def test_a_pair_never_seen_is_judged_by_its_parts() -> None:
    """t was heard as x, so 天 as 先 is likelier than 天 as 边, both unheard of."""
    assert likely("天", "先") > likely("天", "边")


def test_a_syllable_too_many_or_too_few_is_unlikely() -> None:
    """More so than one that is often misheard; nothing is less likely than the least."""
    assert likely("听不清", "听清") < likely("听不清", "心不清")
    assert likely("听不清", "听不不清") < likely("听不清", "心不清")
    assert likely("听", "不清不清不清") == LEAST and likely("", "听") == 0.0


def test_counts_are_stored_as_they_were() -> None:
    """A letter and a syllable without initial among them."""
    counts = {pair(*syllables(said), *syllables(heard)): times for said, heard, times in (("听", "心", 3), ("安", "安", 2), ("A", "A", 1))}
    assert as_table(counts)["t-ing"] == {"x-in": 3}
    stored = read_confusions(as_table(counts))
    assert all(stored.gain(*both) == Confusions(counts).gain(*both) for both in counts)


@pytest.mark.parametrize(
    ("phrase", "often", "seldom"), [("听不清", "心不清", "客不清"), ("工号", "功后", "功到"), ("谢谢了", "谢谢冷", "谢谢快")]
)
def test_the_shipped_counts_are_those_of_the_manifest(phrase: str, often: str, seldom: str) -> None:
    """They know what base takes for what; a model whose words were never counted has none."""
    listed = read_manifest()["base"]["confusions"]
    shipped = Path(__file__).parents[2] / "models" / listed["file"]
    assert hashlib.sha256(shipped.read_bytes()).hexdigest() == listed["sha256"]
    known = confusions("base")
    assert known is not None and likely(phrase, often, known) > likely(phrase, seldom, known) + 1
    assert confusions("no-such-model") is None
