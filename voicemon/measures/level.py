"""Level of one party on its own speech: ITU-T P.56 method B, noise, clipping, and the level of each turn."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.signal import lfilter

from ..audio.arrays import percentile
from ..audio.sound import BLOCK_SAMPLES, Samples, Spliced, blocks
from ..records import Level, Span, TurnLevel
from ..spans import merge, subtract
from .loudness import loudness_lufs

ENVELOPE_S = 0.03  # ITU-T P.56 (12/2011), 8.2: time constant of both smoothing stages
ENVELOPE_RATE_HZ = 1000  # the envelope moves so slowly that means over 1 ms show it: levels as from every sample within 0.02 dB
HANGOVER_S = 0.2  # ITU-T P.56, 8.2
MARGIN_DB = 15.9  # ITU-T P.56, 8.2
THRESHOLDS = 2.0 ** -np.arange(15, 0, -1)  # 2^-15 ... 2^-1 of overload for 16-bit samples, ascending
NOISE_FRAME_S = 0.05
NOISE_GUARD_S = 0.1  # the decay of speech at the edge of a span is not noise
NOISE_PERCENTILE = 50.0
DIGITAL_SILENCE_DBOV = -85.0  # a 16-bit sample of +-1 is -90.3 dBov
MIN_NOISE_S = 0.5
CLIP_LEVEL = 0.98  # A-law's largest value is 32256/32768 = 0.984
CLIP_FLAT = 1 / 65_536  # half a step of 16 bits
CLIP_RUN = 3


def active_level_dbov(x: Samples, rate_hz: int) -> float | None:
    """Active speech level of mono ``x`` (floats in [-1, 1)) in dBov by ITU-T P.56 method B.

    dBov: 0 is a full-scale square wave. ``None`` where there is no signal or none above the lowest threshold.
    """
    energy, counts = _activity(x, rate_hz)
    previous: tuple[float, float] | None = None
    for threshold, active in zip(THRESHOLDS, counts, strict=True):
        if active == 0 or energy <= 0.0:
            break
        level_db = 10.0 * math.log10(energy / active)
        above_db = level_db - 20.0 * math.log10(threshold)
        if above_db <= MARGIN_DB:
            return level_db if previous is None else _interpolate(previous, (level_db, above_db))
        previous = (level_db, above_db)
    return previous[0] if previous is not None else None


def _activity(x: Samples, rate_hz: int) -> tuple[float, list[int]]:
    """Sum of squares, and for each of the thresholds the samples at which it was reached no longer than the hangover ago."""
    step = max(1, rate_hz // ENVELOPE_RATE_HZ)
    g = math.exp(-step / (rate_hz * ENVELOPE_S))
    numerator, denominator = [(1.0 - g) ** 2], [1.0, -2.0 * g, g * g]  # both smoothing stages in one
    state, hang = np.zeros(2), round(HANGOVER_S * rate_hz / step)
    recent = np.zeros(hang)
    energy, bins = 0.0, np.zeros(len(THRESHOLDS) + 1, dtype=np.int64)
    for samples in blocks(x, BLOCK_SAMPLES // step * step):
        energy += float(np.sum(np.square(samples), dtype=np.float64))  # not np.dot: its last digits depend on how many threads BLAS has
        starts = np.arange(0, len(samples), step)
        sizes = np.full(len(starts), step)
        sizes[-1] = len(samples) - starts[-1]
        means = np.add.reduceat(np.abs(samples), starts) / sizes
        envelope, state = lfilter(numerator, denominator, means, zi=state)
        envelope = np.concatenate([recent, envelope])
        highest = maximum_filter1d(envelope, hang + 1, origin=hang // 2)[hang:] if hang else envelope
        recent = envelope[len(envelope) - hang :]
        # Thresholds are powers of two: the exponent of a value tells how many it reaches.
        reached = np.clip(np.frexp(np.maximum(highest, THRESHOLDS[0] / 2))[1] + len(THRESHOLDS), 0, len(THRESHOLDS))
        bins += np.bincount(reached, sizes, minlength=len(bins)).astype(np.int64)
    return energy, [int(n) for n in np.cumsum(bins[:0:-1])[::-1]]


def _interpolate(low: tuple[float, float], high: tuple[float, float]) -> float:
    """The level where level minus threshold is the margin, on the line between two ``(level_db, above_db)``."""
    span_db = low[1] - high[1]
    share = (low[1] - MARGIN_DB) / span_db if span_db > 0 else 0.0
    return low[0] + share * (high[0] - low[0])


def concatenate(x: Samples, rate_hz: int, spans: Sequence[Span]) -> np.ndarray:
    """The samples of ``x`` inside ``spans``, one after the other."""
    return Spliced.of(x, rate_hz, merge(spans))[:]


def level_of(x: Samples, rate_hz: int, speech: Sequence[Span], turns: Sequence[Span], others: Sequence[Span] = ()) -> Level:
    """All level figures of one party; ``x`` is its channel (mono floats), ``speech`` and ``turns`` its own spans.

    ``others``: what others say on the same channel, which is no noise. Active levels are taken over turns with their short pauses, as
    P.56 means it: it finds itself what is active, and speech cut out without its pauses comes out up to 1 dB too loud.
    """
    noise_dbov = _noise_dbov(x, rate_hz, (*speech, *others))
    if not speech:
        return Level(noise_dbov=noise_dbov, reason="no speech of this party was found")
    spoken = Spliced.of(x, rate_hz, merge(speech))
    own_turns = _own_turns(turns or speech, others)
    active_dbov = active_level_dbov(Spliced.of(x, rate_hz, [span for part in own_turns for span in part]), rate_hz)
    if active_dbov is None:
        return Level(noise_dbov=noise_dbov, reason="the speech of this party has no measurable level")
    lufs = loudness_lufs(spoken, rate_hz)
    reasons = []
    if lufs is None:
        reasons.append("loudness: less than one 0.4 s block of speech, or all below the gate")
    if noise_dbov is None:
        reasons.append("noise: no stretch without speech that is not digital silence")
    return Level(
        active_level_dbov=active_dbov,
        loudness_lufs=lufs,
        noise_dbov=noise_dbov,
        snr_db=None if noise_dbov is None else active_dbov - noise_dbov,
        clipped_share=_clipped_share(spoken),
        turns=_turn_levels(x, rate_hz, own_turns),
        reason="; ".join(reasons) or None,
    )


def _own_turns(turns: Sequence[Span], others: Sequence[Span]) -> list[list[Span]]:
    """What others' speech leaves of each turn."""
    whole = merge(turns)
    starts_s = [t.start_s for t in whole]
    parts: dict[int, list[Span]] = {}
    for piece in subtract(whole, others):
        parts.setdefault(bisect_right(starts_s, piece.start_s), []).append(piece)
    return list(parts.values())


