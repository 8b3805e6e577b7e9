"""What a run needs to know of earlier ones: hashes of files, failures, what was forgotten, whether the overview is still right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ..records import FailedCall
from .record import KnownCall, Record, now
from .schema import CALLS, FAILURES, FILES, FORGOTTEN, OF_ONE_CALL, REPORTS, REVIEWS, STATE, column_text

ASKED_AT_ONCE = 500  # SQLite takes 999 parameters where it is old


class Bookkeeping(Record):
    """A record with what is known about the work on it. Every method raises :class:`OutputError`."""

    def failures(self) -> tuple[FailedCall, ...]:
        """Calls that could not be analysed when they were last tried, by id."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(FAILURES.c.call_id, FAILURES.c.path, FAILURES.c.reason).order_by(FAILURES.c.call_id))
            return tuple(FailedCall(*row) for row in rows)

    def failed_calls(self) -> list[KnownCall]:
        """The same as calls that have an id; ``sha256`` is empty where the recording could not be read."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(FAILURES.c.call_id, FAILURES.c.path, FAILURES.c.sha256).order_by(FAILURES.c.call_id))
            return [KnownCall(call_id, path, sha256 or "", None) for call_id, path, sha256 in rows]

    def failed_keys(self) -> dict[str, str | None]:
        """For each failed call what it failed with, by id; ``None``: another try may go well as things are."""
        with self.database.read() as connection:
            return {call_id: key for call_id, key in connection.execute(sa.select(FAILURES.c.call_id, FAILURES.c.key))}

    def save_failure(self, failed: FailedCall, key: str | None = None, sha256: str | None = None, agent_id: Any = None) -> None:
        """Keep that a call could not be analysed, in place of an earlier failure of it."""
        values = {"path": column_text(failed.path), "reason": column_text(failed.reason), "key": key, "sha256": sha256,
                  "agent_id": column_text(agent_id) if isinstance(agent_id, str) else None}
        with self.database.write() as connection:
            connection.execute(sa.delete(FAILURES).where(FAILURES.c.call_id == failed.id))
            connection.execute(sa.insert(FAILURES).values(call_id=failed.id, **values))

    def drop_failures(self, call_ids: Collection[str]) -> None:
        """These calls failed no longer."""
        there = self._where(sa.select(FAILURES.c.call_id), FAILURES.c.call_id, list(call_ids))
        self._delete(FAILURES.c.call_id, [row.call_id for row in there])

    def drop_names(self) -> None:
        """Keep no name of a file that is not a call's: those of failed recordings, and hashes that a guess could be held against."""
        with self.database.write() as connection:
            connection.execute(sa.delete(FAILURES))
            connection.execute(sa.delete(FILES))

    def known_hashes(self, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
        """``(stamp, sha256)`` of those of ``paths`` that were read before."""
        named = {_path_key(path): path for path in paths}
        rows = self._where(sa.select(FILES.c.path_sha256, FILES.c.stamp, FILES.c.sha256), FILES.c.path_sha256, list(named))
        return {named[key]: (stamp, sha256) for key, stamp, sha256 in rows}

    def save_hashes(self, read: Mapping[str, tuple[str, str]]) -> None:
        """Remember ``(stamp, sha256)`` by path."""
        rows = [{"path_sha256": _path_key(path), "stamp": stamp, "sha256": sha256} for path, (stamp, sha256) in read.items()]
        self._delete(FILES.c.path_sha256, [row["path_sha256"] for row in rows])
        if rows:
            with self.database.write() as connection:
                connection.execute(sa.insert(FILES), rows)

    def forgotten(self, sha256: Sequence[str]) -> set[str]:
        """Those of the recordings that were to be forgotten."""
        return {row[0] for row in self._where(sa.select(FORGOTTEN.c.sha256), FORGOTTEN.c.sha256, sha256)}

    def take_back_forgetting(self, sha256: str) -> None:
        """This recording may be analysed again."""
        self._delete(FORGOTTEN.c.sha256, [sha256])

    def remove(self, call_ids: Collection[str]) -> None:
        """Remove every row about these calls; only the hash of their recordings is kept, as forgotten."""
        ids = list(call_ids)
        hashes = {row[0] for table, column in ((CALLS, CALLS.c.id), (FAILURES, FAILURES.c.call_id))
                  for row in self._where(sa.select(table.c.sha256), column, ids) if row[0]}
        new = hashes - self.forgotten(sorted(hashes))
        with self.database.write() as connection:
            if new:
                connection.execute(sa.insert(FORGOTTEN), [{"sha256": sha256, "at": now()} for sha256 in sorted(new)])
            columns = [*((table.c.call_id, ids) for table in (*OF_ONE_CALL, REVIEWS, FAILURES)), (FILES.c.sha256, sorted(hashes)),
                       (CALLS.c.id, ids)]
            for column, values in columns:
                for part in _parts(values):
                    connection.execute(sa.delete(column.table).where(column.in_(part)))

    def state(self, name: str) -> str | None:
        """A note that was left by :meth:`set_state`."""
        with self.database.read() as connection:
            return connection.execute(sa.select(STATE.c.value).where(STATE.c.name == name)).scalar()

    def set_state(self, name: str, value: str | None) -> None:
        """Leave a note for later commands; ``None`` takes it away."""
        with self.database.write() as connection:
            connection.execute(sa.delete(STATE).where(STATE.c.name == name))
            if value is not None:
                connection.execute(sa.insert(STATE).values(name=name, value=value))

    def shown(self, *more: Any) -> str:
        """A hash of all that the overview shows: every call with its judgement and reviews, every failure, and ``more``."""
        digest = hashlib.sha256(json.dumps([*more, *((f.id, f.path, f.reason) for f in self.failures())]).encode())
        query = sa.select(REPORTS.c.call_id, REPORTS.c.key, REPORTS.c.reviews).order_by(REPORTS.c.call_id)
        with self.database.read() as connection:
            for row in connection.execute(query):
                digest.update(json.dumps(list(row)).encode())
        return digest.hexdigest()

    def report_keys(self) -> dict[str, tuple[str | None, int]]:
        """What the report of each call was told from, by id: the key of its judgement, and how many reviews it shows."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(REPORTS.c.call_id, REPORTS.c.key, REPORTS.c.reviews))
            return {call_id: (key, reviews) for call_id, key, reviews in rows}

    def _where(self, query: Any, column: Any, values: Sequence[str]) -> Iterator[Any]:
        for part in _parts(values):
            with self.database.read() as connection:
                yield from connection.execute(query.where(column.in_(part))).all()

    def _delete(self, column: Any, values: Collection[str]) -> None:
        if values:
            with self.database.write() as connection:
                for part in _parts(list(values)):
                    connection.execute(sa.delete(column.table).where(column.in_(part)))


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[i : i + ASKED_AT_ONCE] for i in range(0, len(values), ASKED_AT_ONCE))


def _path_key(path: str) -> str:
    # The names of files may be personal; whoever has the file can still find its row.
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()
