"""What is kept of calls: facts, answers about the sound, judgements, what was told, failures. One short transaction per method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

import cattrs
import sqlalchemy as sa

from .. import serial
from ..records import Facts, ReviewEntry, Score, Verdict
from .engine import Database
from .schema import (
    CALLS,
    FACTS,
    JUDGEMENTS,
    MEDIA,
    PARTS,
    PROBES,
    REPORTS,
    REVIEWS,
    VERDICTS,
    column_text,
    packed,
    packed_text,
    unpacked,
)

READ_AT_ONCE = 100
OF_CALL = "of_call"  # the id of a call, where a statement asks for it


@dataclass(frozen=True)
class Judged:
    """A kept judgement. ``key`` names everything it depends on, so that an unchanged call need not be judged again."""

    key: str
    standard: str
    standard_version: str
    verdicts: tuple[Verdict, ...]
    score: Score
    made_with: Mapping[str, Any]


@dataclass(frozen=True)
class KnownCall:
    """A call whose facts are kept: what is needed to recognise it without reading its facts whole."""

    id: str
    path: str
    sha256: str
    key: str | None


class Record:
    """The calls of one database. Every method raises :class:`OutputError`; what is missing or of another version reads as ``None``."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def known_calls(self) -> Iterator[KnownCall]:
        """Every call with facts, by id."""
        query = sa.select(CALLS.c.id, CALLS.c.path, CALLS.c.sha256, FACTS.c.key).join(FACTS).order_by(CALLS.c.id)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        return (KnownCall(*row) for row in rows)

    def load_facts(self, call_id: str) -> Facts | None:
        return _structured(self._content(FACTS, call_id), Facts)

    def save_facts(self, facts: Facts, media: Mapping[str, Any] | None = None) -> None:
        """Keep the facts of a call (and what its page plays and draws) in place of older ones, all at once."""
        call, key = facts.call, facts.hearing.get("key")
        described = {
            "path": column_text(call.path), "sha256": call.sha256, "agent_id": column_text(call.agent_id),
            "started_at": column_text(call.started_at), "duration_s": call.duration_s,
        }
        content = packed(serial.to_plain(facts))
        with self.database.write() as connection:
            changed = connection.execute(sa.update(CALLS).where(CALLS.c.id == call.id).values(**described))
            if not changed.rowcount:
                connection.execute(sa.insert(CALLS).values(id=call.id, heard_at=now(), **described))
            put(connection, FACTS, call.id, key=key if isinstance(key, str) else None, content=content)
            if media is not None:
                put(connection, MEDIA, call.id, content=packed(dict(media)))

    def load_judged(self, call_id: str) -> Judged | None:
        return _structured(self._content(JUDGEMENTS, call_id), Judged)

    def save_judged(self, call_id: str, judged: Judged) -> None:
        content = packed(serial.to_plain(judged))
        verdicts = [
            {"call_id": call_id, "position": i, "rule": column_text(v.rule), "outcome": v.outcome, "evidence": v.evidence}
            for i, v in enumerate(judged.verdicts)
        ]
        with self.database.write() as connection:
            put(connection, JUDGEMENTS, call_id, key=judged.key, standard=column_text(judged.standard),
                standard_version=column_text(judged.standard_version), score=judged.score.value, content=content)
            connection.execute(_removing(VERDICTS), {OF_CALL: call_id})
            if verdicts:
                connection.execute(_adding(VERDICTS), verdicts)

    def load_probes(self, call_id: str) -> dict[str, float | None]:
        kept = self._content(PROBES, call_id)
        return kept if isinstance(kept, dict) else {}

    def save_probes(self, call_id: str, answers: Mapping[str, float | None]) -> None:
        content = packed(dict(answers))
        with self.database.write() as connection:
            put(connection, PROBES, call_id, content=content)

    def load_media(self, call_id: str) -> dict[str, Any]:
        kept = self._content(MEDIA, call_id)
        return kept if isinstance(kept, dict) else {}

    def save_report(self, call_id: str, report: Mapping[str, Any] | str, reviews: int = 0, part: Mapping[str, Any] | None = None) -> None:
        """Keep the call report (or its JSON text) as it was written, as the last step: with the judgement it tells and how many
        ``reviews`` it shows.

        ``part``: the columns of its part, ``made_by`` among them; without one it is made when it is wanted.
        """
        content = packed_text(report) if isinstance(report, str) else packed(report)
        with self.database.write() as connection:
            key = connection.execute(_reading(JUDGEMENTS.c.key), {OF_CALL: call_id}).scalar()
            put(connection, REPORTS, call_id, key=key, reviews=reviews, content=content)
            connection.execute(_removing(PARTS), {OF_CALL: call_id})
            if part is not None:
                connection.execute(_adding(PARTS), {"call_id": call_id, **part})

    def told(self) -> dict[str, str]:
        """The key of the judgement that the reports of each call show, where they show all reviews too; by id."""
        said = sa.select(REVIEWS.c.call_id, sa.func.count().label("n")).group_by(REVIEWS.c.call_id).subquery()
        query = (
            sa.select(REPORTS.c.call_id, REPORTS.c.key)
            .outerjoin(said, said.c.call_id == REPORTS.c.call_id)
            .where(REPORTS.c.key.is_not(None), sa.func.coalesce(said.c.n, 0) == REPORTS.c.reviews)
        )
        with self.database.read() as connection:
            return {call_id: key for call_id, key in connection.execute(query)}

    def report(self, call_id: str) -> dict[str, Any] | None:
        """The call report of one finished call."""
        plain = self._content(REPORTS, call_id)
        return plain if isinstance(plain, dict) else None

    def reports(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """``(id, call report as JSON)`` of every finished call, by id, one at a time."""
        last: str | None = None
        while True:
            query = sa.select(REPORTS.c.call_id, REPORTS.c.content).order_by(REPORTS.c.call_id).limit(READ_AT_ONCE)
            with self.database.read() as connection:
                rows = connection.execute(query if last is None else query.where(REPORTS.c.call_id > last)).all()
            for call_id, content in rows:
                plain = unpacked(content)
                if isinstance(plain, dict):
                    yield call_id, plain
            if len(rows) < READ_AT_ONCE:
                return
            last = rows[-1].call_id

    def parts(self, made_by: str, *columns: str) -> Iterator[tuple[str, tuple[bytes, ...] | None]]:
        """``(id, columns of its part)`` of every finished call, by id, some at a time; ``None`` where it was not made by that."""
        wanted = [PARTS.c[name] for name in ("call_id", *columns)]
        last = ""
        while True:
            query = (sa.select(REPORTS.c.call_id, *wanted).where(REPORTS.c.call_id > last).order_by(REPORTS.c.call_id).limit(READ_AT_ONCE)
                     .outerjoin(PARTS, sa.and_(PARTS.c.call_id == REPORTS.c.call_id, PARTS.c.made_by == made_by)))
            with self.database.read() as connection:
                rows = connection.execute(query).all()
            yield from ((row[0], None if row[1] is None else tuple(row[2:])) for row in rows)
            if len(rows) < READ_AT_ONCE:
                return
            last = rows[-1][0]

    def save_parts(self, made_by: str, parts: Mapping[str, Mapping[str, bytes]]) -> None:
        """Keep the parts of calls, by id."""
        if parts:
            with self.database.write() as connection:
                connection.execute(sa.delete(PARTS).where(PARTS.c.call_id.in_(list(parts))))
                connection.execute(sa.insert(PARTS), [{"call_id": call_id, "made_by": made_by, **part} for call_id, part in parts.items()])

    def drop_judged(self, call_id: str) -> None:
        """Take back what was judged and told of a call; its facts stay."""
        with self.database.write() as connection:
            for table in (PARTS, REPORTS, VERDICTS, JUDGEMENTS):
                connection.execute(sa.delete(table).where(table.c.call_id == call_id))

    def reviews(self, call_id: str | None = None) -> tuple[ReviewEntry, ...]:
        """All that people said (about one call, when given), in the order it was said."""
        query = sa.select(*(c for c in REVIEWS.c if c is not REVIEWS.c.number)).order_by(REVIEWS.c.number)
        with self.database.read() as connection:
            rows = connection.execute(query if call_id is None else query.where(REVIEWS.c.call_id == call_id))
            return tuple(ReviewEntry(**row._mapping) for row in rows)

    def add_review(self, entry: ReviewEntry) -> None:
        """Append what a person said; it is on disk when this returns."""
        with self.database.write() as connection:
            connection.execute(sa.insert(REVIEWS).values(**serial.to_plain(entry)))

    def _content(self, table: sa.Table, call_id: str) -> Any:
        with self.database.read() as connection:
            return unpacked(connection.execute(_reading(table.c.content), {OF_CALL: column_text(call_id)}).scalar())


def put(connection: sa.Connection, table: sa.Table, call_id: str, **values: Any) -> None:
    """Set the one row of a call in ``table``."""
    connection.execute(_removing(table), {OF_CALL: call_id})
    connection.execute(_adding(table), {"call_id": call_id, **values})


# Statements about one call are put together once: that takes longer than the database takes for them.
@lru_cache(maxsize=32)
def _removing(table: sa.Table) -> sa.Delete:
    return sa.delete(table).where(table.c.call_id == sa.bindparam(OF_CALL))


@lru_cache(maxsize=32)
def _adding(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


@lru_cache(maxsize=32)
def _reading(column: sa.Column[Any]) -> sa.Select[Any]:
    return sa.select(column).where(column.table.c.call_id == sa.bindparam(OF_CALL))


def now() -> str:
    """The time in UTC, ISO 8601."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _structured(plain: Any, kind: type[Any]) -> Any:
    if not isinstance(plain, dict):
        return None
    try:
        return serial.from_plain(plain, kind)
    except (cattrs.BaseValidationError, TypeError, KeyError, ValueError):
        return None  # written by another version: heard or judged again
