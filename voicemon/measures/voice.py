"""What the rate and the tone of a voice are both measured on, worked out once: its pitch, and its power in the band of vowels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq
from scipy.signal import butter, sosfreqz

from ..audio.arrays import padded, stretches
from ..audio.sound import Samples
from ..records import Span
from .pitch import PitchTrack, pitch_track

HOP_S = 0.01
VOWEL_BAND_HZ = (300.0, 2500.0)
SETTLING_S = 0.04  # after so long nothing is left of what was before a piece
PIECE_FRAMES, PIECES_AT_ONCE = 90, 32  # filtered by one transform, and how many of those go together
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
    # Frame edges are rounded one by one, so that 11025 Hz does not drift against the clock of the spans.
    edges = np.minimum(np.round(np.arange(int(len(x) / hop) + 1) * hop).astype(int), len(x))
    step = PIECE_FRAMES * PIECES_AT_ONCE
    parts = [_frame_energies(x, rate_hz, edges[first : first + step + 1]) for first in range(0, edges.size - 1, step)]
    return np.concatenate(parts) / hop


def _frame_energies(x: Samples, rate_hz: int, edges: np.ndarray) -> np.ndarray:
    """Sum of squares between neighbouring ``edges`` after the band filter, which runs both ways as a product of spectra."""
    gain, reach = _gain(rate_hz), round(SETTLING_S * rate_hz)
    size = 2 * (len(gain) - 1)
    starts = edges[:-1:PIECE_FRAMES]
    low, high = int(starts[0]) - reach, int(starts[-1]) - reach + size
    sound = padded(np.asarray(x[max(0, low) : high], dtype=np.float32), max(0, -low), max(0, high - len(x)))
    pieces = stretches(sound, size)[starts - starts[0]]
    filtered = irfft(rfft(pieces, axis=1) * gain, size, axis=1)
    shifts = np.repeat(np.arange(len(starts)) * size + reach - starts, PIECE_FRAMES)[: edges.size - 1]
    bounds = np.stack([edges[:-1] + shifts, edges[1:] + shifts], axis=1)
    return np.add.reduceat(np.square(filtered).ravel(), bounds.ravel())[::2].astype(np.float64)


@lru_cache(maxsize=4)
def _gain(rate_hz: int) -> np.ndarray:
    """Gain of the band filter, once forwards and once backwards, at the frequencies of a piece and what settles around it."""
    size = 2 * next_fast_len(math.ceil((PIECE_FRAMES * HOP_S + 2 * SETTLING_S) * rate_hz / 2) + 1)
    band = butter(2, VOWEL_BAND_HZ, "bandpass", fs=rate_hz, output="sos")
    return np.asarray(np.abs(sosfreqz(band, rfftfreq(size, 1.0 / rate_hz), fs=rate_hz)[1]) ** 2, dtype=np.float32)


def smoothed_db(power: np.ndarray, frames: float = SMOOTH_FRAMES) -> np.ndarray:
    """``power`` per 10 ms in dB, smoothed by a Gaussian of ``frames`` (its standard deviation)."""
    if not power.size:
        return power
    reach = min(round(SMOOTH_REACH * frames), (power.size - 1) // 2)
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / frames) ** 2)
    return np.asarray(10.0 * np.log10(np.convolve(power, taps / taps.sum(), "same") + 1e-10))
