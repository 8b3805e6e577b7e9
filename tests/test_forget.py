"""Forgetting: afterwards no byte of OUT holds a word, a name or an id of what was to be forgotten, and it is not analysed again."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from fakes import FakeEar

from voicemon import retention
from voicemon.cli import commands
from voicemon.database.schema import METADATA
from voicemon.errors import OutputError, SettingsError
from voicemon.resume import FORGOTTEN, TOO_OLD
from voicemon.retention import forget, forget_older
from voicemon.review import Decision, add_appeal, decide
from voicemon.verify import Order, verify

both = pytest.mark.parametrize("kit", ["sqlite", "postgresql"], indirect=True)
WORDS, NAME, AGENT, NUMBER, REASON = "密语七八九十", "欧阳晓雪", "AG7788", "13612345678", "李主管说不对"
OWN = ("secret-call", WORDS, NAME, AGENT, NUMBER, REASON)
APPEAL = "我明明说了那句问候"
OTHER = ("other-call", "别的词句说完了", "AG1111")


def sidecar(kit: Any, name: str, **fields: Any) -> None:
    (kit.folder / f"{name}.json").write_text(json.dumps(fields), encoding="utf-8")


@pytest.fixture
def two(kit: Any) -> Any:
    """OUT with a call of one agent, reviewed, and one of another agent."""
    for name, seconds in (("secret-call", 3.0), ("other-call", 3.5)):
        kit.call(f"{name}.wav", kit.a_call(seconds))
    sidecar(kit, "secret-call", agent_id=AGENT, agent_name=NAME, caller_number=NUMBER, customer_name=NAME)
    sidecar(kit, "other-call", agent_id=OTHER[2])
    kit.run(kit.folder / "secret-call.wav", ear=kit.fake_ear(WORDS))
    kit.run(kit.folder / "other-call.wav", ear=kit.fake_ear(OTHER[1]))
    decide(kit.out, Decision("secret-call", "T-1", False, NAME, REASON), str(kit.pack), kit.store)
    return kit


def every_content(kit: Any) -> Iterator[tuple[str, bytes]]:
    """All that OUT and its record hold: names and bytes of files, members of archives, whatever is compressed, rows on a server."""
    for path in kit.out.rglob("*"):
        yield f"name of {path.name}", path.name.encode()
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield path.name, content
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path.name}/{name}", archive.read(name)) for name in archive.namelist())
        for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
            try:
                yield f"{path.name} unpacked", zlib.decompressobj().decompress(content[start.start():])
            except zlib.error:
                continue
    if kit.store:
        with kit.record().database.read() as connection:
            for table in METADATA.tables.values():
                for row in connection.execute(sa.select(table)):
                    for value in row:
                        yield f"table {table.name}", zlib.decompress(value) if isinstance(value, bytes) else str(value).encode()


def found_in(kit: Any, needle: str) -> set[str]:
    """Where ``needle`` is, as it is or as JSON would write it."""
    forms = {needle.encode(), json.dumps(needle)[1:-1].encode(), json.dumps(needle)[1:-1].upper().replace("\\U", "\\u").encode()}
    return {where for where, content in every_content(kit) if any(form in content for form in forms)}


def assert_gone(kit: Any, needles: tuple[str, ...] = OWN) -> None:
    assert {needle: found_in(kit, needle) for needle in needles} == {needle: set() for needle in needles}


@both
@pytest.mark.parametrize("who", ["secret-call", AGENT])
def test_not_a_byte_of_what_was_forgotten_is_left(two: Any, who: str) -> None:
    assert all(found_in(two, needle) for needle in OWN), "the search finds them all before"
    assert "voicemon.db unpacked" in found_in(two, WORDS) or two.store
    assert {"verdicts.jsonl", "summary.xlsx/xl/worksheets/sheet2.xml"} <= found_in(two, REASON)
    assert forget(two.out, who, address=two.store) == ("secret-call",)
    assert_gone(two)
    assert all(found_in(two, needle) for needle in OTHER), "the other call is still there"
    assert [path.name.split(".")[0] for path in (two.out / "agents").iterdir()] == [OTHER[2]]
    assert not list((two.out / "calls/audio").glob("secret*")) and list((two.out / "calls/audio").glob("other*"))


@both
def test_an_appeal_is_forgotten_with_its_call_and_the_others_still_agree(two: Any) -> None:
    """The words of the appeal were on the page of the call, in tables and in the record."""
    appeal = two.out.parent / "appeal.json"
    appeal.write_text(json.dumps({"format": "voicemon-appeal", "version": 1, "call_id": "secret-call", "rule": "T-1", "agent_id": AGENT,
                                  "note": APPEAL}), encoding="utf-8")
    add_appeal(appeal, two.out, str(two.pack), two.store)
    assert {"secret-call.html", "secret-call.json", "verdicts.jsonl"} <= found_in(two, APPEAL)
    forget(two.out, AGENT, address=two.store, standard=str(two.pack))
    assert_gone(two, (*OWN, APPEAL))
    order = Order(0, str(two.pack), two.store, "base")
    assert [(check.call, check.state) for check in verify(two.out, order, lambda settings: FakeEar(OTHER[1]))] == [("other-call", "agrees")]


@both
def test_what_was_forgotten_is_analysed_again_only_when_asked(two: Any) -> None:
    forget(two.out, "secret-call", address=two.store)
    result = two.run(ear=two.fake_ear(WORDS))
    assert result.skipped == {"other-call": "done already", "secret-call": FORGOTTEN} and result.found == 2
    assert_gone(two)
    shutil.copy(two.folder / "secret-call.wav", two.folder / "copy.wav")
    assert "copy" not in two.run(ear=two.fake_ear(WORDS)).analysed, "the sound is known, whatever its name"
    (two.folder / "copy.wav").unlink()
    assert two.run(include_forgotten=True).analysed == ("secret-call",)
    assert two.run().skipped == {"other-call": "done already", "secret-call": "done already"}


def test_a_call_that_failed_can_be_forgotten_by_its_id_and_its_agent(kit: Any) -> None:
    def broken() -> Any:
        raise ValueError("broken")

    for name, seconds in (("bad-1", 3.0), ("bad-2", 3.5)):
        kit.call(f"{name}.wav", kit.a_call(seconds))
        sidecar(kit, name, agent_id=AGENT)
    assert len(kit.run(ear=broken).failed) == 2
    assert forget(kit.out, "bad-1") == ("bad-1",) and forget(kit.out, AGENT) == ("bad-2",)
    assert_gone(kit, ("bad-1", "bad-2", AGENT))
    assert set(kit.run().skipped.values()) == {FORGOTTEN}


def test_what_is_both_a_call_and_an_agent_must_be_named_and_what_is_neither_is_refused(two: Any) -> None:
    sidecar(two, "other-call", agent_id="secret-call")
    two.run()
    with pytest.raises(SettingsError, match="--call or --agent"):
        forget(two.out, "secret-call")
    assert forget(two.out, "secret-call", "agent") == ("other-call",)
    for nobody in ("nobody", "", "../calls", "%"):
        with pytest.raises(SettingsError, match="holds no call or agent"):
            forget(two.out, nobody)
    with pytest.raises(SettingsError, match="no OUT"):
        forget(two.folder, "x")


@pytest.mark.parametrize("step", ["drop_files", "remove", "clean", "overview"])
def test_forgetting_that_was_interrupted_is_finished_by_the_next_command(two: Any, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    place = {"clean": "voicemon.database.engine.Database.clean", "overview": "voicemon.retention.overview"}
    with monkeypatch.context() as patch:
        patch.setattr(place.get(step, f"voicemon.store.Store.{step}"), stop)
        with pytest.raises(KeyboardInterrupt):
            forget(two.out, "secret-call")
    (two.folder / "secret-call.wav").unlink()
    two.run()
    assert_gone(two)


def test_a_program_that_reads_the_record_is_waited_for_and_told(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicemon.database.engine.PRAGMAS", ("busy_timeout=10", "journal_mode=WAL", "secure_delete=ON"))
    reader = sqlite3.connect(two.out / "voicemon.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM calls").fetchall()
    with pytest.raises(OutputError, match="log cannot be emptied|locked"):
        forget(two.out, "secret-call")
    reader.close()
    two.run(two.folder / "other-call.wav")
    assert_gone(two)


@both
def test_calls_of_more_than_so_many_days_ago_age_out_and_are_not_analysed(kit: Any) -> None:
    at = datetime.now(timezone.utc)
    for name, days in (("old", 40), ("new", 5)):
        kit.call(f"{name}.wav", kit.a_call(3.0 + days / 10))
        sidecar(kit, name, started_at=(at - timedelta(days=days)).isoformat(), agent_id=f"AG-{name}")
    result = kit.run(keep_days=30)
    assert (result.analysed, result.skipped, result.removed) == (("new",), {"old": TOO_OLD}, ())
    kit.run()
    result = kit.run(keep_days=30)
    assert (result.removed, result.skipped["old"], [row.id for row in result.rows]) == (("old",), TOO_OLD, ["new"])
    assert_gone(kit, ("AG-old",))
    assert forget_older(kit.out, 3, kit.store) == ("new",)
    assert_gone(kit, ("AG-new",))


def test_a_call_without_a_date_ages_from_when_it_was_first_analysed(kit: Any) -> None:
    kit.call("one.wav", kit.a_call(3.0))
    kit.run()
    later = datetime.now(timezone.utc) + timedelta(days=11)
    assert retention.older_calls(kit.record(), 10, later) == ["one"] and retention.older_calls(kit.record(), 12, later) == []


def test_the_command_forgets_and_does_not_repeat_the_name(two: Any) -> None:
    run = CliRunner().invoke
    told = run(commands, ["forget", AGENT, "--out", str(two.out), "--standard", str(two.pack)])
    assert told.exit_code == 0 and "1 call forgotten" in told.output and AGENT not in told.output
    assert run(commands, ["forget", "--out", str(two.out), "--older-than-days", "1"]).exit_code == 0
    for wrong in (["forget", "--out", str(two.out)], ["forget", "x", "--out", str(two.out), "--older-than-days", "1"]):
        assert run(commands, wrong).exit_code == 2


def test_audio_of_a_call_whose_id_is_the_begin_of_another_is_all_that_goes(kit: Any) -> None:
    for name, seconds in (("a", 3.0), ("a.b", 3.5)):
        kit.call(f"{name}.wav", kit.a_call(seconds))
    kit.run()
    forget(kit.out, "a")
    assert sorted(path.name for path in Path(kit.out / "calls").rglob("*.*")) == ["a.b.html", "a.b.json", "a.b.wav"]
