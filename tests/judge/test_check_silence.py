"""``pause`` and ``hold_gap``: silence that is due, and silence that is too long."""

from __future__ import annotations

import pytest
from judge.builders import Bench, doubt, mono, say

PAUSE = 'check: pause, least_s: 5, after_words: ["请您稍等"]'


@pytest.mark.parametrize(("wait_s", "outcome"), [(4.4, "pass"), (3.95, "pass"), (3.8, "fail")])
def test_pause_after_words(bench: Bench, wait_s: float, outcome: str) -> None:
    """To the next speech of anybody, half a second less is allowed (a turn begins 0.6 s after the wait)."""
    assert bench.outcome(PAUSE, f"A: 请您稍等 / W: {wait_s} / C: 喂") == outcome


def test_pause_after_the_nth_saying(bench: Bench) -> None:
    """The second of two; a second that was not said is missing."""
    call = "A: 请您稍等 / W: 1 / A: 请您稍等 / W: 9 / A: 好了"
    assert bench.outcome(PAUSE, call) == "fail"
    assert bench.outcome(PAUSE + ", nth: 2", call) == "pass"
    assert bench.outcome(PAUSE + ", nth: 3", call) == "fail"


@pytest.mark.parametrize("if_unsaid", ["fail", "not_applicable", "unsure"])
def test_words_not_said(bench: Bench, if_unsaid: str) -> None:
    """What that means is the pack's choice; words of the customer are not the agent's."""
    assert bench.outcome(f"{PAUSE}, if_unsaid: {if_unsaid}", "A: 您好 / C: 请您稍等 / W: 9 / A: 好") == if_unsaid


def test_words_perhaps_said_are_unsure(bench: Bench) -> None:
    """Alike in sound, or in a stretch that cannot be trusted."""
    assert bench.outcome(PAUSE, "A: 请您烧等 / W: 9 / A: 好") == "unsure"
    assert bench.outcome(PAUSE, doubt(say("A: 您好 / W: 9 / A: 好"), 0.0, 0.8)) == "unsure"


TO_RELEASE = PAUSE + ", to_release: true"


@pytest.mark.parametrize(
    ("rest", "outcome"),
    [
        ("W: 6", "pass"),
        ("W: 2", "not_checked"),
        ("S: released_after_s = 6", "pass"),
        ("S: released_after_s = 2", "fail"),
        ("C: 喂", "fail"),
    ],
)
def test_pause_to_the_release(bench: Bench, rest: str, outcome: str) -> None:
    """By the record, else by what the recording holds; if it ends before, nobody knows."""
    assert bench.outcome(TO_RELEASE, f"A: 请您稍等 / {rest}") == outcome


def test_pause_after_the_trigger(bench: Bench) -> None:
    """Without words the trigger is where it begins."""
    assert bench.outcome("when: thanks, check: pause, least_s: 5", "C: 谢谢 / W: 6 / A: 好") == "pass"
    assert bench.outcome("when: thanks, check: pause, least_s: 5", "C: 谢谢 / A: 好") == "fail"


WAITS = '\n  waits: {kind: hold, longer_s: 5, joined_by: ["正在查询"]}'
GAP = "when: waits, check: hold_gap, most_s: 20"


@pytest.mark.parametrize(
    ("waits", "outcome"),
    [("W: 18", "pass"), ("W: 20.4", "pass"), ("W: 25", "fail"), ("W: 18 / A: 正在查询 / W: 18", "pass"), ("W: 3", "not_applicable")],
)
def test_hold_gap(bench: Bench, waits: str, outcome: str) -> None:
    """The longest stretch without a word counts, not the whole wait; one second is allowed."""
    assert bench.outcome(GAP, f"C: 你好 / A: 请稍等 / {waits} / A: 查到了", events=WAITS) == outcome


def test_hold_gap_options_and_unknown_voices(bench: Bench) -> None:
    """A milder outcome; voices that are not told apart."""
    call = "C: 你好 / A: 请稍等 / W: 25 / A: 查到了"
    assert bench.outcome(GAP + ", otherwise: unsure", call, events=WAITS) == "unsure"
    assert bench.outcome(GAP, mono(say(call)), events=WAITS) == "not_checked"
    assert bench.outcome(PAUSE, mono(say(call))) == "not_checked"
