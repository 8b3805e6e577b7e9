"""What people say about verdicts: the history of each as it is kept, and where it stands. Nothing here changes a machine's verdict."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cattrs

from .. import serial
from ..records import ReviewEntry

FILE = "reviews.jsonl"
APPEAL, UPHOLD, OVERTURN = KINDS = ("appeal", "uphold", "overturn")
STATUSES = {APPEAL: "appealed", UPHOLD: "upheld", OVERTURN: "overturned"}


def read_reviews(out: Path, call_id: str | None = None) -> Iterator[ReviewEntry]:
    """Every entry in ``OUT/reviews.jsonl`` (of one call, when given) in the order they were made.

    A line that was cut off when the machine stopped is passed over; a file that is not there holds nothing.
    """
    wanted = None if call_id is None else json.dumps(call_id, ensure_ascii=False)
    try:
        with (out / FILE).open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if wanted is not None and wanted not in line:
                    continue
                entry = _entry(line)
                if entry is not None and call_id in (None, entry.call_id):
                    yield entry
    except FileNotFoundError:
        return


def by_rule(entries: Iterable[ReviewEntry]) -> dict[str, tuple[ReviewEntry, ...]]:
    """Entries of one call by rule, each in order."""
    found: dict[str, tuple[ReviewEntry, ...]] = {}
    for entry in entries:
        found[entry.rule] = (*found.get(entry.rule, ()), entry)
    return found


def standing(entries: Sequence[ReviewEntry]) -> dict[str, Any] | None:
    """Where the review of one verdict stands, as ``verdicts[].review`` tells it; ``None`` when nobody said anything.

    ``status`` is ``appealed`` (open), ``upheld`` or ``overturned``. The last decision holds, also while an appeal against it is open
    and after the call is judged again; ``machine_outcome`` is the verdict that was decided about.
    """
    if not entries:
        return None
    decision = next((entry for entry in reversed(entries) if entry.kind != APPEAL), None)
    return {
        "status": STATUSES[entries[-1].kind],
        "decision": decision.kind if decision else None,
        "machine_outcome": decision.machine_outcome if decision else None,
        "human_outcome": decision.human_outcome if decision else None,
        "by": decision.by if decision else None,
        "at": decision.at if decision else None,
        "reason": decision.text if decision else None,
        "history": [
            {key: value for key, value in serial.to_plain(entry).items() if key not in ("call_id", "rule")} for entry in entries
        ],
    }


def outcome_of(verdict: Mapping[str, Any]) -> str:
    """What a verdict of a call report comes to: a person's decision where there is one, else the machine's."""
    return str((verdict.get("review") or {}).get("human_outcome") or verdict["outcome"])


def history_line(history: Sequence[Mapping[str, Any]]) -> str:
    """The history on one line, for a cell of a table."""
    return " ¦ ".join(f"{e['at']} {e['kind']} {e['by']}: {' '.join(e['text'].split())}" for e in history)


def _entry(line: str) -> ReviewEntry | None:
    try:
        entry = serial.from_plain(json.loads(line), ReviewEntry)
    except (ValueError, TypeError, KeyError, cattrs.BaseValidationError):
        return None
    return entry if entry.kind in KINDS else None
