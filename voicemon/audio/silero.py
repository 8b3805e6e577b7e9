"""Silero's voice activity model (MIT; the file that comes with faster-whisper), asked a few windows at a time."""

from __future__ import annotations

import numpy as np
import soxr
from faster_whisper.vad import get_vad_model

from .sound import Float32

SILERO_RATE_HZ = 16_000
SILERO_WINDOW = 512
CONTEXT = 64  # the model wants the last samples before each window too
STATE = (1, 1, 128)
WINDOWS_AT_ONCE = 512
"""More at once are slower (they leave the cache) and take the more memory."""


class Silero:
    """One line at ``rate_hz``, from its start on: the model remembers what it was given before."""

    def __init__(self, rate_hz: int) -> None:
        self._session = get_vad_model().session  # one per process; what it remembers is kept here, not there
        self._h = self._c = np.zeros(STATE, dtype=np.float32)
        self._left = np.zeros(CONTEXT, dtype=np.float32)
        self._stream = None if rate_hz == SILERO_RATE_HZ else soxr.ResampleStream(rate_hz, SILERO_RATE_HZ, 1, "float32", "HQ")

    def ask(self, x: Float32, is_last: bool) -> Float32:
        """Probability of speech in each window that is complete with ``x``, the next stretch of the line; the last one is filled up."""
        fresh = x if self._stream is None else self._stream.resample_chunk(x, last=is_last)
        sound = np.concatenate([self._left, fresh])
        if is_last:
            sound = np.pad(sound, (0, -(len(sound) - CONTEXT) % SILERO_WINDOW))
        count = (len(sound) - CONTEXT) // SILERO_WINDOW
        self._left = sound[count * SILERO_WINDOW :]
        if not count:
            return np.zeros(0, dtype=np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(sound, CONTEXT + SILERO_WINDOW)[::SILERO_WINDOW][:count]
        return np.concatenate([self._run(windows[i : i + WINDOWS_AT_ONCE]) for i in range(0, count, WINDOWS_AT_ONCE)])

    def _run(self, windows: Float32) -> Float32:
        found, self._h, self._c = self._session.run(None, {"input": np.ascontiguousarray(windows), "h": self._h, "c": self._c})
        return np.ravel(found)
