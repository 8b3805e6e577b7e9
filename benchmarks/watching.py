#!/usr/bin/env python3
"""`voicemon watch` for an hour while recordings arrive: memory and open files must not grow, every recording must be accounted for.

usage: watching.py [--minutes 60] [--every-s 15] [--out FOLDER] [--canned]
A real `voicemon watch` process (one worker, one thread, the real model; --canned: a recogniser that always hears the same) watches a
folder into which slices of the samples arrive: most at once with their sidecars, some growing while they are written, some under a
partial name first, some with a sidecar that comes a minute late, some that are no sound, some the same audio once more. After a third
of the time the process is killed with SIGKILL and started again; at the end it gets SIGTERM. Memory and open files of the process and
its children are read every half minute. Prints them, what became of every recording, and exits with 1 when one is not accounted for,
when tables and record differ, when a second run would do anything, or when over the last four fifths of a process's life the median
memory grows by more than 64 MiB or a file stays open.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import wave
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from statistics import median

from voicemon.audio.decode import decode
from voicemon.store import existing

ROOT = Path(__file__).resolve().parent.parent
MOST_GROWTH_MIB = 64.0
SAMPLE_S = 30.0
LATE_S, GROWING_S, PIECES = 60.0, 20.0, 8
SECONDS = (8.0, 14.0)
KINDS = ("plain", "plain", "growing", "plain", "late", "plain", "partial", "broken", "plain", "twice")
ACCOUNT = re.compile(r"(\d+) found: (\d+) analysed, (\d+) judged again, (\d+) skipped, (\d+) the same audio twice, (\d+) not analysed")
CANNED = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
import voicemon.ear
from fakes import FakeEarFactory
voicemon.ear.WhisperEarFactory = lambda settings: FakeEarFactory()
from voicemon.cli import main
main()
"""


@dataclass(frozen=True)
class Ground:
    """Where it takes place: the watched folder, OUT, what the processes print, whether the recogniser is canned; ``haste``: every
    pause that depends on the watch's own waiting is divided by it."""

    folder: Path
    out: Path
    printed: Path
    canned: bool
    haste: float = 1.0

    def command(self, name: str, *more: str) -> list[str]:
        start = ["-c", CANNED.format(tests=str(ROOT / "tests"), root=str(ROOT))] if self.canned else ["-m", "voicemon"]
        return [sys.executable, *start, name, str(self.folder), "--out", str(self.out), "--workers", "1", *more]

    def watch(self) -> subprocess.Popen[bytes]:
        waits = (("--poll", 5.0), ("--settle", 10.0), ("--sidecar-wait", 30.0))
        options = [text for name, seconds in waits for text in (name, f"{max(0.1, seconds / self.haste):g}")]
        with self.printed.open("ab") as printed:
            return subprocess.Popen(self.command("watch", *options), stdout=printed, stderr=printed, cwd=ROOT,
                                    env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)})


