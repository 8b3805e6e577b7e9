#!/usr/bin/env python3
"""How the cost of a call grows with the number of calls: processor time and bytes per call at 10, 100, 1,000 … short calls.

usage: scaling.py [--calls 10,100,1000] [--agents 20] [--recording FILE --seconds 0.3:2]
Each call is a second of speech-like sound and no other is the same; the words are made up by a stand-in for the recogniser, so
that what is measured is all that voicemon does around recognition: finding, hashing, decoding, measuring, judging, storing and the
reports. With ``--recording`` each call is those seconds of a real one, the same but for its last samples, heard and judged with the
model ``base``: what recognition costs is in it too. One process, one thread. Prints per call: the analysis, everything else of the run
(finding, planning, tables and pages about all calls), a second run that has nothing to do, and the size of OUT. Exits with 1 where a
call of the last size costs more than 10 % over one of the first but one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voicemon.audio.decode import decode
from voicemon.ear import WhisperEarFactory
from voicemon.folder import run
from voicemon.pipeline import Analyst
from voicemon.records import Utterance
from voicemon.settings import Settings
from voicemon.speech.engine import Job, Transcription

Samples = npt.NDArray[np.int16]
RATE_HZ = 8000
GROWTH = 1.10
WORDS = "您好紫金金行工号八零一请问有什么可以帮您"


@dataclass(frozen=True)
class Cost:
    """Processor seconds and bytes of a whole run over ``calls`` calls."""

    calls: int
    analysis_s: float
    rest_s: float
    again_s: float
    out_bytes: int

    @property
    def per_call_s(self) -> float:
        return (self.analysis_s + self.rest_s) / self.calls


class StandIn:
    """Hears the same words in whatever is said."""

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        return tuple(Transcription((Utterance(job.speaker, 0.1, 0.9, WORDS, 0.9),) if job.speech else (), ()) for job in jobs)

    def describe(self) -> Mapping[str, Any]:
        return {"model": "stand-in", "model_sha256": "0" * 64}

    def verifier(self, recording: Any, facts: Any) -> None:
        return None


class Timed(Analyst):
    """An analyst that counts the processor time of its calls."""

    spent_s = 0.0

    def analyse(self, job: Any) -> Any:
        start = time.process_time()
        try:
            return super().analyse(job)
        finally:
            Timed.spent_s += time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", default="10,100,1000", help="sizes of the folders [10,100,1000]")
    parser.add_argument("--agents", type=int, default=20, help="agents whose calls they are [20]")
    parser.add_argument("--recording", type=Path, help="a call at 8 kHz to cut the short ones from, heard with the model")
    parser.add_argument("--seconds", default="0:2", help="which seconds of it, FROM:TO [0:2]")
    options = parser.parse_args()
    samples, ear = (excerpt(options.recording, options.seconds), recogniser()) if options.recording else (speech_like(), StandIn)
    measure(5, 2, samples, ear)  # what is loaded once belongs to no call
    costs = [measure(int(n), options.agents, samples, ear) for n in options.calls.split(",")]
    print("| calls | analysis | the rest | together | a run with nothing to do | OUT per call |\n|---|---|---|---|---|---|")
    for c in costs:
        ms = [f"{1000 * s / c.calls:.1f} ms" for s in (c.analysis_s, c.rest_s, c.analysis_s + c.rest_s, c.again_s)]
        print(f"| {c.calls:,} | {' | '.join(ms)} | {c.out_bytes / c.calls / 1000:.0f} kB |")
    first = costs[min(1, len(costs) - 1)]
    growth = costs[-1].per_call_s / first.per_call_s
    print(f"from {first.calls:,} to {costs[-1].calls:,} calls: {growth:.2f} times per call")
    return int(growth > GROWTH)


def recogniser() -> Callable[[], Any]:
    """The real one, loaded once for all runs."""
    ear = WhisperEarFactory(Settings(threads=1))()
    return lambda: ear


def excerpt(recording: Path, seconds: str) -> Samples:
    """The seconds ``FROM:TO`` of a call at 8 kHz, ``(n, 2)`` 16 bit; of one channel, both hold it."""
    heard = decode(recording)
    if heard.sample_rate_hz != RATE_HZ:
        raise SystemExit(f"{recording}: {heard.sample_rate_hz} Hz, a call at {RATE_HZ} Hz is wanted")
    from_s, to_s = (float(part) for part in seconds.split(":"))
    lines = [heard.channel(min(i, heard.channels - 1))[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)] for i in (0, 1)]
    return (np.stack(lines, axis=1) * 32767).astype("<i2")


def measure(calls: int, agents: int, samples: Samples, ear: Callable[[], Any]) -> Cost:
    """Cost of a run over ``calls`` new calls of ``agents`` agents, and of the same run again."""
    import voicemon.folder

    voicemon.folder.Analyst = Timed  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as temporary:
        folder, out = Path(temporary) / "calls", Path(temporary) / "out"
        lay_out(folder, calls, agents, samples=samples)
        settings = Settings(agent_channel="left", threads=1)
        Timed.spent_s = 0.0
        start = time.process_time()
        result = run([folder], out, settings, ear, lambda *_: None)
        whole_s = time.process_time() - start
        if result.failed:
            raise SystemExit(f"{len(result.failed)} calls failed, e.g. {result.failed[0].reason}")
        start = time.process_time()
        run([folder], out, settings, ear, lambda *_: None)
        again_s = time.process_time() - start
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        return Cost(calls, Timed.spent_s, whole_s - Timed.spent_s, again_s, size)


def speech_like() -> Samples:
    """A second of sound on two channels, ``(n, 2)``, that voice activity takes for speech."""
    t = np.arange(RATE_HZ) / RATE_HZ
    voice = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 20)) * (1 + np.sin(2 * np.pi * 4 * t)) * 800
    return np.stack([voice, np.roll(voice, RATE_HZ // 2)], axis=1).astype("<i2")


def lay_out(folder: Path, calls: int, agents: int, first: int = 0, samples: Samples | None = None) -> None:
    """Calls of two channels with their sidecars, numbered from ``first``; the last samples tell each from all others."""
    folder.mkdir()
    samples = (speech_like() if samples is None else samples).copy()
    for i in range(first, first + calls):
        samples[-3:, 0] = (i % 200, i // 200 % 200, i // 40_000)
        with wave.open(str(folder / f"call-{i:06d}.wav"), "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(samples.tobytes())
        known = {"agent_id": str(1000 + i % agents), "started_at": f"2026-01-{1 + i % 28:02d}T10:00:00+08:00"}
        (folder / f"call-{i:06d}.json").write_text(json.dumps(known), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
