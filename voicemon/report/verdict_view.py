"""Verdicts as a page shows them: beside the standard's own words, grouped by outcome, and the sum behind the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..judge.standard import Rule, Standard
from ..records import OUTCOMES, CallReport, Verdict
from .reviews import standing

# What the page computes from weights must agree with the score to this many points, or it is not shown.
SCORE_AGREES_WITHIN = 0.06
OPEN_GROUPS = ("fail", "unsure", "hint")
SIGNS = {"fail": "✕", "unsure": "?", "hint": "!", "pass": "✓", "not_applicable": "–", "not_checked": "○"}


@dataclass(frozen=True)
class VerdictView:
    """One verdict with its rule's words. ``starts_s`` are the moments to listen to, ``anchor`` its id on the page,
    ``review`` what people said about it. ``number`` counts the misses in the order of the page; 0 for all else."""

    rule: str
    anchor: str
    outcome: str
    outcome_label: str
    evidence: str
    title: str
    quote: str
    reason: str
    heard: str
    expected: str
    spans: tuple[tuple[float, float], ...]
    weight: float
    fatal: bool
    review: Mapping[str, Any] | None = None
    number: int = 0

    @property
    def standing(self) -> str:
        """The outcome that holds: a person's where one has decided, else the machine's."""
        return str((self.review or {}).get("human_outcome") or self.outcome)

    @property
    def sign(self) -> str:
        """What stands for the verdict where there is no room for words: its number, or a symbol for its outcome."""
        return str(self.number) if self.number else SIGNS[self.standing]

    @property
    def starts_s(self) -> tuple[float, ...]:
        return tuple(start for start, _ in self.spans)


@dataclass(frozen=True)
class Group:
    """All verdicts of one outcome; ``is_open`` ones are shown unfolded."""

    outcome: str
    label: str
    explain: str
    is_open: bool
    verdicts: tuple[VerdictView, ...]


@dataclass(frozen=True)
class Arithmetic:
    """Weights behind the score: kept, missed, still to be checked, and what they give at worst and at best."""

    kept: float
    missed: float
    open: float
    low: float
    high: float

    @property
    def all(self) -> float:
        return self.kept + self.missed + self.open


def views_of(report: CallReport, standard: Standard, t: Mapping[str, str]) -> tuple[VerdictView, ...]:
    """Every verdict with its rule, worst outcome first, then fatal and heavy rules, then in the order of the standard.

    Misses are numbered; what a person overturned accuses nobody and has no number.
    """
    rules = {rule.id: rule for rule in standard.rules}
    reviews = {rule: standing(entries) for rule, entries in report.reviews.items()}
    views = [_view(i, v, rules.get(v.rule), reviews.get(v.rule), t) for i, v in enumerate(report.verdicts)]
    ordered = sorted(views, key=lambda v: (OUTCOMES.index(v.outcome), not v.fatal, -v.weight))
    numbers = {v.anchor: n for n, v in enumerate((v for v in ordered if v.standing == "fail"), start=1)}
    return tuple(replace(v, number=numbers[v.anchor]) if v.anchor in numbers else v for v in ordered)


def _view(index: int, verdict: Verdict, rule: Rule | None, review: Mapping[str, Any] | None, t: Mapping[str, str]) -> VerdictView:
    """``anchor`` counts instead of naming the rule, so that no rule id has to be valid in a link."""
    missed = verdict.outcome in OPEN_GROUPS
    say = verdict.expected or (rule.say_instead if rule else "")
    return VerdictView(
        rule=verdict.rule,
        anchor=f"v{index}",
        outcome=verdict.outcome,
        outcome_label=t[f"outcome_{verdict.outcome}"],
        evidence=t.get(verdict.evidence, verdict.evidence),
        title=rule.title if rule else verdict.rule,
        quote=rule.quote if rule else "",
        reason=verdict.reason,
        heard=verdict.quote,
        expected=say if missed else "",
        spans=tuple((float(a), float(b)) for a, b in verdict.spans),
        weight=rule.weight if rule else 1.0,
        fatal=rule.fatal if rule else False,
        review=review,
    )


def groups_of(views: Sequence[VerdictView], t: Mapping[str, str]) -> tuple[Group, ...]:
    """One group per outcome, also the empty ones, in the order of ``OUTCOMES``."""
    return tuple(
        Group(o, t[f"outcome_{o}"], t[f"explain_{o}"], o in OPEN_GROUPS, tuple(v for v in views if v.outcome == o)) for o in OUTCOMES
    )


def arithmetic(report: CallReport, standard: Standard) -> Arithmetic | None:
    """The sum behind the score, or ``None`` where it does not give the score that was reported (then nothing must be claimed).

    A failed fatal rule makes the score 0; ``low`` and ``high`` are then what the sum would give without it.
    """
    score = report.score
    if score.low is None or score.high is None:
        return None
    weights = {rule.id: rule.weight for rule in standard.rules}
    kept, missed, unsure = (
        sum(weights.get(v.rule, 0.0) for v in report.verdicts if v.outcome == outcome) for outcome in ("pass", "fail", "unsure")
    )
    every = kept + missed + unsure
    if every <= 0:
        return None
    worked = Arithmetic(kept, missed, unsure, 100 * kept / every, 100 * (kept + unsure) / every)
    told = (0.0, 0.0) if score.fatal else (worked.low, worked.high)
    agrees = abs(told[0] - score.low) <= SCORE_AGREES_WITHIN and abs(told[1] - score.high) <= SCORE_AGREES_WITHIN
    return worked if agrees else None
