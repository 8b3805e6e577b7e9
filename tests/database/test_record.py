"""The record: what is kept is what is read, on SQLite and on PostgreSQL; nobody else's, never half, never a password."""

from __future__ import annotations

import multiprocessing
import pickle
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fakes import append_reviews

from voicemon.database import migrations, schema
from voicemon.database.engine import Database
from voicemon.database.record import Judged, Record
from voicemon.errors import OutputError, SettingsError
from voicemon.records import AuditMark, CallInfo, Facts, Level, Measures, ReviewEntry, Ring, Roles, Score, SpeakingRate, Verdict
from voicemon.report.parts import MADE_BY
from voicemon.store import Store, opened

both = pytest.mark.parametrize("kit", ["sqlite", "postgresql"], indirect=True)
ENTRY = ReviewEntry("one", "T-1", "appeal", "7", "2026-01-01T00:00:00+00:00", "我说了\n是的", "fail")
SECRET = "hunter2"


def facts(call_id: str, **call: Any) -> Facts:
    """Facts of an empty call."""
    info = CallInfo(**{"id": call_id, "path": f"/x/{call_id}.wav", "sha256": call_id * 3, "duration_s": 1.5, "sample_rate_hz": 8000,
                       "channels": 2, **call})
    measures = Measures({"agent": SpeakingRate()}, {"agent": Level()}, Ring(), (), (), {})
    return Facts(info, Roles("left", "right", "option", 1.0), {"agent": ()}, (), (AuditMark("loop", 0.0, 1.0, "agent"),), measures,
                 {"customer_name": "王\ud800"}, (), {"key": "k", "model": "fake"})


JUDGED = Judged("j", "tiny", "1", (Verdict("T-1", "fail", "direct", "没有说", ((0.0, 1.0),)), Verdict("T-2", "pass", "direct", "")),
                Score(50.0, 50.0, 50.0), {"model": "fake"})


@pytest.fixture
def record(kit: Any) -> Record:
    store = kit.record()
    store.prepare()
    return store


@both
def test_what_is_kept_is_what_is_read(record: Record) -> None:
    record.save_facts(facts("one"), {"audio_href": "audio/one.wav", "peaks": {"left": [1, 2]}})
    record.save_probes("one", {"a": 0.1, "b": None})
    record.save_judged("one", JUDGED)
    assert record.load_facts("one") == facts("one") and record.load_judged("one") == JUDGED
    assert (record.load_probes("one"), record.load_media("one")["peaks"]) == ({"a": 0.1, "b": None}, {"left": [1, 2]})
    assert [(c.id, c.path, c.key) for c in record.known_calls()] == [("one", "/x/one.wav", "k")]
    assert (record.load_facts("two"), record.load_judged("two"), record.load_probes("two"), record.report("two")) == (None, None, {}, None)


@both
def test_a_call_that_is_heard_again_replaces_its_facts_only(record: Record) -> None:
    record.save_facts(facts("one"))
    record.save_judged("one", JUDGED)
    record.save_facts(facts("one", agent_id="7\0\ud800"))
    kept = record.load_facts("one")
    assert kept and kept.call.agent_id == "7\0\ud800" and record.load_judged("one") == JUDGED
    with record.database.read() as connection:
        assert connection.execute(sa.select(schema.VERDICTS.c.rule, schema.VERDICTS.c.outcome)).all() == [("T-1", "fail"), ("T-2", "pass")]
        assert connection.execute(sa.select(schema.CALLS.c.agent_id)).scalar_one().startswith("7")


@both
def test_a_report_is_told_only_while_it_shows_the_judgement_and_every_review(record: Record) -> None:
    record.save_facts(facts("one"))
    record.save_report("one", {"x": 1})
    assert record.told() == {}, "told of nothing that was judged"
    record.save_judged("one", JUDGED)
    record.save_report("one", '{\n"x": "二"\n}\n')  # its text will do
    assert record.report("one") == {"x": "二"}
    record.save_report("one", {"x": 2})
    assert record.told() == {"one": "j"} and dict(record.reports()) == {"one": {"x": 2}}
    record.add_review(ENTRY)
    assert record.told() == {}
    record.save_report("one", {"x": 3}, reviews=1)
    assert record.told() == {"one": "j"}


