"""The whole chain with the real model on two short samples, and that a second run changes nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from voicemon.ear import WhisperEarFactory
from voicemon.folder import judge_again, run
from voicemon.judge.loader import load_standard
from voicemon.report.as_json import SCHEMA_VERSION
from voicemon.settings import Settings
from voicemon.store import Store

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = ("zijin-broken-hang-up.flac", "taobao-broken-silent-line.flac")
FIXED_KEYS = {"schema_version", "call", "roles", "transcript", "transcript_audit", "measures", "verdicts", "score", "made_with"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUT of a real run."""
    root = tmp_path_factory.mktemp("real")
    (root / "calls").mkdir()
    for name in NAMES:
        for path in (SAMPLES / name, (SAMPLES / name).with_suffix(".json")):
            shutil.copyfile(path, root / "calls" / path.name)
    settings = Settings()
    result = run([root / "calls"], root / "out", settings, WhisperEarFactory(settings), lambda *_: None)
    assert not result.failed and len(result.analysed) == len(NAMES)
    return root / "out"


def report(out: Path, name: str) -> dict:
    return json.loads((out / "calls" / f"{Path(name).stem}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_report_has_the_fixed_names_and_one_verdict_per_rule(out: Path, name: str) -> None:
    made = report(out, name)
    rules = [v["rule"] for v in made["verdicts"]]
    assert set(made) >= FIXED_KEYS and made["schema_version"] == SCHEMA_VERSION
    assert rules == [rule.id for rule in load_standard(made["call"]["standard"]).rules]


def test_real_words_are_heard_on_the_right_channel(out: Path) -> None:
    said = "".join(u["text"] for u in report(out, NAMES[0])["transcript"] if u["speaker"] == "agent")
    assert "请问有什么" in said


def test_the_ring_is_counted(out: Path) -> None:
    ring = report(out, NAMES[0])["measures"]["ring"]
    assert (ring["count"], ring["source"]) == (2, "recording") and ring["ring_to_answer_s"] == pytest.approx(7.0, abs=0.3)


def test_judging_again_without_the_recordings_gives_the_same_verdicts(out: Path) -> None:
    before = {name: report(out, name)["verdicts"] for name in NAMES}
    shutil.rmtree(out.parent / "calls")
    store = Store(out)
    for name in NAMES:
        store.drop_judged(Path(name).stem)

    def no_model() -> None:
        raise AssertionError("judging loaded the model")

    judge_again(out, Settings(), no_model, lambda *_: None)
    assert {name: report(out, name)["verdicts"] for name in NAMES} == before
