"""Watching: a recording is taken when it is completely written and not before, once, also over restarts; stopping is no fault."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fakes import Troubled

from voicemon.arrivals import Arrivals, Pace, is_partial, is_whole
from voicemon.errors import InUseError, ModelError
from voicemon.finding import find_recordings
from voicemon.settings import Settings
from voicemon.store import opened
from voicemon.watch import Watch

PACE = Pace(poll_s=1.0, settle_s=10.0, sidecar_s=30.0, unfinished_s=600.0)
QUICK = Pace(poll_s=0.05, settle_s=0.4, sidecar_s=0.4, unfinished_s=3.0, retry_s=0.2)
HERE = Path(__file__).parent


class Looks:
    """Looks at a folder at made-up times; names of what is ready, which is then taken."""

    def __init__(self, kit: Any, pace: Pace = PACE) -> None:
        self.kit, self.arrivals = kit, Arrivals(pace)

    def at(self, now_s: float) -> list[str]:
        ready = self.arrivals.ready(find_recordings([self.kit.folder], self.kit.out), now_s)
        self.arrivals.take(ready)
        return [item.path.name for item in ready]


@pytest.fixture
def looks(kit: Any) -> Looks:
    return Looks(kit)


def sidecar(kit: Any, name: str, **fields: Any) -> None:
    (kit.folder / f"{name}.json").write_text(json.dumps(fields), encoding="utf-8")


def test_a_recording_is_taken_once_when_it_did_not_change_for_the_time_to_settle(kit: Any, looks: Looks) -> None:
    kit.call("one.wav", kit.a_call(2.0))
    sidecar(kit, "one")
    assert [looks.at(s) for s in (0.0, 9.9, 10.0, 11.0, 1000.0)] == [[], [], ["one.wav"], [], []]


def test_a_growing_recording_is_not_taken_before_it_rests(kit: Any, looks: Looks) -> None:
    content = kit.call("one.wav", kit.a_call(2.0)).read_bytes()
    sidecar(kit, "one")
    path = kit.folder / "one.wav"
    path.write_bytes(content[:1000])
    for i in range(5):
        assert looks.at(8.0 * i) == []
        with path.open("ab") as out:
            out.write(content[1000 * (i + 1):1000 * (i + 2)])
    assert looks.at(40.0) == [] and looks.at(49.0) == []
    assert looks.at(51.0) == [], "it rests, but its header announces more"
    path.write_bytes(content)
    assert looks.at(52.0) == [] and looks.at(62.0) == ["one.wav"]


def test_a_recorder_that_crashed_is_not_waited_for_for_ever(kit: Any, looks: Looks) -> None:
    path = kit.call("one.wav", kit.a_call(2.0))
    path.write_bytes(path.read_bytes()[:5000])
    (kit.folder / "empty.wav").touch()
    (kit.folder / "gone.wav").symlink_to("nowhere")
    assert looks.at(0.0) == [] and looks.at(599.0) == []
    assert looks.at(600.0) == ["empty.wav", "gone.wav", "one.wav"]


def test_a_sidecar_that_comes_a_little_later_is_waited_for_and_one_much_later_read_then(kit: Any, looks: Looks) -> None:
    for name in ("soon", "late", "never"):
        kit.call(f"{name}.wav", kit.a_call(2.0))
    assert looks.at(0.0) == [] and looks.at(20.0) == []
    sidecar(kit, "soon")
    assert looks.at(21.0) == [], "it may still be written"
    assert looks.at(31.0) == ["late.wav", "never.wav", "soon.wav"]
    sidecar(kit, "late", agent_id="7")
    assert looks.at(32.0) == [] and looks.at(42.0) == ["late.wav"]


def test_a_table_that_grows_all_day_delays_nothing_and_is_read_again(kit: Any, looks: Looks) -> None:
    kit.call("one.wav", kit.a_call(2.0))
    taken = []
    for second in range(0, 60, 10):
        with (kit.folder / "calls.csv").open("a", encoding="utf-8") as table:
            table.write("file,agent_id\n" if not second else f"{second}.wav,7\n")
        taken += looks.at(float(second))
    assert taken[0] == "one.wav" and len(taken) > 1


@pytest.mark.parametrize(("name", "partial"), [
    ("a.wav", False), ("a.part.wav", True), ("a.TMP.wav", True), ("a.wav.crdownload", True), ("2026.01.wav", False), ("part.wav", False)])
def test_names_that_say_that_a_file_is_being_written_are_passed_over(name: str, partial: bool) -> None:
    assert is_partial(Path(name)) is partial


def test_what_is_partly_written_is_not_even_found(kit: Any, looks: Looks) -> None:
    for name in ("a.wav.part", "b.wav.tmp", "c.wav.crdownload", ".d.wav", "e.part.wav"):
        kit.call(name, kit.a_call(2.0))
    assert looks.at(0.0) == [] and looks.at(10_000.0) == []


def test_a_file_is_whole_when_it_holds_what_its_header_announces(kit: Any, tmp_path: Path) -> None:
    path = kit.call("one.wav", kit.a_call(2.0))
    content = path.read_bytes()
    assert is_whole(path)
    for wrong in (content[:-1], content[:44], b""):
        path.write_bytes(wrong)
        assert not is_whole(path)
    path.write_bytes(content[:40] + b"\0\0\0\0" + content[44:])
    assert is_whole(path), "a recorder that writes to a pipe announces nothing"
    assert not is_whole(tmp_path / "none.wav")


def start(kit: Any, ear: Any = None, **settings: Any) -> tuple[threading.Thread, threading.Event, list[Any], list[str]]:
    """Watch the folder in a thread; what it tells and warns of is in the lists."""
    stop, told, warned = threading.Event(), [], []
    chosen = Settings(standard=str(kit.pack), agent_channel="left", **settings)
    watch = Watch([kit.folder], kit.out, chosen, ear or kit.fake_ear(), QUICK)
    thread = threading.Thread(target=watch.until, args=(stop, lambda *_: None, told.append, warned.append))
    thread.start()
    return thread, stop, told, warned


def until(condition: Any, what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def test_a_file_that_grows_is_analysed_once_and_whole_and_a_restart_repeats_nothing(kit: Any) -> None:
    content = kit.call("one.wav", kit.a_call(3.0)).read_bytes()
    (kit.folder / "one.wav").unlink()
    thread, stop, told, warned = start(kit)
    try:
        with (kit.folder / "one.wav").open("wb") as out:
            for i in range(0, len(content), len(content) // 20):
                out.write(content[i:i + len(content) // 20])
                out.flush()
                time.sleep(0.05)
        until(lambda: told, "an account")
        kit.call("two.wav", kit.a_call(3.5))
        until(lambda: len(told) > 1, "a second account")
    finally:
        stop.set()
        thread.join()
    assert [result.analysed for result in told] == [("one",), ("two",)] and not warned
    facts = kit.record().load_facts("one")
    assert facts and facts.call.duration_s == pytest.approx(3.0) and not any("ends early" in note for note in facts.notes)
    thread, stop, told, _ = start(kit)
    try:
        until(lambda: told, "an account")
    finally:
        stop.set()
        thread.join()
    assert dict(told[0].skipped) == {"one": "done already", "two": "done already"} and len(told) == 1


def test_while_somebody_else_writes_into_out_it_waits_and_then_goes_on(kit: Any) -> None:
    thread, stop, told, warned = start(kit)
    try:
        until(lambda: (kit.out / "voicemon.db").is_file(), "OUT")
        held = False
        while not held:
            try:
                with opened(kit.out):
                    held = True
                    kit.call("one.wav", kit.a_call(3.0))
                    time.sleep(1.0)
                    assert not told
            except InUseError:
                time.sleep(0.02)
        until(lambda: told, "an account")
    finally:
        stop.set()
        thread.join()
    assert told[0].analysed == ("one",) and not warned


def test_a_redacted_call_that_failed_in_passing_is_tried_again_though_its_path_is_told_masked(kit: Any) -> None:
    tries = []

    def ear() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise ModelError("the disk with the models is away")
        return kit.fake_ear()()

    kit.call("13812345678.wav", kit.a_call(3.0))
    thread, stop, told, _ = start(kit, ear, redact=True)
    try:
        until(lambda: told, "an account")
        end = time.monotonic() + 10
        while len(told) < 2 and time.monotonic() < end:
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join()
    assert len(told[0].failed) == 1 and [len(result.analysed) for result in told[1:]] == [1]


def test_tables_about_all_calls_wait_for_their_time_but_not_beyond_the_end(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They cost time for every call in OUT, so each arrival cannot have them written anew."""
    def shown() -> list[str]:
        return [row.partition(",")[0] for row in (kit.out / "summary.csv").read_text(encoding="utf-8-sig").splitlines()[1:]]

    monkeypatch.setattr("voicemon.watch.MOST_OVERVIEW_SHARE", 1e-9)
    kit.call("one.wav", kit.a_call(3.0))
    thread, stop, told, warned = start(kit)
    try:
        until((kit.out / "summary.csv").is_file, "the first tables")
        kit.call("two.wav", kit.a_call(3.5))
        until(lambda: len(told) > 1, "a second account")
        assert (kit.out / "calls/two.html").is_file() and shown() == ["one"]
    finally:
        stop.set()
        thread.join()
    assert sorted(shown()) == ["one", "two"] and not warned


