"""Builders that all tests share: sounds, a recogniser that hears what it is told, a pack of one rule, a run into a folder."""

from __future__ import annotations

import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from voicemon.records import Utterance
from voicemon.settings import Settings

if TYPE_CHECKING:  # tests of one module should not need all the others
    from voicemon.folder import RunResult
    from voicemon.speech.engine import Job, Transcription

RATE_HZ = 8000
TINY_PACK = """
name: tiny
title: "A pack of one rule"
version: "1"
cues: ["紫金金行"]
rules:
  - id: T-1
    title: "greeting"
    quote: "您好"
    evidence: direct
    check: must_say
    by: agent
    say: ["您好|你好"]
    where: {first_s: 15}
    examples: {fires: ["喂"], quiet: ["您好，紫金金行"]}
"""


@dataclass(frozen=True)
class FakeEar:
    """Hears the same words in every stretch of speech; asks no model."""

    text: str = "您好"

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        from voicemon.speech.engine import Transcription

        return tuple(
            Transcription(tuple(Utterance(job.speaker, s.start_s, s.end_s, self.text, 0.9) for s in job.speech), ()) for job in jobs)

    def describe(self) -> Mapping[str, Any]:
        return {"model": "fake", "model_sha256": "0" * 64}

    def verifier(self, recording: Any, facts: Any) -> None:
        return None


@dataclass(frozen=True)
class FakeEarFactory:
    """Makes a :class:`FakeEar`; can be sent to a worker."""

    text: str = "您好"

    def __call__(self) -> FakeEar:
        return FakeEar(self.text)


def speech_like(seconds: float, rate_hz: int = RATE_HZ, seed: int = 0) -> np.ndarray:
    """A voice for a voice detector: a buzz of 140 Hz with formants, four syllables a second, some breath; float32."""
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    buzz = sum(np.sin(2 * np.pi * 140 * k * t) / (1 + abs(140 * k - 600) / 300) for k in range(1, 20))
    syllables = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * t)
    breath = np.random.default_rng(seed).normal(0, 0.02, len(t))
    return (0.1 * (buzz * syllables + breath)).astype(np.float32)


def silence(seconds: float, rate_hz: int = RATE_HZ, seed: int = 1) -> np.ndarray:
    """Line noise at about -75 dBov."""
    return np.random.default_rng(seed).normal(0, 2e-4, int(seconds * rate_hz)).astype(np.float32)


def a_call(seconds: float = 6.0, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Two channels, shape ``(2, n)``: the left speaks in the first half, the right in the second."""
    half = seconds / 2
    left = np.concatenate([speech_like(half, rate_hz), silence(half, rate_hz)])
    right = np.concatenate([silence(half, rate_hz), speech_like(half, rate_hz, seed=2)])
    return np.stack([left, right])


def write_wav(path: Path, samples: np.ndarray, rate_hz: int = RATE_HZ) -> Path:
    """Write float ``samples`` of shape ``(channels, n)`` as 16-bit WAV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(samples.shape[0])
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(np.clip(np.rint(samples.T * 32768), -32768, 32767).astype("<i2").tobytes())
    return path


@dataclass(frozen=True)
class Kit:
    """What a test needs to make calls and run over them; nothing here needs a model or the network."""

    folder: Path
    out: Path
    pack: Path

    def call(self, name: str, samples: np.ndarray | None = None, rate_hz: int = RATE_HZ) -> Path:
        """Write a call into the folder; without ``samples`` an ordinary one."""
        return write_wav(self.folder / name, a_call() if samples is None else samples, rate_hz)

    def run(self, *paths: Path, ear: Callable[[], Any] | None = None, **settings: Any) -> RunResult:
        """Analyse ``paths`` (the folder, if none are given) into ``out``."""
        from voicemon.folder import run

        chosen = Settings(**{"standard": str(self.pack), "agent_channel": "left", **settings})
        return run(list(paths) or [self.folder], self.out, chosen, ear or FakeEarFactory(), lambda *_: None)

    def judge(self, **settings: Any) -> RunResult:
        """Judge all that is in ``out`` again."""
        from voicemon.folder import judge_again

        chosen = Settings(**{"standard": str(self.pack), "agent_channel": "left", **settings})
        return judge_again(self.out, chosen, FakeEarFactory(), lambda *_: None)

    speech_like = staticmethod(speech_like)
    silence = staticmethod(silence)
    a_call = staticmethod(a_call)
    fake_ear = staticmethod(FakeEarFactory)


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """A folder for recordings, an OUT beside it, and a pack of one rule."""
    pack = tmp_path / "tiny.yaml"
    pack.write_text(TINY_PACK, encoding="utf-8")
    (tmp_path / "calls").mkdir()
    return Kit(tmp_path / "calls", tmp_path / "out", pack)
