"""Who a short stretch of speech sounds like: the GE2E speaker encoder (Wan et al., ICASSP 2018), as trained by Resemblyzer.

Weights and licence: ``speaker_encoder.txt`` beside this file; ``models/export_speaker_encoder.py`` made the ONNX file.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .shipped import shipped_session
from .sound import Float32, Samples

ENCODER_HZ = 16_000
FFT, HOP, MELS = 400, 160, 40  # 25 ms, 10 ms
HOP_S = HOP / ENCODER_HZ
EMBEDDING_SIZE = 256
ENCODER_FILE = "speaker_encoder.onnx"
ENCODER_SHA256 = "92342e76836cf559ff810c4987d50cc37ff94f0905d3f85afa75ccea048f8917"
BATCH = 64
_MEL_BREAK_HZ, _MEL_LINEAR_HZ, _MEL_LOG_STEP = 1000.0, 200.0 / 3, np.log(6.4) / 27.0  # Slaney's scale


def mel_frames(x_16k: Samples, first: int = 0, last: int | None = None) -> Float32:
    """Mel power spectrogram as the encoder was trained on, float32 ``(1 + n // 160, 40)``: Hann windows of 25 ms centred every
    10 ms (zeros beyond the ends), 40 Slaney bands over 0-8 kHz, not logarithmic. Same as ``librosa.feature.melspectrogram``.

    ``first`` and ``last``: only these frames of it."""
    last = frame_count(x_16k) if last is None else min(last, frame_count(x_16k))
    begin, end = first * HOP - FFT // 2, (last - 1) * HOP + FFT // 2
    sound = np.pad(np.asarray(x_16k[max(0, begin) : end], dtype=np.float32), (max(0, -begin), max(0, end - len(x_16k))))
    frames = np.lib.stride_tricks.sliding_window_view(sound, FFT)[::HOP]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)).astype(np.float32)
    parts = [np.abs(np.fft.rfft(frames[i : i + 4096] * window, axis=1)) ** 2 @ mel_bands().T for i in range(0, len(frames), 4096)]
    return np.concatenate(parts).astype(np.float32)


def frame_count(x_16k: Samples) -> int:
    """How many mel frames ``x_16k`` has."""
    return 1 + len(x_16k) // HOP


@lru_cache(maxsize=1)
def mel_bands() -> npt.NDArray[np.float64]:
    """Weights ``(40, 201)`` of the mel bands over the bins of the FFT, each band of unit area (Slaney's Auditory Toolbox)."""
    top = _MEL_BREAK_HZ / _MEL_LINEAR_HZ + np.log(ENCODER_HZ / 2 / _MEL_BREAK_HZ) / _MEL_LOG_STEP
    edges = _mel_to_hz(np.linspace(0.0, top, MELS + 2))
    bins = np.fft.rfftfreq(FFT, 1 / ENCODER_HZ)
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.maximum(0.0, np.minimum(rise, fall)) * (2.0 / (edges[2:] - edges[:-2]))[:, None])


def _mel_to_hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    break_mel = _MEL_BREAK_HZ / _MEL_LINEAR_HZ
    above = _MEL_BREAK_HZ * np.exp(_MEL_LOG_STEP * (np.maximum(mels, break_mel) - break_mel))
    return np.where(mels < break_mel, _MEL_LINEAR_HZ * mels, above)


def embed(windows: Float32) -> Float32:
    """Embeddings float32 ``(windows, 256)`` of unit length, from mel power frames ``(windows, frames, 40)``.

    A cosine of two of one voice lies about 0.75-0.95, of two voices about 0.4-0.7. Raises :class:`ModelError`.
    """
    if not len(windows):
        return np.zeros((0, EMBEDDING_SIZE), dtype=np.float32)
    session = shipped_session(ENCODER_FILE, ENCODER_SHA256)
    parts = [session.run(None, {"mels": windows[i : i + BATCH]})[0] for i in range(0, len(windows), BATCH)]
    return np.asarray(np.concatenate(parts), dtype=np.float32)
