"""Changing recordings: only what is meant to change does, and it sounds as it should."""

from __future__ import annotations

import numpy as np
import pytest

from voicemon.audio.alter import background, hasten, lengthen, lower, silence, tempo
from voicemon.records import Span

RATE_HZ = 8000


def tone(seconds: float, hz: float = 200.0, peak: int = 8000) -> np.ndarray:
    return (peak * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(np.int16)


def noise(seconds: float, peak: float = 20.0, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, peak, round(seconds * RATE_HZ)).astype(np.int16)


def call() -> np.ndarray:
    """Left: a second of noise, two of a tone, a second of noise. Right: noise."""
    return np.stack([np.concatenate([noise(1.0), tone(2.0), noise(1.0)]), noise(4.0, seed=2)])


def rms(x: np.ndarray) -> float:
    return float(np.sqrt(np.mean(x.astype(np.float64) ** 2)))


PAUSES = (Span(0.0, 1.0), Span(3.0, 4.0))


def test_silencing_leaves_the_noise_of_the_line_and_touches_nothing_else() -> None:
    before = call()
    after = silence(before, RATE_HZ, 0, [Span(1.5, 2.0)], PAUSES)
    inside = slice(int(1.5 * RATE_HZ), 2 * RATE_HZ)
    assert rms(after[0, inside]) == pytest.approx(20.0, rel=0.1)
    after[0, inside] = before[0, inside]
    assert np.array_equal(after, before)


def test_a_line_without_noise_is_silenced_with_zeros() -> None:
    before = np.stack([np.concatenate([np.zeros(RATE_HZ, np.int16), tone(1.0)])])
    assert not silence(before, RATE_HZ, 0, [Span(1.0, 2.0)], [Span(0.0, 1.0)]).any()


def test_the_quietest_pause_that_is_not_digital_silence_is_the_background() -> None:
    x = np.concatenate([np.zeros(RATE_HZ, np.int16), noise(1.0, 300.0), noise(1.0, 20.0)])
    pauses = [Span(0.0, 1.0), Span(1.0, 2.0), Span(2.0, 3.0), Span(0.0, 0.05)]
    assert rms(background(x, RATE_HZ, pauses, 50_000)) == pytest.approx(20.0, rel=0.1)


def test_a_pause_is_lengthened_on_both_channels_and_all_else_is_kept() -> None:
    before = call()
    after = lengthen(before, RATE_HZ, Span(3.2, 3.6), 2.5)
    at = round(3.4 * RATE_HZ)
    assert after.shape == (2, before.shape[1] + round(2.5 * RATE_HZ))
    assert np.array_equal(after[:, :at], before[:, :at]) and np.array_equal(after[:, at + round(2.5 * RATE_HZ) :], before[:, at:])
    assert rms(after[0, at : at + 20_000]) == pytest.approx(20.0, rel=0.15)


@pytest.mark.parametrize("factor", [1.3, 1.9, 2.6])
def test_faster_speech_keeps_its_pitch(factor: float) -> None:
    faster = tempo(tone(2.0), RATE_HZ, factor)
    spectrum = np.abs(np.fft.rfft(faster))
    assert faster.size == pytest.approx(2 * RATE_HZ / factor, rel=0.02)
    assert np.argmax(spectrum) * RATE_HZ / faster.size == pytest.approx(200.0, abs=2.0)


def test_a_hastened_turn_begins_where_it_began_and_the_other_channel_stays() -> None:
    before = call()
    after = hasten(before, RATE_HZ, 0, [Span(1.0, 3.0)], 1.6)
    assert after.shape == before.shape and np.array_equal(after[1], before[1])
    assert np.array_equal(after[0, :RATE_HZ], before[0, :RATE_HZ]) and np.array_equal(after[0, 3 * RATE_HZ :], before[0, 3 * RATE_HZ :])
    assert rms(after[0, int(1.1 * RATE_HZ) : int(2.1 * RATE_HZ)]) > 5000 and rms(after[0, int(2.4 * RATE_HZ) : 3 * RATE_HZ]) < 30


def test_one_channel_is_lowered() -> None:
    before = call()
    after = lower(before, 0, 20.0)
    assert np.array_equal(after[1], before[1]) and rms(after[0]) == pytest.approx(rms(before[0]) / 10, rel=0.01)


def test_no_change_edits_its_input() -> None:
    before = call()
    copy = before.copy()
    before.flags.writeable = False
    silence(before, RATE_HZ, 0, [Span(1.5, 2.0)], PAUSES)
    lengthen(before, RATE_HZ, Span(3.2, 3.6), 1.0)
    hasten(before, RATE_HZ, 0, [Span(1.0, 3.0)], 1.5)
    lower(before, 0, 6.0)
    assert np.array_equal(before, copy)
