"""Call-progress tones: ring-back counted in cadence groups, and what must never be taken for it or for speech.

bursts of steady tone → those whose spectral lines fit a cadence → sequences that keep its time → the best explanation
wins. A ring is an accusation's foundation (how long did the caller wait?), so what fits no cadence is no ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..records import Span
from ..spans import merge
from .arrays import runs
from .cadences import RING
from .music import music_spans
from .sound import Samples, at_rate, less_mean
from .tone_bursts import HOP_S, NO_DIGIT, RATE_HZ, Features, features, find_bursts
from .tone_sequences import explain

FAX_HZ = (1100.0, 2100.0)
FAX_TOLERANCE = 0.02
STEADY_SHARE = 0.9
MIN_STEADY_DB = -50.0
STEADY_PITCH, MIN_STEADY_S = 0.01, 0.3
VOICE_TOP_HZ, VOICE_STEADY_PITCH, VOICE_STEADY_S = 900.0, 0.004, 0.6
"""Below 900 Hz a held vowel can look like a tone for 0.4 s, so there a tone must be steadier, and for longer."""
BEEP_SHARE = 0.8
MIN_ODD_BURST_S = 0.6
MIN_DTMF_S = 0.04
TONE_EDGE_S = 0.03


@dataclass(frozen=True)
class RingGroup:
    """One ring as the caller counts it (a double ring is one): from the first burst's start to the last burst's end."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class ToneSpan:
    """Another tone: ``busy``, ``congestion``, ``call_waiting``, ``dtmf``, ``fax``, ``music`` or ``unknown``."""

    kind: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Tones:
    """Tones of a channel. ``country`` names the ring cadence (the first of those that share it), None without a
    ring."""

    rings: tuple[RingGroup, ...] = ()
    country: str | None = None
    others: tuple[ToneSpan, ...] = ()

    def spans(self) -> tuple[Span, ...]:
        """Every stretch that is a tone and therefore never speech, with the tone's decay; pauses of a cadence stay
        free."""
        all_tones: list[RingGroup | ToneSpan] = [*self.rings, *self.others]
        return merge(Span(max(0.0, t.start_s - TONE_EDGE_S), t.end_s + TONE_EDGE_S) for t in all_tones)


def find_tones(x: Samples, rate_hz: int) -> Tones:
    """Tones in one channel ``x`` (float32, shape ``(n,)``, in [-1, 1)).

    Levels of -40…-6 dBFS, 10 dB signal to noise, 2 % off in frequency and 10 % in time are within reach. A recording
    may begin in the middle of a ring, and the last ring may be cut by the answer.
    """
    plain = at_rate(less_mean(x), rate_hz, RATE_HZ)
    if len(plain) < RATE_HZ // 10:
        return Tones()
    f = features(plain)
    bursts = find_bursts(f, plain)
    sequences = explain(bursts)
    rings = [s for s in sequences if s.cadence.kind == RING]
    used = {id(b) for s in sequences for b in s.bursts}
    busy = [s for s in sequences if s.cadence.kind != RING]
    others = [ToneSpan(s.cadence.kind, b.start_s, b.end_s) for s in busy for b in s.bursts]
    taken = [Span(b.start_s, b.end_s) for b in bursts if id(b) in used]
    others += _digits(f)
    music = [ToneSpan("music", m.start_s, m.end_s) for m in music_spans(plain, [*taken, *(_span(o) for o in others)])]
    odd = [b for b in bursts if id(b) not in used and b.duration_s >= MIN_ODD_BURST_S]
    beeps = _apart([*(ToneSpan("unknown", b.start_s, b.end_s) for b in odd), *_steady(f)], taken)
    # A single tone stands as still as music does: what is one beep from end to end is no music.
    music = [m for m in music if not any(_overlap_s(m, t) > BEEP_SHARE * (m.end_s - m.start_s) for t in beeps)]
    others += [*music, *_apart(beeps, [_span(m) for m in music])]
    groups = [RingGroup(s.bursts[a].start_s, s.bursts[b - 1].end_s) for s in rings for a, b in s.groups]
    country = max(rings, key=lambda s: len(s.groups)).cadence.country if rings else None
    groups.sort(key=lambda g: g.start_s)
    others.sort(key=lambda o: o.start_s)
    return Tones(tuple(groups), country, tuple(others))


def _digits(f: Features) -> list[ToneSpan]:
    """Telephone key tones (ITU-T Q.23) of at least 40 ms (Q.24)."""
    spans = []
    for a, b in runs(f.digit != NO_DIGIT).tolist():
        same = np.all(f.digit[a:b] == f.digit[a])
        if same and (b - a) * HOP_S >= MIN_DTMF_S:
            spans.append(ToneSpan("dtmf", a * HOP_S, b * HOP_S))
    return spans


def _steady(f: Features) -> list[ToneSpan]:
    """Other single steady tones: fax (ITU-T T.30: 1100 and 2100 Hz) or ``unknown`` (a beep, a dial tone)."""
    spans = []
    for a, b in runs((f.peak_share >= STEADY_SHARE) & (10 * np.log10(f.whole) > MIN_STEADY_DB)).tolist():
        if (b - a) * HOP_S < MIN_STEADY_S:
            continue  # nearly all, and what they are of is not worth working out
        hz = f.peak_hz[a:b]
        like_voice = float(np.mean(hz)) < VOICE_TOP_HZ
        min_s, max_spread = (VOICE_STEADY_S, VOICE_STEADY_PITCH) if like_voice else (MIN_STEADY_S, STEADY_PITCH)
        if (b - a) * HOP_S >= min_s and np.std(hz) <= max_spread * np.mean(hz):
            is_fax = any(abs(float(np.mean(hz)) / nominal - 1) <= FAX_TOLERANCE for nominal in FAX_HZ)
            spans.append(ToneSpan("fax" if is_fax else "unknown", a * HOP_S, b * HOP_S))
    return spans


def _apart(tones: Sequence[ToneSpan], taken: Sequence[Span]) -> list[ToneSpan]:
    """``tones`` that overlap neither ``taken`` nor an earlier one of themselves."""
    kept: list[ToneSpan] = []
    for tone in tones:
        if all(_overlap_s(tone, other) <= 0 for other in [*taken, *map(_span, kept)]):
            kept.append(tone)
    return kept


def _overlap_s(a: ToneSpan | Span, b: ToneSpan | Span) -> float:
    return min(a.end_s, b.end_s) - max(a.start_s, b.start_s)


def _span(tone: ToneSpan) -> Span:
    return Span(tone.start_s, tone.end_s)
