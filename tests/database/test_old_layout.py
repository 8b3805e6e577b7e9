"""An OUT of the layout before the database: made by voicemon 0.1.0 from one sample and a file that is no sound, with two reviews."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from voicemon.errors import SettingsError
from voicemon.review import Decision, decide, open_points
from voicemon.store import opened

OLD = Path(__file__).parent.parent / "data" / "old-out.tar.xz"
CALL = "taobao-broken-silent-line"
both = pytest.mark.parametrize("kit", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def old(kit: Any) -> Any:
    with tarfile.open(OLD) as archive:
        archive.extractall(kit.out.parent, filter="data")
    (kit.out.parent / "old-out").rename(kit.out)
    return kit


@both
def test_everything_in_it_is_taken_over_and_the_files_are_gone(old: Any) -> None:
    with opened(old.out, old.store) as store:
        facts, judged = store.load_facts(CALL), store.load_judged(CALL)
        assert facts and judged and facts.call.agent_id == "1004" and len(facts.transcript) > 1 and len(judged.verdicts) > 40
        assert store.load_probes(CALL) and store.load_media(CALL)["audio_href"] == f"audio/{CALL}.flac"
        said = [("appeal", "1004", "我说了,请再听一遍"), ("overturn", "李主管", "听到了")]
        assert [(e.kind, e.by, e.text) for e in store.reviews(CALL)] == said
        assert [call.id for call in store.failures()] == ["broken"]
        assert list(store.told()) == [CALL] and dict(store.reports())[CALL]["call"]["id"] == CALL
    assert not (old.out / "facts").exists() and not (old.out / "reviews.jsonl").exists()
    assert (old.out / f"calls/{CALL}.html").is_file()


def test_judging_it_again_hears_nothing_and_keeps_the_reviews(old: Any) -> None:
    result = old.judge(standard="taobao")
    assert result.judged_again == (CALL,) and not result.analysed
    verdicts = old.record().report(CALL)["verdicts"]
    assert next(v for v in verdicts if v["rule"] == "TB-4a")["review"]["status"] == "overturned"


def test_a_take_over_that_was_interrupted_is_finished_and_doubles_nothing(old: Any) -> None:
    with tarfile.open(OLD) as archive:
        archive.extractall(old.out.parent, filter="data")
    with opened(old.out):
        pass
    before = old.record().reviews()
    (old.out.parent / "old-out" / "facts").rename(old.out / "facts")
    (old.out.parent / "old-out" / "reviews.jsonl").rename(old.out / "reviews.jsonl")
    with opened(old.out) as store:
        assert store.reviews() == before and len(list(store.known_calls())) == 1
    assert not (old.out / "facts").exists()


def test_what_cannot_be_read_is_left_out(old: Any) -> None:
    (old.out / f"facts/{CALL}.json").write_text("{", encoding="utf-8")
    with (old.out / "reviews.jsonl").open("a", encoding="utf-8") as lines:
        lines.write('{"call_id": "x", "ru')
    with opened(old.out) as store:
        assert list(store.known_calls()) == [] and len(store.reviews()) == 2


def test_a_command_that_only_reads_refuses_it_with_the_remedy(old: Any) -> None:
    with pytest.raises(SettingsError, match="older voicemon; run voicemon judge"):
        list(open_points(old.out))
    decide(old.out, Decision(CALL, "TB-4a", True, "李主管", "再听一遍"))
    assert len(old.record().reviews()) == 3 and not list(open_points(old.out))
