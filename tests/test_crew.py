"""Worker processes: what goes wrong in one costs only its call, and none of them outlives the run. Real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import Troubled

from voicemon import worker

TESTS = Path(__file__).parent
PATIENCE_S = 120.0  # only reached when something is broken
RUN = """
import sys
sys.path[:0] = {paths!r}
import voicemon.ear
from fakes import Troubled
from voicemon import cli

if __name__ == "__main__":
    voicemon.ear.WhisperEarFactory = lambda settings: Troubled(trouble={trouble!r}, marks={marks!r})
    sys.argv = ["voicemon", "run", *{arguments!r}]
{extra}
    cli.main()
"""
STOPPED_WHILE_ENDING = """
    from voicemon.worker import Worker
    end, asked = Worker.end, []

    def interrupted(worker, at_once):
        asked.append(worker)
        if len(asked) == 1:
            raise KeyboardInterrupt
        end(worker, at_once)

    Worker.end = interrupted
"""


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    folder = tmp_path / "marks"
    folder.mkdir()
    return folder


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def start(kit: Any, marks: Path, trouble: str, extra: str = "") -> subprocess.Popen[str]:
    arguments = [str(kit.folder), "--out", str(kit.out), "--standard", str(kit.pack), "--agent-channel", "left", "--workers", "2"]
    script = marks.parent / "run.py"
    text = RUN.format(paths=[str(TESTS.parent), str(TESTS)], trouble=trouble, marks=str(marks), arguments=arguments, extra=extra)
    script.write_text(text, encoding="utf-8")
    return subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_call_that_hangs_is_given_up_after_its_time_and_the_others_are_done(kit: Any, marks: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(worker, "limit_of_s", lambda length_s, factor: 1.0 if length_s > 5 else 300.0)
    for name, seconds in (("a", 6.0), ("b", 3.0), ("c", 4.0)):
        kit.call(f"{name}.wav", kit.a_call(seconds))
    result = kit.run(workers=2, call_limit=10.0, ear=Troubled(trouble="hang", marks=str(marks)))
    assert result.analysed == ("b", "c")
    assert [f.id for f in result.failed] == ["a"] and "--call-limit" in result.failed[0].reason
    assert not [pid for pid in marks.iterdir() if pid.name.isdigit() and lives(int(pid.name))]


def test_the_limit_grows_with_the_call() -> None:
    assert worker.limit_of_s(0.0, 10.0) == 300.0 and worker.limit_of_s(3600.0, 10.0) == 36_300.0


@pytest.mark.parametrize(("trouble", "done", "reason"), [("die", ("b",), "died, twice"), ("die once", ("a", "b"), ""),
                                                          ("no memory", ("b",), "not enough memory")])
def test_a_worker_that_dies_costs_at_most_its_call(kit: Any, marks: Path, trouble: str, done: tuple[str, ...], reason: str) -> None:
    kit.call("a.wav")
    kit.call("b.wav", kit.a_call(3.0))
    result = kit.run(workers=2, ear=Troubled(trouble=trouble, marks=str(marks)))
    assert {*result.analysed, *result.judged_again} == set(done)
    assert all(reason in failed.reason for failed in result.failed) and len(result.failed) == 2 - len(done)


def test_one_worker_with_a_limit_is_a_process_of_its_own(kit: Any, marks: Path) -> None:
    kit.call("a.wav", kit.a_call(3.0))
    assert kit.run(call_limit=10.0, ear=Troubled(marks=str(marks))).analysed == ("a",)
    assert str(os.getpid()) not in {mark.name for mark in marks.iterdir()}


def test_calls_come_in_order_whoever_is_first(kit: Any) -> None:
    from voicemon.folder import run
    from voicemon.settings import Settings

    for name, seconds in (("a", 20.0), ("b", 3.0), ("c", 4.0)):
        kit.call(f"{name}.wav", kit.a_call(seconds))
    order: list[str] = []
    settings = Settings(standard=str(kit.pack), agent_channel="left", workers=2)
    run([kit.folder], kit.out, settings, kit.fake_ear(), lambda call_id, *_: order.append(call_id))
    assert order == ["a", "b", "c"]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_workers_end_with_the_run_and_what_was_done_stays_done(kit: Any, marks: Path, sent: signal.Signals, code: int) -> None:
    kit.call("a.wav", kit.a_call(3.0))
    kit.call("b.wav", kit.a_call(6.0))
    kit.call("c.wav", kit.a_call(4.0))
    first = start(kit, marks, "hang")
    wait_until(lambda: (marks / "hanging").exists() and (kit.out / "calls/a.json").exists() and (kit.out / "calls/c.json").exists())
    first.send_signal(sent)
    printed = first.communicate(timeout=PATIENCE_S)[0]
    assert first.returncode == code, printed
    pids = [int(mark.name) for mark in marks.iterdir() if mark.name.isdigit()]
    wait_until(lambda: not any(lives(pid) for pid in pids))
    assert (sent == signal.SIGKILL) != (kit.out / "index.html").exists(), printed
    assert "Traceback" not in printed
    second = start(kit, marks, "none")
    printed = second.communicate(timeout=PATIENCE_S)[0]
    assert second.returncode == 0, printed
    rows = json.loads((kit.out / "calls/b.json").read_text(encoding="utf-8"))
    assert rows["call"]["id"] == "b" and not list(kit.out.rglob("*.part"))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_run_that_is_stopped_while_it_ends_its_workers_ends_all_the_same(kit: Any, marks: Path) -> None:
    kit.call("a.wav", kit.a_call(3.0))
    kit.call("b.wav", kit.a_call(4.0))
    run = start(kit, marks, "none", STOPPED_WHILE_ENDING)
    printed = run.communicate(timeout=PATIENCE_S)[0]
    assert run.returncode == 130, printed
    wait_until(lambda: not any(lives(int(mark.name)) for mark in marks.iterdir() if mark.name.isdigit()))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_workers_end_at_sigterm_which_is_how_an_exiting_run_ends_what_is_left(kit: Any, marks: Path) -> None:
    kit.call("a.wav")
    kit.call("b.wav", kit.a_call(7.0))
    run = start(kit, marks, "hang")
    wait_until(lambda: len([mark for mark in marks.iterdir() if mark.name.isdigit()]) == 2)
    pids = [int(mark.name) for mark in marks.iterdir() if mark.name.isdigit()]
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not any(lives(pid) for pid in pids))
    run.send_signal(signal.SIGINT)
    printed = run.communicate(timeout=PATIENCE_S)[0]
    assert run.returncode == 130 and "Traceback" not in printed, printed
