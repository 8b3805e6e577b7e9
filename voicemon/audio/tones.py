"""Call-progress tones: ring-back counted in cadence groups, and what must never be taken for it or for speech.

bursts of steady tone → those whose spectral lines fit a cadence → sequences that keep its time → the best explanation wins.
A ring is an accusation's foundation (how long did the caller wait?), so what fits no cadence is no ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from ..records import Span
from ..spans import merge
from .cadences import CADENCES, CALL_WAITING, RING, Cadence
from .decode import Float32, remove_dc, resample
from .music import music_spans
from .tone_bursts import HOP_S, NO_DIGIT, RATE_HZ, Burst, Features, features, find_bursts, runs

FREQUENCY_TOLERANCE = 0.026
"""ITU-T E.180 asks for ±1 % to ±2 % at the source; the rest is measurement."""
LINE_SHARE = 0.8
TIME_TOLERANCE, TIME_SLACK_S = 0.12, 0.04
CUT_SLACK_S = 0.06
"""A burst that begins this close to the start of the recording may have begun before it."""
MIN_CUT_S = 0.45
"""The shortest lone beginning of a recording that is still taken for the rest of a ring (call waiting is 0.4 s)."""
QUIET_AFTER_S = 0.3
CUT_ERROR = 0.1
SAME_PITCH, SAME_LEVEL_DB = 0.01, 4.0
"""One exchange sends all bursts of a sequence: their pitch and level do not wander."""
FAX_HZ = (1100.0, 2100.0)
FAX_TOLERANCE = 0.02
STEADY_SHARE = 0.9
STEADY_PITCH = 0.01
MIN_STEADY_S, MIN_STEADY_DB = 0.3, -50.0
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
    """Tones of a channel. ``country`` names the ring cadence (the first of those that share it), None without a ring."""

    rings: tuple[RingGroup, ...] = ()
    country: str | None = None
    others: tuple[ToneSpan, ...] = ()

    def spans(self) -> tuple[Span, ...]:
        """Every stretch that is a tone and therefore never speech, with the tone's decay; pauses of a cadence stay free."""
        return merge(
            Span(max(0.0, t.start_s - TONE_EDGE_S), t.end_s + TONE_EDGE_S) for t in (*self.rings, *self.others)
        )


@dataclass(frozen=True, eq=False)
class _Sequence:
    """Bursts that keep the time of one cadence; ``groups`` are index ranges into ``bursts``."""

    cadence: Cadence
    bursts: tuple[Burst, ...]
    groups: tuple[tuple[int, int], ...]
    cost: float


def find_tones(x: Float32, rate_hz: int) -> Tones:
    """Tones in one channel ``x`` (float32, shape ``(n,)``, in [-1, 1)).

    Levels of -40…-6 dBFS, 10 dB signal to noise, 2 % off in frequency and 10 % in time are within reach. A recording may begin
    in the middle of a ring, and the last ring may be cut by the answer.
    """
    plain = resample(remove_dc(x), rate_hz, RATE_HZ)
    if len(plain) < RATE_HZ // 10:
        return Tones()
    f = features(plain)
    bursts = find_bursts(f, plain)
    sequences = _explain(bursts)
    rings = [s for s in sequences if s.cadence.kind == RING]
    used = {id(b) for s in sequences for b in s.bursts}
    others = [ToneSpan(s.cadence.kind, b.start_s, b.end_s) for s in sequences if s.cadence.kind != RING for b in s.bursts]
    taken = [Span(b.start_s, b.end_s) for b in bursts if id(b) in used]
    others += _digits(f)
    music = [ToneSpan("music", m.start_s, m.end_s) for m in music_spans(plain, [*taken, *(_span(o) for o in others)])]
    odd = [ToneSpan("unknown", b.start_s, b.end_s) for b in bursts if id(b) not in used and b.duration_s >= MIN_ODD_BURST_S]
    beeps = _apart([*odd, *_steady(f)], taken)
    # A single tone stands as still as music does: what is one beep from end to end is no music.
    music = [m for m in music if not any(_overlap_s(m, t) > BEEP_SHARE * (m.end_s - m.start_s) for t in beeps)]
    others += [*music, *_apart(beeps, [_span(m) for m in music])]
    groups = [RingGroup(s.bursts[a].start_s, s.bursts[b - 1].end_s) for s in rings for a, b in s.groups]
    country = max(rings, key=lambda s: len(s.groups)).cadence.country if rings else None
    return Tones(tuple(sorted(groups, key=lambda g: g.start_s)), country, tuple(sorted(others, key=lambda o: o.start_s)))


