"""Many calls: found, done once, skipped when done, the same whatever the number of workers."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

import pytest

from voicemon.errors import OutputError, PackError, SettingsError

both = pytest.mark.parametrize("kit", ["sqlite", "postgresql"], indirect=True)


class Counting:
    """Makes ears and counts how many: none is made where nothing has to be heard."""

    def __init__(self, kit: Any) -> None:
        self.made, self.kit = 0, kit

    def __call__(self) -> Any:
        self.made += 1
        return self.kit.fake_ear()()


def report(kit: Any, call_id: str) -> dict[str, Any]:
    return json.loads((kit.out / "calls" / f"{call_id}.json").read_text(encoding="utf-8"))


@both
def test_a_call_leaves_facts_reports_and_its_sound(kit: Any) -> None:
    kit.call("one.wav")
    result = kit.run()
    names = {str(p.relative_to(kit.out)) for p in kit.out.rglob("*") if p.is_file()}
    assert {"calls/one.json", "calls/one.html", "calls/audio/one.wav"} <= names
    assert {"index.html", "summary.csv", "failed.json"} <= names
    assert result.analysed == ("one",) and result.found == 1 and report(kit, "one")["verdicts"][0]["outcome"] == "pass"


def test_folders_are_searched_and_hidden_files_other_files_and_outputs_passed_over(kit: Any) -> None:
    kit.call("sub/deep/a.wav")
    kit.call(".hidden.wav")
    kit.call(".git/b.wav")
    (kit.folder / "notes.txt").write_text("x", encoding="utf-8")
    inside = type(kit)(kit.folder, kit.folder / "reports", kit.pack)
    assert inside.run().analysed == ("a",)
    kit.call("c.wav", kit.a_call(5.0))
    assert kit.run().analysed == ("a", "c"), "an earlier OUT inside the folder holds sound, but no recordings"


@both
def test_a_second_run_hears_nothing_and_says_so(kit: Any) -> None:
    kit.call("one.wav")
    kit.run()
    ear = Counting(kit)
    result = kit.run(ear=ear)
    assert (ear.made, result.skipped, result.analysed) == (0, {"one": "done already"}, ()) and len(result.rows) == 1


@both
@pytest.mark.parametrize("change", ["audio", "sidecar", "settings", "report lost"])
def test_what_changed_is_done_again(kit: Any, change: str) -> None:
    kit.call("one.wav")
    kit.call("two.wav", kit.a_call(5.0))
    kit.run()
    settings = {}
    if change == "audio":
        kit.call("one.wav", kit.a_call(7.0))
    elif change == "sidecar":
        (kit.folder / "one.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    elif change == "settings":
        settings = {"agent_channel": "right"}
    else:
        (kit.out / "calls/one.html").unlink()
    result = kit.run(**settings)
    again = set(result.analysed) | set(result.judged_again)
    assert again == ({"one", "two"} if change == "settings" else {"one"})
    assert result.analysed == () if change == "report lost" else result.analysed


@both
def test_another_standard_judges_again_and_hears_nothing(kit: Any) -> None:
    kit.call("one.wav")
    kit.run(ear=kit.fake_ear("您好这里是客服中心请您讲"))
    kit.pack.write_text(kit.pack.read_text(encoding="utf-8").replace("您好|你好", "早上好"), encoding="utf-8")
    from voicemon.known_standards import standard_named
    standard_named.cache_clear()
    ear = Counting(kit)
    result = kit.run(ear=ear)
    assert (ear.made, result.judged_again, report(kit, "one")["verdicts"][0]["outcome"]) == (0, ("one",), "fail")


@both
def test_judging_needs_neither_recordings_nor_a_model(kit: Any) -> None:
    kit.call("one.wav")
    kit.run()
    before = report(kit, "one")
    shutil.rmtree(kit.folder)
    kit.damage("DELETE FROM judgements")
    assert kit.judge().judged_again == ("one",) and report(kit, "one") == before


@both
def test_judging_an_empty_folder_is_refused(kit: Any) -> None:
    kit.out.mkdir()
    with pytest.raises(SettingsError, match="no OUT"):
        kit.judge()
    assert not list(kit.out.iterdir()), "a folder that is no OUT is left as it was"
    kit.run()
    with pytest.raises(SettingsError, match="no facts"):
        kit.judge()


@both
def test_the_same_audio_twice_is_analysed_once_and_the_one_with_a_sidecar_is_taken(kit: Any) -> None:
    kit.call("a.wav")
    kit.call("b.wav")
    (kit.folder / "b.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    result = kit.run()
    assert result.analysed == ("b",) and list(result.duplicates.values()) == ["b"] and result.found == 2


@both
def test_a_new_file_of_the_same_name_elsewhere_does_not_take_an_id_that_is_in_use(kit: Any) -> None:
    kit.call("a/x.wav")
    kit.run()
    kit.call("b/x.wav", kit.a_call(5.0))
    result = kit.run()
    assert tuple(result.skipped) == ("x",) and result.analysed == ("b-x",)


@both
def test_a_recording_that_moved_keeps_its_id(kit: Any) -> None:
    kit.call("x.wav")
    kit.run()
    shutil.move(kit.folder / "x.wav", kit.folder / "renamed.wav")
    assert kit.run().judged_again == ("x",), "its page and its facts say where it is now"
    assert tuple(kit.run().skipped) == ("x",)


@both
def test_workers_change_neither_facts_nor_reports_nor_order(kit: Any) -> None:
    for i in range(4):
        kit.call(f"c{i}.wav", kit.a_call(4.0 + i))
    kit.run()
    other = kit.beside("out2")
    result = other.run(workers=2)
    assert result.analysed == ("c0", "c1", "c2", "c3")
    assert kit.record().load_facts("c2") == other.record().load_facts("c2") is not None
    for name in ("calls/c2.json", "calls/c2.html", "summary.csv"):
        assert (kit.out / name).read_bytes() == (other.out / name).read_bytes(), name


def test_workers_judge_as_one_process_does(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order, each call once, one whose facts cannot be read told."""
    monkeypatch.setattr("voicemon.folder.WORTH_A_WORKER", 1)
    for i in range(3):
        kit.call(f"{'cab'[i]}.wav", kit.a_call(4.0 + i))
    kit.run()
    kit.damage("UPDATE facts SET content = x'00' WHERE call_id = 'b'")
    told = []
    for workers in (1, 2):
        kit.damage("DELETE FROM judgements")
        result = kit.judge(workers=workers)
        files = {p.name: p.read_bytes() for p in sorted((kit.out / "calls").glob("*.*"))}
        told.append((files, (kit.out / "verdicts.jsonl").read_bytes(), result.judged_again, [f.id for f in result.failed], result.found))
    assert told[0] == told[1] and told[0][2:] == (("a", "c"), ["b"], 3)


