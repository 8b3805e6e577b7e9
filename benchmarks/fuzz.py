#!/usr/bin/env python3
"""Mutated inputs by the thousand: each must end in a result or a named error, in bounded time and memory.

usage: fuzz.py {recordings|sidecars|tables|packs|appeals|reports} [--count 10000] [--seed 1] [--first 0] [--cpu-s 10] [--keep DIR]
Every input follows from the seed and its number: ``--first N --count 1`` feeds number N again. Inputs go to a child process, in
batches; a child that dies, hangs or grows beyond the limit is replaced, and the input is counted as broken. Exit 1 if any broke.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Timer

BATCH = 500  # inputs per child: its start costs two seconds
MOST_MEMORY_BYTES = 2 << 30
WAITING_S = 600.0  # of the clock, for what waits without computing; on a busy machine the start of a child alone may take minutes


@dataclass(frozen=True)
class Outcome:
    """What became of input ``number``: ``kind`` is a result's name or the error's; ``broken`` tells why it is none of both."""

    number: int
    kind: str
    broken: str = ""
    memory_bytes: int = 0
    cpu_s: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=("recordings", "sidecars", "tables", "packs", "appeals", "reports"))
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--cpu-s", type=float, default=10.0, help="processor time that one input may take")
    parser.add_argument("--keep", type=Path, help="folder for inputs that broke something")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options)
    outcomes = list(fuzz(options))
    counts = Counter("broken" if outcome.broken else outcome.kind for outcome in outcomes)
    for outcome in outcomes:
        if outcome.broken:
            print(f"{options.kind} seed {options.seed} number {outcome.number}: {outcome.broken}")
    worst = max(outcomes, key=lambda outcome: outcome.cpu_s)
    print(f"{options.kind}: {len(outcomes)} inputs, seed {options.seed}: " + ", ".join(f"{n} {kind}" for kind, n in counts.most_common()))
    most_mib = max(outcome.memory_bytes for outcome in outcomes) / 2**20
    print(f"most memory {most_mib:.0f} MiB; slowest {worst.cpu_s:.2f} s of processor time (number {worst.number})")
    return 1 if counts["broken"] else 0


def fuzz(options: argparse.Namespace) -> Iterator[Outcome]:
    """Every outcome, in order; a child per batch, and a new one after each that did not survive."""
    number, end = options.first, options.first + options.count
    while number < end:
        with tempfile.TemporaryDirectory(prefix="voicemon-fuzz-") as folder:
            for outcome in _batch(options, number, min(BATCH, end - number), Path(folder)):
                number = outcome.number + 1
                if outcome.broken and options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    for path in (Path(folder) / "input").glob("*"):
                        shutil.copyfile(path, options.keep / f"{options.kind}-{options.seed}-{outcome.number}{path.suffix}")
                yield outcome


def _batch(options: argparse.Namespace, first: int, count: int, folder: Path) -> Iterator[Outcome]:
    command = [sys.executable, __file__, options.kind, "--seed", str(options.seed), "--first", str(first), "--count", str(count),
               "--cpu-s", str(options.cpu_s), "--child"]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])}
    with (folder / "stderr").open("wb+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, cwd=folder, env=environment, text=True)
        expected = first
        while line := _line(process):
            number, kind, memory, cpu_s, broken = line.rstrip("\n").split("\t", 4)
            expected = int(number) + 1
            yield Outcome(int(number), kind, broken, int(memory), float(cpu_s))
            if broken:
                break
        else:
            if expected < first + count:
                status = process.wait()
                errors.seek(0)
                last = errors.read().decode("utf-8", "replace").strip().rsplit("\n", 1)[-1][-200:]
                if status > 0:  # not killed: this program's own fault
                    sys.exit(f"fuzz.py: input {expected} could not be made: {last}")
                why = signal.Signals(-status).name
                yield Outcome(expected, "died", f"the process was ended by {why} {last}")
    process.kill()
    process.wait()


def _line(process: subprocess.Popen[str]) -> str:
    """The child's next line; a child that says nothing for too long is killed, which ends its output."""
    timer = Timer(WAITING_S, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        return process.stdout.readline()
    finally:
        timer.cancel()


def child(options: argparse.Namespace) -> int:
    """Feed inputs one after the other in this folder; a line each: number, kind, memory in bytes, seconds, what broke."""
    from fuzz_targets import TARGETS

    from voicemon.errors import VoicemonError

    target = TARGETS[options.kind]
    _set_limits()
    for number in range(options.first, options.first + options.count):
        shutil.rmtree("input", ignore_errors=True)
        made = target.make(Random(f"{options.kind} {options.seed} {number}"))
        path = Path("input").absolute() / made.name
        path.parent.mkdir()
        path.write_bytes(made.content)
        broken, before_s = "", _cpu_s()
        signal.setitimer(signal.ITIMER_PROF, options.cpu_s)  # not caught: the process ends, also inside a library
        try:
            kind = target.feed(path)
        except VoicemonError as err:
            kind = type(err).__name__
            broken = "" if str(err).strip() else "an error without words"
        except Exception as err:
            kind, broken = "fault", f"{type(err).__name__} {str(err)[:120]!r} at {_place(err)}"
        signal.setitimer(signal.ITIMER_PROF, 0)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if memory > MOST_MEMORY_BYTES:
            broken = broken or f"took {memory / 2**20:.0f} MiB"
        print(number, kind, memory, f"{_cpu_s() - before_s:.3f}", broken, sep="\t", flush=True)
        if broken:
            break  # the parent keeps the file and starts another child
    return 0


def _set_limits() -> None:
    """A wall behind the check of each input: libraries reserve much more address space than they use."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MOST_MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _place(err: Exception) -> str:
    frames = traceback.extract_tb(err.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}voicemon{os.sep}" in frame.filename] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"


if __name__ == "__main__":
    sys.exit(main())
