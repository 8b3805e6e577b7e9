"""The tables. Whatever holds words of a call is one compressed blob; columns are what calls are looked up and counted by."""

from __future__ import annotations

import json
import zlib
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()

# PostgreSQL sorts by its own language unless told; the order of reports must not depend on the server.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _call_id() -> sa.Column[Any]:
    return sa.Column("call_id", TEXT, sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)


CALLS = sa.Table(
    "calls", METADATA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("path", TEXT, nullable=False),
    sa.Column("sha256", TEXT, nullable=False, index=True),
    sa.Column("agent_id", TEXT, index=True),
    sa.Column("started_at", TEXT),
    sa.Column("duration_s", sa.Float, nullable=False),
    sa.Column("heard_at", TEXT, nullable=False),
)
FACTS = sa.Table(
    "facts", METADATA, _call_id(),
    sa.Column("key", TEXT),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
PROBES = sa.Table("probes", METADATA, _call_id(), sa.Column("content", sa.LargeBinary, nullable=False))
MEDIA = sa.Table("media", METADATA, _call_id(), sa.Column("content", sa.LargeBinary, nullable=False))
JUDGEMENTS = sa.Table(
    "judgements", METADATA, _call_id(),
    sa.Column("key", TEXT, nullable=False),
    sa.Column("standard", TEXT, nullable=False),
    sa.Column("standard_version", TEXT, nullable=False),
    sa.Column("score", sa.Float),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
VERDICTS = sa.Table(
    "verdicts", METADATA,
    sa.Column("call_id", TEXT, sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("rule", TEXT, nullable=False, index=True),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("evidence", TEXT, nullable=False),
)
# What was last written about a call: ``key`` of its judgement and how many reviews it shows tell whether that is still right.
REPORTS = sa.Table(
    "reports", METADATA, _call_id(),
    sa.Column("key", TEXT),
    sa.Column("reviews", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
# What a call adds to the files about all calls, made from its report by ``made_by``; made again when it is not there.
PARTS = sa.Table(
    "parts", METADATA, _call_id(),
    sa.Column("made_by", TEXT, nullable=False),
    sa.Column("row", sa.LargeBinary, nullable=False),
    sa.Column("lines", sa.LargeBinary, nullable=False),
    sa.Column("cells", sa.LargeBinary, nullable=False),
)
REVIEWS = sa.Table(
    "reviews", METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("call_id", TEXT, nullable=False, index=True),
    sa.Column("rule", TEXT, nullable=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("by", TEXT, nullable=False),
    sa.Column("at", TEXT, nullable=False),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("machine_outcome", TEXT, nullable=False),
    sa.Column("human_outcome", TEXT),
    sqlite_autoincrement=True,
)
FAILURES = sa.Table(
    "failures", METADATA,
    sa.Column("call_id", TEXT, primary_key=True),
    sa.Column("path", TEXT, nullable=False),
    sa.Column("reason", TEXT, nullable=False),
    sa.Column("key", TEXT),
    sa.Column("sha256", TEXT),
    sa.Column("agent_id", TEXT, index=True),
)
# Hashes of recordings that were seen, so that unchanged ones need not be read again; under a hash of their path.
FILES = sa.Table(
    "files", METADATA,
    sa.Column("path_sha256", TEXT, primary_key=True),
    sa.Column("stamp", TEXT, nullable=False),
    sa.Column("sha256", TEXT, nullable=False, index=True),
)
# Recordings that were to be forgotten: the hash of the sound and nothing else, so that it is not analysed again.
FORGOTTEN = sa.Table("forgotten", METADATA, sa.Column("sha256", TEXT, primary_key=True), sa.Column("at", TEXT, nullable=False))
STATE = sa.Table("state", METADATA, sa.Column("name", TEXT, primary_key=True), sa.Column("value", TEXT, nullable=False))
SCHEMA_VERSION = sa.Table(
    "schema_version", METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", TEXT, nullable=False),
)
# Tables with one row per call, in the order in which rows may be removed.
OF_ONE_CALL = (PARTS, REPORTS, VERDICTS, JUDGEMENTS, PROBES, MEDIA, FACTS)

APPENDED_ONLY = "reviews are only ever appended to"
_TRIGGERS = {
    "sqlite": (
        f"CREATE TRIGGER reviews_kept BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, '{APPENDED_ONLY}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION reviews_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{APPENDED_ONLY}'; END $$",
        "CREATE TRIGGER reviews_kept BEFORE UPDATE ON reviews FOR EACH ROW EXECUTE FUNCTION reviews_kept()",
    ),
}
for _dialect, _statements in _TRIGGERS.items():
    for _statement in _statements:
        sa.event.listen(REVIEWS, "after_create", sa.DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect))


def packed(plain: Any) -> bytes:
    """Plain values as compressed JSON; raises ``ValueError`` on NaN or infinity."""
    return packed_text(json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def packed_text(text: str) -> bytes:
    """The same of values that are JSON text already."""
    # A sidecar may hold lone surrogates, which JSON can write and UTF-8 cannot.
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def unpacked(content: bytes | None) -> Any:
    """What :func:`packed` was given; ``None`` for what cannot be read."""
    try:
        return None if content is None else json.loads(zlib.decompress(content).decode("utf-8", "surrogatepass"))
    except (zlib.error, ValueError, TypeError):
        return None


def column_text(value: str | None) -> str | None:
    """``value`` as both databases can hold it: no NUL, no lone surrogate."""
    return None if value is None else value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