def _turn_levels(x: Samples, rate_hz: int, turns: Sequence[Sequence[Span]]) -> tuple[TurnLevel, ...]:
    """Level of each turn."""
    levels = [(turn[0].start_s, turn[-1].end_s, active_level_dbov(Spliced.of(x, rate_hz, turn), rate_hz)) for turn in turns]
    return tuple(TurnLevel(start_s, end_s, level_db) for start_s, end_s, level_db in levels if level_db is not None)


def _noise_dbov(x: Samples, rate_hz: int, speech: Sequence[Span]) -> float | None:
    """Median level of the frames outside speech, without digital silence; ``None`` with under 0.5 s of such frames."""
    guarded = [Span(s.start_s - NOISE_GUARD_S, s.end_s + NOISE_GUARD_S) for s in speech]
    frame = max(1, round(NOISE_FRAME_S * rate_hz))
    step = max(1, BLOCK_SAMPLES // frame) * frame
    levels: list[np.ndarray] = []
    for span in subtract([Span(0.0, len(x) / rate_hz)], guarded):
        first, last = round(span.start_s * rate_hz), min(round(span.end_s * rate_hz), len(x))
        last -= (last - first) % frame
        for low in range(first, last, step):
            part = np.asarray(x[low : min(low + step, last)], dtype=np.float64)
            levels.append(part.reshape(-1, frame).var(axis=1))
    power = np.concatenate(levels) if levels else np.zeros(0)
    power = power[power > 10.0 ** (DIGITAL_SILENCE_DBOV / 10.0)]
    if power.size * NOISE_FRAME_S < MIN_NOISE_S:
        return None
    return float(10.0 * np.log10(percentile(power, NOISE_PERCENTILE)))


def _clipped_share(x: Samples) -> float:
    """Share of samples in runs of at least three that stand still near full scale: a loud crest is curved, a cut one is flat."""
    clipped, left = 0, np.zeros(0, dtype=np.float32)
    for block in chain(blocks(x), [None]):
        part = left if block is None else np.concatenate([left, block])
        if not part.size or np.abs(part).max() < CLIP_LEVEL:  # nearly all of any recording
            left = part[-1:]
            continue
        starts, lengths = _still_runs(part)
        if block is not None and starts.size:  # the last run may go on in the next block
            left = part[starts[-1] :] if abs(part[-1]) >= CLIP_LEVEL else part[-1:]
            starts, lengths = starts[:-1], lengths[:-1]
        clipped += int(lengths[(lengths >= CLIP_RUN) & (np.abs(part[starts]) >= CLIP_LEVEL)].sum())
    return clipped / len(x) if len(x) else 0.0


def _still_runs(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and length of every run of samples that do not move."""
    if not x.size:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    starts = np.concatenate(([0], np.flatnonzero(np.abs(np.diff(x)) > CLIP_FLAT) + 1))
    return starts, np.diff(np.concatenate((starts, [x.size])))
