"""Pitch of a voice by short-time autocorrelation: fast, telephone-band (it needs no fundamental), voiced frames only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..records import Span
from ..spans import merge

FLOOR_HZ, CEILING_HZ = 70.0, 450.0
WINDOW_S = 0.045  # three periods of the floor
HOP_S = 0.01
VOICED_STRENGTH = 0.5  # P. Boersma (1993): voicing threshold 0.45-0.5
OCTAVE_COST = 0.04  # P. Boersma (1993), equation 24 (0.01 there, for wide-band sound); a telephone lacks low harmonics
LOUD_DB = 25.0  # frames further below the speaker's loud ones are not voice
LAG_RATE_HZ = 32_000  # at 8 kHz the samples of an autocorrelation miss its peaks, and the octave below wins
FLOOR_QUARTILE, CEILING_QUARTILE = 0.75, 1.5  # C. De Looze and D. Hirst (2008): limits from a first pass's quartiles
BAND_HZ = 4000.0
BATCH_FRAMES = 500


@dataclass(frozen=True)
class PitchTrack:
    """Frames 10 ms apart inside speech: middle of each in s, pitch in Hz, and periodicity (0-1); arrays of one shape."""

    times_s: np.ndarray
    f0_hz: np.ndarray
    strength: np.ndarray
    voiced: np.ndarray


def pitch_track(x: np.ndarray, rate_hz: int, speech: Sequence[Span]) -> PitchTrack:
    """Pitch inside ``speech`` of mono ``x`` (floats).

    After P. Boersma, "Accurate short-term analysis of the fundamental frequency", Proc. Inst. Phonetic Sciences 17 (1993).
    """
    window = round(WINDOW_S * rate_hz)
    starts = _frame_starts(x.size, rate_hz, window, speech)
    if starts.size == 0:
        empty = np.zeros(0)
        return PitchTrack(empty, empty, empty, empty.astype(bool))
    first = _all_frames(x, rate_hz, starts, (FLOOR_HZ, CEILING_HZ))
    if not first[2].any():
        return PitchTrack((starts + window / 2) / rate_hz, *first)
    low, high = np.percentile(first[0][first[2]], (25, 75))
    limits_hz = max(FLOOR_HZ, FLOOR_QUARTILE * low), min(CEILING_HZ, CEILING_QUARTILE * high)
    return PitchTrack((starts + window / 2) / rate_hz, *_all_frames(x, rate_hz, starts, limits_hz))


def _all_frames(
    x: np.ndarray, rate_hz: int, starts: np.ndarray, limits_hz: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pitch, periodicity and voicing of all frames with the pitch held inside ``limits_hz``."""
    batches = (starts[i : i + BATCH_FRAMES] for i in range(0, starts.size, BATCH_FRAMES))
    parts = [_analyse(x, rate_hz, batch, limits_hz) for batch in batches]
    f0_hz, strength, power = (np.concatenate(column) for column in zip(*parts, strict=True))
    level_db = 10.0 * np.log10(power + 1e-12)
    loud = level_db > np.percentile(level_db, 95) - LOUD_DB
    return f0_hz, strength, loud & (strength >= VOICED_STRENGTH)


def _frame_starts(size: int, rate_hz: int, window: int, speech: Sequence[Span]) -> np.ndarray:
    half = window // 2
    ranges = [
        np.arange(round(s.start_s * rate_hz) - half, round(s.end_s * rate_hz) - half, round(HOP_S * rate_hz))
        for s in merge(speech)
    ]
    starts = np.concatenate(ranges) if ranges else np.zeros(0, dtype=int)
    return starts[(starts >= 0) & (starts + window <= size)]


def _analyse(
    x: np.ndarray, rate_hz: int, starts: np.ndarray, limits_hz: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pitch, periodicity and power of each frame: autocorrelation divided by that of the window (Boersma, equation 9)."""
    window = round(WINDOW_S * rate_hz)
    taper = np.hanning(window + 2)[1:-1]
    frames = np.asarray(x, dtype=np.float64)[starts[:, None] + np.arange(window)]
    frames = frames - frames.mean(axis=1, keepdims=True)
    fine_hz = rate_hz * max(1, round(LAG_RATE_HZ / rate_hz))
    auto, of_taper = (_autocorrelation(y, rate_hz, fine_hz) for y in (frames * taper, taper[None, :]))
    normal = auto / np.maximum(auto[:, :1], 1e-12) / (of_taper / of_taper[:, :1])
    low, high = int(fine_hz / limits_hz[1]), min(normal.shape[1] - 1, int(np.ceil(fine_hz / limits_hz[0])) + 1)
    lags = np.arange(low, high)
    inner = normal[:, low:high]
    is_peak = (inner > normal[:, low - 1 : high - 1]) & (inner >= normal[:, low + 1 : high + 1])
    score = np.where(is_peak, inner - OCTAVE_COST * np.log2(FLOOR_HZ * lags / fine_hz), -1.0)
    best = lags[np.argmax(score, axis=1)]
    row = np.arange(starts.size)
    left, mid, right = normal[row, best - 1], normal[row, best], normal[row, best + 1]
    bend = left - 2.0 * mid + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
    strength = np.where(score.max(axis=1) > -1.0, mid - 0.25 * (left - right) * shift, 0.0)
    return fine_hz / (best + np.clip(shift, -0.5, 0.5)), np.clip(strength, 0.0, 1.0), (frames**2).mean(axis=1)


def _autocorrelation(frames: np.ndarray, rate_hz: int, fine_hz: int) -> np.ndarray:
    """Autocorrelation of each row for lags up to the longest period, band-limited, interpolated to ``fine_hz``."""
    size = 1 << (2 * frames.shape[1] - 1).bit_length()
    power = np.abs(np.fft.rfft(frames, size)) ** 2
    power[:, np.fft.rfftfreq(size, 1.0 / rate_hz) > BAND_HZ] = 0.0
    longest = int(np.ceil(fine_hz / FLOOR_HZ)) + 2
    return np.asarray(np.fft.irfft(power, size * fine_hz // rate_hz)[:, :longest])
