"""What the rate and the tone of a voice are both measured on, worked out once: its pitch, and its power in the band of vowels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from ..audio.sound import BLOCK_SAMPLES, Samples
from ..records import Span
from .pitch import PitchTrack, pitch_track

HOP_S = 0.01
VOWEL_BAND_HZ = (300.0, 2500.0)
SETTLING_S = 0.2  # after so long nothing is left of where the band filter began
SMOOTH_FRAMES = 1.5  # standard deviation of the Gaussian
SMOOTH_REACH = 5.0  # its half-length, in standard deviations


@dataclass(frozen=True, eq=False)
class Voice:
    """``pitch`` inside the speech of one party; ``vowel_power`` of its whole channel, one value per 10 ms."""

    pitch: PitchTrack
    vowel_power: np.ndarray


def voice_of(x: Samples, rate_hz: int, speech: Sequence[Span]) -> Voice:
    """The voice of one party; ``x`` is its channel (mono floats)."""
    return Voice(pitch_track(x, rate_hz, speech), vowel_power(x, rate_hz))


def vowel_power(x: Samples, rate_hz: int) -> np.ndarray:
    """Power of ``x`` in the band in which vowels are loud and fricatives are not, one value per 10 ms."""
    hop = HOP_S * rate_hz
    if len(x) < 4 * hop:
        return np.zeros(0)
    band = butter(2, VOWEL_BAND_HZ, "bandpass", fs=rate_hz, output="sos")
    # Frame edges are rounded one by one, so that 11025 Hz does not drift against the clock of the spans.
    edges = np.minimum(np.round(np.arange(int(len(x) / hop) + 1) * hop).astype(int), len(x))
    reach, step = round(SETTLING_S * rate_hz), int(BLOCK_SAMPLES / hop)
    parts = []
    for first in range(0, edges.size - 1, step):
        own = edges[first : first + step + 1]
        low = max(0, int(own[0]) - reach)
        filtered = sosfiltfilt(band, np.asarray(x[low : int(own[-1]) + reach], dtype=np.float64))[int(own[0]) - low : int(own[-1]) - low]
        parts.append(np.add.reduceat(filtered**2, own[:-1] - own[0]) / hop)
    return np.concatenate(parts)


def smoothed_db(power: np.ndarray, frames: float = SMOOTH_FRAMES) -> np.ndarray:
    """``power`` per 10 ms in dB, smoothed by a Gaussian of ``frames`` (its standard deviation)."""
    if not power.size:
        return power
    reach = min(round(SMOOTH_REACH * frames), (power.size - 1) // 2)
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / frames) ** 2)
    return np.asarray(10.0 * np.log10(np.convolve(power, taps / taps.sum(), "same") + 1e-10))
