"""Level of one party on its own speech: ITU-T P.56 method B, ITU-R BS.1770-4, noise, clipping, and the level of each turn."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np

from ..records import Level, Span, TurnLevel
from ..spans import merge, subtract

ENVELOPE_S = 0.03  # ITU-T P.56 (12/2011), 8.2: time constant of both smoothing stages
HANGOVER_S = 0.2  # ITU-T P.56, 8.2
MARGIN_DB = 15.9  # ITU-T P.56, 8.2
THRESHOLDS = 2.0 ** -np.arange(15, 0, -1)  # 2^-15 ... 2^-1 of overload for 16-bit samples, ascending
LOUDNESS_BLOCK_S = 0.4  # ITU-R BS.1770-4: one gating block
LOUDNESS_RATE_HZ = 48_000  # the rate whose filter coefficients BS.1770-4 prints
NOISE_FRAME_S = 0.05
NOISE_GUARD_S = 0.1  # the decay of speech at the edge of a span is not noise
NOISE_PERCENTILE = 50.0
DIGITAL_SILENCE_DBOV = -85.0  # a 16-bit sample of +-1 is -90.3 dBov
MIN_NOISE_S = 0.5
CLIP_LEVEL = 0.98  # A-law's largest value is 32256/32768 = 0.984
CLIP_FLAT = 1 / 65_536  # half a step of 16 bits
CLIP_RUN = 3


def active_level_dbov(x: np.ndarray, rate_hz: int) -> float | None:
    """Active speech level of mono ``x`` (floats in [-1, 1)) in dBov by ITU-T P.56 method B.

    dBov: 0 is a full-scale square wave. ``None`` where there is no signal or none above the lowest threshold.
    """
    samples = np.asarray(x, dtype=np.float64)
    energy = float(np.sum(samples**2))
    if samples.size == 0 or energy <= 0.0:
        return None
    envelope = _envelope(samples, rate_hz)
    hang = round(HANGOVER_S * rate_hz)
    previous: tuple[float, float] | None = None
    for threshold in THRESHOLDS:
        active = _active_samples(envelope, threshold, hang)
        if active == 0:
            break
        level_db = 10.0 * math.log10(energy / active)
        above_db = level_db - 20.0 * math.log10(threshold)
        if above_db <= MARGIN_DB:
            return level_db if previous is None else _interpolate(previous, (level_db, above_db))
        previous = (level_db, above_db)
    return previous[0] if previous is not None else None


def _envelope(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    from scipy.signal import lfilter

    g = math.exp(-1.0 / (rate_hz * ENVELOPE_S))
    once = lfilter([1.0 - g], [1.0, -g], np.abs(samples))
    return np.asarray(lfilter([1.0 - g], [1.0, -g], once))


def _active_samples(envelope: np.ndarray, threshold: float, hang: int) -> int:
    at = np.flatnonzero(envelope >= threshold)
    if at.size == 0:
        return 0
    after_last = min(envelope.size - 1 - int(at[-1]), hang) + 1
    return int(np.minimum(np.diff(at), hang + 1).sum()) + after_last


def _interpolate(low: tuple[float, float], high: tuple[float, float]) -> float:
    """The level where level minus threshold is the margin, on the line between two ``(level_db, above_db)``."""
    span_db = low[1] - high[1]
    share = (low[1] - MARGIN_DB) / span_db if span_db > 0 else 0.0
    return low[0] + share * (high[0] - low[0])


def loudness_lufs(x: np.ndarray, rate_hz: int) -> float | None:
    """Integrated loudness (ITU-R BS.1770-4) of mono ``x`` in LUFS; ``None`` under one 0.4 s block or where all is gated out."""
    if x.size < LOUDNESS_BLOCK_S * rate_hz:
        return None
    import pyloudnorm
    from scipy.signal import resample_poly

    samples = np.asarray(x, dtype=np.float64)
    if rate_hz != LOUDNESS_RATE_HZ:
        divisor = math.gcd(LOUDNESS_RATE_HZ, rate_hz)
        samples = resample_poly(samples, LOUDNESS_RATE_HZ // divisor, rate_hz // divisor)
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")  # an empty gate warns and gives -inf, which becomes None below
        loudness = float(pyloudnorm.Meter(LOUDNESS_RATE_HZ).integrated_loudness(samples))
    return loudness if math.isfinite(loudness) else None


def concatenate(x: np.ndarray, rate_hz: int, spans: Sequence[Span]) -> np.ndarray:
    """The samples of ``x`` inside ``spans``, one after the other."""
    parts = [x[round(s.start_s * rate_hz) : round(s.end_s * rate_hz)] for s in merge(spans)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def level_of(x: np.ndarray, rate_hz: int, speech: Sequence[Span], turns: Sequence[Span], others: Sequence[Span] = ()) -> Level:
    """All level figures of one party; ``x`` is its channel (mono floats), ``speech`` and ``turns`` its own spans.

    ``others``: what others say on the same channel, which is no noise.
    """
    noise_dbov = _noise_dbov(x, rate_hz, (*speech, *others))
    if not speech:
        return Level(noise_dbov=noise_dbov, reason="no speech of this party was found")
    spoken = concatenate(x, rate_hz, speech)
    active_dbov = active_level_dbov(spoken, rate_hz)
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
        turns=_turn_levels(x, rate_hz, speech, turns),
        reason="; ".join(reasons) or None,
    )


def _turn_levels(x: np.ndarray, rate_hz: int, speech: Sequence[Span], turns: Sequence[Span]) -> tuple[TurnLevel, ...]:
    levels = []
    for turn in merge(turns):
        inside = [
            Span(max(s.start_s, turn.start_s), min(s.end_s, turn.end_s))
            for s in speech
            if s.start_s < turn.end_s and s.end_s > turn.start_s
        ]
        level_db = active_level_dbov(concatenate(x, rate_hz, inside), rate_hz)
        if level_db is not None:
            levels.append(TurnLevel(turn.start_s, turn.end_s, level_db))
    return tuple(levels)


def _noise_dbov(x: np.ndarray, rate_hz: int, speech: Sequence[Span]) -> float | None:
    """Median level of the frames outside speech, without digital silence; ``None`` with under 0.5 s of such frames."""
    guarded = [Span(s.start_s - NOISE_GUARD_S, s.end_s + NOISE_GUARD_S) for s in speech]
    frame = max(1, round(NOISE_FRAME_S * rate_hz))
    levels: list[np.ndarray] = []
    for span in subtract([Span(0.0, x.size / rate_hz)], guarded):
        part = np.asarray(x[round(span.start_s * rate_hz) : round(span.end_s * rate_hz)], dtype=np.float64)
        frames = part[: part.size // frame * frame].reshape(-1, frame)
        levels.append(frames.var(axis=1))
    power = np.concatenate(levels) if levels else np.zeros(0)
    power = power[power > 10.0 ** (DIGITAL_SILENCE_DBOV / 10.0)]
    if power.size * NOISE_FRAME_S < MIN_NOISE_S:
        return None
    return float(10.0 * np.log10(np.percentile(power, NOISE_PERCENTILE)))


def _clipped_share(samples: np.ndarray) -> float:
    """Share of samples in runs of at least three that stand still near full scale: a loud crest is curved, a cut one is flat."""
    if samples.size < CLIP_RUN:
        return 0.0
    moves = np.abs(np.diff(samples)) > CLIP_FLAT
    starts = np.concatenate(([0], np.flatnonzero(moves) + 1))
    lengths = np.diff(np.concatenate((starts, [samples.size])))
    clipped = (lengths >= CLIP_RUN) & (np.abs(samples[starts]) >= CLIP_LEVEL)
    return float(lengths[clipped].sum() / samples.size)
