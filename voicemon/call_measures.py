"""All measures of one call, put together from ``measures/``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .audio.sound import Samples
from .audio.tones import Tones
from .measures.level import level_of
from .measures.mos import line_quality
from .measures.rate import speaking_rate
from .measures.ring import ring_to_answer
from .measures.syllables import count_syllables
from .measures.timing import find_interruptions, talk_share, turns
from .measures.tone import receiver_bang, tone_of
from .measures.voice import Voice, voice_of
from .measures.waits import WaitContext, find_waits, muted_spans
from .records import AGENT, CUSTOMER, Level, LineQuality, Measures, Ring, Span, SpeakingRate, Utterance
from .spans import merge


@dataclass(frozen=True, eq=False)
class Line:
    """The sound of one party (mono floats at the file's own rate), its speech, and what others say on the same channel."""

    x: Samples
    speech: tuple[Span, ...]
    others: tuple[Span, ...] = ()


@dataclass(frozen=True, eq=False)
class Call:
    """What is measured: ``lines`` by party (empty when the parties are not known), ``speech`` of whoever spoke, and the extent."""

    lines: Mapping[str, Line]
    speech: Mapping[str, tuple[Span, ...]]
    rate_hz: int
    duration_s: float
    tones: Tones
    sidecar: Mapping[str, Any]


def line_qualities(call: Call) -> dict[str, LineQuality]:
    """Line quality of each party: dearer than all that :func:`measure` does together."""
    return {party: line_quality(line.x, call.rate_hz, line.speech) for party, line in call.lines.items()}


def measure(call: Call, transcript: Sequence[Utterance]) -> Measures:
    """Measures of a call, all but the line quality. Without known parties only what needs none is measured; the rest is empty or has
    its reason."""
    ring = ring_to_answer(call.tones, call.speech, call.sidecar)
    end_s = release_s(call)
    call_s = max(0.0, end_s - (ring.answer_s or 0.0))
    own_turns = _turns(call)
    sounds = call.tones.spans()  # a ring, music on hold: no speech, and no noise of the line either
    levels = {
        party: level_of(line.x, call.rate_hz, line.speech, own_turns[party], (*line.others, *sounds))
        for party, line in call.lines.items()
    }
    voices = {party: voice_of(line.x, call.rate_hz, line.speech) for party, line in call.lines.items()}
    known = bool(call.lines)
    unknown = "who speaks is not known"
    return Measures(
        speaking_rate={party: _rate(call, party, (own_turns[party], voices[party]), call_s, transcript) for party in call.lines}
        or {party: SpeakingRate(reason=unknown) for party in (AGENT, CUSTOMER)},
        level=levels or {party: Level(reason=unknown) for party in (AGENT, CUSTOMER)},
        ring=ring,
        waits=find_waits(call.speech, end_s, transcript, _wait_context(call, ring)),
        interruptions=find_interruptions(call.speech[AGENT], call.speech[CUSTOMER], transcript) if known else (),
        talk_share=talk_share(call.speech, call_s) if known else {},
        tone={party: tone_of(line.x, call.rate_hz, line.speech, levels[party], voices[party])
              for party, line in call.lines.items()},
        receiver_bang_dbov=receiver_bang(call.lines[AGENT].x, call.rate_hz) if known and not call.lines[AGENT].others else None,
    )


def release_s(call: Call) -> float:
    """When the line was released: by the sidecar (seconds after the last word), else the end of the file."""
    words_end_s = max((s.end_s for spans in call.speech.values() for s in spans), default=None)
    after_s = call.sidecar.get("released_after_s")
    if words_end_s is None or after_s is None:
        return call.duration_s
    return min(call.duration_s, words_end_s + after_s)


def _turns(call: Call) -> dict[str, tuple[Span, ...]]:
    other = {AGENT: CUSTOMER, CUSTOMER: AGENT}
    return {party: turns(line.speech, call.speech[other[party]]) for party, line in call.lines.items()}


def _rate(call: Call, party: str, spoken: tuple[Sequence[Span], Voice], call_s: float, transcript: Sequence[Utterance]) -> SpeakingRate:
    line, (own_turns, voice) = call.lines[party], spoken
    own = [u for u in transcript if u.speaker == party]
    return speaking_rate(own, line.speech, own_turns, call_s or None, count_syllables(line.x, call.rate_hz, line.speech, voice))


def _wait_context(call: Call, ring: Ring) -> WaitContext:
    """Rings after the answer are a transfer's; the sidecar's mutes and holds count as muted stretches."""
    answered_s = ring.answer_s if ring.answer_s is not None else 0.0
    later = [Span(r.start_s, r.end_s) for r in call.tones.rings if r.start_s >= answered_s]
    sounds = merge([*later, *(Span(o.start_s, o.end_s) for o in call.tones.others)])
    told = [Span(s["start_s"], s["start_s"] + s["duration_s"]) for name in ("mutes", "holds") for s in call.sidecar.get(name) or ()]
    muted = [span for line in call.lines.values() for span in muted_spans(line.x, call.rate_hz, (*line.speech, *line.others))]
    return WaitContext(ring=ring, sounds=sounds, muted=merge([*told, *muted]))
