"""``summary.csv``: one line per call, for spreadsheets. UTF-8 with BOM (Excel), comma-separated, CRLF.

Columns, in this order and never renamed: :data:`COLUMNS`. Times in seconds, rates in characters per minute over the agent's turns, level
in dBov; an empty cell is "not known". ``rules_missed`` holds rule ids separated by blanks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from ..records import OUTCOMES
from .rows import CallRow, worst_first

BOM = "\ufeff"
COLUMNS = (
    "call_id", "agent_id", "agent_name", "standard", "direction", "started_at", "duration_s",
    "score", "score_low", "score_high", "fatal_rules", *OUTCOMES, "rules_missed", "rules_unsure",
    "rate_per_minute", "level_dbov", "ring_to_answer_s", "ring_count", "longest_wait_s", "page",
)
# Spreadsheets run a cell that starts so as a formula (OWASP, "CSV Injection"); full-width forms are read as their plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def summary_csv(rows: Iterable[CallRow]) -> str:
    """Return the table as text, worst calls first. Write it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in sorted(rows, key=worst_first):
        writer.writerow([cell(value) for value in _values(row)])
    return BOM + out.getvalue()


def cell(value: Any) -> str | float:
    """A cell that no spreadsheet runs: numbers stay numbers, text that could start a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text


def _values(row: CallRow) -> list[Any]:
    return [
        row.id, row.agent_id, row.agent_name, row.standard, row.direction, row.started_at, row.duration_s,
        row.score, row.score_low, row.score_high, " ".join(row.fatal), *(row.outcomes.get(o, 0) for o in OUTCOMES),
        " ".join(rule for rule, _ in row.failed), " ".join(row.unsure),
        row.rate_per_minute, row.level_dbov, row.ring_to_answer_s, row.ring_count, row.longest_wait_s, row.href,
    ]
