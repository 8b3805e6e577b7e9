"""The recording as a browser can play it: the file itself where browsers know it, else 16-bit WAV."""

from __future__ import annotations

import io
import wave

import numpy as np

from .audio.decode import Recording
from .errors import RecordingError

BROWSERS_PLAY = frozenset({"flac", "mp3", "mp3float", "opus", "vorbis", "aac", "pcm_s16le", "pcm_u8"})
SUFFIXES = frozenset({".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".wav", ".wave", ".webm"})


def playable_copy(recording: Recording) -> tuple[str, bytes]:
    """Return ``(ending, bytes)`` of a sound file with the same samples that current browsers play.

    Raises :class:`RecordingError` when the recording vanished since it was decoded.
    """
    suffix = recording.path.suffix.lower()
    if recording.codec in BROWSERS_PLAY and suffix in SUFFIXES:
        try:
            return suffix, recording.path.read_bytes()
        except OSError as err:
            raise RecordingError(f"{recording.path}: vanished while it was analysed ({err.strerror}); run again") from err
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(recording.channels)
        out.setsampwidth(2)
        out.setframerate(recording.sample_rate_hz)
        out.writeframes(np.ascontiguousarray(recording.samples.T).astype("<i2").tobytes())
    return ".wav", buffer.getvalue()
