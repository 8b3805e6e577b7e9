#!/usr/bin/env python3
"""A campaign of faults against real runs: python benchmarks/faults.py [--moments 50] [--seed 1] [--only kill disk ...]

Short calls cut from the samples are analysed by `voicemon run` in processes of their own, with two workers; the recogniser is a
stand-in that takes a moment for each call, everything else is real. kill: SIGKILL, SIGTERM or SIGINT at random moments. disk: no file
may grow beyond a size, for sizes at which different kinds of files fail. out: OUT cannot be written. folder: the recordings vanish
during the run. growing: a recording grows while it is read. lock: another program holds the database. clock: the time of day jumps by
a day, to and fro. twice: two runs into one OUT at once. writes: no space for one kind of file. nobody: OUT belongs to somebody else.
memory: a call needs more than there is. server: the connections to PostgreSQL are cut, or it is stopped. After each fault OUT is
checked (nothing half written, nothing lost), the same command completes what is left, and its reports are compared with those of an
undisturbed run. Prints a line per fault; exits with 1 when a check failed.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from faults_more import MORE, Fault, wait_for

from voicemon.audio.decode import decode

SAMPLES = Path(__file__).parent.parent / "samples"
CALLS, SHORT_S, WORK_S = 5, 8, 0.3
RATE_HZ = 16_000  # at which a recogniser listens
PATIENCE_S = 300.0
SIZES_BYTES = (0, 20_000, 180_000, 270_000, 300_000, 350_000, 700_000)
DISKS_KIB = (200, 700, 1_100, 1_600)
NOBODY = 65_534


@dataclass(frozen=True)
class StandIn:
    """The recogniser of these runs: a fixed text for each stretch of speech, after a moment. The longest call needs so much memory."""

    hunger_mib: int = 0

    def __call__(self) -> StandIn:
        return self

    def describe(self) -> dict[str, Any]:
        return {"model": "none", "model_sha256": "0" * 64}

    def verifier(self, recording: Any, facts: Any) -> None:
        return None

    def transcribe_many(self, jobs: Sequence[Any]) -> tuple[Any, ...]:
        from voicemon.records import Utterance
        from voicemon.speech.engine import Transcription

        time.sleep(WORK_S)
        if self.hunger_mib and len(jobs[0].x) > (SHORT_S + CALLS - 2) * RATE_HZ:
            np.ones(self.hunger_mib << 20, np.uint8)
        said = ([Utterance(job.speaker, s.start_s, s.end_s, "您好请讲", 0.9) for s in job.speech] for job in jobs)
        return tuple(Transcription(tuple(utterances), ()) for utterances in said)


@dataclass(frozen=True)
class Ground:
    """Where runs take place: recordings, an OUT of their own for each fault, and the reports of an undisturbed run."""

    calls: Path
    out: Path
    expected: dict[str, Any]

    def start(self, *more: str, **how: Any) -> subprocess.Popen[str]:
        python = how.pop("python", sys.executable)
        command = [python, __file__, "--child", str(self.calls), "--out", str(self.out), "--agent-channel", "left"]
        before = how.pop("preexec_fn", None)

        def begin() -> None:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell starts in the background
            if before is not None:
                before()

        return subprocess.Popen([*command, "--workers", "2", *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                preexec_fn=begin, **how)

    def finish(self, *more: str, **how: Any) -> tuple[int, str]:
        process = self.start(*more, **how)
        printed = process.communicate(timeout=PATIENCE_S)[0]
        return process.returncode, printed

    def reports(self) -> dict[str, Any]:
        return {path.stem: stripped(json.loads(path.read_text(encoding="utf-8"))) for path in sorted((self.out / "calls").glob("*.json"))}

    def check_whole(self) -> None:
        """Nothing half written is to be seen: every report parses, every page has its end, the database is sound."""
        self.reports()
        for page in self.out.rglob("*.html"):
            assert page.read_text(encoding="utf-8").rstrip().endswith("</html>"), f"{page.name} is cut off"
        database = self.out / "voicemon.db"
        if database.is_file() and database.stat().st_size:
            with sqlite3.connect(database) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), "the database is damaged"
            connection.close()

    def check_completes(self, *more: str) -> None:
        """The same command does what is left, does no finished call again, and ends where an undisturbed run ends."""
        before = {path: path.stat().st_mtime_ns for path in (self.out / "calls").glob("*.json")} if self.out.is_dir() else {}
        code, printed = self.finish(*more)
        assert code == 0, f"the run after it ended with {code}: {printed}"
        assert self.reports() == self.expected, "the reports are not those of an undisturbed run"
        again = [path.stem for path, at in before.items() if path.stat().st_mtime_ns != at]
        assert len(again) <= 2, f"finished calls were written again: {again}"  # at most what was between its two files, per worker
        assert not list(self.out.rglob("*.part")), "something half written is left"
        self.check_whole()


def stripped(report: Any) -> Any:
    """A report without what differs from run to run: times of day, and where it lies."""
    if isinstance(report, dict):
        return {name: stripped(value) for name, value in report.items() if name not in ("at", "made_at", "analysed_at", "path")}
    return [stripped(value) for value in report] if isinstance(report, list) else report


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        return child()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=sorted(FAULTS), default=sorted(FAULTS))
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        root.chmod(0o755)
        write_calls(root / "calls")
        first = Ground(root / "calls", root / "out", {})
        began = time.monotonic()
        assert first.finish()[0] == 0
        seconds, expected = time.monotonic() - began, first.reports()
        assert len(expected) == CALLS
        for name, fault in [(n, f) for n in options.only for f in FAULTS[n](options, seconds)]:
            ground = Ground(Path(shutil.copytree(root / "calls", fresh(root / "again"))), fresh(root / "new"), expected)
            try:
                told = fault(ground)
            except (AssertionError, subprocess.TimeoutExpired, OSError, ValueError) as err:
                failed, told = failed + 1, f"FAILED: {err}"
            print(f"{name:8s} {told}", flush=True)
    print(f"{failed} failed")
    return 1 if failed else 0


def child() -> int:
    """`voicemon run` with the stand-in."""
    import voicemon.ear
    from voicemon import cli

    arguments = sys.argv[2:]
    hunger_mib = 0
    if "--hungry" in arguments:
        at = arguments.index("--hungry")
        hunger_mib = int(arguments[at + 1])
        del arguments[at : at + 2]
    voicemon.ear.WhisperEarFactory = lambda settings: StandIn(hunger_mib)  # type: ignore[assignment, misc]
    if "--clock" in arguments:
        arguments.remove("--clock")
        real, days = time.time, iter(lambda: random.choice((-1, 0, 1)), None)
        time.time = lambda: real() + 86_400 * next(days)  # type: ignore[assignment]
    sys.argv = ["voicemon", "run", *arguments]
    cli.main()
    return 0


def write_calls(folder: Path) -> None:
    folder.mkdir()
    for i, path in enumerate(sorted(SAMPLES.glob("*.flac"))[:CALLS]):
        recording = decode(path)
        with wave.open(str(folder / f"call{i}.wav"), "wb") as out:
            out.setnchannels(recording.channels)
            out.setsampwidth(2)
            out.setframerate(recording.sample_rate_hz)
            out.writeframes(recording.samples[:, : (SHORT_S + i) * recording.sample_rate_hz].T.astype("<i2").tobytes())


def fresh(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    return path


def kills(options: argparse.Namespace, seconds: float) -> list[Fault]:
    """Signals at random moments: by the clock before the first call is finished, else so long after a call was finished.

    By the clock alone, a busy machine would have most of them fall into the start of the programs.
    """
    chance = random.Random(options.seed)
    moments = []
    for _ in range(options.moments):
        calls = chance.randrange(-1, CALLS + 1)
        after_s = chance.uniform(0.0, seconds / 2) if calls < 1 else chance.uniform(0.0, 3 * WORK_S)
        moments.append((max(0, calls), after_s, chance.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT))))
    return [lambda ground, moment=moment: kill(ground, *moment) for moment in moments]


def kill(ground: Ground, calls: int, after_s: float, sent: signal.Signals) -> str:
    """Send a signal ``after_s`` after so many calls were finished (0: after the start)."""
    process = ground.start()
    wait_for(lambda: len(list((ground.out / "calls").glob("*.json"))) >= calls, process)
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(sent)
    process.communicate(timeout=PATIENCE_S)
    done = len(list((ground.out / "calls").glob("*.json"))) if ground.out.is_dir() else 0
    if ground.out.is_dir():
        ground.check_whole()
    ground.check_completes()
    return f"{sent.name} {after_s:.1f} s after {calls} calls: exit code {process.returncode}, {done} calls done; the next run did the rest"


def full_disks(options: argparse.Namespace, seconds: float) -> list[Fault]:
    real = [lambda ground, kib=kib: small_disk(ground, kib) for kib in DISKS_KIB] if os.geteuid() == 0 else []
    return [*(lambda ground, size=size: full_disk(ground, size) for size in SIZES_BYTES), *real]


def full_disk(ground: Ground, size: int) -> str:
    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    code, printed = ground.finish(preexec_fn=limited)
    largest = max((path.stat().st_size for path in ground.out.rglob("*") if path.is_file()), default=0)
    assert code in (2, 3) and largest <= size, f"exit code {code}, although nothing over {size} bytes could be written: {printed}"
    assert "Traceback" not in printed, printed
    done = len(ground.reports())
    ground.check_whole()
    ground.check_completes()
    return f"no file over {size} bytes: exit code {code}, {done} calls done; then complete"


def small_disk(ground: Ground, kib: int) -> str:
    ground.out.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(ground.out)], check=False).returncode:
        return f"a disk of {kib} KiB: not tried, this system mounts none"
    try:
        code, printed = ground.finish()
        assert code in (2, 3) and "Traceback" not in printed, f"{code} {printed}"
        done = len(ground.reports())
        ground.check_whole()
        subprocess.run(["mount", "-o", "remount,size=64m", str(ground.out)], check=True)
        ground.check_completes()
    finally:
        subprocess.run(["umount", "-l", str(ground.out)], check=False)
    return f"a disk of {kib} KiB: exit code {code}, {done} calls done; with more space: complete"


def read_only(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [out_is_a_file, out_of_another]


def out_is_a_file(ground: Ground) -> str:
    ground.out.write_text("x")
    code, printed = ground.finish()
    assert code == 2 and str(ground.out.name) in printed and "Traceback" not in printed, printed
    ground.out.unlink()
    ground.check_completes()
    return "OUT is a file: exit code 2, told"


def out_of_another(ground: Ground) -> str:
    ground.out.mkdir(mode=0o755)
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(ground.out, NOBODY, NOBODY)
    else:
        ground.out.chmod(0o500)
    code, printed = ground.finish(preexec_fn=without_privilege if is_root else None)
    if is_root:
        os.chown(ground.out, 0, 0)
    ground.out.chmod(0o755)
    assert code == 2 and "cannot be written" in printed and "Traceback" not in printed, f"{code} {printed}"
    ground.check_completes()
    return "OUT cannot be written: exit code 2, told"


def without_privilege() -> None:
    """From the next program on, root is bound by permissions like others: prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def vanishing(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [folder_vanishes]


def folder_vanishes(ground: Ground) -> str:
    process = ground.start()
    wait_for(lambda: any((ground.out / "calls").glob("*.json")), process)
    kept = ground.calls.rename(ground.calls.with_name("moved"))
    printed = process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode in (0, 3) and "Traceback" not in printed, printed
    done = len(ground.reports())
    kept.rename(ground.calls)
    ground.check_whole()
    code, printed = ground.finish("--retry-failed")
    assert code == 0 and ground.reports() == ground.expected, printed
    return f"the folder was moved away during the run: exit code {process.returncode}, {done} calls done; back again: complete"


def growing(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [lambda ground: file_grows(ground, seconds)]


def file_grows(ground: Ground, seconds: float) -> str:
    last = sorted(ground.calls.glob("*.wav"))[-1]
    whole = last.read_bytes()
    last.write_bytes(whole[: len(whole) // 2])
    process = ground.start()
    for at in range(len(whole) // 2, len(whole), len(whole) // 100):
        with last.open("ab") as file:
            file.write(whole[at : at + len(whole) // 100])
        time.sleep(seconds / 100)
    printed = process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode in (0, 3) and "Traceback" not in printed, printed
    last.write_bytes(whole)
    code, printed = ground.finish("--retry-failed")
    assert code == 0 and ground.reports() == ground.expected, f"{code} {printed}"
    return f"a recording grew while it was read: exit code {process.returncode}; when it was whole it was analysed as it is"


def locks(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [locked_database]


def locked_database(ground: Ground) -> str:
    assert ground.finish()[0] == 0
    (sorted(ground.calls.glob("*.wav"))[0]).with_suffix(".json").write_text('{"agent_id": "7"}', encoding="utf-8")
    connection = sqlite3.connect(ground.out / "voicemon.db")
    connection.execute("BEGIN EXCLUSIVE")
    code, printed = ground.finish()
    connection.rollback()
    connection.close()
    assert code in (2, 3) and "Traceback" not in printed, f"{code} {printed}"
    code_after, printed_after = ground.finish("--retry-failed")
    assert code_after == 0, printed_after
    return f"the database was locked by another program: exit code {code}, told; then complete"


def clocks(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [clock_jumps]


def clock_jumps(ground: Ground) -> str:
    code, printed = ground.finish("--clock")
    assert code == 0, printed
    ground.check_completes()
    return "the time of day jumped by a day at each look: nothing noticed"


def twos(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [two_runs]


def two_runs(ground: Ground) -> str:
    one, two = ground.start(), ground.start()
    printed = [process.communicate(timeout=PATIENCE_S)[0] for process in (one, two)]
    codes = sorted((one.returncode, two.returncode))
    assert codes in ([0, 0], [0, 2]) and not any("Traceback" in text for text in printed), f"{codes} {printed}"
    ground.check_completes()
    return f"two runs at once: exit codes {codes}"


FAULTS: dict[str, Callable[[argparse.Namespace, float], list[Fault]]] = {
    **MORE,
    "kill": kills, "disk": full_disks, "out": read_only, "folder": vanishing, "growing": growing, "lock": locks, "clock": clocks,
    "twice": twos}

if __name__ == "__main__":
    sys.exit(main())