def test_a_copy_that_arrives_later_is_the_same_audio_twice(kit: Any) -> None:
    kit.call("one.wav", kit.a_call(3.0))
    sidecar(kit, "one", agent_id="7")
    kit.run()
    copy = kit.folder.parent / "elsewhere"
    copy.mkdir()
    (copy / "copy.wav").write_bytes((kit.folder / "one.wav").read_bytes())
    result = kit.run(copy)
    assert list(result.duplicates.values()) == ["one"] and result.found == result.accounted == 1
    assert kit.record().report("one")["call"]["agent_id"] == "7", "the call with the sidecar stays as it is"


def kept(marks: Path) -> set[int]:
    """Ids of all worker processes that have heard a call."""
    return {int(mark.name) for mark in marks.iterdir() if mark.name.isdigit()}


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def batch(kit: Any, told: list[Any], *lengths_s: float) -> None:
    """Calls of these lengths arrive together, and are told of."""
    known = sum(len(result.analysed) for result in told)
    for length_s in lengths_s:
        kit.call(f"call-{length_s:g}.wav", kit.a_call(length_s))
    until(lambda: sum(len(result.analysed) for result in told) == known + len(lengths_s), "an account")


def test_workers_live_from_batch_to_batch_one_that_died_is_replaced_and_all_end_with_the_watch(kit: Any, tmp_path: Path) -> None:
    """Each has loaded a model."""
    marks = tmp_path / "marks"
    marks.mkdir()
    thread, stop, told, warned = start(kit, Troubled(trouble="none", marks=str(marks)), workers=2, call_limit=10.0)
    try:
        batch(kit, told, 2.0, 2.5, 3.0, 3.5)
        batch(kit, told, 4.0, 4.5)
        batch(kit, told, 5.0)
        first = kept(marks)
        assert 1 <= len(first) <= 2 and all(lives(pid) for pid in first)
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        batch(kit, told, 5.5)
        assert len(kept(marks) - first) == 1
    finally:
        stop.set()
        thread.join()
    assert not any(lives(pid) for pid in kept(marks)) and not warned
    assert sum(len(result.analysed) for result in told) == 8 and not any(result.failed for result in told)


