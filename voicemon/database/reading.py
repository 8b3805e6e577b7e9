"""A record that is only read, also where this user may not write: another user's OUT, an archive, a read-only disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..errors import OutputError
from .engine import BUSY_TIMEOUT_S, Database
from .migrations import check_version

PRAGMAS = (f"busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}", "query_only=ON")


class ReadDatabase(Database):
    """A database for commands that only read; whatever would write raises :class:`OutputError`, on a server by its own rights."""

    def prepare(self) -> None:
        """Raise :class:`OutputError` where the tables are not those that this voicemon reads; nothing is made or brought up to date."""
        with self.read() as connection:
            check_version(connection, self.name)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads."""
        path = Path(str(self.url.database)) if self.is_file else None
        with self._explained(), self._connected() as connection:
            # Read as immutable: SQLite asks for no lock, so that nobody wrote meanwhile is for us to see.
            alone = path if connection.engine.url.query.get("immutable") else None
            before = alone and _state(alone)
            try:
                yield connection
            finally:
                if alone and _state(alone) != before:
                    raise OutputError(f"{self.name}: was written while it was read; run the same command again")

    def _make_engine(self) -> sa.Engine:
        return super()._make_engine() if not self.is_file else self._engine_for(self._url_to_read(Path(str(self.url.database))), PRAGMAS)

    def _url_to_read(self, path: Path) -> sa.URL:
        """A record that was closed lies in one file and is read as such where SQLite could make no files beside it; while somebody
        writes, its log and index lie there and are read too. https://www.sqlite.org/wal.html#read_only_databases"""
        if _writable(path) and _writable(path.parent):
            return self.url
        log, index = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
        if not index.exists() and log.exists() and log.stat().st_size:
            raise OutputError(f"{self.name}: a stopped run left its log there ({log.name}), which cannot be read without write access; "
                              "have the owner run the same command once, or copy the folder and read the copy")
        how = {"mode": "ro"} if index.exists() else {"mode": "ro", "immutable": "1"}
        return self.url.set(database=path.absolute().as_uri(), query={**how, "uri": "true"})


def _state(path: Path) -> tuple[Any, ...]:
    there = path.stat()
    return there.st_size, there.st_mtime_ns, there.st_ino, path.with_name(path.name + "-wal").exists()


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
