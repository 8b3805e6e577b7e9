"""A second run does what is new or changed and nothing else, says what it passed over and why, and goes on where a first was killed."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEar, Logged

from voicemon import folder, resume
from voicemon.resume import DONE, FAILED_BEFORE, is_older
from voicemon.review import Decision, decide

both = pytest.mark.parametrize("kit", ["sqlite", "postgresql"], indirect=True)
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Broken(FakeEar):
    """Cannot hear anything; counts how often it was tried."""

    log: Path = Path()

    def __call__(self) -> Broken:
        return self

    def transcribe_many(self, jobs: Any) -> Any:
        with self.log.open("a", encoding="utf-8") as lines:
            lines.write("tried\n")
        raise ValueError("broken")


def no_ear() -> Any:
    raise AssertionError("a model was loaded")


@pytest.fixture
def broken(kit: Any) -> Broken:
    return Broken(log=kit.folder.parent / "tried.txt")


def tries(ear: Broken) -> int:
    return len(ear.log.read_text(encoding="utf-8").splitlines())


@both
def test_a_call_that_failed_is_tried_again_only_when_asked(kit: Any, broken: Broken) -> None:
    kit.call("one.wav", kit.a_call(3.0))
    assert [f.id for f in kit.run(ear=broken).failed] == ["one"]
    again = kit.run(ear=broken)
    assert (again.skipped, again.failed, again.found, again.accounted) == ({"one": FAILED_BEFORE}, (), 1, 1)
    assert "one.wav" in (kit.out / "failed.json").read_text(encoding="utf-8"), "it is still told"
    assert tries(broken) == 1
    kit.run(ear=broken, retry_failed=True)
    assert tries(broken) == 2
    assert kit.run(retry_failed=True).analysed == ("one",) and kit.run(ear=no_ear).skipped == {"one": DONE}
    assert (kit.out / "failed.json").read_text(encoding="utf-8").strip() == "[]"


@pytest.mark.parametrize("change", ["audio", "sidecar", "settings", "standard"])
def test_a_failed_call_that_changed_counts_as_new(kit: Any, broken: Broken, change: str) -> None:
    kit.call("one.wav", kit.a_call(3.0))
    kit.run(ear=broken)
    settings = {"settings": {"beam_size": 1}, "standard": {"standard": "hotline"}}.get(change, {})
    if change == "audio":
        kit.call("one.wav", kit.a_call(3.5))
    if change == "sidecar":
        (kit.folder / "one.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    assert kit.run(**settings).analysed == ("one",)


def test_what_was_not_the_calls_fault_is_tried_again(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from voicemon.errors import ModelError

    def missing() -> Any:
        raise ModelError("the model is missing")

    kit.call("one.wav", kit.a_call(3.0))
    assert len(kit.run(ear=missing).failed) == 1 and kit.run().analysed == ("one",)


def test_a_failure_whose_recording_is_gone_is_no_longer_told(kit: Any) -> None:
    (kit.folder / "bad.wav").write_bytes(b"x")
    elsewhere = kit.folder.parent / "elsewhere" / "bad2.wav"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(b"y")
    assert len(kit.run(kit.folder, elsewhere.parent).failed) == 2
    (kit.folder / "bad.wav").unlink()
    kit.run()
    assert [f.id for f in kit.record().failures()] == ["bad2"], "of another folder nothing is known"


def test_a_failure_in_a_folder_that_cannot_be_read_now_is_still_told(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs this test may read every folder, so the system's answer is put in its place."""
    (kit.folder / "theirs").mkdir()
    (kit.folder / "theirs" / "bad.wav").write_bytes(b"x")
    kit.run()
    scandir = os.scandir

    def refused(path: Any) -> Any:
        if Path(path).name == "theirs":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert sorted(f.id for f in kit.run().failed) == ["theirs"]
    assert sorted(f.id for f in kit.record().failures()) == ["bad", "theirs"]


def test_a_recording_that_changed_and_failed_is_not_judged_from_what_it_was(kit: Any, broken: Broken) -> None:
    kit.call("one.wav", kit.a_call(3.0))
    kit.run()
    kit.call("one.wav", kit.a_call(3.5))
    kit.run(ear=broken)
    assert kit.judge().skipped == {"one": FAILED_BEFORE} and not (kit.out / "calls/one.json").exists()


