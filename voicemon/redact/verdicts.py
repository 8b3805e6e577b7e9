"""Verdicts of a call whose words were masked: judged while all words were there, told without them.

What a verdict says is taken from judging the masked facts again, so that no text of a report can hold what was masked. Where that
gives another outcome, the verdict depended on the masked words: it is kept as it was judged, with a reason that quotes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..judge.judge import reason_text
from ..judge.standard import Standard
from ..records import AuditMark, Facts, Verdict, WholeJudgement

Judge = Callable[[Facts], Sequence[Verdict]]
"""Judges facts by the standard at hand."""
MARK = "redacted"
REASON = "redacted_words"


def told(whole: Sequence[Verdict], facts: Facts, judge: Judge, standard: Standard, lang: str) -> tuple[tuple[Verdict, ...], Facts]:
    """Verdicts to be shown for ``whole`` (judged on all words), and the redacted ``facts`` with that judgement kept in them."""
    masked = {v.rule: v for v in judge(facts)}
    shown, kept = [], []
    for verdict in whole:
        same = masked.get(verdict.rule)
        if same is not None and same.outcome == verdict.outcome:
            shown.append(same)
        else:
            kept.append(_quoting_nothing(verdict, same, standard, lang))
            shown.append(kept[-1])
    judgement = WholeJudgement(standard.name, {v.rule: v.outcome for v in whole}, tuple(kept))
    others = tuple(j for j in facts.judged_whole if j.standard != standard.name)
    return tuple(shown), replace(facts, judged_whole=(*others, judgement))


def judged_again(facts: Facts, judge: Judge, standard: Standard, lang: str) -> tuple[Verdict, ...]:
    """Verdicts from redacted facts alone: what depended on masked words stays as it was judged, and masked words convict nobody."""
    whole = next((j for j in facts.judged_whole if j.standard == standard.name), None)
    kept = {v.rule: v for v in whole.kept} if whole else {}
    outcomes = whole.outcomes if whole else {}
    plain = list(judge(facts))
    accused = {v.rule for v in plain if v.outcome in ("fail", "hint") and outcomes.get(v.rule) != v.outcome}
    careful = {v.rule: v for v in judge(with_doubt(facts))} if accused else {}
    found = []
    for verdict in plain:
        if verdict.rule in kept:
            found.append(replace(kept[verdict.rule], reason=reason_text(REASON, {}, lang)))
        else:
            found.append(careful.get(verdict.rule, verdict) if verdict.rule in accused else verdict)
    return tuple(found)


def with_doubt(facts: Facts) -> Facts:
    """``facts`` in which the masked stretches are marked as words that must not be trusted."""
    marks = tuple(AuditMark(MARK, r.start_s, r.end_s, r.speaker) for r in facts.redactions or ())
    return replace(facts, audit=(*facts.audit, *marks))


def _quoting_nothing(verdict: Verdict, masked: Verdict | None, standard: Standard, lang: str) -> Verdict:
    rule = next((r for r in standard.rules if r.id == verdict.rule), None)
    expected = (rule.say_instead if rule else "") or (masked.expected if masked else "")
    return replace(verdict, reason=reason_text(REASON, {}, lang), quote="", expected=expected if verdict.expected else "")
