"""Syllables on sounds whose nuclei are known."""

from __future__ import annotations

import numpy as np
import pytest

from voicemon.measures.pitch import PitchTrack
from voicemon.measures.syllables import count_syllables, syllable_nuclei
from voicemon.measures.voice import Voice, vowel_power
from voicemon.records import Span


def voice(seconds: float, f0_hz: float = 200.0, rate_hz: int = 8000) -> np.ndarray:
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return 0.03 * sum(np.cos(2 * np.pi * f0_hz * k * t + k * k) for k in range(1, int(3400 // f0_hz)))


def syllables(count: int, per_s: float, rate_hz: int = 8000) -> np.ndarray:
    """Voiced bumps on a faint noise, half a second of noise on both sides."""
    each = round(rate_hz / per_s)
    bump = 0.05 + 0.95 * np.sin(np.pi * np.arange(each) / each) ** 2
    x = np.tile(bump, count) * voice(count * each / rate_hz + 1, rate_hz=rate_hz)[: count * each]
    x = np.concatenate([np.zeros(rate_hz // 2), x, np.zeros(rate_hz // 2)])
    return (x + 0.0003 * np.random.default_rng(0).standard_normal(x.size)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 44100])
@pytest.mark.parametrize("per_s", [2.5, 4.0, 5.5])
def test_each_bump_of_voice_is_one_syllable_at_any_rate(per_s: float, rate_hz: int) -> None:
    x = syllables(20, per_s, rate_hz)
    assert count_syllables(x, rate_hz, (Span(0.5, x.size / rate_hz - 0.5),)) == pytest.approx(20, abs=1)


def test_nuclei_lie_on_the_peaks_and_only_inside_the_given_speech() -> None:
    x = syllables(8, 4.0)
    found = syllable_nuclei(x, 8000, (Span(0.5, 1.5),))
    assert found == pytest.approx([0.625, 0.875, 1.125, 1.375], abs=0.03)


def test_bursts_of_noise_are_no_syllables() -> None:
    bumps = np.tile(np.sin(np.pi * np.arange(2000) / 2000) ** 2, 10)
    x = (0.1 * bumps * np.random.default_rng(0).standard_normal(bumps.size)).astype(np.float32)
    assert count_syllables(x, 8000, (Span(0, 2.5),)) <= 2


def test_silence_and_no_speech_have_no_syllables() -> None:
    assert count_syllables(np.zeros(8000, dtype=np.float32), 8000, (Span(0, 1),)) == 0
    assert count_syllables(syllables(4, 4.0), 8000, ()) == 0
    assert count_syllables(np.zeros(10, dtype=np.float32), 8000, (Span(0, 0.001),)) == 0


def test_a_single_voiced_frame_is_enough_to_say_what_is_near_it() -> None:
    """Damaged recordings hold such sounds: one moment of voice, and loud bumps far from it that are no syllables."""
    x = syllables(6, 4.0)
    speech = (Span(0.5, 2.0),)
    track = PitchTrack(np.array([0.625]), np.array([200.0]), np.array([1.0]), np.array([True]))
    found_s = syllable_nuclei(x, 8000, speech, Voice(track, vowel_power(x, 8000)))
    assert found_s == pytest.approx([0.625], abs=0.06)
