"""Syllables, their distance, and fuzzy places."""

from __future__ import annotations

import pytest
from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.tone_convert import to_finals, to_initials

from voicemon.speech.pinyin import Syllable, all_matches, best_match, distance, distances, numbered, syllables
from voicemon.speech.text import normalise


def one(text: str) -> Syllable:
    (found,) = syllables(text)
    return found


def test_a_syllable_for_every_spoken_character():
    """Punctuation has none, numerals are read, letters stand for themselves."""
    assert [s.initial + s.final for s in syllables("您好，15A")] == ["nin", "hao", "shi", "u", "a"]


def test_distance_is_zero_for_the_same_and_symmetric():
    """Homophones are at 0; the order does not matter."""
    assert distance(one("电"), one("店")) == 0.0
    assert distance(one("您"), one("林")) == distance(one("林"), one("您"))


@pytest.mark.parametrize(("a", "b"), [("知", "资"), ("吃", "词"), ("是", "四"), ("您", "林"), ("金", "经"), ("分", "风"), ("单", "当"),
                                    ("妈", "骂")])
def test_what_is_often_confused_is_near(a, b):
    """zh/z, ch/c, sh/s, n/l, in/ing, en/eng, an/ang and tones cost little."""
    assert 0.0 < distance(one(a), one(b)) <= 0.11


@pytest.mark.parametrize(("a", "b"), [("好", "再"), ("您", "国"), ("你", "A")])
def test_what_is_never_confused_is_far(a, b):
    """Nothing in common costs 1 or nearly."""
    assert distance(one(a), one(b)) >= 0.9


def test_the_best_place_of_a_misheard_phrase():
    """我会请快 is found for 我会尽快 where it stands."""
    start, end, similarity = best_match(syllables("我会尽快"), syllables("好的我会请快为您查询"))
    assert (start, end) == (2, 6) and 0.85 < similarity < 1.0


def test_an_exact_place_has_similarity_one():
    """Homophones make a full match."""
    assert best_match(syllables("来电"), syllables("感谢您的来店")) == (4, 6, 1.0)


def test_a_missing_syllable_costs_a_syllable():
    """让您久等了 without 让 is still found, less alike."""
    start, end, similarity = best_match(syllables("让您久等了"), syllables("您久等了"))
    assert (start, end) == (0, 4) and similarity == pytest.approx(1 - 0.8 / 5)


def test_nothing_matches_nothing():
    """An empty pattern or text has no place."""
    assert best_match((), syllables("您好")) == best_match(syllables("您好"), ()) == (0, 0, 0.0)


def test_every_place_is_found_once():
    """Two occurrences give two places that do not overlap."""
    places = all_matches(syllables("再见"), syllables("好再见谢谢再看"), at_least=0.6)
    assert [(s, e) for s, e, _ in places] == [(1, 3), (5, 7)]


def test_many_distances_at_once_are_those_of_each_pair() -> None:
    """To the last digit, whatever is no Chinese among them."""
    different = tuple(dict.fromkeys(syllables("请您稍等一下我们马上为您查询啊abc女略儿")))
    others = (*different, *syllables("再见吧x"))
    found = distances(numbered(others), numbered(different))
    assert found.tolist() == [[distance(one, other) for other in different] for one in others]


@pytest.mark.parametrize("text", ["长城很长", "银行行长重复了一遍", "重要重来", "还款,还有别的吗", "vip客户", "", "得到 得了"])
def test_a_text_is_read_as_pypinyin_reads_it_whole(text):
    """Its words are read one by one and kept, which must not change how a character of two readings is read."""
    whole = lazy_pinyin(normalise(text), style=Style.TONE3, neutral_tone_with_five=True, errors=list)
    assert [f"{s.initial}{s.final}{s.tone or ''}" for s in syllables(text)] == [_split(part) for part in whole]


def _split(part):
    if not part[-1].isdigit():
        return part
    return to_initials(part, strict=True) + to_finals(part, strict=True, v_to_u=False) + part[-1]
