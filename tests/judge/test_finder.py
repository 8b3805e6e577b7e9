"""Finding a phrase: by text, by sound, and by asking the recogniser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Scripted, phrase, say, utterance

from voicemon.judge.dialogue import lay_out
from voicemon.judge.finder import ABSENT, MAYBE, SAID, Finder
from voicemon.judge.thresholds import Thresholds
from voicemon.records import Facts, Utterance, Word

LIMITS = Thresholds(accept=-3.0, reject=-9.0, accept_strictly=0.0)
ALL = (0.0, 1e9)
MISHEARD = "A: 好的我会请快为您查询"  # 我会尽快 was said
ASKED = "我会尽快"


def finder(call: str, verifier: Scripted | None = None) -> Finder:
    return Finder(lay_out(say(call)), LIMITS, verifier)


def unsure_of(facts: Facts, confidence: float) -> Facts:
    """``facts`` with that confidence of every utterance."""
    return replace(facts, transcript=tuple(replace(u, confidence=confidence) for u in facts.transcript))


def test_exact_words_are_said() -> None:
    """With their place and time, and no question to the recogniser."""
    verifier = Scripted({})
    found = finder("A: 您好，请稍等", verifier).find("agent", phrase("请稍等"), ALL)
    assert found.state == SAID and (found.start_s, found.end_s) == pytest.approx((0.8, 2.0))
    assert found.hits[0].quote == "请稍等" and not verifier.asked


def test_the_other_partys_words_are_not_found() -> None:
    """Streams do not mix."""
    assert finder("A: 您好 / C: 请稍等").find("agent", phrase("请稍等"), ALL).state == ABSENT


def test_words_outside_the_window_are_not_found() -> None:
    """By the time of their first character."""
    found = finder("A: 您好请稍等")
    assert found.find("agent", phrase("请稍等"), (1.0, 9.0)).state == ABSENT
    assert found.find("agent", phrase("请稍等"), (0.8, 9.0)).state == SAID


@pytest.mark.parametrize(("written", "state"), [("您好…稍等", SAID), ("稍等…您好", ABSENT), ("稍等+您好", SAID), ("稍等+再见", ABSENT)])
def test_order_of_elements(written: str, state: str) -> None:
    """Dots ask for the order, a plus does not."""
    assert finder("A: 您好请稍等").find("agent", phrase(written), ALL, fuzzy=False).state == state


def test_missing_elements_are_named_and_others_kept() -> None:
    """What is there is shown, what is not is named by its first wording."""
    found = finder("A: 您好请稍等").find("agent", phrase("您好…再见|拜拜"), ALL)
    assert found.state == ABSENT and found.missing == ("再见",) and [h.quote for h in found.hits] == ["您好"]


def test_elements_do_not_share_characters_in_order() -> None:
    """The same word twice must be said twice."""
    assert finder("A: 再见").find("agent", phrase("再见…再见"), ALL, fuzzy=False).state == ABSENT
    assert finder("A: 再见再见").find("agent", phrase("再见…再见"), ALL, fuzzy=False).state == SAID


def test_what_only_sounds_alike_is_maybe_without_a_recogniser() -> None:
    """A proposal is no proof."""
    found = finder(MISHEARD).find("agent", phrase(ASKED), ALL)
    assert found.state == MAYBE and found.hits[0].quote == "我会请快" and found.missing == (ASKED,)


def test_without_fuzzy_only_the_text_counts() -> None:
    """Nor is anything asked."""
    verifier = Scripted({ASKED: 5.0})
    assert finder(MISHEARD, verifier).find("agent", phrase(ASKED), ALL, fuzzy=False).state == ABSENT and not verifier.asked


@pytest.mark.parametrize(
    ("ratio", "state"), [(1.0, SAID), (-3.0, SAID), (-3.1, MAYBE), (-8.9, MAYBE), (-9.0, ABSENT), (-50.0, ABSENT), (None, MAYBE)]
)
def test_the_recogniser_decides(ratio: float | None, state: str) -> None:
    """From accept on said, up to reject absent, between or without an answer maybe."""
    assert finder(MISHEARD, Scripted({ASKED: ratio})).find("agent", phrase(ASKED), ALL).state == state


@pytest.mark.parametrize(("ratio", "state"), [(0.0, SAID), (-0.1, MAYBE), (-3.0, MAYBE), (-9.0, ABSENT)])
def test_the_recogniser_must_be_surer_of_an_accusation(ratio: float, state: str) -> None:
    """Strictly, the sound must not prefer what was written."""
    assert finder(MISHEARD, Scripted({ASKED: ratio})).find("agent", phrase(ASKED), ALL, strictly=True).state == state
    hits = finder(MISHEARD, Scripted({ASKED: ratio})).all_hits("agent", phrase(ASKED), ALL, strictly=True)
    assert [h.state for h in hits] == ([] if state == ABSENT else [state])


def test_the_recogniser_is_asked_once_with_the_whole_utterance() -> None:
    """Party, time of the utterance, and the text before, at and after the place; a second look asks nothing."""
    verifier = Scripted({ASKED: 1.0})
    looks = finder("C: 嗯 / " + MISHEARD + " / A: 再见", verifier)
    assert looks.find("agent", phrase(ASKED), ALL).state == looks.find("agent", phrase(ASKED), ALL).state == SAID
    ((party, start_s, end_s, before, heard, asked, after),) = verifier.asked
    assert (party, before, heard, asked, after) == ("agent", "好的", "我会请快", ASKED, "为您查询")
    assert (start_s, end_s) == pytest.approx((1.0, 5.0))


def test_nothing_alike_is_absent_and_never_asked() -> None:
    """A recogniser that says yes to everything is not even asked."""
    verifier = Scripted({"欢迎光临本店": 9.0})
    assert finder("A: 您的包裹明天到", verifier).find("agent", phrase("欢迎光临本店"), ALL).state == ABSENT and not verifier.asked


def test_little_alike_is_absent_where_it_cannot_be_asked() -> None:
    """Worth asking about, but too little to be a maybe of its own."""
    call = unsure_of(say("A: 请您少等"), 0.5)
    assert Finder(lay_out(call), LIMITS).find("agent", phrase("请你开灯"), ALL).state == ABSENT
    assert Finder(lay_out(call), LIMITS, Scripted({"请你开灯": 0.0})).find("agent", phrase("请你开灯"), ALL).state == SAID


@pytest.mark.parametrize(("confidence", "asked"), [(0.79, True), (0.8, False)])
def test_little_alike_is_not_asked_about_where_the_recogniser_was_sure(confidence: float, asked: bool) -> None:
    """Questions cost time, and there the sound never said otherwise; words that are more alike are asked about all the same."""
    little, much = Scripted({"请你开灯": 0.0}), Scripted({"请您稍等": 0.0})
    call = unsure_of(say("A: 请您少等"), confidence)
    assert (Finder(lay_out(call), LIMITS, little).find("agent", phrase("请你开灯"), ALL).state == SAID) == asked == bool(little.asked)
    assert Finder(lay_out(call), LIMITS, much).find("agent", phrase("请您稍等"), ALL).state == SAID


@pytest.mark.parametrize("written", ["喂", "我会尽{any:1}"])
def test_one_character_and_wildcards_only_by_their_text(written: str) -> None:
    """位 is not 喂, however alike."""
    verifier = Scripted({"喂": 9.0, "我会尽": 9.0})
    assert finder("A: 一位" + MISHEARD[3:], verifier).find("agent", phrase(written), ALL).state == ABSENT
    assert not verifier.asked


def test_an_exact_place_wins_over_an_earlier_misspelt_one() -> None:
    """The text is the better evidence."""
    found = finder("A: 我会请快的 / A: 我会尽快", Scripted({ASKED: 9.0})).find("agent", phrase(ASKED), ALL)
    assert found.hits[0].quote == ASKED


def test_an_earlier_misspelt_place_counts_where_the_order_needs_it() -> None:
    """尽快 stands again after the last element: the misspelt one before it makes the phrase."""
    call = "A: 我会请快给您答复，再见 / A: 我会尽快"
    said = phrase("我会尽快…再见")
    assert finder(call, Scripted({ASKED: 9.0})).find("agent", said, ALL).state == SAID
    assert finder(call, Scripted({ASKED: -50.0})).find("agent", said, ALL).state == ABSENT


def test_best_of_takes_said_before_maybe_before_absent() -> None:
    """And among absent ones the nearest."""
    looks = finder(MISHEARD)
    assert looks.best_of("agent", (phrase(ASKED), phrase("查询")), ALL).state == SAID
    assert looks.best_of("agent", (phrase("再见"), phrase(ASKED)), ALL).state == MAYBE
    nearest = looks.best_of("agent", (phrase("天气…下雨"), phrase("好的…下雨")), ALL, fuzzy=False)
    assert nearest.state == ABSENT and nearest.missing == ("下雨",) and nearest.hits


def test_all_hits_are_every_saying_in_order() -> None:
    """Without overlap."""
    found = finder("A: 再见再见 / C: 再见 / A: 好再见").all_hits("agent", phrase("再见"), ALL)
    assert [f.hits[0].start for f in found] == [0, 2, 5]
    assert [f.hits[0].start for f in finder("A: 好好好").all_hits("agent", phrase("好好"), ALL)] == [0]


def test_a_saying_before_the_likest_one_is_one_of_all_hits() -> None:
    """Both are misspelt, the second less."""
    said = finder("A: 我会请快为您查 / C: 好 / A: 我会尽块为您查", Scripted({ASKED: 1.0})).all_hits("agent", phrase(ASKED), ALL)
    assert [f.hits[0].quote for f in said] == ["我会请快", "我会尽块"]


def test_equal_word_times_do_not_loop() -> None:
    """A recogniser that gives all words the same time still has each saying found once."""
    words = tuple(Word(w, 1.0, 1.0, 0.9) for w in ("再见", "再见", "再见"))
    facts = replace(say("A: 您好"), transcript=(Utterance("agent", 1.0, 1.0, "再见再见再见", 0.9, words),))
    assert len(Finder(lay_out(facts), LIMITS).all_hits("agent", phrase("再见"), ALL)) == 3


def test_alternatives_the_earliest_then_the_longest() -> None:
    """您好吗 before 您好 at the same place; the earlier place before the later."""
    looks = finder("A: 您好吗，再见")
    assert looks.find("agent", phrase("再见|您好|您好吗"), ALL).hits[0].quote == "您好吗"


def test_a_phrase_over_two_utterances_is_found() -> None:
    """Pauses of the recogniser do not part a phrase."""
    facts = replace(say("A: 您好"), transcript=(utterance("agent", 0.0, "请 稍"), utterance("agent", 2.0, "等 会")))
    found = Finder(lay_out(facts), LIMITS).find("agent", phrase("请稍等"), ALL)
    assert found.state == SAID and (found.start_s, found.end_s) == pytest.approx((0.0, 2.4))


def test_a_misheard_element_is_sought_where_the_rest_follows() -> None:
    """谢谢您 sounds best in a later place, where nothing of the phrase comes after it: the earlier place is asked about too."""
    verifier = Scripted({"感谢您": 9.0, "谢谢您": 9.0})
    found = finder("A: 钢谢您的支持 / C: 好 / A: 蟹谢您", verifier).find("agent", phrase("感谢您|谢谢您…支持"), ALL)
    assert found.state == SAID and found.start_s == 0.0


def test_a_later_misspelt_place_does_not_hide_the_phrase_before_it() -> None:
    """服务范围 is said twice and written wrongly both times: what follows the first saying is still found."""
    verifier = Scripted({"服务范围": 0.0})
    call = "A: 不在服无房围内请挂机 / C: 不挂 / A: 不在服务泛围内"
    assert finder(call, verifier).find("agent", phrase("不在…服务范围…挂机"), ALL).state == SAID
    assert finder(call, verifier).find("agent", phrase("挂机…服务范围…再见"), ALL).state == ABSENT


def test_a_phrase_that_is_written_comes_before_those_that_must_be_asked_about() -> None:
    """再见 stands there: whether 谢谢您 does under other words need not be asked."""
    sound = Scripted({"谢谢您": 9.0})
    found = Finder(lay_out(say("A: 写写您再见")), Thresholds(), sound).best_of("agent", (phrase("谢谢您"), phrase("再见")), ALL)
    assert found.hits[0].quote == "再见" and not sound.asked
