"""What NumPy does too, in a fraction of the time it takes for arrays as short as those of a few seconds of sound."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def padded(x: Array, before: int, after: int) -> Array:
    """``x`` (one dimension) with so many zeros before and after it; ``x`` itself where there are none. Like :func:`numpy.pad`."""
    if not before and not after:
        return x
    whole = np.zeros(before + len(x) + after, dtype=x.dtype)
    whole[before : before + len(x)] = x
    return whole


def stretches(x: Array, size: int) -> Array:
    """Every stretch of ``size`` values of ``x`` (one dimension, at least as long), as a view ``(len(x) - size + 1, size)`` that nobody may
    write to. Like :func:`numpy.lib.stride_tricks.sliding_window_view`."""
    whole = np.ascontiguousarray(x)
    view: Array = np.ndarray((len(whole) - size + 1, size), whole.dtype, whole, 0, (whole.itemsize, whole.itemsize))
    view.flags.writeable = False
    return view


def runs(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Half-open index ranges where ``mask`` holds, in order: ``(runs, 2)``."""
    edge = np.zeros(1, dtype=np.bool_)
    return np.flatnonzero(np.concatenate((edge, mask)) != np.concatenate((mask, edge))).reshape(-1, 2)


def percentile(values: Array, share: float) -> np.floating[Any]:
    """The value under which ``share`` percent of ``values`` (floats of any shape, none of them NaN) lie: to the last digit that of
    :func:`numpy.percentile` (of NumPy 2), which also orders the lowest and the highest to look for NaN."""
    at = (values.size - 1) * (share / 100)
    low = math.floor(at)
    ordered = np.partition(values, low, axis=None)  # of one place: of two together it takes up to twenty times as long
    under, over, rest = ordered[low], ordered[low + (at > low) :].min(), at - low
    found: np.floating[Any] = over - (over - under) * (1 - rest) if rest >= 0.5 else under + (over - under) * rest
    return found
