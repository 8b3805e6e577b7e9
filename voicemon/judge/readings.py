"""Judging a call in which only the words tell who speaks: by every reading of it, and what they do not agree on accuses nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..records import Facts, Reading, Span, Verdict
from .stretches import Stretches

SURE_SHARE = 0.75
"""Share of the readings of a call that must lead to an outcome. Measured with scenarios left out (``docs/accuracy.md``): convictions are
right more often than that, since what is said tells more than the model that reads it; with less, some fits of it accused kept rules."""
BLAMELESS = frozenset({"pass", "not_applicable"})
Tell = Callable[[str], str]
"""Puts the reason that one reading gives into words of doubt."""


def judge_by_readings(facts: Facts, judge: Callable[[Facts], Sequence[Verdict]], doubt: Tell) -> tuple[Verdict, ...]:
    """One verdict for each rule: what readings of :data:`SURE_SHARE` say, else ``unsure`` (of a proxy rule: ``not_checked``)."""
    judged = [(reading.share, judge(as_read(facts, reading))) for reading in facts.readings]
    of_rules = zip(*(verdicts for _, verdicts in judged), strict=True)
    return tuple(_agreed([share for share, _ in judged], verdicts, doubt) for verdicts in of_rules)


def as_read(facts: Facts, reading: Reading) -> Facts:
    """``facts`` as they are by one reading: every utterance, and the speech it covers, is a party's."""
    transcript = tuple(replace(u, speaker=who) for u, who in zip(facts.transcript, reading.speakers, strict=True))
    speech: dict[str, list[Span]] = {}
    said = Stretches(transcript)
    for party, span in ((p, s) for p, spans in facts.speech.items() for s in spans):
        met = [u for u in said.near(span.start_s, span.end_s) if u.start_s < span.end_s and span.start_s < u.end_s]
        covers = max(met, key=lambda u: min(u.end_s, span.end_s) - max(u.start_s, span.start_s), default=None)
        speech.setdefault(covers.speaker if covers else party, []).append(span)
    ordered = {p: tuple(sorted(spans, key=lambda s: s.start_s)) for p, spans in speech.items()}
    return replace(facts, transcript=transcript, speech={**dict.fromkeys(facts.speech, ()), **ordered}, readings=())


def _agreed(shares: Sequence[float], verdicts: Sequence[Verdict], doubt: Tell) -> Verdict:
    """The verdict on a rule that enough readings lead to; readings come likeliest first."""
    for_outcome: dict[str, float] = {}
    for share, verdict in zip(shares, verdicts, strict=True):
        for_outcome[verdict.outcome] = for_outcome.get(verdict.outcome, 0.0) + share
    most = max(for_outcome, key=lambda outcome: for_outcome[outcome])
    blameless = sum(share for outcome, share in for_outcome.items() if outcome in BLAMELESS)
    first = {v.outcome: v for v in reversed(verdicts)}
    if for_outcome[most] >= SURE_SHARE or (most in BLAMELESS and blameless >= SURE_SHARE):
        return first[most]
    against = next((first[o] for o in ("fail", "unsure", "hint") if o in first), first[most])
    outcome = "not_checked" if against.evidence == "proxy" else "unsure"
    expected = against.expected if outcome == "unsure" else ""
    return replace(against, outcome=outcome, reason=doubt(against.reason), expected=expected)
