"""Waits: every stretch of at least 2.0 s in which neither party speaks, and what kind of wait it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from ..audio.arrays import runs
from ..audio.sound import BLOCK_SAMPLES, Samples, blocks
from ..records import AGENT, CUSTOMER, Ring, Span, Utterance, Wait, Word
from ..serial import shipped_yaml
from ..spans import covered_s, intersect, merge, subtract, total_s

UNKNOWN = "unknown"  # whose speech it is
WAIT_S = 2.0  # definitions.md, "Waits"
TAIL_CHARACTERS = 18  # an announcement further back than this is no longer the agent's last words
LAST_WORDS_GAP_S = 3.0
CONSENT_S = 6.0  # the customer may answer 好的 between the announcement and the wait
HOLD_SOUND_S = 1.0  # music or a transfer's ring-back in a wait for this long makes it a hold
MUTED_SHARE = 0.5  # digital silence over this share of a wait makes it a hold
GATED_SHARE = 0.5  # a channel that is digitally silent in more of its pauses than this is gated, not muted
GATED_PAUSE_S = 0.3
MUTE_BLOCK_S = 0.05
MUTE_MIN_S = 1.0
_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class WaitContext:
    """What else is known of the line: the ring, other sounds (music, later ring-back), muted stretches of either channel.

    ``announcements``: more phrases that announce a wait, beside those of ``wait_phrases.yaml``.
    """

    ring: Ring = Ring()
    sounds: tuple[Span, ...] = ()
    muted: tuple[Span, ...] = ()
    announcements: tuple[str, ...] = ()


def find_waits(
    speech: Mapping[str, Sequence[Span]],
    end_s: float,
    utterances: Sequence[Utterance] = (),
    context: WaitContext | None = None,
) -> tuple[Wait, ...]:
    """Every wait of a call, in order. ``speech`` is keyed by party; ``end_s`` is the release, else the true end of the file."""
    context = context or WaitContext()
    spoken = merge(span for spans in speech.values() for span in spans)
    free = [s for s in subtract([Span(0.0, end_s)], spoken) if s.duration_s >= WAIT_S]
    waits = []
    for span in free:
        announced = _announced(span, utterances, context.announcements)
        waits.append(Wait(_kind(span, speech, context, announced), span.start_s, span.end_s, announced))
    return tuple(waits)


def _kind(span: Span, speech: Mapping[str, Sequence[Span]], context: WaitContext, announced: bool) -> str:
    before = _last_speaker(speech, span.start_s)
    after = _next_speaker(speech, span.end_s)
    ring = context.ring
    if ring.source == "recording" and ring.answer_s is not None and span.start_s < ring.answer_s:
        return "ring"
    if before is None:
        return "unknown_wait"
    if announced or total_s(intersect([span], context.sounds)) >= HOLD_SOUND_S:
        return "hold"
    if after is None:
        return "closing"
    if not any(s.start_s < span.end_s for s in speech.get(CUSTOMER, ())):
        # Words of nobody, where the agent's are known, may have been the customer's: then the line was not silent.
        perhaps = AGENT in speech and any(s.start_s < span.end_s for s in speech.get(UNKNOWN, ()))
        return "unknown_wait" if perhaps else "silent_line"
    if total_s(intersect([span], context.muted)) >= MUTED_SHARE * span.duration_s:
        return "hold"
    return "response" if (before, after) == (CUSTOMER, AGENT) else "dead_air"


def _last_speaker(speech: Mapping[str, Sequence[Span]], before_s: float) -> str | None:
    ends = [(s.end_s, party) for party, spans in speech.items() for s in spans if s.end_s <= before_s]
    return max(ends)[1] if ends else None


def _next_speaker(speech: Mapping[str, Sequence[Span]], after_s: float) -> str | None:
    starts = [(s.start_s, party) for party, spans in speech.items() for s in spans if s.start_s >= after_s]
    return min(starts)[1] if starts else None


def _announced(span: Span, utterances: Sequence[Utterance], more: Sequence[str]) -> bool:
    """True if the agent's last words before ``span`` announce a wait."""
    # A recogniser's times may run a little into the pause, so the middle of the pause is the limit.
    middle_s = (span.start_s + span.end_s) / 2
    pieces = [w for u in utterances if u.speaker == AGENT for w in (u.words or (u,)) if w.end_s <= middle_s]
    if not pieces or span.start_s - max(p.end_s for p in pieces) > CONSENT_S:
        return False
    tail = _NOT_WORDS.sub("", _last_words(pieces))[-TAIL_CHARACTERS:]
    return any(phrase in tail for phrase in (*wait_phrases(), *(_NOT_WORDS.sub("", m) for m in more)) if phrase)


def _last_words(pieces: Sequence[Word | Utterance]) -> str:
    """What was said last without a gap of 3 s: enough for 好的 of the customer between 请稍等 and 谢谢, no more."""
    text, since_s = "", None
    for piece in sorted(pieces, key=lambda p: (p.start_s, p.end_s), reverse=True):
        if since_s is not None and since_s - piece.end_s > LAST_WORDS_GAP_S:
            break
        text, since_s = piece.text + text, piece.start_s
    return text


@lru_cache(maxsize=1)
def wait_phrases() -> tuple[str, ...]:
    """The phrases that announce a wait, from ``wait_phrases.yaml`` (data)."""
    text = resources.files(__package__).joinpath("wait_phrases.yaml").read_text(encoding="utf-8")
    return tuple(str(phrase) for phrase in shipped_yaml(text)["announcements"])


def muted_spans(x: Samples, rate_hz: int, speech: Sequence[Span]) -> tuple[Span, ...]:
    """Stretches of at least 1 s in which a channel is digital silence (one constant value); mono floats in.

    Empty for a channel that is digitally silent in most of its pauses: a noise gate or a clean source, not a mute button.
    """
    silent = _constant_spans(x, rate_hz)
    muted = tuple(s for s in silent if s.duration_s >= MUTE_MIN_S)
    pauses = [p for p in subtract([Span(0.0, len(x) / rate_hz)], speech) if p.duration_s >= GATED_PAUSE_S]
    gated = sum(s > MUTED_SHARE * p.duration_s for p, s in zip(pauses, covered_s(pauses, silent), strict=True))
    return () if gated > GATED_SHARE * len(pauses) else muted


def _constant_spans(x: Samples, rate_hz: int) -> tuple[Span, ...]:
    """Runs of blocks of 50 ms that each hold one value only."""
    block = max(1, round(MUTE_BLOCK_S * rate_hz))
    step = max(1, BLOCK_SAMPLES // block) * block
    parts = [np.zeros(0, dtype=bool)]
    for sound in blocks(x, step):
        frames = sound[: sound.size // block * block].reshape(-1, block)
        parts.append(frames.max(axis=1) == frames.min(axis=1))
    return tuple(Span(a * block / rate_hz, b * block / rate_hz) for a, b in runs(np.concatenate(parts)).tolist())