@dataclass
class Arriving:
    """Recordings as they come: what is still to be written, and when (seconds from the begin)."""

    ground: Ground
    rng: random.Random
    expected: dict[str, str] = field(default_factory=dict)
    """The kind of every recording, by its name without ending."""
    _to_come: list[tuple[float, Path, bytes, str]] = field(default_factory=list)
    _sounds: list[tuple[bytes, int, int]] = field(default_factory=list)
    _last: bytes = b""

    def __post_init__(self) -> None:
        recordings = [decode(path) for path in sorted((ROOT / "samples").glob("*.flac"))]
        self._sounds = [(r.samples.T.astype("<i2").tobytes(), r.channels, r.sample_rate_hz) for r in recordings]

    def begin(self, at_s: float) -> None:
        """Another recording begins to arrive."""
        number = len(self.expected)
        kind = KINDS[number % len(KINDS)]
        path = self.ground.folder / f"{number:05d}-{kind}.wav"
        self.expected[path.stem] = kind
        sidecar = json.dumps({"agent_id": str(1000 + number % 7), "agent_channel": "left"}).encode()
        again = kind == "twice" and self._last
        content = f"RIFF no sound {number}".encode() * 40 if kind == "broken" else self._last if again else self._slice()
        self._last = content if kind == "plain" else self._last
        sidecar_s, step = 0.0, len(content) // PIECES + 1
        if kind == "growing":
            for i in range(PIECES):
                self._to_come.append((at_s + i * GROWING_S / PIECES / self.ground.haste, path, content[i * step : (i + 1) * step], "ab"))
            sidecar_s = GROWING_S / self.ground.haste
        elif kind == "partial":
            part = path.with_suffix(".wav.part")
            self._to_come += [(at_s, part, content, "wb"), (at_s + GROWING_S / self.ground.haste, part, b"", "rename")]
        else:
            self._to_come.append((at_s, path, content, "wb"))
        if kind == "late":
            sidecar_s = LATE_S / self.ground.haste
        if kind not in ("broken", "twice"):
            self._to_come.append((at_s + sidecar_s, path.with_suffix(".json"), sidecar, "wb"))

    def write(self, now_s: float) -> bool:
        """Write what is due; whether anything is still to come."""
        due = sorted((item for item in self._to_come if item[0] <= now_s), key=lambda item: item[0])
        self._to_come = [item for item in self._to_come if item[0] > now_s]
        for _, path, content, mode in due:
            if mode == "rename":
                path.rename(path.with_suffix(""))
                continue
            with path.open(mode) as out:
                out.write(content)
        return bool(self._to_come)

    def _slice(self) -> bytes:
        """A stretch of a sample as WAV; never the same twice."""
        sound, channels, rate_hz = self.rng.choice(self._sounds)
        frames, wanted = len(sound) // (2 * channels), round(self.rng.uniform(*SECONDS) * rate_hz)
        first = self.rng.randrange(max(1, frames - wanted))
        file = BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(channels)
            out.setsampwidth(2)
            out.setframerate(rate_hz)
            out.writeframes(sound[2 * channels * first : 2 * channels * (first + wanted)])
        return file.getvalue()


@dataclass(frozen=True)
class Reading:
    """Memory and open files of a process and its children at one time."""

    at_s: float
    memory_mib: float
    files: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every-s", type=float, default=15.0)
    parser.add_argument("--out", type=Path, help="keep folder, OUT and what was printed here [a temporary folder]")
    parser.add_argument("--canned", action="store_true")
    parser.add_argument("--haste", type=float, default=1.0, help="divide every waiting of the watch by this [1]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voicemon-watching-") as temporary:
        place = options.out or Path(temporary)
        ground = Ground(place / "calls", place / "out", place / "printed.txt", options.canned, options.haste)
        ground.folder.mkdir(parents=True)
        arriving = Arriving(ground, random.Random(1))
        lives, code = watched(arriving, 60 * options.minutes, options.every_s)
        problems = [*account(arriving), *grown(lives), *([] if code == 0 else [f"SIGTERM: exit code {code}"])]
    print("\n".join(f"WRONG: {problem}" for problem in problems) or "every recording accounted for, no growth")
    return 1 if problems else 0


