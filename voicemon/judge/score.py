"""The score of a call: the weighted share of kept rules, with the range that the unsure ones leave open."""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Score, Verdict
from .standard import Standard


def score(verdicts: Sequence[Verdict], standard: Standard) -> Score:
    """Score ``100 × Σ weight(pass) / Σ weight(pass or fail)``; not applicable, not checked and hints weigh nothing.

    ``low`` takes every unsure verdict as failed, ``high`` as kept; ``value`` leaves them out. A failed fatal rule makes it 0.
    """
    rules = {rule.id: rule for rule in standard.rules}
    weight = {o: sum(rules[v.rule].weight for v in verdicts if v.outcome == o) for o in ("pass", "fail", "unsure")}
    fatal = tuple(v.rule for v in verdicts if v.outcome == "fail" and rules[v.rule].fatal)
    decided, possible = weight["pass"] + weight["fail"], sum(weight.values())
    if possible == 0:
        return Score(None, None, None, fatal, "no rule with a weight could be decided")
    low = 0.0 if fatal else 100 * weight["pass"] / possible
    high = 0.0 if fatal else 100 * (weight["pass"] + weight["unsure"]) / possible
    value = None if decided == 0 else (0.0 if fatal else 100 * weight["pass"] / decided)
    return Score(_rounded(value), _rounded(low), _rounded(high), fatal, None if decided else "only unsure verdicts")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