def test_files_can_be_named_and_a_missing_one_is_refused(kit: Any) -> None:
    assert kit.run(kit.call("one.wav")).analysed == ("one",)
    with pytest.raises(SettingsError, match="no such file"):
        kit.run(kit.folder / "none.wav")


def test_a_broken_standard_stops_before_any_call(kit: Any) -> None:
    kit.call("one.wav")
    with pytest.raises(PackError):
        kit.run(standard="no-such-standard")
    assert not kit.out.exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_only_the_owner_can_read_what_is_written_whatever_the_umask(kit: Any, umask: int) -> None:
    (kit.folder / "one.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    kit.call("one.wav", kit.a_call(3.0))
    inside = type(kit)(kit.folder, kit.out / "deep" / "out", kit.pack)
    before = os.umask(umask)
    try:
        inside.run()
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in [kit.out, *kit.out.rglob("*")] if path.is_dir()}
        assert set(modes.values()) == {"0o700"}, modes
        with inside.record().database.write():  # while the log is there
            modes = {path.name: oct(path.stat().st_mode & 0o777) for path in kit.out.rglob("*") if path.is_file()}
        assert set(modes.values()) == {"0o600"} and {"voicemon.db", "voicemon.db-wal", "summary.xlsx", ".voicemon"} <= modes.keys(), modes
    finally:
        os.umask(before)


def test_a_folder_that_is_used_for_other_things_keeps_its_mode(kit: Any) -> None:
    kit.out.mkdir(mode=0o755)
    (kit.out / "notes.txt").write_text("x", encoding="utf-8")
    kit.out.chmod(0o755)
    kit.call("one.wav", kit.a_call(3.0))
    kit.run()
    assert (kit.out.stat().st_mode & 0o777, (kit.out / "calls").stat().st_mode & 0o777) == (0o755, 0o700)


def test_two_runs_into_one_out_at_once_are_refused(kit: Any) -> None:
    from voicemon.store import locked

    kit.call("one.wav")
    kit.record().prepare()
    with locked(kit.out), pytest.raises(OutputError, match="another voicemon"):
        kit.run()


def test_what_a_killed_run_left_half_written_is_swept_away(kit: Any) -> None:
    kit.call("one.wav")
    kit.run()
    leftover = kit.out / "calls" / ".one.json.abc.part"
    leftover.write_text("{", encoding="utf-8")
    kit.run()
    assert not leftover.exists()


@both
def test_kept_facts_that_cannot_be_read_are_heard_again(kit: Any) -> None:
    kit.call("one.wav")
    kit.run()
    kit.damage("UPDATE facts SET content = ''", "DELETE FROM judgements", "DELETE FROM reports")
    assert kit.run().analysed == ("one",)


def test_a_worker_that_dies_costs_only_its_own_call(kit: Any) -> None:
    for name, seconds in (("a", 3.0), ("b", 6.0), ("c", 4.0)):
        kit.call(f"{name}.wav", kit.a_call(seconds))
    result = kit.run(workers=2, ear=kit.killer())
    # "a" may have been heard when its worker was stopped with the other: then only its judging is repeated.
    assert {*result.analysed, *result.judged_again} == {"a", "c"}
    assert [f.id for f in result.failed] == ["b"] and "died" in result.failed[0].reason
