"""Changes to a recording after which a kept rule must be seen as broken: what to change and which verdicts must flip.

Nothing is known of any one recording. A change is found from the rules that passed, by their check type and options and the
evidence of the verdict; where a rule might still be kept another way (said twice, excused, its trigger gone) it is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

from .audio.alter import hasten, lengthen, lower, silence
from .audio.decode import Int16, Recording
from .judge.answers import NO, YES
from .judge.context import Context
from .judge.finder import ABSENT
from .judge.standard import Rule, Standard
from .judge.windows import EDGE_S
from .measures.timing import turns
from .records import AGENT, CUSTOMER, Facts, Span, Utterance, Verdict, Word
from .spans import intersect, merge, subtract

WORD_MARGIN_S = 0.1  # what the recogniser leaves of a word on either side of its time
WAIT_MARGIN_S = 3.0  # inserted beyond the limit: clear of the tolerance and of the error of word times
RATE_MARGIN, LEVEL_MARGIN_DB = 1.15, 3.0  # beyond limit, tolerance and the measure's own error
FASTEST = 2.2  # beyond this no recogniser, and no customer, follows
FAINTEST_DBOV = -50.0  # below this the voice detector may hear nobody at all
LEAST_PAUSE_S = 0.1
CHANNELS = {"left": 0, "right": 1}


@dataclass(frozen=True)
class Target:
    """A rule that passed, and what it must become."""

    rule: str
    before: str
    wanted: str


@dataclass(frozen=True, eq=False)
class Mutation:
    """A changed recording (int16, shape ``(channels, n)``) with its sidecar; ``done`` says what was changed, without words of the call."""

    kind: str
    done: str
    targets: tuple[Target, ...]
    samples: Int16
    sample_rate_hz: int
    sidecar: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Original:
    """A call as it was heard and judged, with its sound."""

    recording: Recording
    facts: Facts
    standard: Standard
    verdicts: Mapping[str, Verdict]

    @property
    def agent_channel(self) -> int | None:
        """The channel that is the agent's alone; ``None`` where the parties share one or are not known."""
        return CHANNELS.get(self.facts.roles.agent or "")

    def kept(self, *checks: str) -> Iterator[tuple[Rule, Verdict]]:
        """Rules of these check types that passed on direct evidence."""
        for rule in self.standard.rules:
            verdict = self.verdicts.get(rule.id)
            if rule.check in checks and rule.evidence == "direct" and verdict is not None and verdict.outcome == "pass":
                yield rule, verdict

    def pauses(self, *parties: str) -> tuple[Span, ...]:
        """Stretches in which none of ``parties`` speaks."""
        spoken = (s for party in parties for s in self.facts.speech.get(party, ()))
        return subtract([Span(0.0, self.recording.duration_s)], spoken)


def drop_phrase(original: Original) -> Mutation | None:
    """Silence the words that kept the first must-say rule whose words are said only once; it must fail then."""
    if original.agent_channel is None:
        return None
    context = Context(original.facts, original.standard)
    candidates = [c for rule, verdict in original.kept("must_say") if (c := _without(original, context, rule, verdict))]
    if not candidates:
        return None
    _, spans = candidates[0]
    gone = [rule for rule, own in candidates if subtract(own, spans) == ()]
    rate_hz, channel = original.recording.sample_rate_hz, original.agent_channel
    samples = silence(original.recording.samples, rate_hz, channel, spans, original.pauses(AGENT))
    done = "silenced " + ", ".join(f"{s.start_s:.1f}–{s.end_s:.1f} s" for s in spans)
    return Mutation("phrase", done, tuple(Target(r.id, "pass", "fail") for r in gone), samples, rate_hz, original.facts.sidecar)


