"""Bursts of steady tone in a channel, and what their spectral lines are. Knows no cadence and no country."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from .arrays import padded, runs, stretches
from .sound import Samples

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating[Any]]

RATE_HZ = 8000
WINDOW = 256
LONGEST_FFT, SHORTEST_FFT, FINER = 1 << 15, 1 << 13, 4
"""The spectrum of a burst: lines a quarter as far apart as its length tells apart, 0.24 Hz at the least; the longest holds 4 s, the most
of a burst that is looked at."""
HOP_S = 0.01
HOP = int(HOP_S * RATE_HZ)
BLOCK_FRAMES = 1500
"""Frames are transformed a quarter of a minute at a time, so that neither the memory nor the cache is filled."""
PROGRESS_BAND_HZ = (330.0, 660.0)
WHOLE_BAND_HZ = (200.0, 3800.0)
BAND_SHARE = 0.6
"""At 10 dB SNR a tone holds 0.9 of the power; the strongest vowel formant holds less than this for long."""
STEADY_DB = 2.5
SMOOTH_FRAMES = 7
"""Longer than one period of the slowest modulation in use (15 Hz)."""
MIN_BURST_S = 0.12
MIN_LEVEL_DB = -55.0
"""Over the idle noise of a line, so that silence needs no spectrum; 15 dB under the faintest tones that are promised."""
QUIET_DB = 6.0
QUIET_MARGIN, QUIET_REACH = int(0.06 / HOP_S), int(60 / HOP_S)
DTMF_LOW_HZ = np.array([697.0, 770.0, 852.0, 941.0])
DTMF_HIGH_HZ = np.array([1209.0, 1336.0, 1477.0, 1633.0])
DTMF_TOLERANCE = 0.025
DTMF_MAX_TWIST_DB = 9.0
DTMF_SHARE = 0.8
KEYS = slice(19, 57)
"""Lines of a frame's spectrum (594 to 1750 Hz) among which those that make a telephone key are: two either side of a strongest one."""
NO_DIGIT = -1


@dataclass(frozen=True, eq=False)
class Features:
    """Per 10 ms frame: power in all, power in the call-progress band, strongest line and its share, DTMF digit (or
    -1)."""

    whole: Floats
    band: Floats
    peak_hz: Floats
    peak_share: Floats
    digit: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Burst:
    """A stretch of steady tone in the call-progress band; ``hz``/``share``: its spectrum there, shares summing to 1.

    ``level_db``: its power; ``quiet_before_s``/``quiet_after_s``: how long nothing comes within 6 dB of it.
    """

    start_s: float
    end_s: float
    level_db: float
    quiet_before_s: float
    quiet_after_s: float
    hz: npt.NDArray[np.floating[Any]]
    share: npt.NDArray[np.floating[Any]]

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    @cached_property
    def outer_hz(self) -> float:
        """Sum of its lowest and its highest strong line."""
        strong = self.hz[self.share >= 0.2 * self.share.max()]
        return float(strong.min() + strong.max())

    def scale_to(self, lines_hz: tuple[float, ...]) -> float:
        """How much higher the tone is than ``lines_hz`` as a whole (1.0 = as nominal), from the middle of its lines."""
        return self.outer_hz / (min(lines_hz) + max(lines_hz))

    def share_at(self, line_hz: float, reach_hz: float) -> float:
        return float(self.share[np.abs(self.hz - line_hz) <= reach_hz].sum())

    def misplaced(self, lines_hz: tuple[float, ...]) -> float:
        """How far the strongest line near each of ``lines_hz`` lies from it, relative to it; mean over the lines."""
        scale = self.scale_to(lines_hz)
        off = []
        for line_hz in lines_hz:
            near = np.abs(self.hz - line_hz * scale) <= 0.03 * line_hz
            off.append(abs(float(self.hz[near][np.argmax(self.share[near])]) / line_hz - scale))
        return float(np.mean(off))


