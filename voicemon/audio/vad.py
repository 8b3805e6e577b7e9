"""Voice activity: where a channel holds speech, exact and without padding.

frame decisions (WebRTC) → runs → what Silero is sure is not speech leaves → edges from the level → merge gaps → drop
short. The two detectors say *whether* there is speech; the level against the noise floor says *where* it begins and
ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from struct import iter_unpack

import numpy as np
import numpy.typing as npt
import webrtcvad
from scipy.ndimage import maximum_filter1d, percentile_filter, uniform_filter1d

from ..records import Span
from ..spans import merge, subtract
from .arrays import padded, percentile, runs
from .faint import stands_out
from .highpass import high_passed
from .silero import SILERO_RATE_HZ, SILERO_WINDOW, Silero
from .sound import HELD_SAMPLES, Float32, Samples, at_rate, blocks, less_mean

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

HOP_S = 0.005
"""Grid of the decisions. WebRTC frames are two hops, level windows four."""
BLOCK_S = 8.0
"""Blocks of whole hops and whole windows of both detectors, so that a long call never lies in memory as a whole; one that is held
(:data:`.sound.HELD_SAMPLES`) does, filtered once."""
HUM_HZ = 120.0
LOUD_PERCENTILE = 95.0
SILENCE_DBOV = -80.0
"""Below this nothing is audible on a telephone line (G.711 idle noise lies near -66 dBov): digital silence, comfort
gaps."""


@dataclass(frozen=True)
class VadSettings:
    """Thresholds, tuned on two-channel telephone calls with known utterance times.

    ``start_share``/``keep_share``: hysteresis on the share of WebRTC speech frames in ``smooth_s``.
    ``veto_probability``: Silero must stay under it for ``veto_reach_s`` on both sides before a frame is surely not
    speech; it hears ``lead_s`` before what it is asked about. ``rise_db``: level above the noise floor that counts as
    sound. ``noisy_db``: where the loud parts are less over the floor, the spectrum is asked too. ``reach_s``: how far
    an edge may lie outside what WebRTC found. ``tone_rest_s``: on a noisy line, what lasts less within ``tone_reach_s`` of
    a tone is of the tone: WebRTC takes tones for speech, and noise beside one hangs together with it.
    """

    aggressiveness: int = 2
    smooth_s: float = 0.09
    start_share: float = 0.6
    keep_share: float = 0.3
    veto_probability: float = 0.06
    veto_reach_s: float = 0.25
    lead_s: float = 0.5
    rise_db: float = 4.0
    noisy_db: float = 25.0
    reach_s: float = 0.15
    gap_s: float = 0.2
    min_speech_s: float = 0.08
    tone_reach_s: float = 0.1
    tone_rest_s: float = 0.35
    target_dbov: float = -22.0
    max_gain_db: float = 26.0
    floor_window_s: float = 20.0
    floor_percentile: float = 15.0


DEFAULT_SETTINGS = VadSettings()


def speech_spans(
    x: Samples, rate_hz: int, exclude: Sequence[Span] = (), settings: VadSettings = DEFAULT_SETTINGS
) -> tuple[Span, ...]:
    """Speech of one channel, sorted, never overlapping, in seconds.

    ``x``: float32, shape ``(n,)``, in [-1, 1). ``exclude``: stretches that are never speech (tones, music). Pauses of
    ``settings.gap_s`` or more are kept as pauses.
    """
    duration_s = len(x) / rate_hz
    hops = int(duration_s / HOP_S)
    prepared = _prepare(x, rate_hz, settings)
    if hops < 1 or prepared is None:
        return ()
    power, decisions = _power_and_webrtc(prepared, settings)
    level_db = _levels(_fit(power, hops))
    floor_db = _noise_floor(level_db, settings)
    noisy = _noisy(level_db, floor_db, settings)
    loud = _loud(prepared, (level_db, floor_db), noisy, settings)
    likely = _hysteresis(_fit(decisions, hops), settings) & _around(loud, settings.reach_s)
    best = maximum_filter1d(_silero(prepared, _asked(likely, bool(noisy.any()), settings)), _odd(2 * settings.veto_reach_s))
    likely &= best >= settings.veto_probability
    speech = _grow(likely, loud, settings)
    spans = subtract(merge(_runs(speech), gap_s=settings.gap_s), exclude)
    kept = (s for s in spans if s.duration_s >= settings.min_speech_s and not _is_of_tone(s, exclude, noisy, settings))
    return tuple(Span(s.start_s, min(s.end_s, duration_s)) for s in kept)


def _is_of_tone(span: Span, tones: Sequence[Span], noisy: Bools, settings: VadSettings) -> bool:
    """Whether a stretch on a noisy line is only what WebRTC's decision about a tone beside it left over."""
    if span.duration_s >= settings.tone_rest_s or not np.any(noisy[int(span.start_s / HOP_S) : int(span.end_s / HOP_S)]):
        return False
    reach_s = settings.tone_reach_s
    return any(t.start_s - reach_s <= span.end_s and span.start_s <= t.end_s + reach_s for t in tones)


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A line as both detectors want it: 8 or 16 kHz, offset and hum out, its loud parts at ``target_dbov``. Made block by block."""

    x: Samples
    rate_hz: int
    gain: float
    whole: Float32 | None = None

    @property
    def block(self) -> int:
        return int(BLOCK_S * self.rate_hz)

    def blocks(self) -> Iterator[Float32]:
        if self.whole is not None:
            yield from blocks(self.whole, self.block)
            return
        for block in self.filtered():
            yield self.louder(block)

    def louder(self, x: Float32) -> Float32:
        """``x`` itself, made louder."""
        x *= np.float32(self.gain)
        return np.clip(x, -1.0, 1.0, out=x)

    def filtered(self) -> Iterator[Float32]:
        return high_passed(blocks(self.x, self.block), self.rate_hz, HUM_HZ)


def _prepare(x: Samples, rate_hz: int, settings: VadSettings) -> _Prepared | None:
    """``None`` for digital silence. A line that is short enough to be held is filtered once and kept."""
    work_hz = 16_000 if rate_hz >= 16_000 else 8_000
    plain = _Prepared(at_rate(less_mean(x), rate_hz, work_hz), work_hz, 1.0)
    size, is_kept = work_hz // 50, len(plain.x) <= HELD_SAMPLES
    powers, kept, is_silent = [np.zeros(0, dtype=np.float32)], [np.zeros(0, dtype=np.float32)], True
    for block in plain.filtered():
        powers.append(np.mean(block[: len(block) // size * size].reshape(-1, size) ** 2, axis=1))
        is_silent = is_silent and not block.any()
        if is_kept:
            kept.append(block)
    power = np.concatenate(powers)
    if is_silent:
        return None
    loud = float(percentile(power, LOUD_PERCENTILE)) if len(power) else 0.0
    gain_db = min(settings.target_dbov - 10 * np.log10(loud + 1e-12), settings.max_gain_db)
    louder = replace(plain, gain=10 ** (gain_db / 20))
    return replace(louder, whole=louder.louder(np.concatenate(kept))) if is_kept else louder


def _power_and_webrtc(prepared: _Prepared, settings: VadSettings) -> tuple[Floats, Floats]:
    """Power of each hop, and WebRTC's decision (0 or 1). It keeps state, so a new one is asked once for each frame, in order."""
    detector, rate_hz = webrtcvad.Vad(settings.aggressiveness), prepared.rate_hz
    hop = int(HOP_S * rate_hz)
    frame = 2 * 2 * hop  # two hops of two bytes
    powers: list[Floats] = []
    decisions: list[bool] = []
    for x in prepared.blocks():
        whole = x[: len(x) // hop * hop].reshape(-1, hop)
        powers.append(np.einsum("ij,ij->i", whole, whole).astype(np.float64) / hop)
        pcm = np.clip(np.rint(x * 32768.0), -32768, 32767).astype(np.int16).tobytes()
        frames = chain.from_iterable(iter_unpack(f"{frame}s", pcm[: len(pcm) // frame * frame]))
        # A line has thousands of frames: what stands behind ``Vad.is_speech`` is called directly, in one step.
        decisions += map(webrtcvad._webrtcvad.process, repeat(detector._vad), repeat(rate_hz), frames, repeat(2 * hop))
    return np.concatenate(powers), np.repeat(np.asarray(decisions, dtype=np.float64), 2)


def _levels(power: Floats) -> Floats:
    """Level of a 20 ms window around each hop, in dB; digital silence is raised to one low value."""
    return np.asarray(10 * np.log10(uniform_filter1d(power, 4, mode="nearest") + 1e-12))


def _noise_floor(level_db: Floats, settings: VadSettings) -> Floats:
    """Noise floor at each hop: a low percentile nearby, kept close to that of the whole channel; silence does not
    count."""
    audible = level_db > SILENCE_DBOV
    if not np.any(audible):
        return np.full_like(level_db, SILENCE_DBOV)
    whole = float(percentile(level_db[audible], settings.floor_percentile))
    coarse = np.where(audible, level_db, whole)[::10]
    window = max(3, int(settings.floor_window_s / (10 * HOP_S)))
    near = percentile_filter(coarse, settings.floor_percentile, size=window, mode="nearest")
    return np.asarray(np.clip(np.repeat(near, 10)[: len(level_db)], whole - 10.0, whole + 10.0))


def _noisy(level_db: Floats, floor_db: Floats, settings: VadSettings) -> Bools:
    """Where the loud parts of the line are little over the noise floor; nowhere in digital silence."""
    audible = level_db > SILENCE_DBOV
    if not np.any(audible):
        return audible
    return np.asarray(percentile(level_db[audible], LOUD_PERCENTILE) - floor_db < settings.noisy_db)


def _loud(prepared: _Prepared, level_and_floor_db: tuple[Floats, Floats], noisy: Bools, settings: VadSettings) -> Bools:
    """What is over the noise floor; where the line is noisy also what only stands out of its spectrum."""
    level_db, floor_db = level_and_floor_db
    loud = level_db > floor_db + settings.rise_db
    if np.any(noisy):
        loud |= noisy & stands_out(prepared.blocks(), prepared.rate_hz, level_db, floor_db)
    return np.asarray(loud)


def _asked(likely: Bools, is_noisy: bool, settings: VadSettings) -> Bools:
    """Hops that Silero hears: those around what is ``likely`` and ``lead_s`` before. What it remembers of a quiet line's silence it need
    not hear again; in noise it must hear all, up to the last that anybody asks about, or it takes noise for speech more often."""
    asked = _around(likely, settings.veto_reach_s)
    lead = 2 * int(settings.lead_s / HOP_S / 2)
    return np.asarray(np.maximum.accumulate(asked[::-1])[::-1] if is_noisy else maximum_filter1d(asked, lead + 1, origin=-lead // 2))


def _silero(prepared: _Prepared, asked: Bools) -> Floats:
    """Silero's probability of speech per hop; 0 in windows of which no hop is ``asked`` about, which it does not hear."""
    at = ((np.arange(len(asked)) + 0.5) * HOP_S * SILERO_RATE_HZ / SILERO_WINDOW).astype(int)
    windows, wanted = np.zeros(int(at[-1]) + 1, dtype=np.float32), np.zeros(int(at[-1]) + 1, dtype=np.bool_)
    wanted[at[asked]] = True
    last = int(at[asked][-1]) + 1 if np.any(asked) else 0
    model, done, sent = Silero(prepared.rate_hz), 0, 0
    for block in prepared.blocks():
        if done >= last:
            break
        sent += len(block)
        found = model.ask(block[: _samples_for(last - done, prepared.rate_hz)], sent >= len(prepared.x), wanted[done:])
        windows[done : done + len(found)] = found[: len(windows) - done]
        done += len(found)
    return np.asarray(windows[at], dtype=np.float64)


def _samples_for(windows: int, rate_hz: int) -> int:
    """Enough samples for so many of Silero's windows, with what the resampler holds back."""
    return (windows + 1) * SILERO_WINDOW * rate_hz // SILERO_RATE_HZ + rate_hz


def _hysteresis(decisions: Floats, settings: VadSettings) -> Bools:
    """Runs where the share of speech frames stays over ``keep_share`` and somewhere reaches ``start_share``."""
    share = uniform_filter1d(decisions, _odd(settings.smooth_s), mode="constant")
    return _containing(share >= settings.keep_share, share >= settings.start_share)


def _grow(likely: Bools, loud: Bools, settings: VadSettings) -> Bools:
    """What is loud in or next to what is likely speech, as far as it hangs together."""
    return _containing(loud & _around(likely, settings.reach_s), likely & loud)


def _around(hops: Bools, reach_s: float) -> Bools:
    """Hops that lie within ``reach_s`` of one of ``hops``."""
    return np.asarray(maximum_filter1d(hops, _odd(2 * reach_s)))


def _containing(wide: Bools, core: Bools) -> Bools:
    """Runs of ``wide`` that hold at least one hop of ``core``."""
    ranges, before = runs(wide), np.concatenate(([0], np.cumsum(core)))
    found = np.zeros_like(wide)
    for first, last in ranges[before[ranges[:, 1]] > before[ranges[:, 0]]].tolist():
        found[first:last] = True
    return found


def _runs(speech: Bools) -> list[Span]:
    return [Span(a * HOP_S, b * HOP_S) for a, b in runs(speech).tolist()]


def _fit(values: Floats, size: int) -> Floats:
    return padded(values[:size], 0, max(0, size - len(values)))


def _odd(seconds: float) -> int:
    return 2 * int(seconds / HOP_S / 2) + 1
