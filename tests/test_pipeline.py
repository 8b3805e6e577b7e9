"""One call: answers of the phrase check are kept, and asked only once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from voicemon.playable import playable_copy
from voicemon.probes import KeptVerifier

QUESTION = ("agent", 1.0, 2.0, "", "请快", "尽快")


@dataclass
class Oracle:
    """A live verifier that counts."""

    asked: list[Any] = field(default_factory=list)

    def log_ratio(self, *question: Any) -> float:
        self.asked.append(question)
        return 1.5


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
    assert oracle.prepared == [other] and len(oracle.asked) == 1


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
