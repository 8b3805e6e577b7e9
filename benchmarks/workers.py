#!/usr/bin/env python3
"""Calls per minute with one worker process and with several: python benchmarks/workers.py [--calls 12] [--workers 2]

The calls are the samples, each time a little shorter so that none is the same audio. All runs start their processes and load their
models, as a user's do. One worker is timed with one thread and with all threads of the machine; several share the threads. Prints the
ratio against one worker with one thread (bar: 1.7 for two workers on two cores) and whether all runs gave the same reports; exits
with 1 when the bar is missed or they differ. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import wave
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command does before NumPy is imported: threads of its own would be in the way
from voicemon.audio.decode import decode
from voicemon.ear import WhisperEarFactory
from voicemon.folder import run
from voicemon.settings import DEFAULT_CALL_LIMIT, Settings, usable_cores

SAMPLES = Path(__file__).parent.parent / "samples"
BAR_OF_TWO = 1.7


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=12)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    cores = usable_cores()
    plans = {"1 worker, 1 thread": (1, 1), f"1 worker, {cores} threads": (1, cores),
             f"{options.workers} workers, {cores} threads shared": (options.workers, cores)}
    per_minute, reports = {}, []
    with tempfile.TemporaryDirectory() as temporary:
        folder = write_calls(Path(temporary) / "calls", options.calls)
        for i, (name, (workers, threads)) in enumerate(plans.items()):
            out = Path(temporary) / f"out{i}"
            settings = Settings(agent_channel="left", workers=workers, threads=threads, call_limit=DEFAULT_CALL_LIMIT)
            begin_s = perf_counter()
            result = run([folder], out, settings, WhisperEarFactory(settings), lambda *_: None)
            per_minute[name] = 60 * len(result.analysed) / (perf_counter() - begin_s)
            reports.append(read(out))
            print(f"{name:32s} {per_minute[name]:6.2f} calls per minute, {len(result.failed)} failed", flush=True)
    first, *_, last = per_minute.values()
    same = all(report == reports[0] for report in reports)
    print(f"{options.workers} workers: {last / first:.2f} times one of one thread; reports {'the same' if same else 'NOT the same'}")
    return 0 if same and (options.workers != 2 or last / first >= BAR_OF_TWO) else 1


def read(out: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((out / "calls").glob("*.json"))}


def write_calls(folder: Path, calls: int) -> Path:
    """The samples in turn; every round leaves out a little more of their ends."""
    folder.mkdir()
    samples = sorted(SAMPLES.glob("*.flac"))
    for i in range(calls):
        recording = decode(samples[i % len(samples)])
        with wave.open(str(folder / f"{i:04d}.wav"), "wb") as out:
            out.setnchannels(recording.channels)
            out.setsampwidth(2)
            out.setframerate(recording.sample_rate_hz)
            out.writeframes(recording.samples[:, : recording.samples.shape[1] - 80 * (i // len(samples))].T.astype("<i2").tobytes())
    return folder


if __name__ == "__main__":
    sys.exit(main())
