"""Speech that noise drowns in level but not in spectrum: faint ends and voiceless sounds on a noisy line.

White noise spreads over the whole band, a vowel does not. Against the noise's own spectrum a band or two stand out long after the level
of the whole has gone under. Statistic: J. Sohn, N. S. Kim, W. Sung, "A statistical model-based voice activity detection", IEEE Signal
Processing Letters 6 (1999), with the a-priori SNR at its maximum-likelihood estimate.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

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


def stands_out(x: npt.NDArray[np.float32], rate_hz: int, level_db: Floats, floor_db: Floats) -> Bools:
    """Whether each hop holds more than noise. ``x``: mono floats; ``level_db``, ``floor_db``: level and noise floor of its hops, one
    value per hop, hops evenly spread from the start of ``x``. All ``False`` where there is no stretch of noise to compare with."""
    hops = len(level_db)
    quiet = np.abs(level_db - floor_db) < QUIET_DB
    if np.count_nonzero(quiet) < FEWEST_QUIET_HOPS:
        return np.zeros(hops, dtype=np.bool_)
    relative = _band_powers(x, rate_hz, hops) / 10 ** (floor_db / 10)[:, None]
    spectrum = np.maximum(np.mean(relative[quiet], axis=0), 1e-12)
    over = np.maximum(uniform_filter1d(relative / spectrum, SMOOTH_HOPS, axis=0), 1.0)
    return np.asarray(np.mean(over - np.log(over) - 1.0, axis=1) > RATIO)


def _band_powers(x: npt.NDArray[np.float32], rate_hz: int, hops: int) -> Floats:
    """Power ``(hops, bands)`` in Hann windows around the middle of each hop."""
    size, step = 2 * round(WINDOW_S * rate_hz / 2), len(x) / hops
    padded = np.pad(x, size)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)
    starts = np.round((np.arange(hops) + 0.5) * step).astype(int) + size // 2
    frequencies_hz = np.fft.rfftfreq(size, 1 / rate_hz)
    edges = np.searchsorted(frequencies_hz, BAND_EDGES_HZ)
    window = np.hanning(size).astype(np.float32)
    parts = []
    for first in range(0, hops, BLOCK_HOPS):
        power = np.abs(np.fft.rfft(frames[starts[first : first + BLOCK_HOPS]] * window, axis=1)) ** 2
        parts.append(np.add.reduceat(power, edges, axis=1)[:, :-1] / np.diff(edges))
    return np.concatenate(parts)
