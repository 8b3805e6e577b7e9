"""Forgetting: a call, all calls of an agent, or what is older than so many days, with all that was derived from it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .database.schema import CALLS, FAILURES, column_text
from .errors import SettingsError
from .known_standards import known_standards
from .names import printable
from .overview import language_of, overview
from .resume import is_older
from .store import Store, check_is_out, opened

PENDING = "forgetting"  # ids that are being forgotten, until nothing is left of them
KINDS = ("call", "agent")


def forget(out: Path, who: str, kind: str | None = None, address: str | None = None, standard: str | None = None) -> tuple[str, ...]:
    """Remove the call, or every call of the agent, ``who`` names and all that came from it; the ids of what was removed.

    ``kind`` (``call``, ``agent``) says which is meant where both are there. Raises :class:`SettingsError` when nothing is named so,
    :class:`OutputError` when something cannot be removed; the same command then goes on.
    """
    check_is_out(out)
    with opened(out, address) as store:
        finish_forgetting(store)
        found = {each: ids for each in KINDS if (ids := _ids_of(store, who, each)) and kind in (None, each)}
        if len(found) > 1 and found["call"] != found["agent"]:
            raise SettingsError(f"{printable(who)}: is a call and an agent; add --call or --agent")
        if not found:
            raise SettingsError(f"{printable(out)}: holds no {kind or 'call or agent'} {printable(who)}")
        return forget_calls(store, next(iter(found.values())), standard)


def forget_older(out: Path, days: int, address: str | None = None, standard: str | None = None) -> tuple[str, ...]:
    """Remove every call that is more than ``days`` old; the ids of what was removed. Raises as :func:`forget` does."""
    check_is_out(out)
    with opened(out, address) as store:
        finish_forgetting(store)
        return forget_calls(store, older_calls(store, days), standard)


def forget_calls(store: Store, call_ids: Collection[str], standard: str | None = None) -> tuple[str, ...]:
    """Remove these calls from files, record and overview, so that nothing of them is left in OUT."""
    ids = tuple(sorted(call_ids))
    if ids:
        remove_calls(store, ids)
        overview(store, known_standards(standard), language_of(store.out / "index.html"))
        settle(store)
    return ids


def finish_forgetting(store: Store) -> None:
    """Go on where a command that forgot calls was interrupted. The caller writes the overview and then calls :func:`settle`."""
    pending = store.state(PENDING)
    if pending is not None:
        remove_calls(store, json.loads(pending))


def settle(store: Store) -> None:
    """The last step of forgetting, once no report shows the calls any more."""
    if store.state(PENDING) is not None:
        store.database.clean()
        store.set_state(PENDING, None)
        store.database.truncate_log()


def older_calls(store: Store, days: int, now: datetime | None = None) -> list[str]:
    """Calls that took place more than ``days`` ago; where that is not known, that were first analysed then."""
    with store.database.read() as connection:
        rows = connection.execute(sa.select(CALLS.c.id, CALLS.c.started_at, CALLS.c.heard_at)).all()
    return sorted(row.id for row in rows if is_older(row.started_at, days, now) or is_older(row.heard_at, days, now))


def remove_calls(store: Store, ids: Sequence[str]) -> None:
    """The first step of forgetting: the calls' own files and rows. The caller writes the overview and then calls :func:`settle`."""
    if not ids:
        return
    # The note first: whatever stops this, the next command knows what to finish.
    store.set_state(PENDING, json.dumps(list(ids)))
    store.drop_files(ids)
    store.remove(ids)


def _ids_of(store: Store, who: str, kind: str) -> list[str]:
    columns: tuple[tuple[Any, Any], ...] = ((CALLS.c.id, CALLS.c.id), (FAILURES.c.call_id, FAILURES.c.call_id))
    if kind == "agent":
        columns = ((CALLS.c.id, CALLS.c.agent_id), (FAILURES.c.call_id, FAILURES.c.agent_id))
    with store.database.read() as connection:
        found = {row[0] for shown, asked in columns for row in connection.execute(sa.select(shown).where(asked == column_text(who)))}
    return sorted(found)
