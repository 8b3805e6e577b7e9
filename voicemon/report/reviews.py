"""What people say about verdicts: the history of each as it is kept, and where it stands. Nothing here changes a machine's verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import serial
from ..records import ReviewEntry

APPEAL, UPHOLD, OVERTURN = ("appeal", "uphold", "overturn")
STATUSES = {APPEAL: "appealed", UPHOLD: "upheld", OVERTURN: "overturned"}


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
