"""Music (on hold, or in place of ring-back), told from speech by partials that stand still.

The harmonics of a voice glide from one frame to the next, those of instruments stay where they are. Songs with a
leading voice and little accompaniment are not told from speech this way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft
from scipy.ndimage import uniform_filter1d

from ..records import Span
from ..spans import merge
from .sound import Samples

Floats = npt.NDArray[np.float64]

RATE_HZ = 8000
WINDOW, HOP = 1024, 512
HOP_S = HOP / RATE_HZ
LAG = 2
"""Partials are compared with those two frames (0.13 s, windows that do not overlap) before and after."""
BAND = slice(20, 436)
"""156–3400 Hz."""
PEAK_BELOW_DB, PEAK_OVER_FLOOR_DB = 25.0, 15.0
FLOOR_EVERY = 4
"""The floor is a percentile over a minute: every fourth frame shows it as well."""
ACTIVE_DB = -55.0
AVERAGE_S = 2.0
STILL_SHARE = 0.75
"""Share of power in partials that stand still, over 2 s: read speech stays under 0.65, music lies over 0.8."""
MIN_ACTIVE_SHARE = 0.6
MIN_MUSIC_S = 2.5
BRIDGE_S = 1.5
BLOCK_FRAMES, FRAMES_AT_ONCE = 1000, 100
"""A minute is looked at together; so many frames are transformed at once, which stay in the cache."""


def music_spans(x: Samples, known: Sequence[Span] = ()) -> tuple[Span, ...]:
    """Stretches of music of at least 2.5 s in ``x`` (shape ``(n,)``, 8 kHz); ``known`` tones are left out of the
    reckoning."""
    frames = (len(x) - WINDOW) // HOP + 1
    if frames < AVERAGE_S / HOP_S:
        return ()
    still, level_db = _stillness(x, frames)
    active = level_db > ACTIVE_DB
    for span in known:
        active[max(0, int((span.start_s - WINDOW / RATE_HZ) / HOP_S)) : int(span.end_s / HOP_S) + 1] = False
    size = int(AVERAGE_S / HOP_S) | 1
    share = uniform_filter1d(active.astype(np.float64), size)
    mean = uniform_filter1d(np.where(active, still, 0.0), size) / np.maximum(share, 1e-9)
    musical = active & (mean >= STILL_SHARE) & (share >= MIN_ACTIVE_SHARE)
    at = np.flatnonzero(musical)
    joined = merge((Span(i * HOP_S, i * HOP_S + WINDOW / RATE_HZ) for i in at), gap_s=BRIDGE_S)
    return tuple(_to_level(x, s) for s in joined if s.duration_s >= MIN_MUSIC_S)


def _stillness(x: Samples, frames: int) -> tuple[Floats, Floats]:
    """Per frame: share of power in partials that are in the same place before or after, and the level in dB."""
    window = np.hanning(WINDOW).astype(np.float32)
    still, level = [], []
    for first in range(0, frames, BLOCK_FRAMES):
        low, high = max(0, first - LAG), min(frames, first + BLOCK_FRAMES + LAG)
        sound = np.asarray(x[low * HOP : (high - 1) * HOP + WINDOW], dtype=np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
        power = np.concatenate([_powers(windows[i : i + FRAMES_AT_ONCE] * window) for i in range(0, high - low, FRAMES_AT_ONCE)])
        own = slice(first - low, first - low + min(BLOCK_FRAMES, frames - first))
        still.append(_still_share(power)[own])
        level.append(10 * np.log10(power.sum(axis=1)[own] * 2 / (np.sum(window**2) * WINDOW) + 1e-15))
    return np.concatenate(still), np.concatenate(level)


def _powers(windows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    spectra = rfft(windows, axis=1)[:, BAND]
    return np.asarray(spectra.real**2 + spectra.imag**2)


def _still_share(power: Floats) -> Floats:
    middle = power[:, 1:-1]
    floor = np.percentile(power[::FLOOR_EVERY], 20) * 10 ** (PEAK_OVER_FLOOR_DB / 10)
    limit = np.maximum(power.max(axis=1, keepdims=True) * 10 ** (-PEAK_BELOW_DB / 10), floor)
    peaks = (middle > power[:, :-2]) & (middle >= power[:, 2:]) & (middle > limit)
    before, after = np.roll(peaks, LAG, axis=0), np.roll(peaks, -LAG, axis=0)
    before[:LAG] = False
    after[-LAG:] = False
    strength = middle * peaks
    return np.asarray((strength * (before | after)).sum(axis=1) / (strength.sum(axis=1) + 1e-15))


def _to_level(x: Samples, span: Span) -> Span:
    """``span`` with its ends moved, by at most 0.3 s, to where the sound itself begins and ends."""
    hop = RATE_HZ // 100
    reach = 30
    first, last = int(span.start_s * 100), int(span.end_s * 100)
    low, high = max(0, first - reach - 1), min(len(x) // hop, last + reach + 1)
    power = np.mean(np.asarray(x[low * hop : high * hop], dtype=np.float32).reshape(-1, hop) ** 2, axis=1)
    loud = 10 * np.log10(power + 1e-15) > ACTIVE_DB
    a, b = first - low, last - low
    while a > 0 and loud[a - 1] and span.start_s * 100 - (a + low) < reach:
        a -= 1
    while b < len(loud) and loud[b] and b + low - span.end_s * 100 < reach:
        b += 1
    return Span((a + low) / 100, (b + low) / 100)