@both
def test_reports_come_in_order_of_code_points_and_all_of_them(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicemon.database.record.READ_AT_ONCE", 2)
    ids = ["B", "a", "Z-1", "z", "来电", "é"]
    for call_id in ids:
        record.save_facts(facts(call_id))
        record.save_report(call_id, {"id": call_id})
    assert [call_id for call_id, _ in record.reports()] == sorted(ids) == [call.id for call in record.known_calls()]


@both
def test_a_review_is_read_as_it_was_made_and_the_database_itself_refuses_to_change_it(record: Record) -> None:
    record.add_review(ENTRY)
    assert record.reviews("one") == (ENTRY,) and record.reviews("two") == ()
    with pytest.raises(OutputError, match="cannot be used"), record.database.write() as connection:
        connection.execute(sa.update(schema.REVIEWS).values(text="x"))
    assert record.reviews() == (ENTRY,)


@both
def test_what_fails_in_the_middle_leaves_nothing(record: Record) -> None:
    with pytest.raises(RuntimeError), record.database.write() as connection:
        connection.execute(sa.insert(schema.REVIEWS).values(**ENTRY.__dict__))
        raise RuntimeError
    assert record.reviews() == ()


@both
def test_processes_that_write_at_once_wait_for_each_other(record: Record) -> None:
    workers = [multiprocessing.get_context("spawn").Process(target=append_reviews, args=(record.database, ENTRY, 40)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0] and len(record.reviews()) == 120


@both
def test_a_second_run_is_told_that_the_first_is_there(kit: Any) -> None:
    elsewhere = kit.out.with_name("other") if kit.store else kit.out
    with opened(kit.out, kit.store), pytest.raises(OutputError, match="another voicemon is writing"), opened(elsewhere, kit.store):
        pass
    with opened(elsewhere, kit.store):
        pass


@both
def test_older_tables_are_taken_to_the_newest_version_and_newer_ones_refused(kit: Any) -> None:
    store = kit.record()
    store.prepare()
    store.add_review(ENTRY)
    steps = (*migrations.MIGRATIONS, ("ALTER TABLE reviews ADD COLUMN more TEXT",))
    for _ in range(2):  # the second time there is nothing to do
        with store.database.write() as connection:
            migrations.upgrade(connection, "x", steps)
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT more FROM reviews").all() == [(None,)]
    with pytest.raises(OutputError, match="newer voicemon"):
        kit.record().prepare()


@both
def test_tables_of_version_1_get_what_is_kept_for_the_files_about_all_calls(kit: Any) -> None:
    kit.call("one.wav")
    kit.run()
    tables = (kit.out / "verdicts.jsonl").read_bytes()
    kit.damage("DROP TABLE parts", "DELETE FROM schema_version", "INSERT INTO schema_version VALUES (1, '2026-01-01T00:00:00+00:00')")
    assert list(kit.run().skipped) == ["one"]
    kit.damage("DELETE FROM state")
    kit.run()
    assert (kit.out / "verdicts.jsonl").read_bytes() == tables
    assert [call_id for call_id, part in kit.record().parts(MADE_BY, "row") if part] == ["one"]


@both
def test_what_a_call_adds_to_all_tables_goes_with_its_report(record: Record) -> None:
    """Kept longer, it would show what no longer holds, or what was to be masked."""
    for call_id in ("one", "two"):
        record.save_facts(facts(call_id))
        record.save_judged(call_id, JUDGED)
        record.save_report(call_id, {"words": call_id})
    part = {"row": b"1", "lines": b"2", "cells": b"3"}
    record.save_parts("me", {"one": part, "two": part})
    record.save_parts("me", {"one": {**part, "row": b"4"}})
    assert list(record.parts("me", "row", "cells")) == [("one", (b"4", b"3")), ("two", (b"1", b"3"))]
    assert [part for _, part in record.parts("another version", "row")] == [None, None]
    record.save_report("two", {"words": "two"}, part={"made_by": "me", **part})
    assert list(record.parts("me", "row")) == [("one", (b"4",)), ("two", (b"1",))]
    record.save_report("one", {"words": "others"})
    record.drop_judged("two")
    assert list(record.parts("me", "row")) == [("one", None)]
    with record.database.read() as connection:
        assert not connection.execute(sa.select(schema.PARTS)).all()


def test_a_file_that_is_no_database_is_told_with_the_way_out(kit: Any) -> None:
    kit.out.mkdir()
    (kit.out / "voicemon.db").write_bytes(b"x" * 5000)
    with pytest.raises(OutputError, match="voicemon.db.*damaged"):
        kit.record().prepare()


def test_a_database_that_another_program_holds_is_told_with_the_way_out(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicemon.database.engine.PRAGMAS", ("busy_timeout=10", "journal_mode=WAL"))
    store = kit.record()
    store.prepare()
    holder = sqlite3.connect(kit.out / "voicemon.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(OutputError, match="locked.*run the same command again"):
        store.add_review(ENTRY)
    holder.close()


def test_a_server_that_is_not_there_is_told_without_the_password(kit: Any) -> None:
    pytest.importorskip("psycopg")
    store = Store(kit.out, f"postgresql://u:{SECRET}@localhost:1/db?password={SECRET}")
    with pytest.raises(OutputError) as told:
        store.prepare()
    assert "postgresql://u@localhost:1/db" in str(told.value) and SECRET not in str(told.value) + repr(store.database)
    assert SECRET not in "".join(path.read_text(encoding="utf-8") for path in kit.out.rglob("*") if path.is_file())


@pytest.mark.parametrize("address", [f"mysql://u:{SECRET}@h/d", f"://{SECRET}", f"postgresql://u:{SECRET}@h", f"postgresql://u:{SECRET}@h:x/d"])
def test_an_address_of_something_else_is_refused_without_the_password(address: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://USER@HOST/DATABASE") as told:
        Database.at(address)
    assert SECRET not in str(told.value) and told.value.__cause__ is None


@pytest.mark.parametrize("kit", ["postgresql"], indirect=True)
def test_an_out_whose_record_is_elsewhere_says_where_without_the_password(kit: Any) -> None:
    with opened(kit.out, kit.store):
        pass
    with pytest.raises(SettingsError, match="record is kept in postgresql://tester@localhost/postgres.*--store") as told, opened(kit.out):
        pass
    assert "not-a-secret" not in str(told.value)
    with opened(kit.out.with_name("local")), pytest.raises(SettingsError, match="own record"):
        Store(kit.out.with_name("local"), kit.store).prepare()


def test_a_database_can_be_sent_to_a_worker_while_it_is_in_use(kit: Any) -> None:
    store = kit.record()
    store.prepare()
    store.add_review(ENTRY)
    assert pickle.loads(pickle.dumps(store)).reviews() == (ENTRY,)


def test_words_are_compressed_and_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    assert schema.unpacked(schema.packed({"a": ["您好\ud800"]})) == {"a": ["您好\ud800"]}
    assert (schema.unpacked(None), schema.unpacked(b""), schema.unpacked(b"{")) == (None, None, None)
    with pytest.raises(ValueError):
        schema.packed({"a": float("nan")})
