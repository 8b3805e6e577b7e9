"""Changed recordings go through the whole pipeline, and what does not flip is told everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from fakes import FakeEar, silence, speech_like

from voicemon.cli import commands
from voicemon.ear import WhisperEarFactory
from voicemon.evaluate import Evaluation, evaluate_folder
from voicemon.mutation_check import Flip, MutationCheck, check_mutations
from voicemon.records import Utterance
from voicemon.settings import MUTATIONS, Settings
from voicemon.speech.engine import Job, Transcription

SAMPLES = Path(__file__).parent.parent / "samples"


@dataclass(frozen=True)
class TwoTurns(FakeEar):
    """Hears its text in a turn of the first two seconds and 请讲 in a later one: of an agent without a word no phrase is missed."""

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        return tuple(Transcription(tuple(Utterance(job.speaker, s.start_s, s.end_s, self.text if s.start_s < 2 else "请讲", 0.9)
                                         for s in job.speech), ()) for job in jobs)


def one_call(kit: Any) -> None:
    """The agent speaks on the left, before the customer and after."""
    left = np.concatenate([speech_like(2.0), silence(5.0), speech_like(2.0)])
    kit.call("one.wav", np.stack([left, np.concatenate([silence(3.0), speech_like(3.0, seed=2), silence(3.0)])]))
    (kit.folder / "one.expected.json").write_text("{}", encoding="utf-8")


def evaluated(kit: Any, text: str = "您好", **more: Any) -> Evaluation:
    one_call(kit)
    settings = Settings(standard=str(kit.pack), agent_channel="left", **more)
    return evaluate_folder(kit.folder, None, settings, lambda: TwoTurns(text), lambda *_: None, MUTATIONS)


def test_a_dropped_phrase_flips_its_rule(kit: Any) -> None:
    found = evaluated(kit).mutations
    assert found is not None
    assert [(f.call, f.kind, f.rule, f.before, f.after) for f in found.flips] == [("one", "phrase", "T-1", "pass", "fail")]
    assert not found.stuck and found.impossible == ("wait", "rate", "level")


def test_a_verdict_that_does_not_flip_is_a_failure_everywhere(kit: Any) -> None:
    evaluation = evaluated(kit, "您好再见啊")  # this ear hears the phrase in whatever is left of the turn
    assert not evaluation.differences and not evaluation.fine
    failures = ElementTree.fromstring(evaluation.junit()).findall(".//failure")
    assert [f.get("message", "").split(" (")[0] for f in failures] == ["must become fail, is pass"]
    text = evaluation.markdown()
    assert "differs" in text and "1 verdicts had to flip, 1 did not; no recording allowed a mutation of the kind wait" in text


def test_the_command_prints_the_table_and_exits_with_1(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one_call(kit)
    (kit.folder / "one.json").write_text('{"agent_channel": "left"}', encoding="utf-8")
    for heard, code in (("您好", 0), ("您好再见啊", 1)):
        monkeypatch.setattr("voicemon.ear.WhisperEarFactory", lambda settings, heard=heard: lambda: TwoTurns(heard))
        result = CliRunner().invoke(commands, ["evaluate", str(kit.folder), "--standard", str(kit.pack), "--workers", "1",
                                               "--mutate-kind", "phrase"],
                                    standalone_mode=False)
        assert result.return_value == code and "T-1" in result.output and f"1 verdicts had to flip, {code} did not" in result.output


@pytest.mark.parametrize(("after", "wanted", "flipped"), [
    ("fail", "fail", True), ("unsure", "fail", True), ("unsure", "unsure", True), ("pass", "fail", False),
    ("not_applicable", "fail", False),
    ("not_checked", "fail", False), ("fail", "unsure", False), ("not analysed", "fail", False)])
def test_a_doubt_is_a_flip_and_told_and_a_rule_that_went_away_is_none(after: str, wanted: str, flipped: bool) -> None:
    found = MutationCheck((Flip("a", "phrase", "x", "R", "pass", after, wanted),))
    assert found.flips[0].flipped is flipped and ("only to unsure" in found.summary) is (after == "unsure" and wanted == "fail")


def test_without_the_option_nothing_is_mutated(kit: Any) -> None:
    kit.call("one.wav")
    (kit.folder / "one.expected.json").write_text("{}", encoding="utf-8")
    settings = Settings(standard=str(kit.pack), agent_channel="left")
    assert evaluate_folder(kit.folder, None, settings, kit.fake_ear(), lambda *_: None).mutations is None


def test_the_same_recordings_give_the_same_result(kit: Any) -> None:
    assert evaluated(kit).mutations == evaluated(kit).mutations


def test_a_recording_that_is_gone_gives_no_occasion(kit: Any) -> None:
    path = kit.call("one.wav")
    kit.run()
    path.unlink()
    settings = Settings(standard=str(kit.pack), agent_channel="left")
    assert check_mutations(kit.out, ["one"], MUTATIONS, settings, kit.fake_ear(), lambda *_: None) == MutationCheck((), MUTATIONS)


def test_those_that_did_not_flip_come_first() -> None:
    flips = (Flip("a", "level", "x", "R", "pass", "fail", "fail"), Flip("b", "level", "x", "R", "pass", "pass", "fail", "why"))
    assert [row[0] for row in MutationCheck(flips).rows()] == ["b", "a"]
    assert MutationCheck(flips).rows()[0][-1] == "no: why" and len(MutationCheck(flips).rows(stuck_only=True)) == 1


@pytest.mark.parametrize(("name", "kinds"), [
    ("zijin-broken-hang-up", ("phrase", "rate", "level")), ("counter-broken-no-ring", ("wait",))])
def test_every_kind_flips_verdicts_of_real_samples(name: str, kinds: tuple[str, ...], tmp_path: Path) -> None:
    for path in SAMPLES.glob(f"{name}.*"):
        shutil.copyfile(path, tmp_path / path.name)
    settings = Settings()
    found = evaluate_folder(tmp_path, None, settings, WhisperEarFactory(settings), lambda *_: None, kinds).mutations
    assert found is not None and {f.kind for f in found.flips} == set(kinds) and not found.stuck, found
