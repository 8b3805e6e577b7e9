"""``interruptions``, ``count``, ``turn_start``, ``read_back``."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, doubt, mono, say

from voicemon.records import Interruption, Utterance

CUTS = "check: interruptions"


def test_cutting_in_convicts_and_backchannels_do_not(bench: Bench) -> None:
    """Nor does the customer's cutting in."""
    call = say("C: 我想问一下 / CUT: 等等 / C: 好")
    assert bench.outcome(CUTS, call) == "fail"
    for harmless in (
        Interruption("agent", 1.0, 2.0, True),
        Interruption("customer", 1.0, 2.0, False),
        Interruption("agent", 1.0, 1.4, False),
    ):
        assert bench.outcome(CUTS, replace(call, measures=replace(call.measures, interruptions=(harmless,)))) == "pass"


def test_more_than_so_many_and_near_the_trigger(bench: Bench) -> None:
    """Limits of the pack."""
    call = "C: 我想问一下 / CUT: 等等 / W: 30 / C: 谢谢 / A: 好"
    assert bench.outcome(CUTS + ", most: 1", call) == "pass"
    assert bench.outcome(CUTS + ", when: thanks, near_trigger_s: 5", call) == "pass"
    assert bench.outcome(CUTS + ", when: thanks, near_trigger_s: 60", call) == "fail"


COUNT = 'check: count, say: ["我会尽快"], least: 2, most: 3'


@pytest.mark.parametrize(("times", "outcome"), [(1, "fail"), (2, "pass"), (3, "pass"), (4, "fail")])
def test_count_between_least_and_most(bench: Bench, times: int, outcome: str) -> None:
    """The limits themselves are within."""
    assert bench.outcome(COUNT, "A: " + "我会尽快" * times) == outcome
    assert bench.outcome(COUNT, "A: 好 / C: " + "我会尽快" * times) == "fail"


def test_count_with_doubt_is_unsure(bench: Bench) -> None:
    """A saying that only sounds so, or a stretch that cannot be trusted, may be the one that is missing."""
    assert bench.outcome(COUNT, "A: 我会尽快，我会请快") == "unsure"
    assert bench.outcome(COUNT, doubt(say("A: 我会尽快"), 0.5, 1.5)) == "unsure"
    assert bench.outcome(COUNT, "A: 我会尽快，我会请快", Scripted({"我会尽快": -20.0})) == "fail"


def test_what_is_written_often_enough_is_not_asked_about(bench: Bench) -> None:
    """How often it was said besides changes nothing, and the reason says no more than is known; up to a limit each saying counts."""
    least, sound = 'check: count, say: ["我会尽快"], least: 2', Scripted({"我会尽快": 9.0})
    verdict = bench.verdict(least, "A: 我会尽快，我会尽快，我会请快", sound)
    assert (verdict.outcome, verdict.reason) == ("pass", "“我会尽快” or the like was said at least 2 times") and not sound.asked
    assert bench.outcome(least, "A: 我会尽快，我会请快", sound) == "pass" and sound.asked
    assert bench.outcome(least + ", most: 2", "A: 我会尽快，我会尽快，我会请快", sound) == "fail"


START = 'check: turn_start, words: ["喂"], unless: ["喂您好"]'


@pytest.mark.parametrize(
    ("call", "outcome"),
    [("A: 喂哪位", "fail"), ("A: 喂您好", "pass"), ("A: 哪位喂", "pass"), ("C: 喂 / A: 您好", "pass"), ("C: 嗯 / A: 喂", "fail")],
)
def test_turn_start(bench: Bench, call: str, outcome: str) -> None:
    """Only at the beginning of the agent's turn."""
    assert bench.outcome(START, call) == outcome


def test_turn_start_with_an_unsure_word_is_unsure(bench: Bench) -> None:
    """The recogniser's own confidence is too low to convict."""
    facts = replace(say("A: 喂"), transcript=(Utterance("agent", 0.0, 0.4, "喂", 0.3),))
    assert bench.outcome(START, facts) == "unsure"


BACK = "when: number, check: read_back"
NUMBER = '\n  number: {kind: says, by: customer, says: ["{digits:4-11}"]}'


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("一三八零对吗", "pass"), ("好的", "fail"), ("一三五七对吗", "unsure"), ("幺三八零对吗", "pass")],
)
def test_read_back(bench: Bench, answer: str, outcome: str) -> None:
    """Repeated, not repeated, or other figures that may be misheard ones."""
    assert bench.outcome(BACK, f"C: 幺三八零 / A: {answer}", events=NUMBER) == outcome


def test_read_back_with_doubt_is_unsure(bench: Bench) -> None:
    """The figures may be in a stretch that cannot be trusted; without figures the rule does not apply."""
    assert bench.outcome(BACK, doubt(say("C: 幺三八零 / A: 好的"), 2.0, 3.0), events=NUMBER) == "unsure"
    assert bench.outcome("check: read_back", "C: 你好 / A: 好的") == "not_applicable"


@pytest.mark.parametrize("rule", [CUTS, COUNT, START, "check: read_back"])
def test_unknown_voices_are_not_checked(bench: Bench, rule: str) -> None:
    """Nobody can be charged."""
    assert bench.outcome(rule, mono(say("A: 喂"))) == "not_checked"