def _without(original: Original, context: Context, rule: Rule, verdict: Verdict) -> tuple[Rule, tuple[Span, ...]] | None:
    """The rule and the words to silence, if the rule is broken without them and nothing else can keep it."""
    options = rule.options
    if options["otherwise"] != "fail" or options["by"] != AGENT or not verdict.quote or len(verdict.spans) != 1:
        return None
    (start_s, end_s), = verdict.spans
    found = context.finder.best_of(AGENT, options["say"], (start_s - 0.01, end_s + 0.01), options["fuzzy"])
    if found.state == ABSENT:
        return None
    spans = merge(Span(max(0.0, h.span_s[0] - WORD_MARGIN_S), h.span_s[1] + WORD_MARGIN_S) for h in found.hits)
    left = Context(without_words(original.facts, spans), original.standard)
    said_again = left.finder.best_of(AGENT, options["say"], (0.0, original.recording.duration_s)).state != ABSENT
    excused = rule.kept_when is not None and left.holds(rule.kept_when).state != NO
    if said_again or excused or left.holds(rule.when).state != YES:
        return None
    return rule, spans


def without_words(facts: Facts, spans: Iterable[Span]) -> Facts:
    """``facts`` without the agent's words and speech in ``spans``."""
    holes = merge(spans)

    def left(said: Utterance) -> Utterance:
        words = tuple(w for w in _words(said) if not any(h.start_s <= (w.start_s + w.end_s) / 2 < h.end_s for h in holes))
        return said if len(words) == len(_words(said)) else replace(said, words=words, text="".join(w.text for w in words))

    transcript = tuple(left(u) if u.speaker == AGENT else u for u in facts.transcript)
    speech = {**facts.speech, AGENT: subtract(facts.speech.get(AGENT, ()), holes)}
    kept = [bool(u.text.strip()) for u in transcript]
    readings = tuple(replace(r, speakers=tuple(compress(r.speakers, kept))) for r in facts.readings)
    return replace(facts, transcript=tuple(compress(transcript, kept)), speech=speech, readings=readings)


def _words(said: Utterance) -> tuple[Word, ...]:
    """Its words; where it has none, its characters spread over its time."""
    step_s = (said.end_s - said.start_s) / max(1, len(said.text))
    at_s = [said.start_s + i * step_s for i in range(len(said.text))]
    return said.words or tuple(Word(c, s, s + step_s, said.confidence) for c, s in zip(said.text, at_s, strict=True))


def insert_wait(original: Original) -> Mutation | None:
    """Lengthen the pause before an answer, or a wait on hold, beyond the longest limit that was kept there."""
    places = [p for rule, verdict in original.kept("respond", "hold_gap") if (p := _place(original, rule, verdict))]
    if not places:
        return None
    pause, _, _ = places[0]
    same = [(limit_s, target) for place, limit_s, target in places if place == pause]
    by_s = max(limit_s for limit_s, _ in same) + WAIT_MARGIN_S
    rate_hz = original.recording.sample_rate_hz
    samples = lengthen(original.recording.samples, rate_hz, pause, by_s)
    at_s = (pause.start_s + pause.end_s) / 2
    return Mutation("wait", f"inserted {by_s:.1f} s at {at_s:.1f} s", tuple(target for _, target in same), samples, rate_hz,
                    later(original.facts.sidecar, at_s, by_s))


def _place(original: Original, rule: Rule, verdict: Verdict) -> tuple[Span, float, Target] | None:
    """The pause to lengthen, the limit that holds there, and what the rule must become."""
    options = rule.options
    if not verdict.spans or original.facts.roles.agent is None:
        return None
    start_s, end_s = verdict.spans[0]
    pauses = [p for p in original.pauses(AGENT, CUSTOMER, "unknown") if p.duration_s >= LEAST_PAUSE_S]
    if rule.check == "respond":
        if options["within_s"] is None:
            return None
        before = [p for p in pauses if abs(p.end_s - start_s - EDGE_S) <= EDGE_S]
        return (before[0], options["within_s"], Target(rule.id, "pass", "fail")) if before else None
    longest = max(intersect(pauses, [Span(start_s, end_s)]), key=lambda p: p.duration_s, default=None)
    if longest is None:
        return None
    limit_s = options["most_s"] + options["tolerance_s"] - longest.duration_s
    return longest, max(0.0, limit_s), Target(rule.id, "pass", options["otherwise"])


