"""Silero's voice activity model, asked a few windows at a time.

Weights and licence: ``silero.txt`` beside this file; ``models/export_silero.py`` made the ONNX file. It begins after the short-time Fourier
transform of the model that faster-whisper ships: a fast transform takes a tenth of the time of the convolution there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import soxr
from scipy.fft import rfft  # unlike numpy's before 2.0, it stays in single precision

from .arrays import padded, stretches
from .products import product
from .shipped import shipped_session
from .sound import Float32

Bools = npt.NDArray[np.bool_]

SILERO_FILE = "silero.onnx"
SILERO_SHA256 = "3ec24e488fc6830fd07345d9c4bf1caafc4aad5c1c6b564ffdda72aee899b6f6"
SILERO_RATE_HZ = 16_000
SILERO_WINDOW = 512
CONTEXT = 64  # the model wants the last samples before each window too
MIRRORED = 64  # and as many mirrored at its end
FRAME, HOP = 256, 128  # four frames in each window
FRAMES, BINS = 4, FRAME // 2 + 1
STATE = (1, 1, 128)
RESAMPLER_REACH = 64
"""Samples at 8 kHz: of one that is further away the step to 16 kHz takes less than 0.0002."""
EDGE_LINES = 8
"""So many lines over half of the line's rate the edge of the taper still shows; beyond is nothing, but where a window is mirrored."""
WINDOWS_AT_ONCE = 128
"""More at once leave the cache and take the more memory."""


class Silero:
    """One line at ``rate_hz`` (8 or 16 kHz), from its start on: the model remembers what it was given before.

    Raises :class:`ModelError`.
    """

    def __init__(self, rate_hz: int) -> None:
        self._session = shipped_session(SILERO_FILE, SILERO_SHA256)  # one per process; what it remembers is kept here, not there
        self._h = self._c = np.zeros(STATE, dtype=np.float32)
        self._maps = _maps(rate_hz)
        self._left, self._begins = np.zeros(self._maps.before, dtype=np.float32), True

    def ask(self, x: Float32, is_last: bool, wanted: Bools | None = None) -> Float32:
        """Probability of speech in each window that is complete with ``x``, the next stretch of the line; the last one is filled up.

        A window that is not ``wanted`` (True for each that is; none beyond its end) is not heard: it has 0, and is not remembered.
        """
        maps, sound = self._maps, np.concatenate([self._left, x])
        if is_last:
            sound = padded(sound, 0, -(len(sound) - maps.before) % maps.step + maps.reach)
        count = max(0, (len(sound) - maps.before - maps.reach) // maps.step)
        self._left = sound[count * maps.step :]
        if not count:
            return np.zeros(0, dtype=np.float32)
        at = np.arange(count) if wanted is None else np.flatnonzero(wanted[:count])
        found = np.zeros(count, dtype=np.float32)
        for some in (at[i : i + WINDOWS_AT_ONCE] for i in range(0, len(at), WINDOWS_AT_ONCE)):
            found[some] = self._run(maps.spectra(sound, some, self._begins and some[0] == 0))
        self._begins = False
        return found

    def _run(self, spectra: Float32) -> Float32:
        found, self._h, self._c = self._session.run(None, {"spectra": spectra, "h": self._h, "c": self._c})
        return np.ravel(found)


@dataclass(frozen=True, eq=False)
class _Maps:
    """From a line to the spectra of its windows: to the model's rate, under a taper, through a Fourier transform. All of that is linear, so
    one product of matrices does it.

    ``opening``: of the first frame of a line, before which there is nothing; ``inner``: of a frame within a window; ``last``: of the last
    one, a quarter of which is mirrored. ``(samples, 2 * lines)``, first real parts. ``hop``, ``step``: samples of the line from frame to
    frame and from window to window; ``before``, ``reach``: samples that are needed before and behind a window.
    """

    opening: Float32
    inner: Float32
    last: Float32
    hop: int
    step: int
    before: int
    reach: int

    @property
    def lines(self) -> int:
        return self.inner.shape[1] // 2

    def spectra(self, sound: Float32, windows: npt.NDArray[np.intp], begins: bool) -> Float32:
        """Magnitudes of the frames of some windows, one frame after the other: float32 ``(windows, 4 * 129)``.

        ``begins``: the first of them is the first of its line.
        """
        spectra = np.zeros((len(windows), FRAMES, BINS), dtype=np.float32)
        starts = windows[:, None] * self.step + np.arange(FRAMES) * self.hop
        spectra[:, :-1, : self.lines] = _magnitudes(sound, starts[:, :-1], self.inner)
        spectra[:, -1:] = _magnitudes(sound, starts[:, -1:], self.last)
        if begins:
            spectra[:1, :1] = _magnitudes(sound, starts[:1, :1], self.opening)
        return spectra.reshape(len(windows), -1)


def _magnitudes(sound: Float32, starts: npt.NDArray[np.intp], to_lines: Float32) -> Float32:
    """``(windows, frames, lines)`` of the frames whose sound begins at ``starts`` ``(windows, frames)``."""
    parts = stretches(sound, len(to_lines))[starts.ravel()]
    squares = np.square(product(parts, to_lines)).reshape(*starts.shape, 2, -1)  # of real and of imaginary parts
    return np.asarray(np.sqrt(squares[:, :, 0] + squares[:, :, 1]))


@lru_cache(maxsize=2)
def _maps(rate_hz: int) -> _Maps:
    """A map is what comes out where one sample after the other is 1 and all others are 0."""
    ratio = SILERO_RATE_HZ // rate_hz
    reach = 0 if ratio == 1 else RESAMPLER_REACH
    last = _at_16k((FRAME - MIRRORED) // ratio, reach, ratio)
    mirrored = np.concatenate([last, last[:, -2 : -2 - MIRRORED : -1]], axis=1)
    whole = _at_16k(FRAME // ratio, reach, ratio)
    inner = _to_lines(whole, BINS if ratio == 1 else BINS // ratio + EDGE_LINES)
    opening = _to_lines(whole * (np.arange(FRAME) >= CONTEXT), BINS)
    return _Maps(opening, inner, _to_lines(mirrored, BINS), HOP // ratio, SILERO_WINDOW // ratio, CONTEXT // ratio + reach, reach)


def _at_16k(samples: int, reach: int, ratio: int) -> Float32:
    """So many samples at the model's rate of lines of which one sample is 1, ``reach`` before to ``reach`` behind the stretch."""
    ones = np.eye(samples + 2 * reach, dtype=np.float32)
    if ratio == 1:
        return ones
    quiet = np.zeros(SILERO_RATE_HZ // ratio // 10, dtype=np.float32)
    made = [soxr.resample(np.concatenate([quiet, one, quiet]), 1, ratio, "HQ") for one in ones]
    first = ratio * (len(quiet) + reach)
    return np.stack(made)[:, first : first + ratio * samples]


def _to_lines(frames: Float32, lines: int) -> Float32:
    """The lowest ``lines`` of the spectra of frames under the model's taper: real parts, then imaginary ones."""
    taper = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
    spectra = rfft(frames * taper, axis=1)[:, :lines]
    return np.concatenate([spectra.real, spectra.imag], axis=1)
