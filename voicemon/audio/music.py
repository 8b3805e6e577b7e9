"""Music (on hold, or in place of ring-back), told from speech by partials that stand still.

The harmonics of a voice glide from one frame to the next, those of instruments stay where they are. Songs with a
leading voice and little accompaniment are not told from speech this way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from ..records import Span
from ..spans import merge
from .arrays import percentile, stretches
from .sound import Samples

Bools = npt.NDArray[np.bool_]
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
TAPER = np.hanning(WINDOW).astype(np.float32)
AVERAGED = int(AVERAGE_S / HOP_S) | 1


def music_spans(x: Samples, known: Sequence[Span] = ()) -> tuple[Span, ...]:
    """Stretches of music of at least 2.5 s in ``x`` (shape ``(n,)``, 8 kHz); ``known`` tones are left out of the
    reckoning."""
    frames = (len(x) - WINDOW) // HOP + 1
    if frames < AVERAGE_S / HOP_S:
        return ()
    perhaps = _perhaps_active(x, frames)
    for span in known:
        perhaps[max(0, int((span.start_s - WINDOW / RATE_HZ) / HOP_S)) : int(span.end_s / HOP_S) + 1] = False
    still, level_db = _stillness(x, _asked(perhaps))
    active = perhaps & (level_db > ACTIVE_DB)
    share = uniform_filter1d(active.astype(np.float64), AVERAGED)
    mean = uniform_filter1d(np.where(active, still, 0.0), AVERAGED) / np.maximum(share, 1e-9)
    musical = active & (mean >= STILL_SHARE) & (share >= MIN_ACTIVE_SHARE)
    at = np.flatnonzero(musical)
    joined = merge((Span(i * HOP_S, i * HOP_S + WINDOW / RATE_HZ) for i in at), gap_s=BRIDGE_S)
    return tuple(_to_level(x, s) for s in joined if s.duration_s >= MIN_MUSIC_S)


def _perhaps_active(x: Samples, frames: int) -> Bools:
    """Frames whose power in all is not under :data:`ACTIVE_DB`: that of a band is less, so no other can be active."""
    powers = [np.zeros(0, dtype=np.float32)]
    for first in range(0, frames + 1, BLOCK_FRAMES):
        hops = np.asarray(x[first * HOP : min(first + BLOCK_FRAMES, frames + 1) * HOP], dtype=np.float32).reshape(-1, HOP)
        powers.append(np.einsum("ij,ij->i", hops, hops))
    power = np.concatenate(powers)
    return np.asarray(power[1:] + power[:-1] > 0.999 * 10 ** (ACTIVE_DB / 10) * np.sum(TAPER**2))


def _asked(perhaps: Bools) -> Bools:
    """Frames that a mean depends on in which enough of them may be active: silence and single words need no spectrum."""
    enough = uniform_filter1d(perhaps.astype(np.float64), AVERAGED) >= MIN_ACTIVE_SHARE - 1e-9
    return np.asarray(maximum_filter1d(perhaps & maximum_filter1d(enough, AVERAGED), 2 * LAG + 1))


def _stillness(x: Samples, asked: Bools) -> tuple[Floats, Floats]:
    """Per frame: share of power in partials that are in the same place before or after, and the level in dB; 0 and far under every
    level in frames that are not ``asked`` about."""
    frames = len(asked)
    still, level_db = np.zeros(frames), np.full(frames, -np.inf)
    for first in range(0, frames, BLOCK_FRAMES):
        if not asked[first : first + BLOCK_FRAMES].any():
            continue
        low, high = max(0, first - LAG), min(frames, first + BLOCK_FRAMES + LAG)
        sound = np.asarray(x[low * HOP : (high - 1) * HOP + WINDOW], dtype=np.float32)
        windows = stretches(sound, WINDOW)[::HOP]
        heard = np.flatnonzero(asked[low:high])
        floor = percentile(_powers(windows[::FLOOR_EVERY]), 20) * 10 ** (PEAK_OVER_FLOOR_DB / 10)
        power = _powers(windows[heard])
        own = slice(*np.searchsorted(heard, (first - low, first - low + BLOCK_FRAMES)))
        at = low + heard[own]
        still[at] = _still_share(power, heard, floor)[own]
        level_db[at] = 10 * np.log10(power[own].sum(axis=1) * 2 / (np.sum(TAPER**2) * WINDOW) + 1e-15)
    return still, level_db


def _powers(windows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    powers = np.empty((len(windows), BAND.stop - BAND.start), dtype=np.float32)
    for first in range(0, len(windows), FRAMES_AT_ONCE):
        spectra = rfft(windows[first : first + FRAMES_AT_ONCE] * TAPER, axis=1)[:, BAND]
        powers[first : first + FRAMES_AT_ONCE] = spectra.real**2 + spectra.imag**2
    return powers


def _still_share(power: npt.NDArray[np.float32], places: npt.NDArray[np.intp], floor: float) -> Floats:
    """Of spectra ``power`` of the frames at ``places`` (ascending): the share of their partials that stand still."""
    middle = power[:, 1:-1]
    limit = np.maximum(power.max(axis=1, keepdims=True) * 10 ** (-PEAK_BELOW_DB / 10), floor)
    peaks = (middle > power[:, :-2]) & (middle >= power[:, 2:]) & (middle > limit)
    all_peaks = np.zeros((places[-1] + 1 + 2 * LAG, peaks.shape[1]), dtype=np.bool_)
    all_peaks[places + LAG] = peaks
    strength = middle * peaks
    return np.asarray((strength * (all_peaks[places] | all_peaks[places + 2 * LAG])).sum(axis=1) / (strength.sum(axis=1) + 1e-15))


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
