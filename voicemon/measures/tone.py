"""Tone of voice, indications only: pitch, its range, how much the level moves, drawn-out tails, long hesitations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..audio.sound import Samples
from ..records import Level, Span, Tone
from ..spans import merge
from .pitch import HOP_S
from .voice import Voice, smoothed_db, voice_of

MIN_VOICED_S = 1.0
MIN_SNR_DB = 10.0  # below this the voiced frames that are left are not a fair sample of the voice
RANGE_PERCENTILES = (10.0, 90.0)  # definitions.md, "Tone"
LEVEL_TURN_S = 1.0  # the level of a shorter turn says little
PAUSE_S = 0.25
TAIL_TIMES_MEDIAN = 2.0
TAIL_MIN_S = 0.35
MIN_TAILS = 4  # with fewer there is no median worth comparing with
TAIL_DIP_DB = 2.0
HESITATION_S = 0.7
BANG_WITHIN_S = 1.0  # the last second of the channel
BANG_OVER_NOISE_DB = 25.0
BANG_MIN_DBOV = -40.0
BANG_LONGEST_S = 0.12
BANG_DECAY_DB = 15.0
BANG_QUIET_BEFORE_S = 0.04
BANG_FRAME_S = 0.005
SPEECH_SPAN_S = 0.3  # a detector of speech may take the impulse itself for a short span


def tone_of(x: Samples, rate_hz: int, speech: Sequence[Span], level: Level, voice: Voice | None = None) -> Tone:
    """Indications of one party's tone; ``x`` is its channel (mono floats), ``level`` gives the level of each turn.

    ``voice``: that of ``x`` and ``speech``, where it is known already.
    """
    level_range_db = _level_range_db(level)
    hesitations = _hesitations(speech, level)
    voice = voice or voice_of(x, rate_hz, speech)
    track = voice.pitch
    f0_hz = track.f0_hz[track.voiced]
    reason = None
    if f0_hz.size * HOP_S < MIN_VOICED_S:
        reason = "less than 1 s of voiced speech"
    elif level.snr_db is not None and level.snr_db < MIN_SNR_DB:
        reason = f"the speech is only {level.snr_db:.0f} dB over the noise"
    if reason is not None:
        return Tone(level_range_db=level_range_db, hesitations=hesitations, reason=reason)
    low, high = np.percentile(f0_hz, RANGE_PERCENTILES)
    return Tone(
        median_pitch_hz=float(np.median(f0_hz)),
        pitch_range_semitones=float(12.0 * np.log2(high / low)),
        level_range_db=level_range_db,
        long_tails=_long_tails(_tails_s(voice, speech)),
        hesitations=hesitations,
    )


def _level_range_db(level: Level) -> float | None:
    levels = [t.level_dbov for t in level.turns if t.end_s - t.start_s >= LEVEL_TURN_S]
    return max(levels) - min(levels) if len(levels) >= 2 else None


def _hesitations(speech: Sequence[Span], level: Level) -> int:
    """Long pauses inside a turn: the party went on, and the other did not speak."""
    spans = merge(speech)
    pauses = [(a.end_s, b.start_s) for a, b in zip(spans, spans[1:], strict=False)]
    inside = [
        (start_s, end_s)
        for start_s, end_s in pauses
        if any(t.start_s < start_s and end_s < t.end_s for t in level.turns)
    ]
    return sum(end_s - start_s >= HESITATION_S for start_s, end_s in inside)


def _tails_s(voice: Voice, speech: Sequence[Span]) -> list[float]:
    """Length of the last voiced syllable before each pause: back from the last voiced frame to a dip or a voiceless sound."""
    intensity_db, track = smoothed_db(voice.vowel_power), voice.pitch
    if not track.voiced.any() or not intensity_db.size:
        return []
    voiced = np.zeros(intensity_db.size, dtype=bool)
    # A middle that lies on the edge of two frames belongs to both: rounding it to one left holes that cut a tail short.
    frames = track.times_s[track.voiced] / HOP_S + np.array([[-0.25], [0.25]])
    voiced[np.clip(frames.astype(int), 0, voiced.size - 1)] = True
    tails = []
    for span in merge(speech, PAUSE_S):
        inside = np.arange(int(span.start_s / HOP_S), min(int(span.end_s / HOP_S), voiced.size))
        at = inside[voiced[inside]]
        if at.size:
            tails.append(_tail_frames(intensity_db, voiced, int(at[-1])) * HOP_S)
    return tails


def _tail_frames(intensity_db: np.ndarray, voiced: np.ndarray, last: int) -> int:
    """Frames from ``last`` back to where the voice begins, or to a dip between two peaks of intensity."""
    peak_db, lowest_db, lowest = intensity_db[last], np.inf, last
    frame = last
    while frame > 0 and voiced[frame - 1]:
        frame -= 1
        now_db = intensity_db[frame]
        if now_db >= peak_db and lowest_db > peak_db - TAIL_DIP_DB:
            peak_db, lowest_db, lowest = now_db, np.inf, frame
        elif now_db < lowest_db:
            lowest_db, lowest = now_db, frame
        elif now_db > lowest_db + TAIL_DIP_DB and lowest_db < peak_db - TAIL_DIP_DB:
            return last - lowest + 1
    return last - frame + 1


def _long_tails(tails_s: Sequence[float]) -> int | None:
    if len(tails_s) < MIN_TAILS:
        return None
    limit_s = max(TAIL_MIN_S, TAIL_TIMES_MEDIAN * float(np.median(tails_s)))
    return sum(tail > limit_s for tail in tails_s)


def receiver_bang(x: Samples, rate_hz: int, speech: Sequence[Span] = ()) -> float | None:
    """Peak level in dBov of an impulse in the last second of the agent's channel; ``None`` where there is none.

    An impulse rises out of quiet by at least 25 dB over the noise within 5 ms frames, decays within 0.12 s, and is no
    part of ``speech``. A receiver that is put down hard sounds like that.
    """
    frame = max(1, round(BANG_FRAME_S * rate_hz))
    tail = np.asarray(x[max(0, len(x) - round((BANG_WITHIN_S + BANG_QUIET_BEFORE_S) * rate_hz)) :], dtype=np.float64)
    if tail.size < 20 * frame:
        return None
    frames = tail[tail.size % frame :].reshape(-1, frame)
    level_db = 10.0 * np.log10((frames**2).mean(axis=1) + 1e-9)
    noise_db = float(np.median(level_db))
    loudest = int(np.argmax(level_db))
    peak_dbov = 20.0 * float(np.log10(np.abs(frames[loudest]).max() + 1e-9))
    at_s = (len(x) - (len(frames) - loudest) * frame) / rate_hz
    in_speech = any(s.start_s <= at_s < s.end_s and s.duration_s > SPEECH_SPAN_S for s in speech)
    if in_speech or peak_dbov < BANG_MIN_DBOV or level_db[loudest] < noise_db + BANG_OVER_NOISE_DB:
        return None
    return peak_dbov if _is_impulse(level_db, loudest, noise_db) else None


def _is_impulse(level_db: np.ndarray, loudest: int, noise_db: float) -> bool:
    quiet = round(BANG_QUIET_BEFORE_S / BANG_FRAME_S)
    before = level_db[max(0, loudest - 1 - quiet) : max(0, loudest - 1)]
    if before.size < quiet or before.max() > noise_db + BANG_OVER_NOISE_DB / 2:
        return False
    lasting = np.flatnonzero(level_db[loudest:] > level_db[loudest] - BANG_DECAY_DB)
    return bool(lasting[-1] * BANG_FRAME_S <= BANG_LONGEST_S)
