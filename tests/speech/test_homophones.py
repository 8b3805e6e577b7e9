"""Texts by their sound alone."""

from __future__ import annotations

import pytest

from voicemon.speech.homophones import sounded


@pytest.mark.parametrize(
    ("one", "other"), [("勿", "误"), ("叫", "教"), ("是", "四"), ("姓", "信"), ("您", "凌"), ("帮", "办"), ("号", "后"), ("服", "户")]
)
def test_characters_of_the_same_or_nearly_the_same_syllable_are_one(one: str, other: str) -> None:
    """Whatever the tone; zh as z, l as n, ing as in, and what the recogniser takes for each other most."""
    assert sounded(one) == sounded(other)


@pytest.mark.parametrize(("one", "other"), [("您", "你"), ("念", "烟"), ("搭", "塔"), ("电", "联")])
def test_characters_of_other_syllables_stay_apart(one: str, other: str) -> None:
    assert sounded(one) != sounded(other)


def test_a_text_keeps_its_length_and_what_is_not_chinese() -> None:
    text = "用wifi上网\n四g"
    assert len(sounded(text)) == len(text)
    assert sounded(text)[1:5] == "wifi" and sounded(text)[7] == "\n" and sounded(text)[-1] == "g"
    assert sounded("听勿懂")[1] in sounded("错误")
