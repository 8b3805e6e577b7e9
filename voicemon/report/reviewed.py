"""A call as it stands after people have decided: beside what the machine found, never in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import serial
from ..judge.score import score
from ..judge.standard import Standard
from ..records import CallReport
from .reviews import standing


def as_reviewed(report: CallReport, standard: Standard) -> CallReport | None:
    """``report`` with the outcome of people in place of the machine's and the score that follows; ``None`` where nobody decided.

    Verdicts about rules that ``standard`` does not hold (any more) keep out of the score.
    """
    decided = {rule: (standing(entries) or {}).get("human_outcome") for rule, entries in report.reviews.items()}
    if not any(decided.values()):
        return None
    verdicts = tuple(replace(v, outcome=decided.get(v.rule) or v.outcome) for v in report.verdicts)
    known = {rule.id for rule in standard.rules}
    return replace(report, verdicts=verdicts, score=score([v for v in verdicts if v.rule in known], standard))


def reviewed_score(report: CallReport, standard: Standard | None) -> dict[str, Any] | None:
    """The score after review as plain values, for the call report (JSON)."""
    found = as_reviewed(report, standard) if standard is not None else None
    return None if found is None else dict(serial.to_plain(found.score))
