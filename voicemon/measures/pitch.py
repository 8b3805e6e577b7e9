"""Pitch of a voice by short-time autocorrelation: fast, telephone-band (it needs no fundamental), voiced frames only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.fft import next_fast_len, rfft  # unlike numpy's before 2.0, it stays in single precision

from ..audio.arrays import percentile, stretches
from ..audio.products import product
from ..audio.sound import Samples
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
BATCH_S = 4.0  # frames are analysed by so much of the clock at a time: what lies in memory does not grow with the call
KEPT_STRENGTH = 0.24  # a weaker peak, even with the whole octave cost in its favour, never beats one that any use of a track takes


@dataclass(frozen=True)
class PitchTrack:
    """Frames 10 ms apart inside speech: middle of each in s, pitch in Hz, and periodicity (0-1); arrays of one shape."""

    times_s: np.ndarray
    f0_hz: np.ndarray
    strength: np.ndarray
    voiced: np.ndarray


@dataclass(frozen=True)
class _Peaks:
    """Peaks of the autocorrelation that may be the period: arrays of one shape, ``frame`` ascending, in each of them ``lag``."""

    frame: np.ndarray
    lag: np.ndarray
    hz: np.ndarray
    strength: np.ndarray
    score: np.ndarray


def pitch_track(x: Samples, rate_hz: int, speech: Sequence[Span]) -> PitchTrack:
    """Pitch inside ``speech`` of mono ``x`` (floats).

    After P. Boersma, "Accurate short-term analysis of the fundamental frequency", Proc. Inst. Phonetic Sciences 17 (1993).
    """
    window = round(WINDOW_S * rate_hz)
    starts = _frame_starts(len(x), rate_hz, window, speech)
    if starts.size == 0:
        empty = np.zeros(0)
        return PitchTrack(empty, empty, empty, empty.astype(bool))
    peaks, power = _all_frames(x, rate_hz, starts)
    level_db = 10.0 * np.log10(power + 1e-12)
    loud = level_db > percentile(level_db, 95) - LOUD_DB
    times_s = (starts + window / 2) / rate_hz
    f0_hz, strength = _best(peaks, starts.size, rate_hz, (FLOOR_HZ, CEILING_HZ))
    voiced = loud & (strength >= VOICED_STRENGTH)
    if voiced.any():
        low, high = percentile(f0_hz[voiced], 25), percentile(f0_hz[voiced], 75)
        limits_hz = max(FLOOR_HZ, FLOOR_QUARTILE * low), min(CEILING_HZ, CEILING_QUARTILE * high)
        f0_hz, strength = _best(peaks, starts.size, rate_hz, limits_hz)
    return PitchTrack(times_s, f0_hz, strength, loud & (strength >= VOICED_STRENGTH))


def _all_frames(x: Samples, rate_hz: int, starts: np.ndarray) -> tuple[_Peaks, np.ndarray]:
    """Peaks of all frames, and the power of each frame."""
    window = round(WINDOW_S * rate_hz)
    parts, powers, done = [], [], 0
    for batch in np.split(starts, np.flatnonzero(np.diff(starts // round(BATCH_S * rate_hz))) + 1):
        low = int(batch[0])
        sound = np.asarray(x[low : int(batch[-1]) + window], dtype=np.float32)
        frames = stretches(sound, window)[batch - low]
        frames = frames - frames.mean(axis=1, keepdims=True)
        parts.append(_peaks(frames, rate_hz, done))
        powers.append((frames**2).mean(axis=1))
        done += batch.size
    columns = zip(*((p.frame, p.lag, p.hz, p.strength, p.score) for p in parts), strict=True)
    return _Peaks(*(np.concatenate(column) for column in columns)), np.concatenate(powers)


def _frame_starts(size: int, rate_hz: int, window: int, speech: Sequence[Span]) -> np.ndarray:
    half = window // 2
    ranges = [
        np.arange(round(s.start_s * rate_hz) - half, round(s.end_s * rate_hz) - half, round(HOP_S * rate_hz))
        for s in merge(speech)
    ]
    starts = np.concatenate(ranges) if ranges else np.zeros(0, dtype=int)
    return starts[(starts >= 0) & (starts + window <= size)]


def _fine_hz(rate_hz: int) -> int:
    return rate_hz * max(1, round(LAG_RATE_HZ / rate_hz))


def _peaks(frames: np.ndarray, rate_hz: int, first: int) -> _Peaks:
    """Peaks of the autocorrelation divided by that of the window (Boersma, equation 9), at lags from ceiling to floor.

    ``frames``: float32 ``(n, window)`` without their means; the first of them has the number ``first``.
    """
    fine_hz = _fine_hz(rate_hz)
    auto = _autocorrelation(frames, rate_hz)
    whole = np.maximum(auto[:, :1], 1e-12)
    inner = auto[:, 2:-1]
    found = inner > auto[:, 1:-2]
    found &= inner >= auto[:, 3:]
    found &= inner > KEPT_STRENGTH * whole
    row, column = np.divmod(np.flatnonzero(found), inner.shape[1])  # np.nonzero takes ten times as long for two dimensions
    left, mid, right = ((auto[row, column + side] / whole[row, 0]).astype(np.float64) for side in (1, 2, 3))
    bend = left - 2.0 * mid + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
    lag = column + _lags(fine_hz)[0]
    strength = np.clip(mid - 0.25 * (left - right) * shift, 0.0, 1.0)
    score = mid - OCTAVE_COST * np.log2(FLOOR_HZ * lag / fine_hz)
    hz = fine_hz / (lag + np.clip(shift, -0.5, 0.5))
    return _Peaks((row + first).astype(np.int32), lag.astype(np.int32), *(y.astype(np.float32) for y in (hz, strength, score)))


def _best(peaks: _Peaks, frames: int, rate_hz: int, limits_hz: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Pitch and periodicity of every frame with the pitch held inside ``limits_hz``; a frame without a peak has periodicity 0."""
    fine_hz = _fine_hz(rate_hz)
    inside = np.flatnonzero((peaks.lag >= int(fine_hz / limits_hz[1])) & (peaks.lag <= int(np.ceil(fine_hz / limits_hz[0]))))
    f0_hz, strength = np.full(frames, limits_hz[1]), np.zeros(frames)
    if inside.size:
        frame, score = peaks.frame[inside], peaks.score[inside]
        firsts = np.flatnonzero(np.diff(frame, prepend=-1))
        highest = np.repeat(np.maximum.reduceat(score, firsts), np.diff(firsts, append=frame.size))
        best = inside[score == highest][::-1]  # of equals the shortest lag, which comes first, is written last
        f0_hz[peaks.frame[best]], strength[peaks.frame[best]] = peaks.hz[best], peaks.strength[best]
    return f0_hz, strength


