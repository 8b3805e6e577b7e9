"""``must_not_say``: only words in the text, or confirmed strictly by the sound, convict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, mono, say, utterance

from voicemon.judge.judge import judge
from voicemon.judge.thresholds import Thresholds, Weights
from voicemon.records import Utterance, Verdict, Word

RULE = 'check: must_not_say, say: ["我不知道"]'
TWIN = 'check: must_not_say, say: ["你"], instead: ["您"], fuzzy: false'


@pytest.mark.parametrize(
    ("call", "outcome"),
    [("A: 我不知道", "fail"), ("A: 我来查一下", "pass"), ("C: 我不知道 / A: 好", "pass"), ("A: 我不资道", "unsure")],
)
def test_outcomes(bench: Bench, call: str, outcome: str) -> None:
    """The customer may say it; what only sounds so is never a fail."""
    assert bench.outcome(RULE, call) == outcome


@pytest.mark.parametrize(("ratio", "outcome"), [(0.0, "fail"), (-1.0, "unsure"), (-20.0, "pass")])
def test_the_sound_must_be_surer_of_an_accusation(bench: Bench, ratio: float, outcome: str) -> None:
    """-1 would be enough for a phrase that is due, and is not for one that is forbidden."""
    assert bench.outcome(RULE, "A: 我不资道", Scripted({"我不知道": ratio})) == outcome


@pytest.mark.parametrize(
    ("call", "outcome"),
    [("C: 我的电话是一三九六六二零八零一五 / A: 一三九六六二零八零一五,我记下了", "pass"),
     ("C: 我的电话是一三九六六二零八零一五 / A: 他的电话是一三八二二零七七四四五", "fail"),
     ("A: 一三九六六二零八零一五", "fail")],
)
def test_a_number_that_is_read_back_is_no_news(bench: Bench, call: str, outcome: str) -> None:
    """What the customer said himself is not told to him."""
    rule = 'check: must_not_say, say: ["{digits:7-20}"], fuzzy: false'
    assert bench.outcome(rule + ", news: true", call) == outcome
    assert bench.outcome(rule, call) == "fail"


def test_without_fuzzy_what_sounds_alike_is_nothing(bench: Bench) -> None:
    """By the text only."""
    assert bench.outcome(RULE + ", fuzzy: false", "A: 我不资道") == "pass"


def test_without_fuzzy_what_is_nearly_written_is_said_where_the_sound_surely_agrees(bench: Bench) -> None:
    """The recogniser was not sure of 老 and 事; the reason tells what was said, the quote what is written."""
    written = Utterance("agent", 0.0, 2.0, "老子不好事", 0.5, tuple(
        Word(c, 0.4 * k, 0.4 * (k + 1), 0.5 if c in "老事" else 0.99) for k, c in enumerate("老子不好事")))
    rule = bench.standard('check: must_not_say, say: ["脑子不好使"], fuzzy: false')
    facts = replace(say("C: 喂"), transcript=(written,))

    def verdict(ratio: float) -> Verdict:
        limits = Thresholds(weights=Weights(ratio=1.3, similarity=11.0, alone=-0.45, bias=-7.9))
        return judge(facts, rule, Scripted({"脑子不好使": ratio}), "en", limits)[0]

    assert (verdict(6.0).outcome, verdict(-8.0).outcome) == ("fail", "pass")
    assert verdict(6.0).quote == "老子不好事" and "脑子不好使" in verdict(6.0).reason


def test_every_place_is_shown_and_the_first_quoted(bench: Bench) -> None:
    """Where to listen."""
    verdict = bench.verdict(RULE, "A: 我不知道 / C: 嗯 / A: 我不知道")
    assert len(verdict.spans) == 2 and verdict.quote == "我不知道" and "我不知道" in verdict.reason


def test_unless_overlapping_or_in_the_turn(bench: Bench) -> None:
    """Part of a legitimate phrase is not the forbidden one."""
    assert bench.outcome(RULE + ', unless: ["是不是我不知道"]', "A: 是不是我不知道") == "pass"
    assert bench.outcome(RULE + ', unless: ["是不是我不知道"]', "A: 我不知道") == "fail"
    assert bench.outcome(RULE + ', unless_turn: ["您说"]', "A: 您说我不知道") == "pass"
    assert bench.outcome(RULE + ', unless_turn: ["您说"]', "A: 您说 / C: 嗯 / A: 我不知道") == "fail"


@pytest.mark.parametrize(("call", "outcome"), [("A: 我不资道您喜欢哪种", "pass"), ("A: 我不资道他喜欢哪种", "fail")])
def test_misheard_words_are_excepted_as_they_were_said(bench: Bench, call: str, outcome: str) -> None:
    """The sound says 不知道: then 不知道您 is read into the text too."""
    assert bench.outcome(RULE + ', unless: ["不知道您"]', call, Scripted({"我不知道": 0.0})) == outcome


@pytest.mark.parametrize(("times", "outcome"), [(2, "fail"), (3, "unsure")])
def test_times(bench: Bench, times: int, outcome: str) -> None:
    """Fewer than that is a matter for a listener."""
    assert bench.outcome(f"{RULE}, times: {times}", "A: 我不知道，我不知道") == outcome


@pytest.mark.parametrize(("ratio", "outcome"), [(None, "unsure"), (-2.9, "unsure"), (-3.0, "fail")])
def test_the_innocent_twin_is_asked_before_convicting(bench: Bench, ratio: float | None, outcome: str) -> None:
    """你 convicts only if the sound is not 您."""
    assert bench.outcome(TWIN, "A: 你等着", Scripted({"您": ratio})) == outcome


@pytest.mark.parametrize(
    ("call", "ratio", "outcome"),
    [("A: 你等着", -6.0, "unsure"), ("A: 你等着", -9.0, "fail"), ("A: 你等着 / C: 嗯 / A: 你再等等", -6.0, "fail"),
     ("A: 你等着 / C: 嗯 / A: 您再等等", -6.0, "unsure")],
)
def test_a_syllable_told_from_its_twin_once_needs_a_clearer_sound(bench: Bench, call: str, ratio: float, outcome: str) -> None:
    """One that is told nearly as clearly may be a mishearing; two are not."""
    rule = TWIN + ", instead_below: -5.6, instead_alone_below: -8.5"
    assert bench.outcome(rule, call, Scripted({"您": ratio})) == outcome


def test_one_saying_found_from_two_triggers_is_still_one(bench: Bench) -> None:
    """Twice the same 你 is no second one."""
    rule = "when: thanks, where: call, " + TWIN + ", instead_below: -5.6, instead_alone_below: -8.5"
    call = "A: 你等着 / C: 谢谢 / A: 好 / C: 谢谢 / A: 好"
    assert bench.outcome(rule, call, Scripted({"您": -6.0})) == "unsure"


@pytest.mark.parametrize(("beside", "outcome"), [(0.9, "fail"), (0.3, "unsure")])
def test_one_syllable_among_guesses_convicts_nobody(bench: Bench, beside: float, outcome: str) -> None:
    """你线 was 米线: the recogniser is as sure of 你 as ever, and not of what stands beside it."""
    said = utterance("agent", 0.0, "你 线 堵 在 路 上")
    words = tuple(replace(w, confidence=0.8 if i == 0 else beside if i < 3 else 0.9) for i, w in enumerate(said.words))
    guessed = replace(say("A: 好"), transcript=(replace(said, words=words),))
    assert bench.outcome(TWIN, guessed, Scripted({"您": -20.0})) == outcome


def test_only_in_the_window(bench: Bench) -> None:
    """And a party that has no such place has not said it."""
    assert bench.outcome(RULE + ", where: last_turn", "A: 我不知道 / C: 嗯 / A: 再见") == "pass"
    assert bench.outcome(RULE + ", where: last_turn", "C: 嗯") == "pass"


def test_perhaps_trigger_and_unknown_voices(bench: Bench) -> None:
    """Unsure, not checked; never a fail."""
    assert bench.outcome(RULE + ", when: thanks_perhaps", "C: 谢谢 / A: 我不知道") == "unsure"
    assert bench.outcome(RULE, mono(say("A: 我不知道"))) == "not_checked"


@pytest.mark.parametrize(
    ("unless", "call", "outcome"),
    [("是不是我不知道", "A: 四不是我不知道", "pass"), ("是不是我不知道", "A: 告诉你我不知道", "fail"),
     ("您我", "A: 宁我不知道", "fail"), ("泥我", "A: 尼我不知道", "pass")])
def test_exceptions_of_the_same_sound(bench: Bench, unless: str, call: str, outcome: str) -> None:
    """The recogniser cannot tell 四不是 from 是不是; of two syllables both must be the very same."""
    assert bench.outcome(f'{RULE}, unless: ["{unless}"]', call) == outcome
