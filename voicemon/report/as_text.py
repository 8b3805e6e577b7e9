"""The summary for a terminal: a row per call, aligned also where Chinese characters take two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ..records import FailedCall
from .render import number
from .rows import CallRow, Standing, worst_first
from .texts import texts

LONGEST_CELL = 28
NUMERIC_FROM = 3
HEADS = ("call", "agent", "standard", "score", "col_missed", "col_unsure", "col_rate", "col_level", "col_ring", "col_wait")


def summary_table(rows: Sequence[CallRow], failed: Sequence[FailedCall], lang: str = "zh") -> str:
    """Return the table, worst calls first, then what could not be analysed, then a line of totals. No control character gets through.

    Scores and counts are those that hold, as on the overview: with the decisions of people. A call that could not be judged has none.
    """
    t = texts(lang)
    ordered = sorted(rows, key=worst_first)
    lines = [tuple(t[head] for head in HEADS), *(_cells(row) for row in ordered)]
    widths = [max(width(line[i]) for line in lines) for i in range(len(HEADS))]
    out = ["  ".join(_pad(text, widths[i], i >= NUMERIC_FROM) for i, text in enumerate(line)).rstrip() for line in lines] if ordered else []
    out += [t["text_failed"].format(id=printable(f.id), reason=printable(f.reason)) for f in failed]
    missed = sum(row.standing.fail > 0 for row in ordered)
    unsure = sum(row.standing.unsure > 0 for row in ordered)
    out.append(t["text_total"].format(n=len(ordered), missed=missed, unsure=unsure, failed=len(failed)))
    return "\n".join(out)


def width(text: str) -> int:
    """Columns that ``text`` takes in a terminal: two for wide characters, none for combining ones."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def printable(text: str) -> str:
    """``text`` without control, format (also direction-changing) and unassigned characters, on one line."""
    return "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def _cells(row: CallRow) -> tuple[str, ...]:
    figures = (row.rate_per_minute, row.level_dbov, row.ring_to_answer_s, row.longest_wait_s)
    now = row.standing
    counts = ("–" if now.score_low is None and not count else str(count) for count in (now.fail, now.unsure))
    return (
        _short(row.id), _short(row.agent_id or "–"), _short(row.standard), _score(now), *counts, *(number(f) for f in figures),
    )


def _score(now: Standing) -> str:
    low, high = now.score_low, now.score_high
    if low is None or high is None:
        return number(now.score)
    text = number(low) if round(low, 1) == round(high, 1) else f"{number(low, 0)}–{number(high, 0)}"
    return text + ("!" if now.fatal else "")


def _short(text: str) -> str:
    shown = printable(text)
    if width(shown) <= LONGEST_CELL:
        return shown
    while width(shown) > LONGEST_CELL - 1:
        shown = shown[:-1]
    return shown + "…"


def _pad(text: str, columns: int, right: bool) -> str:
    blanks = " " * (columns - width(text))
    return blanks + text if right else text + blanks