def _autocorrelation(frames: np.ndarray, rate_hz: int) -> np.ndarray:
    """Autocorrelation of each row under a Hann window, divided by that of the window: band-limited, at the lags of :func:`_cosines`."""
    size, cosines = _cosines(frames.shape[1], rate_hz)
    return product(_powers(frames, size, len(cosines)), cosines)


def _powers(frames: np.ndarray, size: int, bins: int) -> np.ndarray:
    """The lowest ``bins`` powers of a Fourier transform of each row under a Hann window without its zeros."""
    spectrum = rfft(frames * _taper(frames.shape[1]), size)[:, :bins]
    return np.asarray(spectrum.real**2 + spectrum.imag**2)


@lru_cache(maxsize=4)
def _taper(window: int) -> np.ndarray:
    return np.hanning(window + 2)[1:-1].astype(np.float32)


@lru_cache(maxsize=4)
def _cosines(window: int, rate_hz: int) -> tuple[int, np.ndarray]:
    """Length of the Fourier transform that has room for the longest lag behind a window, and what turns its powers into the
    autocorrelation at lag 0 and, in steps of ``1 / _fine_hz`` s, from below the shortest to above the longest: a product of matrices
    takes less time than a transform to all lags."""
    fine_hz = _fine_hz(rate_hz)
    low, high = _lags(fine_hz)
    size = next_fast_len(window + (high + 2) * rate_hz // fine_hz + 1, real=True)
    bins = np.arange(math.ceil(BAND_HZ / rate_hz * size))
    lags = np.concatenate([[0], np.arange(low - 1, high + 2)])
    sums = 2.0 * np.cos(2 * np.pi / (size * fine_hz / rate_hz) * np.outer(bins, lags))
    sums[0] = 1.0
    fading = (_powers(np.ones((1, window)), size, len(bins)) @ sums)[0]
    return size, np.ascontiguousarray(sums * (fading[0] / fading), dtype=np.float32)


def _lags(fine_hz: int) -> tuple[int, int]:
    """Shortest and longest period that is looked for, in samples."""
    return int(fine_hz / CEILING_HZ), math.ceil(fine_hz / FLOOR_HZ) + 1
