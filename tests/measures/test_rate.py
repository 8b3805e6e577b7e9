"""Speaking rate on written words."""

from __future__ import annotations

import pytest

from voicemon.measures.rate import speaking_rate, turn_rates
from voicemon.records import Span, Utterance, Word


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
