"""The version of the tables. A new database gets them as they are now; an older one is taken there step by step.

A numbered list in this file and not Alembic: each step is a few statements that run in one transaction on both databases, there are
no branches of history to merge, and a folder of calls must open without scripts, settings or two more libraries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

import sqlalchemy as sa

from ..errors import OutputError
from .schema import METADATA, SCHEMA_VERSION

FIRST_VERSION = 1
Statement = str | Mapping[str, str]
"""For both databases, or for each by its name."""
# Statements that lead from version n to n + 1, for n = 1, 2, …; what was released is never changed.
MIGRATIONS: tuple[tuple[Statement, ...], ...] = (
    ({
        "sqlite": 'CREATE TABLE parts (call_id TEXT NOT NULL PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE, made_by TEXT NOT NULL, '
                  '"row" BLOB NOT NULL, lines BLOB NOT NULL, cells BLOB NOT NULL)',
        "postgresql": 'CREATE TABLE parts (call_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE, '
                      'made_by TEXT COLLATE "C" NOT NULL, "row" BYTEA NOT NULL, lines BYTEA NOT NULL, cells BYTEA NOT NULL)',
    },),
)
# Any number does that nobody else uses in the same database.
MIGRATION_LOCK = 0x766F6963


def upgrade(connection: sa.Connection, name: str, migrations: Sequence[Sequence[Statement]] = MIGRATIONS) -> None:
    """Bring the tables to the newest version, within the transaction at hand. ``name`` is of the database, for messages.

    Raises :class:`OutputError` for tables of a newer voicemon.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
    newest = FIRST_VERSION + len(migrations)
    version = _version(connection, name, newest)
    if version is None:
        METADATA.create_all(connection)
        _stamp(connection, newest)
        return
    for number in range(version, newest):
        for statement in migrations[number - FIRST_VERSION]:
            connection.exec_driver_sql(statement if isinstance(statement, str) else statement[connection.dialect.name])
        _stamp(connection, number + 1)


def check_version(connection: sa.Connection, name: str) -> None:
    """Raise :class:`OutputError` for tables that are missing, or of another version than this voicemon's: nothing is changed."""
    newest = FIRST_VERSION + len(MIGRATIONS)
    version = _version(connection, name, newest)
    if version is None:
        raise OutputError(f"{name}: holds no calls yet; run voicemon run FOLDER --out OUT first")
    if version < newest:
        raise OutputError(f"{name}: was written by an older voicemon; run voicemon judge OUT once to take it over")


def _version(connection: sa.Connection, name: str, newest: int) -> int | None:
    """The version of the tables, ``None`` where there are none. Raises :class:`OutputError` when they are newer than ``newest``."""
    if not sa.inspect(connection).has_table(SCHEMA_VERSION.name):
        return None
    version = connection.execute(sa.select(sa.func.max(SCHEMA_VERSION.c.version))).scalar_one() or 0
    if version > newest:
        raise OutputError(
            f"{name}: was written by a newer voicemon (tables of version {version}, this one knows {newest}); "
            "upgrade voicemon, or give another OUT"
        )
    return int(version)


def _stamp(connection: sa.Connection, version: int) -> None:
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    connection.execute(sa.insert(SCHEMA_VERSION).values(version=version, at=at))
