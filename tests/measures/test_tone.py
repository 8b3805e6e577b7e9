"""Pitch and the other indications on contours that are known."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from voicemon.measures.pitch import pitch_track
from voicemon.measures.tone import receiver_bang, tone_of
from voicemon.records import Level, Span, TurnLevel

RATE_HZ = 8000


def contour(f0_hz: np.ndarray, rate_hz: int = RATE_HZ, telephone: bool = True) -> np.ndarray:
    """A voice of equal harmonics that follows ``f0_hz`` sample by sample; a telephone passes 300 Hz and up."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / rate_hz
    lowest = 300.0 if telephone else 0.0
    parts = [np.where((k * f0_hz > lowest) & (k * f0_hz < 3400), np.cos(k * phase + k * k), 0.0) for k in range(1, 40)]
    return (0.03 * sum(parts)).astype(np.float32)


def noise(seconds: float, rms: float, seed: int = 0) -> np.ndarray:
    return (rms * np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def steady(seconds: float, f0_hz: float = 200.0) -> np.ndarray:
    return contour(np.full(round(seconds * RATE_HZ), f0_hz))


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100])
@pytest.mark.parametrize("f0_hz", [90.0, 140.0, 261.3, 400.0])
def test_a_steady_voice_has_its_pitch_even_without_the_fundamental(f0_hz: float, rate_hz: int) -> None:
    x = contour(np.full(rate_hz, f0_hz), rate_hz)
    track = pitch_track(x, rate_hz, (Span(0, 1),))
    assert track.voiced.mean() > 0.9
    assert track.f0_hz[track.voiced] == pytest.approx(f0_hz, rel=0.01)


def test_the_median_and_the_range_of_a_glide_are_those_of_the_glide() -> None:
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    x = contour(180 * 2 ** (t / 8), telephone=False)
    tone = tone_of(x, RATE_HZ, (Span(0, 4),), Level())
    assert tone.median_pitch_hz == pytest.approx(180 * 2**0.25, rel=0.02)
    assert tone.pitch_range_semitones == pytest.approx(0.8 * 6, abs=0.3)
    assert tone.reason is None


def test_noise_has_no_pitch_but_a_reason() -> None:
    tone = tone_of(noise(3, 0.05), RATE_HZ, (Span(0, 3),), Level())
    assert tone.median_pitch_hz is None and tone.pitch_range_semitones is None and tone.reason


def test_speech_that_drowns_in_noise_is_left_alone_with_a_reason() -> None:
    tone = tone_of(steady(3), RATE_HZ, (Span(0, 3),), Level(snr_db=6.0))
    assert tone.median_pitch_hz is None and tone.reason


def test_no_speech_is_unknown_with_a_reason() -> None:
    assert tone_of(noise(1, 0.001), RATE_HZ, (), Level()).reason


def test_the_level_range_is_that_of_turns_of_a_second_or_more() -> None:
    turns = (TurnLevel(0, 2, -30.0), TurnLevel(2, 4, -22.0), TurnLevel(4, 4.5, -10.0))
    assert tone_of(steady(5), RATE_HZ, (Span(0, 4.5),), Level(turns=turns)).level_range_db == 8.0
    assert tone_of(steady(5), RATE_HZ, (Span(0, 4.5),), Level(turns=turns[:1])).level_range_db is None


def test_a_long_pause_inside_a_turn_is_a_hesitation_and_one_between_turns_is_not() -> None:
    speech = (Span(0, 1), Span(1.8, 3), Span(4, 5))
    turns = (TurnLevel(0, 3, -20.0), TurnLevel(4, 5, -20.0))
    assert tone_of(steady(5), RATE_HZ, speech, Level(turns=turns)).hesitations == 1


def test_a_last_syllable_of_twice_the_speakers_own_length_is_a_long_tail() -> None:
    pieces, spans, at_s = [], [], 0.0
    for tail_s in (0.2, 0.2, 0.2, 0.2, 0.9):
        pieces += [steady(0.2), noise(0.1, 0.02), steady(tail_s), noise(0.6, 0.0002)]
        spans.append(Span(at_s, at_s + 0.3 + tail_s))
        at_s += 0.9 + tail_s
    assert tone_of(np.concatenate(pieces), RATE_HZ, spans, Level()).long_tails == 1


@pytest.mark.parametrize("lead_s", [0.0, 0.003, 0.005, 0.0095])
def test_a_long_tail_is_found_wherever_its_frames_fall(lead_s: float) -> None:
    pieces, spans, at_s = [noise(lead_s, 0.0002)], [], lead_s
    for tail_s in (0.3, 0.3, 0.3, 0.3, 1.0):
        pieces += [steady(0.2, 180.0), noise(0.1, 0.02), steady(tail_s, 180.0), noise(0.6, 0.0002)]
        spans.append(Span(at_s, at_s + 0.3 + tail_s))
        at_s += 0.9 + tail_s
    assert tone_of(np.concatenate(pieces), RATE_HZ, spans, Level()).long_tails == 1


def test_a_bang_in_the_last_second_is_found_with_its_peak() -> None:
    x = noise(5, 0.0007)
    x[-3000:-2960] += 0.5 * np.exp(-np.arange(40) / 10).astype(np.float32)
    assert receiver_bang(x, RATE_HZ) == pytest.approx(-6.0, abs=0.3)


@pytest.mark.parametrize("at_s", [1.0, 3.8])
def test_a_bang_before_the_last_second_is_not_the_receiver(at_s: float) -> None:
    x = noise(5, 0.0007)
    x[round(at_s * RATE_HZ) :][:40] += 0.5
    assert receiver_bang(x, RATE_HZ) is None


def test_neither_noise_nor_words_at_the_end_are_a_bang() -> None:
    assert receiver_bang(noise(5, 0.02), RATE_HZ) is None
    words = np.concatenate([noise(4, 0.0007), noise(0.2, 0.0007), steady(0.4), noise(0.4, 0.0007)])
    assert receiver_bang(words, RATE_HZ) is None
    click = noise(5, 0.0007)
    click[-3000:-2960] += 0.5
    assert receiver_bang(click, RATE_HZ, (Span(4.5, 4.9),)) is None
    assert receiver_bang(np.zeros(50, dtype=np.float32), RATE_HZ) is None


def test_the_last_digit_of_pitch_does_not_depend_on_the_number_of_threads() -> None:
    """A worker with one thread and a process with several must write the same report, whatever the rate."""
    code = ("import hashlib, numpy as np; from voicemon.measures.pitch import _autocorrelation as auto; r = np.random.default_rng(1);"
            "print([hashlib.sha256(auto(r.standard_normal((n, round(0.045 * hz))).astype(np.float32), hz).tobytes()).hexdigest()"
            " for n in (1, 7, 400) for hz in (8000, 16000, 48000)])")
    answers = [subprocess.run([sys.executable, "-c", code], env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
                              capture_output=True, text=True, check=True).stdout for threads in ("1", "2")]
    assert answers[0] == answers[1] and len(answers[0]) > 64
