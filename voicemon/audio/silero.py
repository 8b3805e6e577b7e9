"""Silero's voice activity model, asked a few windows at a time.

Weights and licence: ``silero.txt`` beside this file; ``models/export_silero.py`` made the ONNX file. It begins after the short-time Fourier
transform of the model that faster-whisper ships: a fast transform takes a tenth of the time of the convolution there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr
from scipy.fft import rfft  # unlike numpy's before 2.0, it stays in single precision

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
STATE = (1, 1, 128)
WINDOWS_AT_ONCE = 128
"""More at once leave the cache and take the more memory."""


class Silero:
    """One line at ``rate_hz``, from its start on: the model remembers what it was given before. Raises :class:`ModelError`."""

    def __init__(self, rate_hz: int) -> None:
        self._session = shipped_session(SILERO_FILE, SILERO_SHA256)  # one per process; what it remembers is kept here, not there
        self._h = self._c = np.zeros(STATE, dtype=np.float32)
        self._left = np.zeros(CONTEXT, dtype=np.float32)
        self._taper = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
        self._stream = None if rate_hz == SILERO_RATE_HZ else soxr.ResampleStream(rate_hz, SILERO_RATE_HZ, 1, "float32", "HQ")

    def ask(self, x: Float32, is_last: bool, wanted: Bools | None = None) -> Float32:
        """Probability of speech in each window that is complete with ``x``, the next stretch of the line; the last one is filled up.

        A window that is not ``wanted`` (True for each that is; none beyond its end) is not heard: it has 0, and is not remembered.
        """
        fresh = x if self._stream is None else self._stream.resample_chunk(x, last=is_last)
        sound = np.concatenate([self._left, fresh])
        if is_last:
            sound = np.pad(sound, (0, -(len(sound) - CONTEXT) % SILERO_WINDOW))
        count = (len(sound) - CONTEXT) // SILERO_WINDOW
        self._left = sound[count * SILERO_WINDOW :]
        if not count:
            return np.zeros(0, dtype=np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(sound, CONTEXT + SILERO_WINDOW)[::SILERO_WINDOW][:count]
        at = np.arange(count) if wanted is None else np.flatnonzero(wanted[:count])
        found = np.zeros(count, dtype=np.float32)
        for some in (at[i : i + WINDOWS_AT_ONCE] for i in range(0, len(at), WINDOWS_AT_ONCE)):
            found[some] = self._run(windows[some])
        return found

    def _run(self, windows: Float32) -> Float32:
        inputs = {"spectra": self._spectra(windows), "h": self._h, "c": self._c}
        found, self._h, self._c = self._session.run(None, inputs)
        return np.ravel(found)

    def _spectra(self, windows: Float32) -> Float32:
        """Magnitudes of the frames of each window, one frame after the other: float32 ``(windows, 4 * 129)``."""
        whole = np.concatenate([windows, windows[:, -2 : -2 - MIRRORED : -1]], axis=1)
        frames = np.lib.stride_tricks.sliding_window_view(whole, FRAME, axis=1)[:, ::HOP]
        spectra = rfft(frames * self._taper, axis=2)
        return np.sqrt(spectra.real**2 + spectra.imag**2).reshape(len(windows), -1)
