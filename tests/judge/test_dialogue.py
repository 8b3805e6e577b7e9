"""Laying out the words of a call: streams of characters with times, lines in order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import say, utterance

from voicemon.judge.dialogue import lay_out
from voicemon.records import Utterance, Word


def laid_out(*utterances: Utterance):
    return lay_out(replace(say("A: 您好"), transcript=utterances))


def test_each_party_has_its_own_stream() -> None:
    """Characters without punctuation, numerals as read, one syllable each."""
    streams = lay_out(say("A: 您好，15号 / C: 谢谢 / A: 再见")).streams
    assert streams["agent"].text == "您好十五号再见" and streams["customer"].text == "谢谢"
    assert len(streams["agent"].sounds) == len(streams["agent"].text) == len(streams["agent"].start_s)


def test_a_party_that_says_nothing_has_an_empty_stream() -> None:
    """Punctuation alone is nothing said."""
    dialogue = lay_out(say("A: 您好 / C: ……"))
    assert dialogue.streams["customer"].text == "" and dialogue.of("customer") == ()


def test_characters_take_their_share_of_their_word() -> None:
    """Word times count, and the utterance's where there are no words."""
    words = (Word("您好", 1.0, 1.4, 0.9), Word("再见", 3.0, 3.2, 0.5))
    stream = laid_out(Utterance("agent", 1.0, 3.2, "您好再见", 0.7, words)).streams["agent"]
    assert stream.start_s == pytest.approx((1.0, 1.2, 3.0, 3.1)) and stream.confidence == (0.9, 0.9, 0.5, 0.5)
    bare = laid_out(Utterance("agent", 1.0, 2.0, "您好再见", 0.7)).streams["agent"]
    assert bare.start_s == pytest.approx((1.0, 1.25, 1.5, 1.75)) and bare.confidence == (0.7,) * 4


def test_words_that_contradict_the_text_are_left_aside() -> None:
    """The text is what counts."""
    odd = Utterance("agent", 0.0, 1.0, "您好", 0.7, (Word("再见", 0.0, 0.4, 0.9),))
    assert laid_out(odd).streams["agent"].text == "您好"


def test_a_numeral_in_two_words_is_read_as_one() -> None:
    """2 and 4 beside each other are 24."""
    words = (Word("2", 0.0, 0.5, 0.9), Word("4", 0.5, 1.0, 0.8), Word("小时", 1.0, 2.0, 0.9))
    stream = laid_out(Utterance("agent", 0.0, 2.0, "24小时", 0.9, words)).streams["agent"]
    assert stream.text == "二十四小时" and stream.confidence[:3] == (0.8, 0.8, 0.8)


def test_a_numeral_is_read_by_the_words_around_it() -> None:
    """801号客服 goes by digits, wherever the recogniser parts the words."""
    words = tuple(Word(text, float(i), i + 1.0, 0.9) for i, text in enumerate(["您好,", "80", "1", "号", "客服"]))
    stream = laid_out(Utterance("agent", 0.0, 5.0, "您好,801号客服", 0.8, words)).streams["agent"]
    assert stream.text == "您好八零一号客服"


def test_starts_stay_sorted_where_word_times_overlap() -> None:
    """Utterances that overlap cannot make time run back, and no character ends before it starts."""
    stream = laid_out(utterance("agent", 0.0, "您 好", 4.0), utterance("agent", 1.0, "再 见", 1.6)).streams["agent"]
    assert list(stream.start_s) == sorted(stream.start_s)
    assert all(e >= s for s, e in zip(stream.start_s, stream.end_s, strict=True))


def test_between_takes_characters_that_start_in_the_window() -> None:
    """Half-open: a start at the end of the window is outside."""
    stream = laid_out(utterance("agent", 0.0, "您 好 再 见")).streams["agent"]
    assert stream.between(0.4, 1.2) == (1, 3)
    assert stream.span_s(1, 3) == pytest.approx((0.4, 1.2))


def test_lines_join_what_one_party_says_until_the_other_speaks() -> None:
    """In order of time, whatever the order of the transcript."""
    lines = laid_out(utterance("customer", 3.0, "谢谢"), utterance("agent", 1.0, "请问"), utterance("agent", 0.0, "您好")).lines
    assert [(x.speaker, x.text) for x in lines] == [("agent", "您好请问"), ("customer", "谢谢")]
    assert (lines[0].start_s, lines[0].end_s) == pytest.approx((0.0, 1.8))
