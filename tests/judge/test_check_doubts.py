"""The doubtful paths of ``said_first``, ``asks_and_waits``, ``turn_end``, ``meets``, ``drawl``, ``burst_gap`` and ``pace``."""

from __future__ import annotations

import pytest
from judge.builders import Bench, Scripted, doubt, mono, say

FIRST = 'check: said_first, say: ["我是中环客服"]'
WAITS = 'check: asks_and_waits, where: call, say: ["您有时间吗"]'
END = 'when: price, check: turn_end, ends: ["吗"]'
MEETS = "check: meets, condition: "


@pytest.mark.parametrize("rule", [FIRST, WAITS])
def test_words_due_may_be_in_a_doubtful_stretch(bench: Bench, rule: str) -> None:
    """Where they are not found; else they are missing."""
    assert bench.outcome(rule, doubt(say("A: 好的"), 0.0, 0.8)) == "unsure"
    assert bench.outcome(rule, "A: 好的") == "fail"
    assert bench.outcome(rule, "C: 我是中环客服您有时间吗 / A: 好的") == "fail"


@pytest.mark.parametrize(("rule", "alike", "due"), [(FIRST, "我是中欢客服", "我是中环客服"), (WAITS, "您有四间吗", "您有时间吗")])
def test_words_due_that_sound_so(bench: Bench, rule: str, alike: str, due: str) -> None:
    """Unsure until the recogniser is asked."""
    assert bench.outcome(rule, f"A: {alike}") == "unsure"
    assert bench.outcome(rule, f"A: {alike}", Scripted({due: 0.0})) == "pass"


def test_the_end_of_a_turn_may_be_doubtful(bench: Bench) -> None:
    """A question that was not recognised; a turn that never came is not checked."""
    call = "C: 多少钱 / A: 一百元可以"
    assert bench.outcome(END, call) == "fail"
    assert bench.outcome(END, doubt(say(call), 3.0, 4.0)) == "unsure"
    assert bench.outcome(END, "C: 多少钱") == "not_checked"


@pytest.mark.parametrize(
    ("condition", "call", "outcome"),
    [
        ("thanks", "C: 谢谢", "pass"),
        ("thanks", "C: 你好", "fail"),
        ("thanks_perhaps", "C: 谢谢", "unsure"),
        ("recorded", "C: 你好", "not_checked"),
    ],
)
def test_meets(bench: Bench, condition: str, call: str, outcome: str) -> None:
    """A perhaps is unsure, an unknown not checked."""
    assert bench.outcome(MEETS + condition, "A: 您好 / " + call) == outcome


def test_meets_with_doubtful_words(bench: Bench) -> None:
    """Only if the condition hangs on words."""
    facts = doubt(say("A: 您好 / C: 你好"), 0.0, 0.8)
    assert bench.outcome(MEETS + "thanks", facts) == "unsure"
    assert bench.outcome(MEETS + "thanks, by_words: false", facts) == "fail"


def test_one_burst_has_no_gap(bench: Bench) -> None:
    """The second was never made."""
    assert bench.outcome("check: burst_gap, least_s: 5", "A: 您好") == "fail"


@pytest.mark.parametrize(
    "rule", [FIRST, WAITS, END, MEETS + "thanks", "check: drawl", "check: burst_gap, least_s: 5", "check: pace, most: 1"]
)
def test_unknown_voices_are_not_checked(bench: Bench, rule: str) -> None:
    """Nobody can be charged."""
    assert bench.outcome(rule, mono(say("A: 您好 / C: 多少钱"))) == "not_checked"


def test_pace_without_enough_words_is_not_checked(bench: Bench) -> None:
    """Two characters have no pace."""
    assert bench.outcome("when: thanks, check: pause, least_s: 1, if_unsaid: unsure", "C: 谢谢 / W: 2 / A: 好") == "pass"
    assert bench.outcome("when: opening, check: pace, most: 100", "A: 您好 / C: 谢谢") == "not_checked"


@pytest.mark.parametrize(
    ("rule", "call", "where_s"),
    [
        (FIRST + ", spare_characters: 2", "A: 您的快件没有结果我是中环客服", (0.0, 3.0)),
        (WAITS + ", spare_characters: 2", "A: 您有时间吗快件没有找到呢 / C: 有", (2.2, 4.8)),
        ("when: opening, check: pace, most: 100", "A: 请问有什么可以帮您的吗 / C: 你好", (0.0, 4.0)),
        ('check: count, say: ["没听清"], least: 0, most: 0', "A: 没听清 / C: 我说", (0.0, 1.2)),
        ('when: opening, check: address, titles: ["先生"], asks_again: ["贵姓"]', "A: 您好 / C: 我姓王 / A: 您贵姓", (2.0, 5.0)),
        ('when: opening, check: address, titles: ["先生"], wrong_titles: ["女士"]', "A: 您好 / C: 我姓王 / A: 王女士", (2.0, 5.0)),
        ('when: thanks, check: must_say, say: ["不客气"]', "A: 您好 / C: 谢谢 / A: 再见", (1.0, 2.4)),
    ],
)
def test_words_that_the_audit_marks_convict_nobody(bench: Bench, rule: str, call: str, where_s: tuple[float, float]) -> None:
    """Neither as the words that should not be there nor as the trigger: a loop of the recogniser may be all there was."""
    assert bench.outcome(rule, call) == "fail"
    marked = doubt(doubt(say(call), *where_s), *where_s, speaker="customer")
    assert bench.outcome(rule, marked) == "unsure"
