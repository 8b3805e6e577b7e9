"""Loudness of one party on its own speech: ITU-R BS.1770-4, read in blocks, at the recording's own rate."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.fft import rfft, rfftfreq
from scipy.signal import freqz

from ..audio.arrays import padded, stretches
from ..audio.sound import Samples

GATING_BLOCK_S = 0.4  # ITU-R BS.1770-4, annex 1: blocks of 0.4 s, a new one every 0.1 s
STEP_S = 0.1
STEPS_PER_BLOCK = 4
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LU = -0.691
FILTER_RATE_HZ = 48_000  # the rate whose filter coefficients BS.1770-4 prints
STEPS_AT_ONCE = 64


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
    """Mean square of every gating block after the K-weighting (equation 1); the last may reach a little beyond the end.

    From the power spectra of its steps: cut off so, each is weighted without what the filter remembers of the step before, which moves
    a loudness by 0.01 LU at most and spares the way back from the spectra.
    """
    step, count = round(STEP_S * rate_hz), round((len(x) / rate_hz - GATING_BLOCK_S) / STEP_S) + 1
    starts = np.round(np.arange(count + STEPS_PER_BLOCK - 1) * STEP_S * rate_hz).astype(int)
    powers = []
    for first in range(0, len(starts), STEPS_AT_ONCE):
        own = starts[first : first + STEPS_AT_ONCE]
        sound = np.asarray(x[int(own[0]) : int(own[-1]) + step], dtype=np.float32)
        sound = padded(sound, 0, int(own[-1] - own[0]) + step - len(sound))
        spectra = rfft(stretches(sound, step)[own - own[0]], axis=1)
        # einsum, not a product of BLAS: the last digits of that depend on how many threads it has
        powers.append(np.einsum("ij,j->i", spectra.real**2 + spectra.imag**2, _k_weighting(step, rate_hz)))
    return np.convolve(np.concatenate(powers), np.ones(STEPS_PER_BLOCK), "valid") / STEPS_PER_BLOCK


@lru_cache(maxsize=8)
def _k_weighting(size: int, rate_hz: int) -> np.ndarray:
    """What the powers of a real Fourier transform of ``size`` samples add to the mean square, after both filter stages as they are at
    48 kHz: no need to bring the sound to that rate."""
    import pyloudnorm

    hz = np.minimum(rfftfreq(size, 1.0 / rate_hz), FILTER_RATE_HZ / 2)
    gain = np.ones(len(hz), dtype=np.complex128)
    for stage in pyloudnorm.Meter(FILTER_RATE_HZ)._filters.values():
        gain *= stage.passband_gain * freqz(stage.b, stage.a, worN=hz, fs=FILTER_RATE_HZ, include_nyquist=True)[1]
    weights = 2.0 * np.abs(gain) ** 2 / size**2
    weights[0] /= 2.0  # the lines between stand for their mirrored ones too
    if size % 2 == 0:
        weights[-1] /= 2.0
    return weights.astype(np.float32)