def later(sidecar: Mapping[str, Any], at_s: float, by_s: float) -> dict[str, Any]:
    """``sidecar`` with the times after ``at_s`` moved by ``by_s``; a mute or hold that is going on then lasts so much longer."""
    def moved(record: Mapping[str, Any]) -> dict[str, Any]:
        changed = dict(record)
        for name in ("start_s", "at_s"):
            if isinstance(record.get(name), int | float) and record[name] >= at_s:
                changed[name] = record[name] + by_s
        start_s, length_s = record.get("start_s"), record.get("duration_s")
        if start_s is not None and length_s is not None and start_s < at_s < start_s + length_s:
            changed["duration_s"] = length_s + by_s
        return changed

    return {name: [moved(r) if isinstance(r, Mapping) else r for r in value] if name in ("mutes", "holds", "transfers") else value
            for name, value in sidecar.items()}


def raise_rate(original: Original) -> Mutation | None:
    """Hasten the agent's turns until every rate that was kept is beyond its limit, its tolerance and its error."""
    found = list(_beyond(original, "speaking_rate.agent.per_minute_of_", "most"))
    if not found or original.agent_channel is None:
        return None
    factor = RATE_MARGIN * max(limit / value for _, value, limit in found)
    if factor > FASTEST:
        return None
    recording, speech = original.recording, original.facts.speech
    own = turns(speech.get(AGENT, ()), speech.get(CUSTOMER, ()))
    samples = hasten(recording.samples, recording.sample_rate_hz, original.agent_channel, own, factor)
    return Mutation("rate", f"agent {factor:.2f} times as fast", tuple(Target(r.id, "pass", "fail") for r, _, _ in found), samples,
                    original.recording.sample_rate_hz, original.facts.sidecar)


def lower_level(original: Original) -> Mutation | None:
    """Lower the agent's line until every level that was kept is below its limit, its tolerance and its error."""
    found = list(_beyond(original, "level.agent.active_level_dbov", "least"))
    if not found or original.agent_channel is None:
        return None
    by_db = LEVEL_MARGIN_DB + max(value - limit for _, value, limit in found)
    if min(value for _, value, _ in found) - by_db < FAINTEST_DBOV:
        return None
    samples = lower(original.recording.samples, original.agent_channel, by_db)
    return Mutation("level", f"agent {by_db:.1f} dB lower", tuple(Target(r.id, "pass", "fail") for r, _, _ in found), samples,
                    original.recording.sample_rate_hz, original.facts.sidecar)


def _beyond(original: Original, path: str, side: str) -> Iterator[tuple[Rule, float, float]]:
    """Measure rules on ``path`` that were kept: the rule, the value measured, and the value from which it is broken."""
    context = Context(original.facts, original.standard)
    for rule, _ in original.kept("measure"):
        options = rule.options
        value, _ = context.measure(options["path"])
        if value is None or options[side] is None or not options["path"].startswith(path):
            continue
        fixed = options["tolerance"] + options["error"]
        share = options["tolerance_share"] + options["error_share"]
        yield rule, float(value), (options["most"] + fixed) / (1.0 - share) if side == "most" else _faint(options["least"], fixed, share)


def _faint(least: float, fixed: float, share: float) -> float:
    """The value at which ``least - value = fixed + share * |value|``."""
    return (least - fixed) / (1.0 - share) if least < 0 else (least - fixed) / (1.0 + share)


KINDS: Mapping[str, Callable[[Original], Mutation | None]] = {
    "phrase": drop_phrase,
    "wait": insert_wait,
    "rate": raise_rate,
    "level": lower_level,
}
"""Kinds of mutation by name: a new one is one function and one line here."""