def watched(arriving: Arriving, seconds: float, every_s: float) -> tuple[list[list[Reading]], int]:
    """The whole hour: readings of each life of the process, and the exit code of the last."""
    ground, begin_s = arriving.ground, time.monotonic()
    process, lives = ground.watch(), [[]]
    next_s, sample_s, asked_s = 0.0, 0.0, seconds
    try:
        while True:
            now_s = time.monotonic() - begin_s
            if now_s >= asked_s and not arriving.write(now_s):
                if all_told(arriving):
                    break
                asked_s = now_s + min(SAMPLE_S, seconds / 60)
            if next_s <= now_s < seconds:
                arriving.begin(now_s)
                next_s += every_s
            arriving.write(now_s)
            if now_s >= sample_s:
                lives[-1].append(reading(process.pid, now_s))
                sample_s += min(SAMPLE_S, seconds / 60)
            if len(lives) == 1 and now_s >= seconds / 3:
                process.kill()
                process.wait()
                process = ground.watch()
                lives.append([])
            if process.poll() is not None or now_s > 2 * seconds + 900:
                raise SystemExit(f"the watch ended by itself or hangs:\n{ground.printed.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(min(0.25, every_s / 4))
        process.terminate()
        return lives, process.wait(timeout=600)
    finally:
        process.kill()
        process.wait()


def all_told(arriving: Arriving) -> bool:
    """Whether the record holds a call or a failure for every recording, with the agent of each late sidecar."""
    if not (arriving.ground.out / "voicemon.db").is_file():
        return False
    store = existing(arriving.ground.out)
    try:
        agents = {Path(row["call"]["path"]).stem: row["call"]["agent_id"] for _, row in store.reports()}
        failed = {Path(call.path).stem for call in store.failures()}
    finally:
        store.database.close()
    kinds = arriving.expected.items()
    return all(name in failed if kind == "broken" else kind == "twice" or agents.get(name) for name, kind in kinds)


def account(arriving: Arriving) -> Iterator[str]:
    """What is wrong with what was told, with OUT, and with a second run over it; prints the account."""
    ground, kinds = arriving.ground, Counter(arriving.expected.values())
    told = ground.printed.read_text(encoding="utf-8")
    batches = [[int(number) for number in found] for found in ACCOUNT.findall(told)]
    if any(found != sum(parts) for found, *parts in batches) or "accounted for" in told or "voicemon:" in told:
        yield "a batch does not add up, or something was warned of; see what was printed"
    sums = [sum(column) for column in zip(*batches, strict=True)]
    print(f"{len(arriving.expected)} recordings arrived: {dict(kinds)}\n{len(batches)} batches told: {sums[0]} found (again after a late "
          f"sidecar and the restart), {sums[1]} analysed, {sums[3]} skipped, {sums[4]} the same audio twice, {sums[5]} not analysed")
    store = existing(ground.out)
    calls, failures = {Path(call.path).stem for call in store.known_calls()}, {Path(call.path).stem for call in store.failures()}
    store.database.close()
    good = {name for name, kind in arriving.expected.items() if kind not in ("broken", "twice")}
    if calls != good or failures != {name for name, kind in arriving.expected.items() if kind == "broken"}:
        yield f"record: {sorted(calls ^ good)} of the calls, {sorted(failures)} failed"
    with (ground.out / "summary.csv").open(encoding="utf-8-sig", newline="") as table:
        if {row["call_id"] for row in csv.DictReader(table)} != good:
            yield "summary.csv does not show the calls"
    done = subprocess.run(ground.command("run"), cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    again = [int(number) for number in ACCOUNT.findall(done.stdout)[-1]]
    print(f"a run over the folder afterwards: {again[0]} found = {again[1]} analysed + {again[3]} skipped + {again[4]} the same audio "
          f"twice + {again[5]} not analysed")
    if again[0] != len(arriving.expected) or again[1] or again[0] != sum(again[1:]):
        yield "a second run finds something to do"


def grown(lives: Sequence[Sequence[Reading]]) -> Iterator[str]:
    """Growth of each life of the process over its last four fifths; prints it."""
    for number, readings in enumerate(lives, 1):
        last = readings[len(readings) // 5 :]
        quarter = max(1, len(last) // 4)
        early, late = last[:quarter], last[-quarter:]
        memory = [median(r.memory_mib for r in part) for part in (early, late)]
        # Few are open between calls, more during one: what stays open raises the least and the most.
        files = [(min(r.files for r in part), max(r.files for r in part)) for part in (early, late)]
        most_mib, minutes = max(r.memory_mib for r in readings), (readings[-1].at_s - readings[0].at_s) / 60
        print(f"process {number}: {minutes:.1f} min, {len(readings)} readings; median memory {memory[0]:.0f} -> {memory[1]:.0f} MiB "
              f"(most {most_mib:.0f}), open files {files[0][0]} to {files[0][1]} -> {files[1][0]} to {files[1][1]}")
        if memory[1] - memory[0] > MOST_GROWTH_MIB or (files[1][0] > files[0][0] and files[1][1] > files[0][1]):
            yield f"process {number} grows"


def reading(pid: int, at_s: float) -> Reading:
    """Of process ``pid`` and all its children, from /proc."""
    pids, memory, files = [pid], 0, 0
    for each in pids:
        folder = Path(f"/proc/{each}")
        try:
            memory += int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            files += len(os.listdir(folder / "fd"))
            pids += [int(child) for task in (folder / "task").iterdir() for child in (task / "children").read_text().split()]
        except OSError:
            continue  # it ended meanwhile
    return Reading(at_s, memory / 2**20, files)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
