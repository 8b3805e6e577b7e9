"""``summary.csv``: one line per call, for spreadsheets. UTF-8 with BOM (Excel), comma-separated, CRLF.

Columns, in this order and never renamed: :data:`COLUMNS`. Times in seconds, rates in characters per minute over the agent's turns, level
in dBov; an empty cell is "not known". ``rules_missed`` holds rule ids separated by blanks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from .rows import CallRow, worst_first
from .tables import CALL_COLUMNS, call_values

BOM = "\ufeff"
COLUMNS = CALL_COLUMNS
# Spreadsheets run a cell that starts so as a formula (OWASP, "CSV Injection"); full-width forms are read as their plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def summary_csv(rows: Iterable[CallRow]) -> str:
    """Return the table as text, worst calls first. Write it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in sorted(rows, key=worst_first):
        writer.writerow([cell(value) for value in call_values(row)])
    return BOM + out.getvalue()


def cell(value: Any) -> str | float:
    """A cell that no spreadsheet runs: numbers stay numbers, text that could start a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text

