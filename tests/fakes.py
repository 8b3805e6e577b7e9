"""Sounds and recognisers for tests, in a module that spawned workers can import too."""

from __future__ import annotations

import os
import signal
import time
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.signal import lfilter

from voicemon.database.engine import Database
from voicemon.database.record import Record
from voicemon.records import ReviewEntry, Utterance

if TYPE_CHECKING:
    from voicemon.speech.engine import Job, Transcription

RATE_HZ = 8000
RECOGNITION_HZ = 16_000
VOWELS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


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
    """A voice that a voice detector takes for one: pulses through formants that change with each syllable; float32, -24 dBov."""
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    pitch_hz = (120 + 40 * seed) * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * t) + 0.03 * np.sin(2 * np.pi * 3.1 * t))
    source = np.diff(np.floor(np.cumsum(pitch_hz) / rate_hz), prepend=0) + np.random.default_rng(seed).normal(0, 0.01, len(t))
    out = np.zeros(len(t))
    length = int(0.22 * rate_hz)
    for k, start in enumerate(range(0, len(t), length)):
        y = source[start : start + length]
        for formant_hz, width_hz in zip(VOWELS_HZ[(7 * k + seed) % len(VOWELS_HZ)], (80, 100, 140), strict=True):
            r = np.exp(-np.pi * width_hz / rate_hz)
            y = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * formant_hz / rate_hz), r * r], y)
        edge = np.minimum(np.arange(len(y)), len(y) - 1 - np.arange(len(y)))
        out[start : start + length] = y * np.minimum(1, edge / (0.03 * rate_hz))
    return (0.06 * out / np.sqrt(np.mean(out**2))).astype(np.float32)


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
class Killer(FakeEar):
    """Its process dies at a call longer than ``limit_s``."""

    limit_s: float = 5.0

    def __call__(self) -> Killer:
        return self

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        if len(jobs[0].x) > self.limit_s * RECOGNITION_HZ:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().transcribe_many(jobs)


@dataclass(frozen=True)
class Logged(FakeEar):
    """Writes the length of each call that it hears to a file: ``c0`` is the shortest of a row of calls."""

    log: str = ""

    def __call__(self) -> Logged:
        return self

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        seconds = len(jobs[0].x) / RECOGNITION_HZ
        with open(self.log, "a", encoding="utf-8") as lines:
            lines.write(f"c{round((seconds - 2.0) * 2)}\n")
        return super().transcribe_many(jobs)


@dataclass(frozen=True)
class Deadly(FakeEar):
    """Notes in a file how long each call is that it begins (in s); its process dies at one of ``deaths``: (s, how often)."""

    log: str = ""
    deaths: tuple[tuple[float, int], ...] = ()

    def __call__(self) -> Deadly:
        return self

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        seconds = f"{len(jobs[0].x) / RECOGNITION_HZ:.1f}"
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(seconds + "\n")
        if Path(self.log).read_text(encoding="utf-8").split().count(seconds) <= dict(self.deaths).get(float(seconds), 0):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().transcribe_many(jobs)


@dataclass(frozen=True)
class Troubled(FakeEar):
    """Does ``trouble`` at a call longer than ``limit_s``: ``hang``, ``hang once``, ``die``, ``die once``, ``no memory``.

    ``marks`` is a folder: each process leaves a file of the name of its id, and trouble that comes once leaves a file too.
    """

    trouble: str = "hang"
    marks: str = ""
    limit_s: float = 5.0

    def __call__(self) -> Troubled:
        return self

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        folder = Path(self.marks)
        (folder / str(os.getpid())).touch()
        if self.trouble != "none" and len(jobs[0].x) > self.limit_s * RECOGNITION_HZ and not (folder / "once").exists():
            if self.trouble.endswith("once"):
                (folder / "once").touch()
            if self.trouble.startswith("die"):
                os.kill(os.getpid(), signal.SIGKILL)
            if self.trouble == "no memory":
                raise MemoryError
            (folder / "hanging").touch()
            time.sleep(3600)
        return super().transcribe_many(jobs)


def append_reviews(database: Database, entry: ReviewEntry, count: int) -> None:
    """Add the same review ``count`` times, each in a transaction of its own."""
    for _ in range(count):
        Record(database).add_review(entry)
