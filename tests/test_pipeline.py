"""One call: answers of the phrase check are kept, and asked only once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEar

from voicemon.playable import playable_copy
from voicemon.probes import KeptVerifier

QUESTION = ("agent", 1.0, 2.0, "", "请快", "尽快")


@dataclass
class Oracle:
    """A live verifier that counts."""

    asked: list[Any] = field(default_factory=list)
    sure: float = 1.5

    def log_ratio(self, *question: Any) -> float:
        self.asked.append(question)
        return self.sure


def test_a_question_is_asked_live_once_and_its_answer_kept() -> None:
    oracle = Oracle()
    verifier = KeptVerifier({}, lambda: oracle)
    assert [verifier.log_ratio(*QUESTION), verifier.log_ratio(*QUESTION)] == [1.5, 1.5] and len(oracle.asked) == 1
    again = KeptVerifier(json.loads(json.dumps(dict(verifier.answers()))), lambda: oracle)
    assert again.log_ratio(*QUESTION) == 1.5 and len(oracle.asked) == 1


def test_without_a_live_verifier_an_unknown_question_has_no_answer_and_none_is_kept() -> None:
    verifier = KeptVerifier({}, lambda: None)
    assert verifier.log_ratio(*QUESTION) is None and verifier.answers() == {}


def test_nothing_live_is_made_while_kept_answers_do() -> None:
    def never() -> None:
        raise AssertionError("made")

    first = KeptVerifier({}, Oracle)
    first.log_ratio(*QUESTION)
    assert KeptVerifier(first.answers(), never).log_ratio(*QUESTION) == 1.5


@dataclass
class Preparing(Oracle):
    """A live verifier that likes to be told beforehand."""

    prepared: list[Any] = field(default_factory=list)

    def prepare(self, questions: Any) -> None:
        self.prepared += questions


def test_only_questions_without_a_kept_answer_are_prepared() -> None:
    oracle, other = Preparing(), (*QUESTION[:5], "请慢", "")
    first = KeptVerifier({}, lambda: oracle)
    first.log_ratio(*QUESTION)
    again = KeptVerifier(first.answers(), lambda: oracle)
    again.prepare([(*QUESTION, ""), other])
    assert oracle.prepared == [other]


def test_what_was_prepared_is_kept_even_if_it_was_never_asked_for() -> None:
    def never() -> None:
        raise AssertionError("made")

    first = KeptVerifier({}, Preparing)
    first.prepare([(*QUESTION, ""), (*QUESTION, "")])
    again = KeptVerifier(first.answers(), never)
    again.prepare([(*QUESTION, "")])
    assert again.log_ratio(*QUESTION) == 1.5


def test_a_verifier_that_cannot_prepare_is_asked_one_by_one() -> None:
    verifier = KeptVerifier({}, Oracle)
    verifier.prepare([(*QUESTION, "")])
    assert verifier.log_ratio(*QUESTION) == 1.5


def test_what_a_browser_cannot_play_is_kept_as_wav_with_the_same_samples(kit: Any, tmp_path: Path) -> None:
    import av
    import numpy as np

    from voicemon.audio.decode import decode

    path = tmp_path / "call.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_alaw", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray((kit.speech_like(1.0) * 32767).astype(np.int16)[None, :], format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    recording = decode(path)
    ending, sound = playable_copy(recording)
    copy = tmp_path / f"copy{ending}"
    copy.write_bytes(b"".join(sound))
    assert decode(copy).codec == "pcm_s16le" and np.array_equal(decode(copy).samples, recording.samples)


def test_what_a_browser_plays_is_kept_as_it_is(kit: Any) -> None:
    from voicemon.audio.decode import decode

    path = kit.call("one.wav")
    ending, sound = playable_copy(decode(path))
    assert (ending, b"".join(sound)) == (".wav", path.read_bytes())


@pytest.mark.parametrize(("change", "told"), [("grows", "changed while it was analysed"), ("vanishes", "vanished while it was analysed")])
def test_a_recording_that_changed_since_it_was_heard_is_not_shown_with_what_was_heard(kit: Any, change: str, told: str) -> None:
    from voicemon.audio.decode import decode
    from voicemon.errors import RecordingError

    path = kit.call("one.wav")
    recording = decode(path)
    if change == "grows":
        with path.open("ab") as file:
            file.write(b"more")
    else:
        path.unlink()
    with pytest.raises(RecordingError, match=told):
        list(playable_copy(recording)[1])


@dataclass(frozen=True)
class AskedEar:
    """Hears words that only sound like the phrase due; its verifier, where there is one, says that the phrase was said."""

    oracle: Any = None
    model: str = "0"
    name: str = "base"

    def __call__(self) -> AskedEar:
        return self

    def transcribe_many(self, jobs: Any) -> Any:
        return FakeEar("宁号这边").transcribe_many(jobs)

    def describe(self) -> dict[str, str]:
        return {"model": self.name, "model_sha256": self.model * 64}

    def verifier(self, recording: Any, facts: Any) -> Any:
        return self.oracle


def outcome_in(kit: Any) -> str:
    return str(json.loads((kit.out / "calls/one.json").read_text(encoding="utf-8"))["verdicts"][0]["outcome"])


def test_a_call_that_was_judged_without_its_sound_is_judged_again_when_that_is_there(kit: Any) -> None:
    kit.call("one.wav")
    assert kit.run(ear=AskedEar()).analysed == ("one",) and outcome_in(kit) == "unsure"
    assert kit.run(ear=AskedEar(Oracle())).judged_again == ("one",) and outcome_in(kit) == "pass"
    assert kit.run(ear=AskedEar(Oracle())).skipped == {"one": "done already"}


def test_another_model_than_the_one_that_heard_a_call_is_not_asked_about_it(kit: Any) -> None:
    """The limits of the phrase check and the kept answers are of the model that heard it."""
    kit.call("one.wav")
    kit.run(ear=AskedEar())
    other = Oracle()
    from voicemon.folder import judge_again
    from voicemon.settings import Settings

    settings = Settings(standard=str(kit.pack), agent_channel="left")
    judge_again(kit.out, settings, AskedEar(other, "1"), lambda *_: None)
    assert other.asked == [] and outcome_in(kit) == "unsure"
    judge_again(kit.out, settings, AskedEar(other), lambda *_: None)
    assert other.asked != [] and outcome_in(kit) == "pass"


def test_what_a_model_that_was_never_calibrated_says_of_the_sound_decides_nothing(kit: Any) -> None:
    """Its log-ratios mean something else: neither for the phrase nor against it."""
    kit.call("one.wav")
    for sure in (40.0, -40.0):
        own = kit.beside(f"out{sure:+.0f}")
        own.run(ear=AskedEar(Oracle(sure=sure), name="nobody-calibrated"))
        assert outcome_in(own) == "unsure"
