"""An output folder of before there was a database: its JSON files are taken into the record once, and removed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cattrs
import sqlalchemy as sa

from .. import serial
from ..errors import OutputError
from ..names import printable
from ..records import FailedCall, ReviewEntry
from .bookkeeping import Bookkeeping
from .record import now, put
from .schema import CALLS, FACTS, JUDGEMENTS, MEDIA, PROBES, REPORTS, REVIEWS, VERDICTS, column_text, packed

FOLDER, REVIEW_FILE, FAILURE_FILE = "facts", "reviews.jsonl", "failed.json"
SIDE_FILES = (".probes", ".media", ".verdicts")


def has_old_layout(out: Path) -> bool:
    """Whether ``out`` is an output folder whose facts are still files."""
    return (out / FOLDER).is_dir() or (out / REVIEW_FILE).is_file()


def import_old_layout(record: Bookkeeping, out: Path) -> None:
    """Take facts, judgements, answers, reports, reviews and failures in ``out`` into ``record``, then remove the files that it replaces.

    Can be interrupted and done again. What cannot be read is left out (its call is heard again). Raises :class:`OutputError`.
    """
    if not has_old_layout(out):
        return
    entries = list(_old_reviews(out / REVIEW_FILE))
    with record.database.write() as connection:
        known = set(connection.execute(sa.select(CALLS.c.id)).scalars())
        said = {tuple(row) for row in connection.execute(sa.select(*(c for c in REVIEWS.c if c is not REVIEWS.c.number)))}
        for entry in entries:
            plain = {name: column_text(value) for name, value in serial.to_plain(entry).items()}
            if tuple(plain.values()) not in said:
                connection.execute(sa.insert(REVIEWS).values(**plain))
        for path in sorted((out / FOLDER).glob("*.json")):
            if not path.stem.endswith(SIDE_FILES) and path.stem not in known:
                _import_call(connection, out, path.stem, sum(entry.call_id == path.stem for entry in entries))
    if not record.failures():
        for failed in _old_failures(out / FAILURE_FILE):
            record.save_failure(failed)
    try:
        for path in (out / FOLDER).glob("*"):
            path.unlink()
        (out / REVIEW_FILE).unlink(missing_ok=True)
        if (out / FOLDER).is_dir():
            (out / FOLDER).rmdir()
    except OSError as err:
        raise OutputError(f"{printable(err.filename)}: is in the database now and cannot be removed ({err.strerror}); remove it") from err


def _import_call(connection: sa.Connection, out: Path, call_id: str, reviews: int) -> None:
    facts = _read_json(out / FOLDER / f"{call_id}.json")
    try:
        call, key = facts["call"], facts["hearing"].get("key")
        described = {"path": column_text(call["path"]), "sha256": call["sha256"], "agent_id": column_text(call.get("agent_id")),
                     "started_at": column_text(call.get("started_at")), "duration_s": float(call["duration_s"])}
    except (TypeError, KeyError, AttributeError, ValueError):
        return
    connection.execute(sa.insert(CALLS).values(id=call_id, heard_at=now(), **described))
    put(connection, FACTS, call_id, key=key, content=packed(facts))
    for table, side in ((PROBES, "probes"), (MEDIA, "media")):
        plain = _read_json(out / FOLDER / f"{call_id}.{side}.json")
        if isinstance(plain, dict):
            put(connection, table, call_id, content=packed(plain))
    judged_key = _import_judgement(connection, call_id, _read_json(out / FOLDER / f"{call_id}.verdicts.json"))
    report = _read_json(out / f"calls/{call_id}.json")
    if isinstance(report, dict):
        put(connection, REPORTS, call_id, key=judged_key, reviews=reviews, content=packed(report))


def _import_judgement(connection: sa.Connection, call_id: str, plain: Any) -> str | None:
    try:
        rows = [{"call_id": call_id, "position": i, "rule": column_text(v["rule"]), "outcome": v["outcome"], "evidence": v["evidence"]}
                for i, v in enumerate(plain["verdicts"])]
        values = {"key": str(plain["key"]), "standard": plain["standard"], "standard_version": plain["standard_version"],
                  "score": plain["score"]["value"]}
    except (TypeError, KeyError):
        return None
    put(connection, JUDGEMENTS, call_id, content=packed(plain), **values)
    if rows:
        connection.execute(sa.insert(VERDICTS), rows)
    return str(plain["key"])


def _old_reviews(path: Path) -> Iterator[ReviewEntry]:
    """Every whole line, in order; one that was cut off when a machine stopped says nothing."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield serial.from_plain(json.loads(line), ReviewEntry)
        except (ValueError, TypeError, KeyError, cattrs.BaseValidationError):
            continue


def _old_failures(path: Path) -> Iterator[FailedCall]:
    plain = _read_json(path)
    for entry in plain if isinstance(plain, list) else ():
        if isinstance(entry, Mapping) and {"id", "path", "reason"} <= set(entry):
            yield FailedCall(str(entry["id"]), str(entry["path"]), str(entry["reason"]))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
