"""Bursts that keep the time of a cadence: the step from single tones to "this is ringing", "this is busy"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from .cadences import CADENCES, CALL_WAITING, RING, Cadence
from .tone_bursts import Burst

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


@dataclass(frozen=True, eq=False)
class ToneSequence:
    """Bursts that keep the time of one cadence; ``groups`` are index ranges into ``bursts``."""

    cadence: Cadence
    bursts: tuple[Burst, ...]
    groups: tuple[tuple[int, int], ...]
    cost: float


def explain(bursts: Sequence[Burst]) -> list[ToneSequence]:
    """Each burst in at most one sequence; sequences that explain more bursts come first, then those that fit better."""
    left = list(bursts)
    fitting = {lines_hz: {id(b) for b in bursts if _has_lines(b, lines_hz)} for lines_hz in {c.lines_hz for c in CADENCES}}
    found: list[ToneSequence] = []
    while left:
        candidates = [s for c in CADENCES for s in _sequences([b for b in left if id(b) in fitting[c.lines_hz]], c) if _accepted(s)]
        if not candidates:
            break
        best = min(candidates, key=lambda s: (-len(s.bursts), s.cost))
        found.append(best)
        explained = {id(b) for b in best.bursts}
        left = [b for b in left if id(b) not in explained]
    return found


def _sequences(fitting: Sequence[Burst], cadence: Cadence) -> list[ToneSequence]:
    """What keeps the time of ``cadence`` among bursts that have its lines."""
    found, at = [], 0
    while at < len(fitting):
        options = [_walk(fitting, at, phase, cadence) for phase in range(len(cadence.on_s))]
        best = min((o for o in options if o), key=lambda s: (-len(s.bursts), s.cost), default=None)
        if best:
            found.append(best)
        at += len(best.bursts) if best else 1
    return found


def _has_lines(burst: Burst, lines_hz: tuple[float, ...]) -> bool:
    scale = burst.scale_to(lines_hz)
    if abs(scale - 1) > FREQUENCY_TOLERANCE:
        return False
    reach_hz = 4.0 + 2.0 / max(burst.duration_s - 0.04, 0.05)
    shares = [burst.share_at(line * scale, reach_hz) for line in lines_hz]
    outer_present = min(shares[0], shares[-1]) >= 0.06
    return outer_present and sum(shares) >= LINE_SHARE


def _walk(bursts: Sequence[Burst], first: int, phase: int, cadence: Cadence) -> ToneSequence | None:
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
    off_pitch = float(np.mean([abs(b.scale_to(cadence.lines_hz) - 1) + b.misplaced(cadence.lines_hz) for b in taken]))
    return ToneSequence(cadence, tuple(taken), groups, float(np.mean(errors)) + 2 * off_pitch)


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


def _accepted(s: ToneSequence) -> bool:
    """Enough of the cadence was heard. A single ring counts only whole, with quiet around it and nothing said before
    it."""
    whole_group = len(s.bursts) >= len(s.cadence.on_s)
    single = whole_group and _full_length(s) and _quiet_around(s)
    if s.cadence.kind == RING:
        return len(s.groups) > 1 or single
    if s.cadence.kind == CALL_WAITING:
        return len(s.groups) > 1 or single
    return len(s.bursts) >= max(2, len(s.cadence.on_s))


def _full_length(s: ToneSequence) -> bool:
    first = s.bursts[0]
    if len(s.bursts) == 1 and first.start_s < CUT_SLACK_S and first.duration_s >= MIN_CUT_S:
        return first.duration_s <= s.cadence.on_s[0] * (1 + TIME_TOLERANCE)
    return all(_error(b.duration_s, on) is not None for b, on in zip(s.bursts, cycle(s.cadence.on_s), strict=False))


def _quiet_around(s: ToneSequence) -> bool:
    first, last = s.bursts[0], s.bursts[-1]
    return first.quiet_before_s >= first.start_s - 2 * CUT_SLACK_S and last.quiet_after_s >= QUIET_AFTER_S
