#!/usr/bin/env python3
"""Memory that a long call takes, model included, and whether a folder of many calls stays flat: python benchmarks/memory.py

usage: memory.py [--hours 3] [--heard-s 240] [--calls 400]
A sample is repeated to a two-channel call of so many hours, and analysed with its reports in a process of its own. The recogniser is
real for the first --heard-s seconds of speech of each party (the memory it takes does not grow with more) and a stand-in after them,
which goes on with the same words; --heard-s 0 recognises everything. Then --calls short calls, each different, go through one process
with the stand-in, and the memory after each hundred is shown. Prints peaks against the bars; exits with 1 when one is missed.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from voicemon.audio.decode import decode
from voicemon.ear import WhisperEar
from voicemon.folder import run
from voicemon.records import Span, Utterance, Word
from voicemon.settings import Settings
from voicemon.speech.engine import Job, Transcription

SAMPLE = Path(__file__).parent.parent / "samples" / "zhonghuan-kept-damaged-parcel.flac"
BAR_MB = 1200
GROWTH_BAR_KB = 20.0  # per call, after the first hundred: 10,000 calls add 200 MB at the most
SHORT_S = 12
TEXT = "您好请问有什么可以帮您请您稍等我为您查一下订单号码是多少好的谢谢您的来电再见"
STATUS = Path("/proc/self/status")


class PartlyReal:
    """The real recogniser for the first ``heard_s`` of speech (0: all of it), the same words again for the rest; no phrase check."""

    def __init__(self, settings: Settings, heard_s: float) -> None:
        self._ear, self._heard_s = WhisperEar(settings), heard_s

    def describe(self) -> Mapping[str, Any]:
        return self._ear.describe()

    def verifier(self, recording: Any, facts: Any) -> None:
        return None

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        if not self._heard_s:
            return self._ear.transcribe_many(jobs)
        real = [self._first(job.speech) for job in jobs]
        heard = self._ear.transcribe_many([Job(job.x, own, job.speaker, job.denoised) for job, own in zip(jobs, real, strict=True)])
        text = "".join(u.text for t in heard for u in t.utterances)
        return tuple(Transcription((*t.utterances, *stand_in(job, job.speech[len(own) :], text)), t.audit)
                     for job, own, t in zip(jobs, real, heard, strict=True))

    def _first(self, speech: Sequence[Span]) -> tuple[Span, ...]:
        seconds = itertools.accumulate(span.duration_s for span in speech)
        return tuple(span for span, until_s in zip(speech, seconds, strict=True) if until_s <= self._heard_s)


class StandIn(PartlyReal):
    """No model at all."""

    def __init__(self) -> None:
        pass

    def describe(self) -> Mapping[str, Any]:
        return {"model": "none", "model_sha256": "0" * 64}

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        return tuple(Transcription(tuple(stand_in(job, job.speech, TEXT)), ()) for job in jobs)


def stand_in(job: Job, speech: Sequence[Span], text: str) -> list[Utterance]:
    """An utterance for each stretch of speech, four words of one character per second, of ``text`` again and again."""
    found, characters = [], itertools.cycle(text)
    for span in speech:
        edges = np.linspace(span.start_s, span.end_s, max(1, int(4 * span.duration_s)) + 1)
        words = tuple(Word(next(characters), float(a), float(b), 0.9) for a, b in itertools.pairwise(edges))
        found.append(Utterance(job.speaker, span.start_s, span.end_s, "".join(w.text for w in words), 0.9, words))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--heard-s", type=float, default=240.0)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--child", choices=("long", "many"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_long(folder / "long" / "call.wav", options.hours)
        peak_mb = float(measured(["--child", "long", "--folder", str(folder), "--heard-s", str(options.heard_s)])[-1])
        write_many(folder / "many", options.calls)
        after_kb = [float(line) for line in measured(["--child", "many", "--folder", str(folder)])]
    print(f"a call of {options.hours:g} h, two channels, 8 kHz, model included: peak {peak_mb:.0f} MB (bar {BAR_MB} MB)")
    print("memory after each 100 short calls, MB: " + ", ".join(f"{kb / 1024:.0f}" for kb in after_kb))
    growth_kb = (after_kb[-1] - after_kb[0]) / max(1, 100 * (len(after_kb) - 1))
    half = len(after_kb) // 2
    late_kb = (after_kb[-1] - after_kb[half]) / max(1, 100 * (len(after_kb) - 1 - half))
    print(f"growth per call after the first 100: {growth_kb:.1f} kB (bar {GROWTH_BAR_KB:g} kB), "
          f"after the first {100 * (half + 1)}: {late_kb:.1f} kB")
    return 0 if peak_mb <= BAR_MB and growth_kb <= GROWTH_BAR_KB else 1


def measured(arguments: Sequence[str]) -> list[str]:
    """What a child process prints: it alone is measured, not what made the recordings."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the measured process ended with {done.returncode}:\n{done.stderr}")
    return done.stdout.split()


def child(options: argparse.Namespace) -> int:
    settings = Settings(agent_channel="left", threads=1)
    out = options.folder / f"out-{options.child}"
    if options.child == "long":
        ear: PartlyReal = PartlyReal(settings, options.heard_s)
        result = run([options.folder / "long"], out, settings, lambda: ear, lambda *_: None)
    else:
        ear = StandIn()
        result = run([options.folder / "many"], out, settings, lambda: ear,
                     lambda _, done, __: print(status_kb("VmRSS")) if done % 100 == 0 else None)
    if result.failed:
        raise SystemExit(result.failed[0].reason)
    if options.child == "long":
        print(status_kb("VmHWM") / 1024)
    return 0


def status_kb(field: str) -> int:
    """Memory of this process as Linux tells it: ``VmHWM`` is the peak, ``VmRSS`` what is held now."""
    return int(next(line for line in STATUS.read_text().splitlines() if line.startswith(field)).split()[1])


def write_long(path: Path, hours: float) -> None:
    """The sample again and again, as WAV."""
    recording = decode(SAMPLE)
    with _wave(path, recording.channels, recording.sample_rate_hz) as out:
        for _ in range(int(np.ceil(hours * 3600 / recording.duration_s))):
            out.writeframes(recording.samples.T.astype("<i2").tobytes())


def write_many(folder: Path, calls: int) -> None:
    """Short calls, each another stretch of the sample."""
    recording = decode(SAMPLE)
    size = SHORT_S * recording.sample_rate_hz
    for i in range(calls):
        first = 37 * i % (recording.samples.shape[1] - size)
        with _wave(folder / f"{i:05d}.wav", recording.channels, recording.sample_rate_hz) as out:
            out.writeframes(recording.samples[:, first : first + size].T.astype("<i2").tobytes())


@contextmanager
def _wave(path: Path, channels: int, rate_hz: int) -> Iterator[wave.Wave_write]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        yield out


if __name__ == "__main__":
    sys.exit(main())
