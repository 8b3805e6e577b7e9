"""Speech that noise drowns in level but not in spectrum: faint ends and voiceless sounds on a noisy line.

White noise spreads over the whole band, a vowel does not. Against the noise's own spectrum a band or two stand out long after the level
of the whole has gone under. Statistic: J. Sohn, N. S. Kim, W. Sung, "A statistical model-based voice activity detection", IEEE Signal
Processing Letters 6 (1999), with the a-priori SNR at its maximum-likelihood estimate.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft
from scipy.ndimage import uniform_filter1d

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]

BAND_EDGES_HZ = (150, 300, 450, 600, 800, 1000, 1250, 1550, 1900, 2300, 2800, 3400)
"""About Zwicker's critical bands in pairs, within a telephone's pass band."""
WINDOW_S = 0.032
SMOOTH_HOPS = 9
RATIO = 0.07
"""Mean log-likelihood ratio per band over which a hop is no noise; 2 % of the hops of steady white noise exceed it."""
QUIET_DB = 2.0
"""Hops within this much of the floor are noise and show its spectrum."""
FEWEST_QUIET_HOPS = 50
BLOCK_HOPS = 4096
HOP_S = 0.005


def stands_out(sound: Iterable[Float32], rate_hz: int, level_db: Floats, floor_db: Floats) -> Bools:
    """Whether each hop of 5 ms holds more than noise. ``sound``: mono floats, in blocks, one after the other; ``level_db``, ``floor_db``:
    level and noise floor of its hops. All ``False`` where there is no stretch of noise to compare with."""
    hops = len(level_db)
    quiet = np.abs(level_db - floor_db) < QUIET_DB
    found = np.zeros(hops, dtype=np.bool_)
    if np.count_nonzero(quiet) < FEWEST_QUIET_HOPS:
        return found
    relative = _band_powers(sound, rate_hz, hops) / (10 ** (floor_db / 10)).astype(np.float32)[:, None]
    relative /= np.maximum(np.mean(relative[quiet], axis=0, dtype=np.float64), 1e-12).astype(np.float32)
    for first in range(0, hops, BLOCK_HOPS):
        low = max(0, first - SMOOTH_HOPS)
        smooth = uniform_filter1d(relative[low : first + BLOCK_HOPS + SMOOTH_HOPS].astype(np.float64), SMOOTH_HOPS, axis=0)
        over = np.maximum(smooth[first - low : first - low + BLOCK_HOPS], 1.0)
        found[first : first + BLOCK_HOPS] = np.mean(over - np.log(over) - 1.0, axis=1) > RATIO
    return found


def _band_powers(sound: Iterable[Float32], rate_hz: int, hops: int) -> Float32:
    """Power ``(hops, bands)`` in Hann windows around the middle of each hop."""
    size, step = 2 * round(WINDOW_S * rate_hz / 2), HOP_S * rate_hz
    starts = np.round((np.arange(hops) + 0.5) * step).astype(int) + size // 2  # counted from ``size`` samples before the first
    edges = np.searchsorted(np.fft.rfftfreq(size, 1 / rate_hz), BAND_EDGES_HZ)
    window = np.hanning(size).astype(np.float32)
    powers = np.zeros((hops, len(edges) - 1), dtype=np.float32)
    left, begin, done = np.zeros(size, dtype=np.float32), 0, 0
    for block in chain(sound, [np.zeros(2 * size, dtype=np.float32)]):
        x = np.concatenate([left, block])
        if len(x) < size:  # the last block of a line may be a few samples
            left = x
            continue
        frames = np.lib.stride_tricks.sliding_window_view(x, size)
        ready = int(np.searchsorted(starts, begin + len(frames)))
        for first in range(done, ready, BLOCK_HOPS):
            spectra = rfft(frames[starts[first : min(first + BLOCK_HOPS, ready)] - begin] * window, axis=1)
            power = np.add.reduceat(spectra.real**2 + spectra.imag**2, edges, axis=1)[:, :-1]
            powers[first : first + len(power)] = power / np.diff(edges)
        done = ready
        kept = min(len(x), int(starts[ready]) - begin) if ready < hops else len(x)
        left, begin = x[kept:], begin + kept
    return powers
