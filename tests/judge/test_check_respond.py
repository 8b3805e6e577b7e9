"""``respond``: the party answers after the trigger, in time, and not only with certain words."""

from __future__ import annotations

import pytest
from judge.builders import Bench, doubt, mono, say

RULE = "when: price, check: respond"


@pytest.mark.parametrize(
    ("options", "call", "outcome"),
    [
        ("", "C: 多少钱 / A: 一百元", "pass"),
        ("", "A: 一百元 / C: 多少钱", "fail"),
        ("", "C: 多少钱 / A: 一百元 / C: 多少钱", "fail"),
        ("", "C: 你好", "not_applicable"),
        (", within_s: 3", "C: 多少钱 / W: 2 / A: 一百元", "pass"),
        (", within_s: 3", "C: 多少钱 / W: 4 / A: 一百元", "fail"),
        (', not_only: ["不知道"]', "C: 多少钱 / A: 我不知道呢", "fail"),
        (', not_only: ["不知道"]', "C: 多少钱 / A: 这个不知道我帮您查一下", "pass"),
        (', not_only: ["不知道"], spare_characters: 0', "C: 多少钱 / A: 我不知道", "pass"),
    ],
)
def test_outcomes(bench: Bench, options: str, call: str, outcome: str) -> None:
    """Every trigger wants its answer."""
    assert bench.outcome(RULE + options, call) == outcome


def test_waiting_begins_when_the_other_party_has_finished(bench: Bench) -> None:
    """Who asks and talks on is not kept waiting; who asks, falls silent and asks again is."""
    asked = "C: 多少钱,我上次来的时候你们说的是另外一个价钱,我这里都记着呢"
    assert bench.outcome(RULE + ", within_s: 3", asked + " / A: 一百元") == "pass"
    assert bench.outcome(RULE + ", within_s: 3", "C: 多少钱 / C: 我上次问过的,你们说要便宜一些 / A: 一百元") == "pass"
    assert bench.outcome(RULE + ", within_s: 3", asked + " / W: 4 / A: 一百元") == "fail"
    assert bench.outcome(RULE + ", within_s: 3", "C: 多少钱 / W: 4 / C: 喂,在不在 / A: 一百元") == "fail"


def test_doubtful_speech_may_be_the_answer(bench: Bench) -> None:
    """Where nothing is heard, where it comes late, and where more than the bare words may have been said."""
    assert bench.outcome(RULE, doubt(say("C: 多少钱"), 2.0, 3.0)) == "unsure"
    assert bench.outcome(RULE, doubt(say("C: 多少钱"), 2.0, 3.0, "customer")) == "fail"
    assert bench.outcome(RULE + ", within_s: 3", doubt(say("C: 多少钱 / W: 9 / A: 一百元"), 2.0, 3.0)) == "unsure"
    assert bench.outcome(RULE + ', not_only: ["不知道"]', doubt(say("C: 多少钱 / A: 不知道"), 2.0, 3.0)) == "unsure"


def test_perhaps_trigger_and_unknown_voices(bench: Bench) -> None:
    """Never a fail; a trigger without a place cannot be answered."""
    assert bench.outcome("when: thanks_perhaps, check: respond", "C: 谢谢") == "unsure"
    assert bench.outcome(RULE, mono(say("C: 多少钱"))) == "not_checked"
    assert bench.outcome("check: respond", "C: 多少钱") == "not_checked"
