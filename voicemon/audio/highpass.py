"""A Butterworth high-pass of second order as products of matrices: a third of the time of a recursion from sample to sample.

What comes out of a stretch of samples is its own response, a product with a triangular matrix, and what the filter remembers of all before
it. Its two poles are conjugate, so that one complex number is all that it remembers; only that goes from stretch to stretch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from scipy.signal import butter, lfilter, residuez

from .arrays import padded
from .products import product
from .sound import Float32

STRETCH = 64


def high_passed(blocks: Iterable[Float32], rate_hz: int, edge_hz: float) -> Iterator[Float32]:
    """``blocks`` of mono float32 without what lies under ``edge_hz``; the length of all but the last is a multiple of :data:`STRETCH`."""
    own, remembering, fading = _matrices(rate_hz, edge_hz)
    remembered = np.zeros(1, dtype=np.complex128)
    for block in blocks:
        sound = padded(block, 0, -len(block) % STRETCH).reshape(-1, STRETCH)
        answers = product(sound, own)
        added = answers[:, STRETCH].astype(np.float64) + 1j * answers[:, STRETCH + 1]
        # what is remembered where each stretch begins, and last where the block ends
        told, _ = lfilter([1.0], [1.0, -fading], added, zi=fading * remembered)
        before = np.concatenate([remembered, told])
        remembered = before[-1:]
        answers[:, :STRETCH] += product(np.stack([before.real, before.imag], axis=1)[:-1].astype(np.float32), remembering)
        yield answers[:, :STRETCH].reshape(-1)[: len(block)]


@lru_cache(maxsize=4)
def _matrices(rate_hz: int, edge_hz: float) -> tuple[Float32, Float32, complex]:
    """From a stretch to its own response and to the real and the imaginary part of what it adds to what is remembered
    (``(STRETCH, STRETCH + 2)``), from what is remembered to its response (``(2, STRETCH)``), and how much of it is left a stretch later."""
    b, a = butter(2, edge_hz, "highpass", fs=rate_hz)
    residues, poles, direct = residuez(b, a)
    residue, pole = residues[0], poles[0]  # the other is conjugate: together twice the real part
    powers = pole ** np.arange(STRETCH + 1)
    answer = 2.0 * (residue * powers[:STRETCH]).real
    answer[0] += direct[0]
    late = np.subtract.outer(np.arange(STRETCH), np.arange(STRETCH)).T
    own = np.where(late >= 0, answer[np.maximum(late, 0)], 0.0)
    left = powers[STRETCH - np.arange(STRETCH)]
    later = 2.0 * residue * powers[:STRETCH]
    whole = np.concatenate([own, left.real[:, None], left.imag[:, None]], axis=1)
    return whole.astype(np.float32), np.stack([later.real, -later.imag]).astype(np.float32), complex(powers[STRETCH])
