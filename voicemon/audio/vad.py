"""Voice activity: where a channel holds speech, exact and without padding.

frame decisions (WebRTC) → runs → what Silero is sure is not speech leaves → edges from the level → merge gaps → drop
short. The two detectors say *whether* there is speech; the level against the noise floor says *where* it begins and
ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import webrtcvad
from faster_whisper.vad import get_vad_model
from scipy.ndimage import maximum_filter1d, percentile_filter, uniform_filter1d
from scipy.signal import butter, sosfilt

from ..records import Span
from ..spans import merge, subtract
from .decode import Float32, remove_dc, resample
from .faint import stands_out

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

HOP_S = 0.005
"""Grid of the decisions. WebRTC frames are two hops, level windows four."""
SILERO_RATE_HZ = 16_000
SILERO_WINDOW = 512
SILERO_BLOCK_S = 512 * 0.8
"""Blocks of whole windows, so that a long call never lies in memory at 16 kHz as a whole."""
LOUD_PERCENTILE = 95.0
SILENCE_DBOV = -80.0
"""Below this nothing is audible on a telephone line (G.711 idle noise lies near -66 dBov): digital silence, comfort
gaps."""


@dataclass(frozen=True)
class VadSettings:
    """Thresholds, tuned on two-channel telephone calls with known utterance times.

    ``start_share``/``keep_share``: hysteresis on the share of WebRTC speech frames in ``smooth_s``.
    ``veto_probability``: Silero must stay under it for ``veto_reach_s`` on both sides before a frame is surely not
    speech. ``rise_db``: level above the noise floor that counts as sound. ``noisy_db``: where the loud parts are less
    over the floor, the spectrum is asked too. ``reach_s``: how far an edge may lie outside what WebRTC found.
    """

    aggressiveness: int = 2
    smooth_s: float = 0.09
    start_share: float = 0.6
    keep_share: float = 0.3
    veto_probability: float = 0.06
    veto_reach_s: float = 0.16
    rise_db: float = 4.0
    noisy_db: float = 25.0
    reach_s: float = 0.15
    gap_s: float = 0.2
    min_speech_s: float = 0.08
    target_dbov: float = -22.0
    max_gain_db: float = 26.0
    floor_window_s: float = 20.0
    floor_percentile: float = 15.0


DEFAULT_SETTINGS = VadSettings()


def speech_spans(
    x: Float32, rate_hz: int, exclude: Sequence[Span] = (), settings: VadSettings = DEFAULT_SETTINGS
) -> tuple[Span, ...]:
    """Speech of one channel, sorted, never overlapping, in seconds.

    ``x``: float32, shape ``(n,)``, in [-1, 1). ``exclude``: stretches that are never speech (tones, music). Pauses of
    ``settings.gap_s`` or more are kept as pauses.
    """
    duration_s = len(x) / rate_hz
    hops = int(duration_s / HOP_S)
    if hops < 1 or not np.any(x):
        return ()
    prepared, work_hz = _prepare(x, rate_hz, settings)
    level_db = _levels(prepared, work_hz, hops)
    loud = _loud(prepared, work_hz, level_db, settings)
    likely = _hysteresis(_webrtc(prepared, work_hz, hops, settings), settings)
    best = maximum_filter1d(_silero(prepared, work_hz, hops), _odd(2 * settings.veto_reach_s))
    likely &= best >= settings.veto_probability
    speech = _grow(likely, loud, settings)
    spans = subtract(merge(_runs(speech), gap_s=settings.gap_s), exclude)
    return tuple(Span(s.start_s, min(s.end_s, duration_s)) for s in spans if s.duration_s >= settings.min_speech_s)


def _prepare(x: Float32, rate_hz: int, settings: VadSettings) -> tuple[Float32, int]:
    """Offset and hum out, the loud parts at ``target_dbov``, 8 or 16 kHz: what both detectors were made for."""
    work_hz = 16_000 if rate_hz >= 16_000 else 8_000
    plain = resample(remove_dc(x), rate_hz, work_hz)
    plain = sosfilt(butter(2, 120.0, "highpass", fs=work_hz, output="sos"), plain).astype(np.float32)
    size = max(1, work_hz // 50)
    blocks = plain[: len(plain) // size * size].reshape(-1, size)
    loud = np.percentile(np.mean(blocks**2, axis=1), LOUD_PERCENTILE) if len(blocks) else 0.0
    gain_db = min(settings.target_dbov - 10 * np.log10(loud + 1e-12), settings.max_gain_db)
    return np.clip(plain * np.float32(10 ** (gain_db / 20)), -1.0, 1.0), work_hz


def _levels(x: Float32, rate_hz: int, hops: int) -> Floats:
    """Level of a 20 ms window around each hop, in dB; digital silence is raised to one low value."""
    size = int(HOP_S * rate_hz)
    padded = np.zeros(hops * size, dtype=np.float32)
    padded[: min(len(x), len(padded))] = x[: len(padded)]
    power = np.mean(padded.reshape(hops, size) ** 2, axis=1, dtype=np.float64)
    return np.asarray(10 * np.log10(uniform_filter1d(power, 4, mode="nearest") + 1e-12))


def _noise_floor(level_db: Floats, settings: VadSettings) -> Floats:
    """Noise floor at each hop: a low percentile nearby, kept close to that of the whole channel; silence does not
    count."""
    audible = level_db > SILENCE_DBOV
    if not np.any(audible):
        return np.full_like(level_db, SILENCE_DBOV)
    whole = float(np.percentile(level_db[audible], settings.floor_percentile))
    coarse = np.where(audible, level_db, whole)[::10]
    window = max(3, int(settings.floor_window_s / (10 * HOP_S)))
    near = percentile_filter(coarse, settings.floor_percentile, size=window, mode="nearest")
    return np.asarray(np.clip(np.repeat(near, 10)[: len(level_db)], whole - 10.0, whole + 10.0))


def _loud(x: Float32, rate_hz: int, level_db: Floats, settings: VadSettings) -> Bools:
    """What is over the noise floor; on a noisy line also what only stands out of its spectrum."""
    floor_db = _noise_floor(level_db, settings)
    loud = level_db > floor_db + settings.rise_db
    audible = level_db > SILENCE_DBOV
    if not np.any(audible):
        return loud
    noisy = np.percentile(level_db[audible], LOUD_PERCENTILE) - floor_db < settings.noisy_db
    if np.any(noisy):
        loud |= noisy & stands_out(x, rate_hz, level_db, floor_db)
    return np.asarray(loud)


def _webrtc(x: Float32, rate_hz: int, hops: int, settings: VadSettings) -> Floats:
    """WebRTC's decision (0 or 1) per hop. It keeps state, so a new one is asked once for each frame, in order."""
    vad = webrtcvad.Vad(settings.aggressiveness)
    size = 2 * int(HOP_S * rate_hz)
    pcm = np.clip(np.rint(x * 32768.0), -32768, 32767).astype(np.int16)
    decisions = []
    offset = 0
    while offset + size <= len(pcm):
        decisions.append(vad.is_speech(pcm[offset : offset + size].tobytes(), rate_hz))
        offset += size
    return _fit(np.repeat(np.asarray(decisions, dtype=np.float64), 2), hops)


