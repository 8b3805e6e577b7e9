#!/usr/bin/env python3
"""Many short calls in one run: memory and open files must not grow, and every call must be accounted for.

usage: load.py [--calls 2000] [--seconds 3] [--broken 20]
The recogniser is one that says the same words in every stretch of speech: everything else is what `voicemon run` does, in this
process. Memory and open files after the first tenth are held against those at the end. Exit 1 if they grow by more than 64 MiB or by
a single file, or if found = analysed + judged again + skipped + failed + duplicates does not hold.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voicemon.folder import run
from voicemon.records import Utterance
from voicemon.settings import Settings
from voicemon.speech.engine import Job, Transcription

RATE_HZ = 8000
MOST_GROWTH_MIB = 64.0


class TalkingEar:
    """A recogniser without a model."""

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        return tuple(Transcription(tuple(Utterance(j.speaker, s.start_s, s.end_s, "您好", 0.9) for s in j.speech), ()) for j in jobs)

    def describe(self) -> Mapping[str, Any]:
        return {"model": "none", "model_sha256": "0" * 64}

    def verifier(self, recording: Any, facts: Any) -> None:
        return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--broken", type=int, default=20, help="files among them that are no recordings")
    options = parser.parse_args()
    samples: list[tuple[float, int]] = []

    def measure(call_id: str, finished: int, total: int) -> None:
        if finished % max(1, total // 100) == 0:
            samples.append((_memory_mib(), len(os.listdir("/proc/self/fd"))))

    with tempfile.TemporaryDirectory(prefix="voicemon-load-") as folder:
        lay_out(Path(folder) / "calls", options.calls, options.seconds, options.broken)
        settings = Settings(agent_channel="left")
        result = run([Path(folder) / "calls"], Path(folder) / "out", settings, TalkingEar, measure)
    early, late = samples[len(samples) // 10], samples[-1]
    grown_mib, grown_files = late[0] - early[0], late[1] - early[1]
    whole = result.found == options.calls + options.broken and len(result.failed) == options.broken
    parts = (("analysed", result.analysed), ("judged again", result.judged_again), ("skipped", result.skipped), ("failed", result.failed),
             ("duplicates", result.duplicates))  # fmt: skip
    print(f"found {result.found} = {' + '.join(f'{len(items)} {name}' for name, items in parts)}: {'ok' if whole else 'WRONG'}")
    print(f"memory {early[0]:.0f} -> {late[0]:.0f} MiB, open files {early[1]} -> {late[1]}")
    return 0 if whole and grown_mib <= MOST_GROWTH_MIB and grown_files <= 0 else 1


def lay_out(folder: Path, calls: int, seconds: float, broken: int) -> None:
    """Short calls of noise bursts, each of its own, and files that are no recordings."""
    folder.mkdir()
    for i in range(calls):
        rng = np.random.default_rng(i)
        x = rng.normal(0, 0.003, (int(seconds * RATE_HZ), 2))
        x[RATE_HZ // 2 : RATE_HZ, i % 2] += 0.1 * rng.standard_normal(RATE_HZ - RATE_HZ // 2)
        with wave.open(str(folder / f"call-{i:05d}.wav"), "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(np.clip(np.rint(x * 32768), -32768, 32767).astype("<i2").tobytes())
    for i in range(broken):
        (folder / f"broken-{i:05d}.wav").write_bytes(b"RIFF" + bytes([i]) * 100)


def _memory_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    sys.exit(main())
