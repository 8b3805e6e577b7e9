"""The syllables of one party counted in the sound, independently of its words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from scipy.signal import find_peaks

from ..audio.arrays import percentile
from ..audio.sound import Samples
from ..records import Span
from ..spans import merge, total_s
from .voice import HOP_S, SMOOTH_FRAMES, Voice, smoothed_db, voice_of

PASSES = 4
BRISK_PER_S = 4.0  # speech at this rate or faster is not smoothed more
NUCLEUS_DIP_DB = 2.0  # de Jong & Wempe (2009): 2 dB for clean speech
NUCLEUS_BELOW_LOUD_DB = 25.0  # de Jong & Wempe (2009): silence is 25 dB under the loudest
STRETCH_GAP_S = 1.0
NUCLEUS_APART_FRAMES = 7
NUCLEUS_STRENGTH = 0.35  # a vowel in noise is less periodic than a pitch needs
VOICED_NEAR_S = 0.025


def count_syllables(x: Samples, rate_hz: int, speech: Sequence[Span], voice: Voice | None = None) -> int:
    """Number of syllable nuclei in the speech of mono ``x`` (floats): see :func:`syllable_nuclei`."""
    return int(syllable_nuclei(x, rate_hz, speech, voice).size)


def syllable_nuclei(x: Samples, rate_hz: int, speech: Sequence[Span], voice: Voice | None = None) -> np.ndarray:
    """Times in s of the syllable nuclei in ``speech``: voiced peaks of intensity with a dip of 2 dB before the next.

    After N. H. de Jong and T. Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically",
    Behavior Research Methods 41 (2009), on the band in which vowels are loud and fricatives are not. ``voice``: that of ``x`` and
    ``speech``, where it is known already.
    """
    spoken_s = total_s(speech)
    voice = voice or voice_of(x, rate_hz, speech)
    power, track = voice.vowel_power, voice.pitch
    if not power.size or spoken_s <= 0:
        return np.zeros(0)
    voiced_s = track.times_s[track.strength >= NUCLEUS_STRENGTH]
    smooth, used, times_s = SMOOTH_FRAMES, 0.0, np.zeros(0)
    for _ in range(PASSES):
        if smooth == used:
            break  # would find the same again
        times_s, used = _nuclei(smoothed_db(power, smooth), speech, voiced_s), smooth
        # One drawn-out vowel has ripples: the slower the first count finds the speech, the more of them are smoothed away.
        per_s = max(times_s.size / spoken_s, 1.0)
        smooth = SMOOTH_FRAMES * max(1.0, BRISK_PER_S / per_s)
    return times_s


def _nuclei(intensity_db: np.ndarray, speech: Sequence[Span], voiced_s: np.ndarray) -> np.ndarray:
    peaks, _ = find_peaks(intensity_db, prominence=NUCLEUS_DIP_DB, distance=NUCLEUS_APART_FRAMES)
    times_s = (peaks + 0.5) * HOP_S
    times_s = times_s[intensity_db[peaks] > _floor_db(intensity_db, speech)[peaks]]
    if not voiced_s.size or not times_s.size:
        return np.zeros(0)
    after = np.minimum(np.searchsorted(voiced_s, times_s), voiced_s.size - 1)
    near_s = np.minimum(np.abs(voiced_s[after] - times_s), np.abs(voiced_s[np.maximum(after - 1, 0)] - times_s))
    return np.asarray(times_s[near_s <= VOICED_NEAR_S])


def _floor_db(intensity_db: np.ndarray, speech: Sequence[Span]) -> np.ndarray:
    """What a nucleus must exceed, frame by frame; infinite outside speech.

    Judged stretch by stretch, for a customer who is first too faint and then close to the receiver.
    """
    floor_db = np.full(intensity_db.size, np.inf)
    spans = merge(speech)
    starts_s = [s.start_s for s in spans]
    for stretch in merge(speech, STRETCH_GAP_S):
        inside = spans[bisect_left(starts_s, stretch.start_s) : bisect_left(starts_s, stretch.end_s)]
        frames = np.concatenate([np.arange(round(s.start_s / HOP_S), round(s.end_s / HOP_S)) for s in inside])
        frames = frames[(frames >= 0) & (frames < floor_db.size)]
        if frames.size:
            floor_db[frames] = percentile(intensity_db[frames], 95) - NUCLEUS_BELOW_LOUD_DB
    return floor_db
