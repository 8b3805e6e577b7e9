"""What was heard, as its timing says it was spoken."""

from __future__ import annotations

import pytest

from voicemon.measures.rate import speaking_rate, turn_rates
from voicemon.records import Span, Utterance, Word
from voicemon.speech.as_spoken import as_spoken

PACE_S = 0.2


def say(*words: tuple[str, float] | tuple[str, float, float], pause_before: int | None = None, tail_s: float = 0.0) -> Utterance:
    """An utterance of words (text, length in paces, confidence or 1), with a pause of 0.3 s before one and speech after the last."""
    said, at_s = [], 0.0
    for i, (text, paces, *sure) in enumerate(words):
        at_s += 0.3 if i == pause_before else 0.0
        said.append(Word(text, at_s, at_s + paces * PACE_S, sure[0] if sure else 1.0))
        at_s = said[-1].end_s
    return Utterance("agent", 0.0, at_s + tail_s, "".join(w.text for w in said), 1.0, tuple(said))


def plain(text: str) -> tuple[tuple[str, float], ...]:
    return tuple((c, 1.0) for c in text)


def counted(utterance: Utterance) -> str:
    return as_spoken((utterance,))[0].text


@pytest.mark.parametrize(("confidence", "paces", "said"), [
    (0.5, 0.9, False), (0.7, 1.1, False), (0.2, 1.35, False),  # unsure and short; the less sure, the longer it may be
    (0.9, 0.9, True), (0.7, 1.25, True), (0.2, 1.6, True),  # sure, or drawn out as a last syllable is
    (0.5, 0.3, True)])  # hardly any time: its place is not known
def test_an_unsure_and_short_last_character_does_not_count(confidence: float, paces: float, said: bool) -> None:
    heard = say(*plain("请挂机再见"), ("者。", paces, confidence))
    assert counted(heard) == ("请挂机再见者。" if said else "请挂机再见")


def test_a_last_character_is_as_long_as_the_speech_after_it() -> None:
    heard = say(*plain("请挂机再见"), ("者", 0.9, 0.5), tail_s=0.1)
    assert counted(heard) == heard.text


def test_only_one_character_after_others_can_be_too_many() -> None:
    for heard in (say(*plain("请挂机再见"), ("者者", 0.9, 0.5)),  # two characters
                  say(*plain("请挂机再见"), ("喂", 0.9, 0.5), pause_before=5),  # after a pause: all that was said there
                  say(("喂", 0.9, 0.5), *plain("请挂机再见")),  # not the last
                  say(("喂", 1.0, 0.5))):
        assert counted(heard) == heard.text


@pytest.mark.parametrize(("figure", "paces", "read"), [
    ("367", 3.6, "三六七"), ("367", 4.5, "367"),  # 三百六十七 is two longer
    ("803", 3.2, "八零三"), ("803", 3.8, "803"),  # 八百零三 is one longer
    ("300", 2.6, "300"), ("3672", 4.0, "3672")])  # 三百 is shorter than 三零零; four digits are told by their words
def test_three_digits_are_read_as_the_time_they_took(figure: str, paces: float, read: str) -> None:
    heard = say(*plain("以后是"), (figure, paces), *plain("太贵了吧"))
    assert counted(heard) == f"以后是{read}太贵了吧"


def test_digits_in_several_words_are_one_figure() -> None:
    heard = say(*plain("可是"), ("88", 1.8), ("8,", 1.8), *plain("太贵了吧"))
    assert counted(heard) == "可是八八八,太贵了吧"


@pytest.mark.parametrize("text", ["367号", "367块", "1,367元", "367%", "0571-367", "36.367"])
def test_what_counts_something_or_is_part_of_a_number_is_left(text: str) -> None:
    heard = say(*plain("一共是"), (text, 3.0), *plain("太贵了吧"))
    assert counted(heard) == heard.text


def test_without_word_times_nothing_is_changed() -> None:
    heard = Utterance("agent", 0.0, 1.0, "以后367", 0.1)
    assert as_spoken((heard,)) == (heard,) and as_spoken(()) == ()


def test_the_rate_of_the_call_and_of_its_turns_count_so() -> None:
    heard = say(*plain("您的尾号是这个请您记好以后"), ("367", 3.6), *plain("谢谢您再见"), ("者", 0.9, 0.5))
    turn = Span(0.0, 5.0)
    assert speaking_rate((heard,), (turn,), (turn,), 10.0).characters == 21
    assert [t.characters for t in turn_rates((heard,), (turn,))] == [21]
