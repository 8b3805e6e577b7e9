"""Counting what a model writes for what."""

from __future__ import annotations

import confusions
import pytest

from voicemon.speech.confusions import pair
from voicemon.speech.pinyin import syllables


def both(said: str, heard: str) -> set[tuple[object, object]]:
    return set(confusions.aligned(syllables(said), syllables(heard)))


def test_syllables_that_stand_for_each_other_are_counted() -> None:
    """A missing one pairs with nothing."""
    assert both("听不清", "心清") == {pair(*syllables("听心")), pair(*syllables("清清"))}


def test_an_utterance_that_was_hardly_heard_teaches_nothing() -> None:
    """Four syllables too few, or none at all."""
    assert not both("感谢您的来电", "谢谢") and not both("再见", "")


def test_scenarios_are_left_out_whole() -> None:
    """Each is in one part, and what was misheard in it is not known to the others."""
    pairs = [(f"S{n}", pair(*syllables("听心"))) for n in range(25)] + [("S7", pair(*syllables("挂快")))]
    parts = confusions.scenarios_apart(pairs)
    assert sorted(name for part in parts for name in part) == sorted({name for name, _ in pairs})
    known, without = pair(*syllables("挂快")), next(part for part in parts if "S7" in part)
    assert confusions.fitted(pairs).gain(*known) > confusions.fitted(pairs, without).gain(*known)


def test_what_is_shown_says_how_well_it_is_foretold(capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, the most frequent, and with scenarios left out."""
    confusions.show([(f"S{n}", pair(*syllables(text))) for n in range(12) for text in ("听心", "听听", "听听", "不不")])
    shown = capsys.readouterr().out
    assert "48 syllables, 0.750 as said" in shown and "ting xin 12" in shown
