"""How the two channels of a recording relate: the same audio twice, one bleeding into the other, one silent.

Charging a party with the other's words would be the worst mistake of all, so bleed is dropped before anyone is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft
from scipy.ndimage import maximum_filter1d, median_filter
from scipy.signal import correlate

from ..records import Span
from ..spans import merge
from .arrays import padded, percentile, stretches
from .sound import BLOCK_SAMPLES, Float32, Samples, at_rate, blocks, less_mean

Floats = npt.NDArray[np.float64]

RATE_HZ = 8000
FRAME = round(0.02 * RATE_HZ)
SILENT_DBOV = -70.0
"""A channel whose loudest hundredth stays under this holds nothing at all."""
NOISE_DBOV, NOISE_RANGE_DB = -45.0, 6.0
"""Under this level, and with so little between the loudest hundredth and the median, it holds only idle noise."""
SAME_CORRELATION = 0.95
SAME_LEVEL_DB = 3.0
MAX_LAG_S = 0.03
"""Hybrid echo and handset crosstalk arrive within 30 ms; a network echo later than that is cancelled or heard as
speech."""
BLEED_CORRELATION = 0.3
MIN_BLEED_BELOW_DB = 6.0
MIN_BLEED_FRAMES = 25
ONLY_BLEED_SHARE = 0.6
CHUNK_S = 0.1
FFT_SIZE, FFT_BATCH = 8192, 16


@dataclass(frozen=True)
class ChannelReport:
    """``same_audio``: treat as mono. ``bleed_db``: level of the copy against its original, and which way it goes
    (``left_to_right`` or ``right_to_left``); None without bleed. ``silent``: the channel that holds no sound."""

    correlation: float
    level_difference_db: float
    same_audio: bool
    bleed_direction: str | None = None
    bleed_db: float | None = None
    silent: tuple[str, ...] = ()


def compare_channels(left: Samples, right: Samples, rate_hz: int) -> ChannelReport:
    """Compare two channels of equal length (float32, shape ``(n,)``, in [-1, 1)).

    ``correlation`` is the largest within ±30 ms, or, where the levels rule the same audio out, what they leave possible;
    ``level_difference_db`` is right minus left.
    """
    a, b = (at_rate(less_mean(x), rate_hz, RATE_HZ) for x in (left, right))
    powers = [_frame_powers(x) for x in (a, b)]
    levels_db, energies = [_frame_levels(power) for power in powers], [FRAME * float(np.sum(power)) for power in powers]
    silent = tuple(name for name, level_db in zip(("left", "right"), levels_db, strict=True) if _is_silent(level_db))
    difference_db = _mean_db(energies[1], len(b)) - _mean_db(energies[0], len(a))
    if silent:
        return ChannelReport(0.0, difference_db, False, silent=silent)
    norm = float(np.sqrt(energies[0] * energies[1]))
    correlation = _most_products(*levels_db) / norm if norm > 0 else 0.0
    if correlation >= SAME_CORRELATION:
        correlation = float(np.max(np.abs(_lagged(a, b)))) / norm
    same = correlation >= SAME_CORRELATION and abs(difference_db) <= SAME_LEVEL_DB
    direction, bleed_db = (None, None) if same else _bleed(_Side(a, powers[0], levels_db[0]), _Side(b, powers[1], levels_db[1]))
    return ChannelReport(correlation, difference_db, same, direction, bleed_db)


def drop_bleed(speech: Sequence[Span], x: Samples, other: Samples, rate_hz: int) -> tuple[Span, ...]:
    """``speech`` of channel ``x`` without what is only a copy of ``other``: quieter, and following its waveform.

    Of a span that is mostly a copy, its own parts of 0.1 s are kept, so that an answer that begins during bleed survives; of any
    other span the copy at its edges is cut off, so that nobody begins to speak with the other's words.
    """
    a, b = (at_rate(less_mean(y), rate_hz, RATE_HZ) for y in (x, other))
    kept = []
    for span in speech:
        only = _copies(a, b, span)
        if np.mean(only) < 1.0 - ONLY_BLEED_SHARE:
            kept.append(_without_copied_edges(span, only))
            continue
        edges = np.linspace(span.start_s, span.end_s, len(only) + 1)
        own = [Span(float(edges[i]), float(edges[i + 1])) for i in range(len(only)) if not only[i]]
        kept += [s for s in merge(own) if s.duration_s > 1.5 * CHUNK_S]
    return merge(kept)


def _without_copied_edges(span: Span, only: npt.NDArray[np.bool_]) -> Span:
    """``span`` without the copy it begins and ends with; ``only`` tells which of its even parts are copies."""
    smooth = median_filter(only.astype(np.int8), 3, mode="nearest") if len(only) > 2 else only
    own = np.flatnonzero(smooth == 0)
    if not own.size:
        return span
    edges = np.linspace(span.start_s, span.end_s, len(only) + 1)
    return Span(float(edges[own[0]]), float(edges[own[-1] + 1]))


def _copies(a: Samples, b: Samples, span: Span) -> npt.NDArray[np.bool_]:
    """For each tenth of a second of ``span``: is ``a`` there a quieter copy of ``b``?"""
    chunks = max(1, round(span.duration_s / CHUNK_S))
    edges = np.linspace(span.start_s * RATE_HZ, span.end_s * RATE_HZ, chunks + 1).astype(int)
    result = []
    for first, last in zip(edges[:-1], edges[1:], strict=True):
        mine, theirs = a[first:last], b[first:last]
        quieter = _level(theirs) - _level(mine) >= MIN_BLEED_BELOW_DB
        wide = b[max(0, first - int(MAX_LAG_S * RATE_HZ)) : last + int(MAX_LAG_S * RATE_HZ)]
        result.append(bool(quieter and _matched(mine, wide) >= 2 * BLEED_CORRELATION))
    return np.asarray(result)


@dataclass(frozen=True, eq=False)
class _Side:
    """The sound of a channel with the mean squares and the levels of its frames."""

    x: Samples
    power: Floats
    level_db: Floats


def _bleed(left: _Side, right: _Side) -> tuple[str | None, float | None]:
    """Direction and level of the stronger bleed, from frames where one side is clearly the louder and the other
    follows it."""
    found = []
    for direction, source, copy in (("left_to_right", left, right), ("right_to_left", right, left)):
        level_db = _bleed_level(source, copy)
        if level_db is not None:
            found.append((level_db, direction))
    if not found:
        return None, None
    level_db, direction = max(found)
    return direction, level_db


def _bleed_level(source: _Side, copy: _Side) -> float | None:
    """Gain of ``source`` into ``copy`` in dB at the best lag, where ``source`` speaks alone; None when it does not
    follow."""
    alone = (source.level_db > percentile(source.level_db, 95) - 20) & (source.level_db - copy.level_db >= MIN_BLEED_BELOW_DB)
    if np.count_nonzero(alone) < MIN_BLEED_FRAMES:
        return None
    products = _lagged(_Frames(copy.x, alone), _Frames(source.x, alone))
    energy, own = (FRAME * float(np.sum(side.power[alone])) for side in (source, copy))
    best = float(np.max(np.abs(products)))
    if best / np.sqrt(energy * own + 1e-20) < BLEED_CORRELATION:
        return None
    return float(20 * np.log10(best / energy))


def _most_products(left_db: Floats, right_db: Floats) -> float:
    """More than :func:`_lagged` can be where the frames have these levels: two sounds correlate only where both are loud."""
    left, right = 10 ** (left_db / 10), maximum_filter1d(10 ** (right_db / 10), 3)
    return float(FRAME * np.sum(np.sqrt(left * 2 * right)))  # a frame that is shifted lies on two others


def _lagged(a: Samples, b: Samples) -> Floats:
    """Products of ``a`` with ``b`` shifted by up to ±30 ms; the spectra of short blocks are summed, so any length is fast."""
    reach = int(MAX_LAG_S * RATE_HZ)
    step = FFT_SIZE - 2 * reach
    total = np.zeros(FFT_SIZE // 2 + 1, dtype=np.complex128)
    for first in range(0, len(a), FFT_BATCH * step):
        count = min(FFT_BATCH, -(-(len(a) - first) // step))
        size = count * step
        part, wide = a[first : first + size], b[max(0, first - reach) : min(first + size + reach, len(a))]
        part = padded(part, 0, size - len(part)).reshape(count, step)
        begin = max(0, reach - first)
        wide = padded(wide, begin, size + 2 * reach - begin - len(wide))
        wide = stretches(wide, FFT_SIZE)[::step]
        heard = part.any(axis=1)
        if heard.any():
            total += np.sum(np.conj(rfft(part[heard], FFT_SIZE)) * rfft(wide[heard]), axis=0, dtype=np.complex128)
    return np.asarray(irfft(total)[: 2 * reach + 1])


def _matched(short: Float32, wide: Float32) -> float:
    """Best normalised correlation of ``short`` within ``wide``."""
    if len(wide) < len(short) or not np.any(short):
        return 0.0
    products = np.abs(correlate(wide.astype(np.float64), short.astype(np.float64), mode="valid"))
    squares = np.concatenate([[0.0], np.cumsum(wide.astype(np.float64) ** 2)])
    energy = squares[len(short) :] - squares[: -len(short)]
    return float(np.max(products / np.sqrt(energy * float(np.sum(short.astype(np.float64) ** 2)) + 1e-20)))


@dataclass(frozen=True, eq=False)
class _Frames:
    """``x`` in the frames that ``chosen`` tells, nothing in the others."""

    x: Samples
    chosen: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.chosen) * FRAME

    def __getitem__(self, at: slice) -> Float32:
        low, high, _ = at.indices(len(self))
        first = low // FRAME
        chosen = np.repeat(self.chosen[first : -(-high // FRAME)], FRAME)[low - first * FRAME : high - first * FRAME]
        return np.asarray(self.x[low:high] * chosen, dtype=np.float32)


def _frame_powers(x: Samples) -> Floats:
    """Mean square of each whole frame."""
    parts = [np.zeros(0)]
    for block in blocks(x, BLOCK_SAMPLES // FRAME * FRAME):
        parts.append(np.mean(block[: len(block) // FRAME * FRAME].reshape(-1, FRAME) ** 2, axis=1, dtype=np.float64))
    return np.concatenate(parts)


def _frame_levels(power: Floats) -> Floats:
    """Level of each frame with those beside it."""
    return 10 * np.log10(maximum_filter1d(power, 3) + 1e-12) if len(power) else np.full(1, -120.0)


def _level(x: Float32) -> float:
    return _mean_db(float(np.sum(x**2, dtype=np.float64)), len(x))


def _mean_db(energy: float, samples: int) -> float:
    return float(10 * np.log10(energy / samples + 1e-12)) if samples else -120.0


def _is_silent(level_db: Floats) -> bool:
    median_db, peak_db = percentile(level_db, 50), percentile(level_db, 99)
    return bool(peak_db < SILENT_DBOV or (peak_db < NOISE_DBOV and peak_db - median_db < NOISE_RANGE_DB))
