"""What one call adds to the files about all calls, made once and kept: a table of 10,000 calls is then put together, not made anew."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cattrs

from .. import __version__, serial
from .as_xlsx import row_of_cells
from .rows import CallRow, row_of
from .tables import VERDICT_KEYS, count_key, verdict_objects, verdict_values

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
    verdicts = list(verdict_objects(report))
    return Part(row_of(report), _lines(verdicts), tuple(row_of_cells(verdict_values(v)) for v in verdicts),
                tuple(map(count_key, verdicts)))


def _lines(verdicts: Sequence[Mapping[str, Any]]) -> str:
    """Each as a line of JSON. Written together, and parted where the next begins: no text can hold that, its quotation marks have a
    backslash before them, and nothing within a verdict begins so."""
    beginning = f'{{"{VERDICT_KEYS[0]}": '
    text = json.dumps(verdicts, ensure_ascii=False, allow_nan=False)[1:-1]
    return text.replace(", " + beginning, "\n" + beginning) + "\n" * bool(text)


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