@both
def test_an_unchanged_file_is_not_read_again_and_a_changed_one_is(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume, "STEADY_S", -1.0)
    read: list[str] = []
    real = resume.sha256_of
    monkeypatch.setattr(resume, "sha256_of", lambda path: (read.append(path.name), real(path))[1])
    kit.call("one.wav", kit.a_call(3.0))
    kit.call("two.wav", kit.a_call(3.5))
    kit.run()
    kit.run()
    assert read == ["one.wav", "two.wav"]
    before = (kit.folder / "one.wav").stat()
    content = bytearray((kit.folder / "one.wav").read_bytes())
    content[-1] ^= 1
    (kit.folder / "one.wav").write_bytes(content)
    os.utime(kit.folder / "one.wav", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert kit.run().analysed == ("one",), "the same size and the same time do not hide a change"


def test_a_file_that_was_just_written_is_read_again(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume, "STEADY_S", 3600.0)
    kit.call("one.wav", kit.a_call(3.0))
    kit.run()
    assert kit.record().known_hashes([str(kit.folder / "one.wav")]) == {}


def test_nothing_to_do_writes_nothing_and_a_lost_page_is_written_again(kit: Any) -> None:
    (kit.folder / "one.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    kit.call("one.wav", kit.a_call(3.0))
    kit.run()
    files = {path: path.stat().st_mtime_ns for path in kit.out.rglob("*.*") if not path.name.startswith(("voicemon.db", "."))}
    kit.run()
    assert {path: path.stat().st_mtime_ns for path in files} == files and len(files) > 8
    for name in ("summary.csv", "agents/7.html"):
        (kit.out / name).unlink()
        kit.run()
        assert (kit.out / name).is_file(), name


def test_a_review_writes_the_page_of_its_agent_and_of_no_other(kit: Any) -> None:
    for name, agent, seconds in (("one", "7", 3.0), ("two", "8", 3.5)):
        (kit.folder / f"{name}.json").write_text(f'{{"agent_id": "{agent}"}}', encoding="utf-8")
        kit.call(f"{name}.wav", kit.a_call(seconds))
    kit.run()
    before = {name: (kit.out / f"agents/{name}.html").stat().st_ino for name in "78"}
    decide(kit.out, Decision("one", "T-1", False, "A", "b"), str(kit.pack))
    after = {name: (kit.out / f"agents/{name}.html").stat().st_ino for name in "78"}
    assert before["7"] != after["7"] and before["8"] == after["8"]


def test_the_page_of_an_agent_without_calls_goes(kit: Any) -> None:
    (kit.folder / "one.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    kit.call("one.wav", kit.a_call(3.0))
    kit.run()
    (kit.folder / "one.json").write_text('{"agent_id": "8"}', encoding="utf-8")
    kit.run()
    assert [path.name for path in (kit.out / "agents").iterdir()] == ["8.html"]


def test_every_recording_is_accounted_for(kit: Any, broken: Broken) -> None:
    kit.call("done.wav", kit.a_call(3.0))
    kit.call("twice.wav", kit.a_call(3.0))
    kit.run()
    kit.call("fails.wav", kit.a_call(3.5))
    kit.run(ear=broken)
    (kit.folder / "text.wav").write_text("x", encoding="utf-8")
    (kit.folder / "gone.wav").symlink_to("nowhere.wav")
    kit.call("side.wav", kit.a_call(4.0))
    (kit.folder / "side.json").write_text("{", encoding="utf-8")
    kit.call("new.wav", kit.a_call(4.5))
    result = kit.run()
    assert result.found == result.accounted == len(list(kit.folder.glob("*.wav"))) == 7
    assert (result.analysed, dict(result.skipped)) == (("new",), {"done": DONE, "fails": FAILED_BEFORE})
    assert sorted(f.id for f in result.failed) == ["gone", "side", "text"] and len(result.duplicates) == 1


def test_the_account_is_printed_and_what_is_missing_in_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from voicemon.console import print_account

    result = folder.RunResult(found=4, rows=(), failed=(), analysed=("a",), judged_again=(), skipped={"b": DONE, "c": FAILED_BEFORE},
                              duplicates={})
    print_account(result)
    told = capsys.readouterr()
    assert "4 found: 1 analysed, 0 judged again, 2 skipped, 0 the same audio twice, 0 not analysed" in told.out
    assert "skipped: 1 done already\nskipped: 1 failed before (--retry-failed tries again)" in told.out
    assert "4 recordings were found and 3 accounted for" in told.err


def test_a_quiet_run_tells_what_failed_before_and_was_not_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    from voicemon.console import print_result

    result = folder.RunResult(found=2, rows=(), failed=(), analysed=(), judged_again=(), skipped={"b": DONE, "c": FAILED_BEFORE},
                              duplicates={})
    print_result(result, Path("out"), "en", quiet=True, verbose=0)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "skipped: 1 call failed before (--retry-failed tries again)\n")


def test_a_link_from_one_given_folder_to_another_is_searched_and_no_failure(tmp_path: Path) -> None:
    from voicemon.finding import find_recordings

    monday, tuesday = tmp_path / "monday", tmp_path / "tuesday"
    monday.mkdir()
    tuesday.mkdir()
    (tuesday / "a.wav").write_bytes(b"RIFF")
    (monday / "next").symlink_to(tuesday)
    assert [item.path for item in find_recordings([monday, tuesday], tmp_path / "out")] == [tuesday / "a.wav"]
    (alone,) = find_recordings([monday], tmp_path / "out")
    assert "is a link to a folder, which is not followed" in getattr(alone, "reason", "")


@pytest.mark.parametrize(("at", "older"), [
    ("2026-01-01T00:00:00Z", True), ("2026-01-01T00:00:00", True), ("2026-01-30T00:00:00+08:00", False),
    ("9999-12-31T23:59:59-12:00", False), ("yesterday", False), (None, False), (5, False)])
def test_age_is_counted_from_a_time_with_or_without_zone(at: Any, older: bool) -> None:
    from datetime import datetime, timezone

    assert is_older(at, 10, datetime(2026, 2, 1, tzinfo=timezone.utc)) is older


PROGRAM = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
from fakes import Logged
from voicemon.folder import run
from voicemon.settings import Settings
settings = Settings(standard={pack!r}, agent_channel="left", store={store!r})
run([Path({folder!r})], Path({out!r}), settings, Logged(log={log!r}), lambda *_: None)
"""


@both
def test_a_run_that_is_killed_at_any_moment_repeats_no_finished_call_and_leaves_nothing_half_written(kit: Any) -> None:
    for i in range(5):
        kit.call(f"c{i}.wav", kit.a_call(2.0 + i / 2))
    log = kit.folder.parent / "heard.txt"
    log.touch()
    program = PROGRAM.format(tests=str(HERE), root=str(HERE.parent), pack=str(kit.pack), store=kit.store, folder=str(kit.folder),
                             out=str(kit.out), log=str(log))
    finished: dict[str, int] = {}
    moments = random.Random(7)
    for _ in range(2):
        before = len(heard(log))
        process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE)
        # Some way into the hearing of one of the next calls, or of the writing that follows it.
        while process.poll() is None and len(heard(log)) < before + 2:
            time.sleep(0.01)
        time.sleep(moments.random() * 0.2)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert {call: heard(log).count(call) for call in finished} == finished, "what was finished is not heard again"
        finished = {call: heard(log).count(call) for call in kit.record().told()}
    result = kit.run(ear=Logged(log=str(log)))
    assert finished and finished.keys() <= result.skipped.keys() and {call: heard(log).count(call) for call in finished} == finished
    assert not result.failed and result.found == result.accounted == 5 == len(list((kit.out / "calls").glob("*.html")))
    assert not list(kit.out.rglob("*.part")) and kit.run(ear=no_ear).skipped.keys() == {f"c{i}" for i in range(5)}


def test_a_copy_in_another_folder_is_the_same_call_as_long_as_the_first_is_there(kit: Any) -> None:
    """A second run over an archive must not analyse and show every call once more."""
    first, copy = kit.call("one.wav"), kit.folder.parent / "archive" / "copy.wav"
    kit.run()
    copy.parent.mkdir()
    copy.write_bytes(first.read_bytes())
    result = kit.run(copy.parent)
    assert result.duplicates == {str(copy): "one"} and not result.analysed and not result.judged_again
    first.unlink()
    assert not kit.run(copy.parent).analysed and [call.path for call in kit.record().known_calls()] == [str(copy)]
    assert str(copy) in (kit.out / "calls/one.json").read_text(encoding="utf-8")
    assert kit.run(copy.parent).skipped == {"one": "done already"}


def heard(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").split()


def test_other_cues_of_an_own_pack_are_heard_by(kit: Any) -> None:
    """Who is the agent hangs on them: facts of the old ones must not be judged by the new ones."""
    from voicemon.known_standards import own_cues, standard_named

    kit.call("one.wav")
    kit.run()
    text = kit.pack.read_text(encoding="utf-8")
    for cues, heard in (('["紫金金行", "淘宝客服中心"]', ()), ('["紫金金行", "我们店"]', ("one",))):
        kit.pack.write_text(text.replace('["紫金金行"]', cues, 1), encoding="utf-8")
        standard_named.cache_clear()  # another process
        own_cues.cache_clear()
        assert kit.run().analysed == heard