def _silero(x: Float32, rate_hz: int, hops: int) -> Floats:
    """Silero's probability of speech per hop."""
    model = get_vad_model()
    block = int(SILERO_BLOCK_S * rate_hz)
    parts = []
    for offset in range(0, len(x), block):
        part = resample(x[offset : offset + block], rate_hz, SILERO_RATE_HZ)
        padded = np.pad(part, (0, -len(part) % SILERO_WINDOW))
        parts.append(np.ravel(model(padded)))
    windows = np.concatenate(parts)
    at = (np.arange(hops) + 0.5) * HOP_S * SILERO_RATE_HZ / SILERO_WINDOW
    return np.asarray(windows[np.minimum(at.astype(int), len(windows) - 1)], dtype=np.float64)


def _hysteresis(decisions: Floats, settings: VadSettings) -> Bools:
    """Runs where the share of speech frames stays over ``keep_share`` and somewhere reaches ``start_share``."""
    share = uniform_filter1d(decisions, _odd(settings.smooth_s), mode="constant")
    return _containing(share >= settings.keep_share, share >= settings.start_share)


def _grow(likely: Bools, loud: Bools, settings: VadSettings) -> Bools:
    """What is loud in or next to what is likely speech, as far as it hangs together."""
    near = maximum_filter1d(likely.astype(np.int8), _odd(2 * settings.reach_s)).astype(np.bool_)
    return _containing(loud & near, likely & loud)


def _containing(wide: Bools, core: Bools) -> Bools:
    """Runs of ``wide`` that hold at least one hop of ``core``."""
    edges = np.diff(wide.astype(np.int8), prepend=0)
    labels = np.cumsum(edges == 1) * wide
    kept = np.unique(labels[core & wide])
    return np.isin(labels, kept[kept > 0])


def _runs(speech: Bools) -> list[Span]:
    steps = np.diff(speech.astype(np.int8), prepend=0, append=0)
    return [
        Span(float(a) * HOP_S, float(b) * HOP_S)
        for a, b in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True)
    ]


def _fit(values: Floats, size: int) -> Floats:
    return np.pad(values[:size], (0, max(0, size - len(values))))


def _odd(seconds: float) -> int:
    return 2 * int(seconds / HOP_S / 2) + 1
