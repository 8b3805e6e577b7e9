"""Loudness of one party on its own speech: ITU-R BS.1770-4, read in blocks, at the recording's own rate."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.fft import irfft, rfft, rfftfreq
from scipy.signal import freqz

from ..audio.sound import Samples

GATING_BLOCK_S = 0.4  # ITU-R BS.1770-4, annex 1: blocks of 0.4 s, a new one every 0.1 s
STEP_S = 0.1
STEPS_PER_BLOCK = 4
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LU = -0.691
FILTER_RATE_HZ = 48_000  # the rate whose filter coefficients BS.1770-4 prints
PIECE_S = 15.0  # of sound at a time: with what settles around it 2^17 samples at 8 kHz
SETTLING_S = 0.3  # the high-pass of 38 Hz has forgotten what was before


def loudness_lufs(x: Samples, rate_hz: int) -> float | None:
    """Integrated loudness (ITU-R BS.1770-4) of mono ``x`` in LUFS; ``None`` under one 0.4 s block or where all is gated out."""
    if len(x) < GATING_BLOCK_S * rate_hz:
        return None
    power = _block_powers(x, rate_hz)
    loudness = OFFSET_LU + 10.0 * np.log10(np.maximum(power, 1e-30))
    heard = loudness > ABSOLUTE_GATE_LUFS
    if not heard.any():
        return None
    relative = OFFSET_LU + 10.0 * math.log10(float(power[heard].mean())) + RELATIVE_GATE_LU
    return OFFSET_LU + 10.0 * math.log10(float(power[heard & (loudness > relative)].mean()))


def _block_powers(x: Samples, rate_hz: int) -> np.ndarray:
    """Mean square of every gating block after the K-weighting (equation 1); the last may reach a little beyond the end."""
    count = round((len(x) / rate_hz - GATING_BLOCK_S) / STEP_S) + 1
    edges = np.minimum(np.round(np.arange(count + STEPS_PER_BLOCK) * STEP_S * rate_hz).astype(int), len(x))
    reach, step = round(SETTLING_S * rate_hz), max(1, int(PIECE_S / STEP_S))
    sums = []
    for first in range(0, len(edges) - 1, step):
        own = edges[first : first + step + 1]
        low = max(0, int(own[0]) - reach)
        weighted = _weighted(np.asarray(x[low : int(own[-1]) + reach], dtype=np.float32), rate_hz)[int(own[0]) - low :]
        running = np.concatenate([[0.0], np.cumsum(np.square(weighted, dtype=np.float64))])
        sums.append(np.diff(running[own - own[0]]))
    return np.convolve(np.concatenate(sums), np.ones(STEPS_PER_BLOCK), "valid") / (GATING_BLOCK_S * rate_hz)


def _weighted(x: np.ndarray, rate_hz: int) -> np.ndarray:
    """``x`` through the K-weighting as it is at 48 kHz, applied as a spectrum: no need to bring the sound to that rate."""
    size = 1 << (len(x) + round(SETTLING_S * rate_hz) - 1).bit_length()  # few sizes, whose weighting is worked out once
    return np.asarray(irfft(rfft(x, size) * _k_weighting(size, rate_hz), size)[: len(x)])


@lru_cache(maxsize=8)
def _k_weighting(size: int, rate_hz: int) -> np.ndarray:
    """Complex gain of both filter stages at the frequencies of a real FFT of ``size``."""
    import pyloudnorm

    hz = np.minimum(rfftfreq(size, 1.0 / rate_hz), FILTER_RATE_HZ / 2)
    gain = np.ones(len(hz), dtype=np.complex128)
    for stage in pyloudnorm.Meter(FILTER_RATE_HZ)._filters.values():
        gain *= stage.passband_gain * freqz(stage.b, stage.a, worN=hz, fs=FILTER_RATE_HZ, include_nyquist=True)[1]
    return gain.astype(np.complex64)
