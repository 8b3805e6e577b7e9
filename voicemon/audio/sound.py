"""Sound of which only a short line is whole in memory as floats: a channel of a recording, and one at another rate, read by slices.

A call of three hours is 0.2 GB a channel as decoded int16; as floats, filtered and resampled, it would be many times that.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import soxr

from ..records import Span

Float32 = npt.NDArray[np.float32]
Int16 = npt.NDArray[np.int16]

FULL_SCALE = 32768.0
BLOCK_SAMPLES = 1 << 16
"""Eight seconds at 8 kHz: large enough for the work on a block to outweigh its start, and its arrays stay in the cache."""
NO_OFFSET = 1e-7
"""A three-hundredth of the smallest step of 16 bits."""
HELD_SAMPLES = 1 << 22
"""Nine minutes at 8 kHz, 16 MiB: a line that is no longer is held as floats, since ten stages read it."""
RESAMPLER_REACH_S = 0.05
"""More than half the length of soxr's HQ filter at any rate in use: beyond it nothing changes a sample by more than rounding."""


class Samples(Protocol):
    """One channel, mono, in [-1, 1): all that a stage may ask of it. A float32 array of shape ``(n,)`` is one too."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: slice, /) -> Any:
        """Float32 array of the samples in ``at`` (step 1; clipped to what there is, as for an array)."""


@dataclass(frozen=True, eq=False)
class Channel:
    """Int16 ``samples`` (shape ``(n,)``) as floats less ``offset``."""

    samples: Int16
    offset: float = 0.0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, at: slice) -> Float32:
        x = self.samples[at].astype(np.float32)
        x /= np.float32(FULL_SCALE)
        x -= np.float32(self.offset)
        return x


@dataclass(frozen=True, eq=False)
class Shifted:
    """``source`` less ``offset``."""

    source: Samples
    offset: float

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, at: slice) -> Float32:
        return np.asarray(self.source[at] - np.float32(self.offset), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Resampled:
    """``source`` (at ``from_hz``) at ``to_hz``; band-limited (soxr HQ), starting at the same instant.

    Each slice is made when it is asked for, from the samples around it; it equals that of the whole resampled to within rounding.
    """

    source: Samples
    from_hz: int
    to_hz: int

    def __len__(self) -> int:
        return (2 * len(self.source) * self.to_hz + self.from_hz) // (2 * self.from_hz)

    def __getitem__(self, at: slice) -> Float32:
        first, last, _ = at.indices(len(self))
        if last <= first:
            return np.zeros(0, dtype=np.float32)
        common = math.gcd(self.from_hz, self.to_hz)
        step = self.from_hz // common  # the grids of both rates meet every so many samples
        reach = RESAMPLER_REACH_S * self.from_hz
        low = max(0, int(first / self.to_hz * self.from_hz - reach)) // step * step
        high = min(len(self.source), math.ceil(last / self.to_hz * self.from_hz + reach))
        part = soxr.resample(self.source[low:high], self.from_hz, self.to_hz, quality="HQ")
        before = low // step * (self.to_hz // common)
        return np.asarray(part[first - before : last - before], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Spliced:
    """Stretches of ``source``, given by sample numbers ``firsts`` to ``lasts``, one after the other; ``ends`` are their ends here."""

    source: Samples
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, source: Samples, rate_hz: int, spans: Sequence[Span]) -> Spliced:
        """The samples inside ``spans`` (sorted, not overlapping)."""
        size = len(source)
        places = [(min(round(max(0.0, s.start_s) * rate_hz), size), min(round(s.end_s * rate_hz), size)) for s in spans]
        places = [(first, last) for first, last in places if last > first]
        ends = tuple(accumulate(last - first for first, last in places))
        return cls(source, tuple(p[0] for p in places), tuple(p[1] for p in places), ends)

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    def __getitem__(self, at: slice) -> Float32:
        low, high, _ = at.indices(len(self))
        parts = []
        for i in range(bisect_right(self.ends, low), len(self.ends)):
            begin = self.ends[i] - (self.lasts[i] - self.firsts[i])
            if begin >= high:
                break
            shift = self.firsts[i] - begin
            parts.append(self.source[max(low + shift, self.firsts[i]) : min(high + shift, self.lasts[i])])
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def at_rate(x: Samples, from_hz: int, to_hz: int) -> Samples:
    """``x`` at ``to_hz``, made slice by slice; ``x`` itself where it has that rate."""
    return x if from_hz == to_hz else Resampled(x, from_hz, to_hz)


def held(x: Samples) -> Samples:
    """``x`` as one array that nobody may change, where it is short; a long one is still read by slices."""
    if len(x) > HELD_SAMPLES:
        return x
    whole: Float32 = x[:]
    whole.flags.writeable = False
    return whole


def blocks(x: Samples, size: int = BLOCK_SAMPLES) -> Iterator[Float32]:
    """``x`` in order, in arrays of ``size`` samples; the last may be shorter."""
    for first in range(0, len(x), size):
        yield x[first : first + size]


def centred(samples: Int16) -> Channel:
    """A channel without its mean (a constant offset from the recorder's converter)."""
    total = sum(int(np.sum(samples[i : i + BLOCK_SAMPLES], dtype=np.int64)) for i in range(0, len(samples), BLOCK_SAMPLES))
    return Channel(samples, total / len(samples) / FULL_SCALE if len(samples) else 0.0)


def less_mean(x: Samples) -> Samples:
    """``x`` without its mean; ``x`` itself where that is less than rounding."""
    offset = mean_of(x)
    return x if abs(offset) < NO_OFFSET else Shifted(x, offset)


def mean_of(x: Samples) -> float:
    """Mean of the samples of ``x``."""
    return sum(float(np.sum(block, dtype=np.float64)) for block in blocks(x)) / len(x) if len(x) else 0.0
