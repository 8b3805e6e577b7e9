"""Speaking rate on written words, syllables on sounds whose nuclei are known."""

from __future__ import annotations

import numpy as np
import pytest

from voicemon.measures.pitch import PitchTrack
from voicemon.measures.rate import count_syllables, speaking_rate, syllable_nuclei, turn_rates
from voicemon.measures.voice import Voice, vowel_power
from voicemon.records import Span, Utterance, Word


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


def say(text: str, start_s: float = 0.0, end_s: float = 1.0) -> Utterance:
    return Utterance("agent", start_s, end_s, text, 1.0)


def test_the_three_denominators_are_speech_turns_and_call() -> None:
    words = (say("您好，请问有什么可以帮您？"), say("好的，再见。"))
    rate = speaking_rate(words, (Span(0, 2), Span(2.5, 4)), (Span(0, 4),), 10.0, syllables=14)
    assert (rate.characters, rate.syllables, rate.reason) == (15, 14, None)
    assert (rate.speech_s, rate.turns_s) == (3.5, 4.0)
    assert rate.per_minute_of_speech == pytest.approx(60 * 15 / 3.5)
    assert rate.per_minute_of_turns == pytest.approx(60 * 15 / 4)
    assert rate.per_minute_of_call == pytest.approx(60 * 15 / 10)


def test_nothing_said_or_nothing_recognised_is_unknown_with_a_reason() -> None:
    silent = speaking_rate((), (), (), 10.0)
    assert silent.characters is None and silent.per_minute_of_turns is None and silent.reason
    unheard = speaking_rate((), (Span(0, 2),), (Span(0, 2),), 10.0)
    assert unheard.characters is None and unheard.speech_s == 2 and unheard.reason


def test_without_the_length_of_the_call_only_that_figure_is_unknown() -> None:
    rate = speaking_rate((say("请您稍等"),), (Span(0, 1),), (Span(0, 1),), None)
    assert rate.per_minute_of_call is None and rate.per_minute_of_turns == 240 and rate.reason


def test_short_turns_have_no_rate_of_their_own_but_count_in_the_whole() -> None:
    words = (say("好的", 0, 1), say("好的我马上为您查询", 5, 7), say("请您提供一下运单号码谢谢", 10, 14), say("请您稍等", 20, 24))
    spoken = (Span(0, 1), Span(5, 7), Span(10, 14), Span(20, 24))
    assert [(t.start_s, t.characters, t.per_minute) for t in turn_rates(words, spoken)] == [(10, 12, 180.0)]
    assert speaking_rate(words, spoken, spoken, 30).per_minute_of_turns == pytest.approx(60 * 27 / 11)


def test_the_words_of_one_utterance_are_dealt_to_their_turns() -> None:
    words = tuple(Word("请您稍等", s, s + 1, 1.0) for s in (0.0, 1.0, 10.0, 11.0))
    utterance = Utterance("agent", 0, 12, "请您稍等" * 4, 1.0, words)
    assert [t.characters for t in turn_rates((utterance,), (Span(0, 3), Span(10, 13)))] == [8, 8]


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