def features(x: Samples) -> Features:
    """Spectral features of ``x``, shape ``(n,)`` at 8 kHz; frame ``i`` is centred on ``i * HOP_S``."""
    frames, parts = len(x) // HOP + 1, []
    for first in range(0, frames, BLOCK_FRAMES):
        count = min(BLOCK_FRAMES, frames - first)
        begin, end = first * HOP - WINDOW // 2, (first + count - 1) * HOP + WINDOW // 2
        sound = padded(np.asarray(x[max(0, begin) : end], dtype=np.float32), max(0, -begin), max(0, end - len(x)))
        parts.append(_block_features(stretches(sound, WINDOW)[::HOP]))
    return Features(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def find_bursts(f: Features, x: Samples) -> list[Burst]:
    """Steady tones of the call-progress band, in order; edges where the smoothed power passes half of the burst's
    own."""
    band = uniform_filter1d(f.band, SMOOTH_FRAMES)
    whole = uniform_filter1d(f.whole, SMOOTH_FRAMES)
    tonal = (band >= BAND_SHARE * whole) & (10 * np.log10(band + 1e-15) > MIN_LEVEL_DB)
    found = []
    for first, last in runs(tonal).tolist():
        if (last - first) * HOP_S < MIN_BURST_S:
            continue
        for a, b in _level_parts(band, first, last):
            if (b - a) * HOP_S >= MIN_BURST_S and _steady(band[a:b]):
                found.append(_describe(f, band, (a, b), x))
    return [b for b in found if b is not None]


def _block_features(windows: npt.NDArray[np.float32]) -> tuple[Floats, Floats, Floats, Floats, npt.NDArray[np.int64]]:
    """Features of windows ``(n, WINDOW)``. Silence needs no spectrum: where no tone can be, the power in all is that of all frequencies."""
    taper = _taper()
    # einsum, not a product of BLAS: the last digits of that depend on how many threads it has
    whole = np.einsum("ij,j->i", np.square(windows), taper**2 / np.sum(taper**2)) + np.float32(1e-15)
    near = maximum_filter1d(whole > 10 ** (MIN_LEVEL_DB / 10), 2 * SMOOTH_FRAMES - 1)  # smoothing mixes a frame with those around it
    at = np.flatnonzero(near)
    band, peak_hz, peak_share = (np.zeros(len(windows), dtype=np.float32) for _ in range(3))
    digit = np.full(len(windows), NO_DIGIT)
    spectra = rfft(windows[at] * taper, axis=1)
    power = (spectra.real**2 + spectra.imag**2) * np.float32(2.0 / np.sum(taper**2) / WINDOW)
    whole[at], band[at] = power[:, _bins(*WHOLE_BAND_HZ)].sum(axis=1) + 1e-15, power[:, _bins(*PROGRESS_BAND_HZ)].sum(axis=1)
    peak_hz[at], peak_power = _strongest(power, *WHOLE_BAND_HZ)
    peak_share[at] = peak_power / whole[at]
    keys = np.flatnonzero(power[:, KEYS].sum(axis=1) >= DTMF_SHARE * whole[at])
    digit[at[keys]] = _digits(power[keys], whole[at[keys]])
    return whole, band, peak_hz, peak_share, digit


@lru_cache(maxsize=1)
def _taper() -> npt.NDArray[np.float32]:
    return np.hanning(WINDOW).astype(np.float32)


def _digits(power: Floats, whole: Floats) -> npt.NDArray[np.int64]:
    """The telephone key of each spectrum, or :data:`NO_DIGIT`."""
    low_hz, low_power = _strongest(power, 650.0, 1000.0)
    high_hz, high_power = _strongest(power, 1150.0, 1700.0)
    low, low_error = _nearest(low_hz, DTMF_LOW_HZ)
    high, high_error = _nearest(high_hz, DTMF_HIGH_HZ)
    twist_db = np.abs(10 * np.log10((low_power + 1e-15) / (high_power + 1e-15)))
    is_digit = (low_power + high_power >= DTMF_SHARE * whole) & (twist_db <= DTMF_MAX_TWIST_DB)
    is_digit &= (np.maximum(low_error, high_error) <= DTMF_TOLERANCE) & (whole > 10 ** (MIN_LEVEL_DB / 10))
    return np.where(is_digit, 4 * low + high, NO_DIGIT)


def _bins(low_hz: float, high_hz: float) -> slice:
    """Lines of a frame's spectrum from one frequency to another, both inclusive."""
    step = RATE_HZ / WINDOW
    return slice(math.ceil(low_hz / step), int(high_hz / step) + 1)


def _strongest(power: Floats, low_hz: float, high_hz: float) -> tuple[Floats, Floats]:
    """Frequency (interpolated) and power of the strongest line between two frequencies."""
    band = _bins(low_hz, high_hz)
    at = band.start + np.argmax(power[:, band], axis=1)
    flat = np.arange(len(power)) * power.shape[1] + at
    lines = [power.ravel()[flat + d] for d in (-2, -1, 0, 1, 2)]  # the bands lie well inside the spectrum
    a, b, c = (np.sqrt(line) for line in lines[1:4])
    # For a Hann window the true place follows from the amplitude ratio of the two neighbours.
    shift = np.where(c > a, (2 * c - b) / (b + c + 1e-15), -(2 * a - b) / (a + b + 1e-15))
    return (at + np.clip(shift, -0.5, 0.5)) * (RATE_HZ / WINDOW), np.asarray(sum(lines))


def _nearest(hz: Floats, nominal_hz: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    error = np.abs(hz[:, None] / nominal_hz - 1)
    return np.argmin(error, axis=1), error.min(axis=1)


def _level_parts(band: Floats, first: int, last: int) -> list[tuple[int, int]]:
    """Where a run is near its own level: a tone that fades into quiet voices is cut where it stops."""
    level = _quantile(band[first:last], 0.75)
    return [(first + a, first + b) for a, b in runs(band[first:last] >= 0.25 * level).tolist()]


def _quantile(values: Floats, share: float) -> float:
    """The same as ``np.quantile(values, share)``, which takes ten times as long for so few."""
    at = share * (len(values) - 1)
    low, high = math.floor(at), math.ceil(at)
    ordered = np.partition(values, (low, high))
    return float(ordered[low] + (at - low) * (ordered[high] - ordered[low]))


def _steady(band: Floats) -> bool:
    edge = min(SMOOTH_FRAMES // 2 + 1, len(band) // 4)
    return bool(np.std(10 * np.log10(band[edge : len(band) - edge] + 1e-15)) <= STEADY_DB)


def _half_power(band: Floats, a: int, b: int, level: float) -> tuple[float, float]:
    above = np.flatnonzero(band[a:b] >= 0.5 * level)
    return max(0.0, (a + int(above[0]) - 0.5) * HOP_S), (a + int(above[-1]) + 0.5) * HOP_S


def _describe(f: Features, band: Floats, at: tuple[int, int], x: Samples) -> Burst | None:
    level = _quantile(band[at[0] : at[1]], 0.5)
    start_s, end_s = _half_power(band, *at, level)
    if end_s - start_s < MIN_BURST_S:
        return None
    first, last = int((start_s + 0.02) * RATE_HZ), int((end_s - 0.02) * RATE_HZ)
    inner = np.asarray(x[first : min(last, first + 4 * RATE_HZ)], dtype=np.float32)
    size = min(LONGEST_FFT, max(SHORTEST_FFT, 1 << (FINER * len(inner) - 1).bit_length()))
    hz, inside = _fine_grid(size)
    power = np.abs(rfft(inner * np.hanning(len(inner)).astype(np.float32), size)[inside]) ** 2
    quiet_s = _quiet_around_s(f.whole, at, level)
    share = power / max(float(power.sum(dtype=np.float64)), 1e-30)
    return Burst(start_s, end_s, 10 * np.log10(level), *quiet_s, hz, share.astype(np.float32))


@lru_cache(maxsize=4)
def _fine_grid(size: int) -> tuple[npt.NDArray[np.floating[Any]], slice]:
    """Frequencies of a spectrum of ``size`` samples in the call-progress band, and where they lie in it."""
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    first, last = np.searchsorted(hz, PROGRESS_BAND_HZ[0]), np.searchsorted(hz, PROGRESS_BAND_HZ[1], side="right")
    return hz[first:last], slice(int(first), int(last))


def _quiet_around_s(whole: Floats, at: tuple[int, int], level: float) -> tuple[float, float]:
    limit = level * 10 ** (-QUIET_DB / 10)
    before = np.flatnonzero(whole[max(0, at[0] - QUIET_REACH) : max(0, at[0] - QUIET_MARGIN)][::-1] > limit)
    after = np.flatnonzero(whole[at[1] + QUIET_MARGIN : at[1] + QUIET_REACH] > limit)
    reach_s = QUIET_REACH * HOP_S
    return (
        (int(before[0]) + QUIET_MARGIN) * HOP_S if len(before) else reach_s,
        (int(after[0]) + QUIET_MARGIN) * HOP_S if len(after) else reach_s,
    )
