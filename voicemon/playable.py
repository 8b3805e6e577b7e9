"""The recording as a browser can play it: the file itself where browsers know it, else 16-bit WAV. Read and made in pieces."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

import numpy as np

from .audio.decode import Recording
from .audio.sound import BLOCK_SAMPLES
from .errors import RecordingError
from .names import PLAYED_ENDINGS

BROWSERS_PLAY = frozenset({"flac", "mp3", "mp3float", "opus", "vorbis", "aac", "pcm_s16le", "pcm_u8"})
CHUNK_BYTES = 1 << 20


def playable_copy(recording: Recording) -> tuple[str, Iterator[bytes]]:
    """Return ``(ending, pieces)`` of a sound file with the same samples that current browsers play.

    While the pieces are taken, :class:`RecordingError` is raised when the recording vanished or changed since it was decoded.
    """
    suffix = recording.path.suffix.lower()
    if recording.codec in BROWSERS_PLAY and suffix in PLAYED_ENDINGS:
        return suffix, _file(recording)
    return ".wav", _as_wav(recording)


def _file(recording: Recording) -> Iterator[bytes]:
    digest = hashlib.sha256()
    try:
        with recording.path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                yield chunk
    except OSError as err:
        raise RecordingError(f"{recording.path}: vanished while it was analysed ({err.strerror}); run again") from err
    if digest.hexdigest() != recording.sha256:
        raise RecordingError(f"{recording.path}: changed while it was analysed; run again when it is completely written")


def _as_wav(recording: Recording) -> Iterator[bytes]:
    channels, count = recording.samples.shape
    frame_bytes, rate_hz = 2 * channels, recording.sample_rate_hz
    sound_bytes = count * frame_bytes
    yield struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + sound_bytes, b"WAVE", b"fmt ", 16, 1, channels, rate_hz, rate_hz * frame_bytes,
                      frame_bytes, 16, b"data", sound_bytes)
    for first in range(0, count, BLOCK_SAMPLES):
        yield np.ascontiguousarray(recording.samples[:, first : first + BLOCK_SAMPLES].T).astype("<i2").tobytes()