def test_workers_that_had_nothing_to_do_for_long_are_ended_and_others_started_when_there_is(
        kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setattr("voicemon.watch.CREW_IDLE_S", 0.5)
    thread, stop, told, warned = start(kit, Troubled(trouble="none", marks=str(marks)), call_limit=10.0)
    try:
        batch(kit, told, 2.0)
        first = kept(marks)
        until(lambda: not any(lives(pid) for pid in first), "the end of the worker")
        batch(kit, told, 3.0)
        assert len(kept(marks)) == 2
    finally:
        stop.set()
        thread.join()
    assert not any(lives(pid) for pid in kept(marks)) and not warned


def test_stopped_within_a_transaction_it_still_writes_the_overview(kit: Any) -> None:
    """A signal may come when a transaction has begun and nothing can end it yet: then it must not wait for itself."""
    kit.call("one.wav", kit.a_call(3.0))
    warned: list[str] = []

    def stopped(_: Any) -> None:
        with opened(kit.out) as store:
            begun = store.database.write()
            begun.__enter__()
            raise KeyboardInterrupt

    watch = Watch([kit.folder], kit.out, Settings(standard=str(kit.pack)), kit.fake_ear(), QUICK)
    with pytest.raises(KeyboardInterrupt):
        watch.until(threading.Event(), lambda *_: None, stopped, warned.append)
    assert not warned and (kit.out / "index.html").is_file()


PROGRAM = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
import voicemon.ear
from fakes import FakeEarFactory
voicemon.ear.WhisperEarFactory = lambda settings: FakeEarFactory()
sys.argv = ["voicemon", "watch", {folder!r}, "--out", {out!r},
            "--standard", {pack!r}, "--workers", {workers!r}, "--poll", "0.1", "--settle", "0.2", "--sidecar-wait", "0.2"]
from voicemon.cli import main
main()
"""


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGTERM, "1"), (signal.SIGINT, "1"), (signal.SIGTERM, "2"), (signal.SIGINT, "2")])
def test_a_signal_stops_it_cleanly(kit: Any, number: int, workers: str) -> None:
    kit.call("one.wav", kit.a_call(3.0))
    program = PROGRAM.format(tests=str(HERE), root=str(HERE.parent), folder=str(kit.folder), out=str(kit.out), pack=str(kit.pack),
                             workers=workers)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    assert "1 found: 1 analysed" in process.stdout.readline()
    children = [int(pid) for task in Path(f"/proc/{process.pid}/task").glob("*/children") for pid in task.read_text().split()]
    process.send_signal(number)
    told, problems = process.communicate(timeout=60)
    assert process.returncode == 0 and "stopped; finished calls are kept" in told and not problems, problems
    until(lambda: not any(lives(pid) for pid in children), "the end of the workers")
    assert tuple(kit.run(agent_channel="auto").skipped) == ("one",) and not list(kit.out.rglob("*.part"))