def _explain(bursts: Sequence[Burst]) -> list[_Sequence]:
    """Each burst in at most one sequence; sequences that explain more bursts come first, then those that fit better."""
    left = list(bursts)
    found: list[_Sequence] = []
    while left:
        candidates = [s for c in CADENCES for s in _sequences(left, c) if _accepted(s)]
        if not candidates:
            break
        best = min(candidates, key=lambda s: (-len(s.bursts), s.cost))
        found.append(best)
        explained = {id(b) for b in best.bursts}
        left = [b for b in left if id(b) not in explained]
    return found


def _sequences(bursts: Sequence[Burst], cadence: Cadence) -> list[_Sequence]:
    fitting = [b for b in bursts if _has_lines(b, cadence)]
    found, at = [], 0
    while at < len(fitting):
        options = [_walk(fitting, at, phase, cadence) for phase in range(len(cadence.on_s))]
        best = min((o for o in options if o), key=lambda s: (-len(s.bursts), s.cost), default=None)
        if best:
            found.append(best)
        at += len(best.bursts) if best else 1
    return found


def _has_lines(burst: Burst, cadence: Cadence) -> bool:
    scale = burst.scale_to(cadence.lines_hz)
    if abs(scale - 1) > FREQUENCY_TOLERANCE:
        return False
    reach_hz = 4.0 + 2.0 / max(burst.duration_s - 0.04, 0.05)
    shares = [burst.share_at(line * scale, reach_hz) for line in cadence.lines_hz]
    outer_present = min(shares[0], shares[-1]) >= 0.06
    return outer_present and sum(shares) >= LINE_SHARE


def _walk(bursts: Sequence[Burst], first: int, phase: int, cadence: Cadence) -> _Sequence | None:
    """Follow ``cadence`` from ``bursts[first]`` as its ``phase``-th burst, as far as lengths, gaps and pitch fit."""
    errors: list[float] = []
    taken: list[Burst] = []
    starts: list[int] = []
    for index in range(first, len(bursts)):
        burst, step = bursts[index], (phase + index - first) % len(cadence.on_s)
        gap_error = _gap_error(taken, burst, cadence, step)
        error = _error(burst.duration_s, cadence.on_s[step])
        is_cut = error is None and _is_cut(taken, burst, cadence.on_s[step])
        if gap_error is None or (error is None and not is_cut):
            break
        if step == 0 or not taken:
            starts.append(len(taken))
        taken.append(burst)
        errors += [gap_error, CUT_ERROR if error is None else error]
        if is_cut and len(taken) > 1:
            break
    if not taken:
        return None
    groups = tuple(zip(starts, [*starts[1:], len(taken)], strict=True))
    off_pitch = float(np.mean([abs(b.scale_to(cadence.lines_hz) - 1) for b in taken]))
    return _Sequence(cadence, tuple(taken), groups, float(np.mean(errors)) + 2 * off_pitch)


def _gap_error(taken: Sequence[Burst], burst: Burst, cadence: Cadence, step: int) -> float | None:
    """How far the pause before ``burst`` is off, or None when it does not continue the sequence."""
    if not taken:
        return 0.0
    same_pitch = abs(burst.scale_to(cadence.lines_hz) / taken[-1].scale_to(cadence.lines_hz) - 1) <= SAME_PITCH
    same_level = abs(burst.level_db - taken[-1].level_db) <= SAME_LEVEL_DB
    return _error(burst.start_s - taken[-1].end_s, cadence.off_s[step - 1]) if same_pitch and same_level else None


