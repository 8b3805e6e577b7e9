"""Commands that only read an OUT need no write access to it, and never change it."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import Kit
from fakes import FakeEar

from voicemon.database import migrations
from voicemon.errors import OutputError
from voicemon.review import open_points
from voicemon.store import Store, existing
from voicemon.verify import AGREES, Order, verify


def as_who_may_not_write(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in a thread that every permission stops, also where root runs these tests (Linux)."""
    with ThreadPoolExecutor(1, initializer=_drop_rights) as thread:
        return thread.submit(work).result()


def _drop_rights() -> None:
    if os.geteuid() == 0:
        # capset(2): header of version 3 for this very thread; no effective, permitted or inheritable capability
        header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        assert ctypes.CDLL(None, use_errno=True).capset(header, none) == 0, os.strerror(ctypes.get_errno())


@pytest.fixture
def shared(kit: Kit) -> Iterator[Kit]:
    """A finished OUT of one call, its name hard to write as an address; writable again at the end."""
    kit = Kit(kit.folder, kit.out.with_name("out 50% #1?"), kit.pack)
    kit.call("one.wav")
    kit.run()
    yield kit
    set_modes(kit.out, 0o755, 0o644)


def set_modes(out: Path, folder_mode: int, file_mode: int) -> None:
    out.chmod(folder_mode)
    for path in out.rglob("*"):
        path.chmod(folder_mode if path.is_dir() else file_mode)


def content_of(out: Path) -> dict[str, Any]:
    """Every file and folder of OUT with its mode and bytes."""
    return {str(p): (stat.S_IMODE(p.stat().st_mode), p.read_bytes() if p.is_file() else None) for p in [out, *sorted(out.rglob("*"))]}


def calls_in(out: Path) -> list[str]:
    return [call_id for call_id, _ in existing(out).reports()]


def stopped_run(out: Path) -> None:
    """Leave what a killed run leaves: its last words only in the log."""
    child = os.fork()
    if not child:
        connection = sqlite3.connect(out / "voicemon.db", isolation_level=None)
        connection.execute("DELETE FROM reports")
        os._exit(0)
    os.waitpid(child, 0)


def test_who_may_not_write_can_list_what_waits_and_verify(shared: Kit) -> None:
    order = Order(model="base", standard=str(shared.pack), sample=0)
    assert [c.state for c in verify(shared.out, order, lambda settings: FakeEar())] == [AGREES]
    set_modes(shared.out, 0o555, 0o444)
    before = content_of(shared.out)
    assert as_who_may_not_write(lambda: (calls_in(shared.out), list(open_points(shared.out)))) == (["one"], [])
    assert as_who_may_not_write(lambda: [c.state for c in verify(shared.out, order, lambda settings: FakeEar())]) == [AGREES]
    assert content_of(shared.out) == before
    with pytest.raises(OutputError, match="cannot be written"):
        as_who_may_not_write(lambda: Store(shared.out).prepare())


def test_what_a_run_writes_at_the_same_time_is_read_without_write_access(shared: Kit) -> None:
    """Its log and index lie beside the record and are read too."""
    writer = Store(shared.out)
    writer.drop_judged("one")
    set_modes(shared.out, 0o555, 0o444)
    assert (shared.out / "voicemon.db-wal").stat().st_size
    assert as_who_may_not_write(lambda: calls_in(shared.out)) == []
    writer.database.close()


def test_what_a_stopped_run_left_is_read_or_told_never_passed_over(shared: Kit) -> None:
    stopped_run(shared.out)
    set_modes(shared.out, 0o555, 0o444)
    assert as_who_may_not_write(lambda: calls_in(shared.out)) == []
    set_modes(shared.out, 0o755, 0o644)
    (shared.out / "voicemon.db-shm").unlink()  # as where the folder was copied without it
    set_modes(shared.out, 0o555, 0o444)
    with pytest.raises(OutputError, match=r"a stopped run left its log.*have the owner run"):
        as_who_may_not_write(lambda: existing(shared.out))


def test_a_record_that_is_written_while_it_is_read_unlocked_is_told(shared: Kit) -> None:
    """Nothing is taken from a half-written file."""
    set_modes(shared.out, 0o555, 0o444)
    store = as_who_may_not_write(lambda: existing(shared.out))
    with pytest.raises(OutputError, match="was written while it was read"), store.database.read():
        set_modes(shared.out, 0o755, 0o644)
        shared.damage("DELETE FROM reports")


def test_reading_writes_nothing_where_it_could(shared: Kit) -> None:
    """Neither a folder that is missing, nor tables, nor a row."""
    (shared.out / "agents").rename(shared.out / "away")
    before = content_of(shared.out)
    store = existing(shared.out)
    with pytest.raises(OutputError, match="readonly"), store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM reports")
    store.database.close()
    assert content_of(shared.out) == before


def test_tables_of_another_version_are_told_and_left(shared: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, ("CREATE TABLE later (x TEXT)",)))
    with pytest.raises(OutputError, match=r"older voicemon; run voicemon judge OUT once"):
        existing(shared.out)
    monkeypatch.setattr(migrations, "MIGRATIONS", ())
    with pytest.raises(OutputError, match="newer voicemon"):
        existing(shared.out)


def test_an_empty_record_is_told(tmp_path: Path) -> None:
    """As a run leaves it that was killed at its begin."""
    (tmp_path / "voicemon.db").touch()
    with pytest.raises(OutputError, match="holds no calls yet"):
        existing(tmp_path)
    assert not (tmp_path / "voicemon.db").stat().st_size
