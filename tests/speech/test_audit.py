"""Loops, ghosts, too few and too many words."""

from __future__ import annotations

import pytest

from voicemon.speech.audit import find_loop, has_too_few_words, has_too_many_words, is_ghost, is_stutter


@pytest.mark.parametrize("text", ["我们会尽快" * 4, "谢谢谢谢谢谢谢谢谢谢", "好的" * 5, "前面的话" + "请稍等" * 6])
def test_repetition_nobody_says_is_a_loop(text):
    """A unit at least four times and eight characters is a loop."""
    assert find_loop(text)


@pytest.mark.parametrize("text", ["七七七七二零", "好的好的好的", "喂喂喂", "谢谢谢谢", "请问您贵姓请问您贵姓", "", "再见"])
def test_what_people_repeat_is_no_loop(text):
    """Telephone numbers, repeated thanks and questions are not loops."""
    assert find_loop(text) is None


def test_a_loop_says_where_it_is():
    """The range covers every repetition and nothing before."""
    assert find_loop("您好" + "请稍等" * 5 + "再见") == (2, 17)


@pytest.mark.parametrize(("text", "found"), [
    ("喂喂喂喂", True), ("鱼好水晶晶晶晶", True), ("对对对", False), ("行行行是是是好好好", False), ("谢谢谢谢谢谢", False),
    ("七七七七七七", False), ("00000", False), ("vvvvvv", False), ("", False)])
def test_four_times_the_same_character_is_a_stutter_but_no_number(text, found):
    """People do say one word three times, thank twice, and repeat figures and letters in numbers."""
    assert is_stutter(text) == found


@pytest.mark.parametrize("text", ["请不吝点赞 订阅 转发", "字幕by索兰娅", "字幕由Amara.org社区提供", "優優獨播劇場", "谢谢观看!"])
def test_known_ghosts_are_recognised(text):
    """Subtitle credits are ghosts, in traditional characters and with punctuation too."""
    assert is_ghost(text)


@pytest.mark.parametrize("text", ["感谢您的来电,再见!", "请您稍等", "谢谢您的支持", "我们下次再见", "您可以订阅我们的短信"])
def test_words_of_a_call_are_no_ghosts(text):
    """What agents say is not taken for a ghost."""
    assert not is_ghost(text)


def test_words_must_fit_the_length_of_speech():
    """No word at all, one word in four seconds, forty in two: not believed; one word in a second is."""
    assert has_too_few_words(0, 0.3) and has_too_few_words(1, 4.0) and has_too_many_words(40, 2.0)
    assert not has_too_few_words(1, 1.0) and not has_too_many_words(14, 2.0)
