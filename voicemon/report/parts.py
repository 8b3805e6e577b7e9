"""What one call adds to the files about all calls, made once and kept: a table of 10,000 calls is then put together, not made anew."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cattrs

from .. import __version__, serial
from .as_xlsx import cells_of, row_of
from .rows import CallRow
from .rows import row_of as call_row_of
from .tables import OF_CALL, OF_REVIEW, OF_SCORE, OF_VERDICT, VERDICT_COLUMNS, count_key, of_call, of_review, of_score, values_of

# Changes whenever a part made by this code would differ from one that was kept.
MADE_BY = f"{__version__} 1"
_BETWEEN_ROWS = "\1"  # cannot be in the text of a cell


@dataclass(frozen=True)
class Part:
    """The row of a call; its lines of ``verdicts.jsonl``; its rows of the sheet of verdicts (see :func:`.as_xlsx.row_of_cells`); what
    :class:`.tables.RuleCounts` counts."""

    row: CallRow
    lines: str
    cells: tuple[str, ...]
    counted: tuple[str, ...]


def part_of(report: Mapping[str, Any]) -> Part:
    """The part of a call report (as JSON). Raises ``KeyError`` or ``TypeError`` where it is none of this version."""
    call, score = of_call(report), of_score(report)
    told = [_told(call["standard"], verdict) for verdict in report["verdicts"]]
    call_keys, score_keys = _json(call), _json(score)
    call_cells, score_cells = cells_of(values_of(call)), cells_of(values_of(score), VERDICT_COLUMNS.index(OF_SCORE[0]))
    return Part(
        call_row_of(report),
        "".join([f"{{{call_keys}, {one.keys}, {score_keys}, {one.said.keys}}}\n" for one in told]),
        tuple([row_of(call_cells + one.cells + score_cells + one.said.cells) for one in told]),
        tuple([one.counted for one in told]),
    )


@dataclass(frozen=True)
class _Said:
    """What people said about a verdict: keys and values of an object of JSON, and cells."""

    found: Mapping[str, Any]
    keys: str
    cells: str


@dataclass(frozen=True)
class _Told:
    """The same of a verdict itself; ``counted`` is its :func:`.tables.count_key`."""

    keys: str
    cells: str
    counted: str
    said: _Said


def _told(standard: str | None, verdict: Mapping[str, Any]) -> _Told:
    if verdict.get("spans") or verdict.get("review"):
        return _made(standard, [verdict.get(key) for key in OF_VERDICT], _said(verdict) if verdict.get("review") else _nothing_said())
    return _kept(standard, *(verdict.get(key) for key in OF_VERDICT if key != "spans"))


@lru_cache(maxsize=8192, typed=True)
def _kept(standard: str | None, *values: Any) -> _Told:
    """Four of five verdicts say what one of the same rule said in another call: of nothing in it, and nobody has reviewed it."""
    at = OF_VERDICT.index("spans")
    return _made(standard, [*values[:at], [], *values[at:]], _nothing_said())


def _made(standard: str | None, values: Sequence[Any], said: _Said) -> _Told:
    own = dict(zip(OF_VERDICT, values, strict=True))
    return _Told(_json(own), cells_of(values_of(own), len(OF_CALL)), count_key(standard, own, said.found), said)


def _said(verdict: Mapping[str, Any]) -> _Said:
    found = of_review(verdict)
    return _Said(found, _json(found), cells_of(values_of(found), VERDICT_COLUMNS.index(OF_REVIEW[0])))


@lru_cache(maxsize=1)
def _nothing_said() -> _Said:
    return _said({})


def _json(found: Mapping[str, Any]) -> str:
    """The keys and values of an object, without its braces."""
    return serial.on_one_line(found)[1:-1]


def packed_part(part: Part) -> dict[str, bytes]:
    """A part as columns of the record: ``row``, ``lines`` and ``cells``."""
    row = json.dumps([serial.to_plain(part.row), part.counted], ensure_ascii=False, allow_nan=False)
    cells = _BETWEEN_ROWS.join(part.cells)
    return {"row": _packed(row), "lines": _packed(part.lines), "cells": _packed(cells)}


def unpacked_row(row: bytes) -> CallRow | None:
    """The row of a kept part; ``None`` where it is of another version."""
    return _structured(_unpacked(row))[0]


def unpacked_part(row: bytes, lines: bytes, cells: bytes) -> Part | None:
    """A part as it was kept; ``None`` where it is of another version."""
    found, counted = _structured(_unpacked(row))
    told, written = _unpacked(lines), _unpacked(cells)
    if found is None or told is None or written is None:
        return None
    return Part(found, told, tuple(written.split(_BETWEEN_ROWS)) if written else (), tuple(counted))


def _structured(text: str | None) -> tuple[CallRow | None, Sequence[str]]:
    try:
        plain, counted = json.loads(text or "")
        return serial.from_plain(plain, CallRow), counted
    except (ValueError, TypeError, KeyError, cattrs.BaseValidationError):
        return None, ()


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def _unpacked(content: bytes) -> str | None:
    try:
        return zlib.decompress(content).decode("utf-8", "surrogatepass")
    except (zlib.error, ValueError):
        return None