def _is_cut(taken: Sequence[Burst], burst: Burst, on_s: float) -> bool:
    """Cut by the start of the recording, or by the answer: then nobody can have spoken in the pause before it."""
    if burst.duration_s >= on_s:
        return False
    if not taken:
        return burst.start_s < CUT_SLACK_S
    return burst.quiet_before_s >= burst.start_s - taken[-1].end_s - 2 * CUT_SLACK_S


def _error(seconds: float, nominal_s: float) -> float | None:
    """Relative deviation, or None when it is too large for this cadence."""
    off = abs(seconds - nominal_s)
    return off / nominal_s if off <= TIME_TOLERANCE * nominal_s + TIME_SLACK_S else None


def _accepted(s: _Sequence) -> bool:
    """Enough of the cadence was heard. A single ring counts only whole, with quiet around it and nothing said before it."""
    whole_group = len(s.bursts) >= len(s.cadence.on_s)
    single = whole_group and _full_length(s) and _quiet_around(s)
    if s.cadence.kind == RING:
        return len(s.groups) > 1 or single
    if s.cadence.kind == CALL_WAITING:
        return len(s.groups) > 1 or single
    return len(s.bursts) >= max(2, len(s.cadence.on_s))


def _full_length(s: _Sequence) -> bool:
    first = s.bursts[0]
    if len(s.bursts) == 1 and first.start_s < CUT_SLACK_S and first.duration_s >= MIN_CUT_S:
        return first.duration_s <= s.cadence.on_s[0] * (1 + TIME_TOLERANCE)
    return all(_error(b.duration_s, on) is not None for b, on in zip(s.bursts, cycle(s.cadence.on_s), strict=False))


def _quiet_around(s: _Sequence) -> bool:
    first, last = s.bursts[0], s.bursts[-1]
    return first.quiet_before_s >= first.start_s - 2 * CUT_SLACK_S and last.quiet_after_s >= QUIET_AFTER_S


def _digits(f: Features) -> list[ToneSpan]:
    """Telephone key tones (ITU-T Q.23) of at least 40 ms (Q.24)."""
    spans = []
    for a, b in runs(f.digit != NO_DIGIT):
        same = np.all(f.digit[a:b] == f.digit[a])
        if same and (b - a) * HOP_S >= MIN_DTMF_S:
            spans.append(ToneSpan("dtmf", a * HOP_S, b * HOP_S))
    return spans


def _steady(f: Features) -> list[ToneSpan]:
    """Other single steady tones: fax (ITU-T T.30: 1100 and 2100 Hz) or ``unknown`` (a beep, a dial tone)."""
    spans = []
    for a, b in runs((f.peak_share >= STEADY_SHARE) & (10 * np.log10(f.whole) > MIN_STEADY_DB)):
        hz = f.peak_hz[a:b]
        if (b - a) * HOP_S >= MIN_STEADY_S and np.std(hz) <= STEADY_PITCH * np.mean(hz):
            is_fax = any(abs(float(np.mean(hz)) / nominal - 1) <= FAX_TOLERANCE for nominal in FAX_HZ)
            spans.append(ToneSpan("fax" if is_fax else "unknown", a * HOP_S, b * HOP_S))
    return spans


def _apart(tones: Sequence[ToneSpan], taken: Sequence[Span]) -> list[ToneSpan]:
    """``tones`` that overlap neither ``taken`` nor an earlier one of themselves."""
    kept: list[ToneSpan] = []
    for tone in tones:
        if not any(_overlap_s(tone, other) > 0 for other in (*taken, *kept)):
            kept.append(tone)
    return kept


def _overlap_s(a: ToneSpan | Span, b: ToneSpan | Span) -> float:
    return min(a.end_s, b.end_s) - max(a.start_s, b.start_s)


def _span(tone: ToneSpan) -> Span:
    return Span(tone.start_s, tone.end_s)
