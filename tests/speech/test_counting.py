"""Characters as they are spoken."""

from __future__ import annotations

import pytest

from voicemon.speech.counting import count_characters


@pytest.mark.parametrize(("text", "characters"), [
    ("您好，再见！", 4), ("15号", 3), ("十五号", 3), ("電話13800138000", 13), ("七七二零", 4), ("DHL快递", 5), ("VIP", 3), ("A座", 2),
    ("app", 1), ("hello", 2), ("online", 2), ("email", 2), ("8%", 4), ("", 0), ("，。!?", 0), ("ｖｉｐ", 1)])
def test_spoken_characters(text, characters):
    """Han characters, numerals as read, spelt letters one each, English words by syllable; never punctuation."""
    assert count_characters(text) == characters
