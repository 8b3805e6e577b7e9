"""``turn_only``: a turn is not nothing but certain words."""

from __future__ import annotations

import pytest
from judge.builders import Bench, Scripted, doubt, mono, say

RULE = 'check: turn_only, only: ["喂|再见了"], unless: ["您好"]'


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("A: 喂 / C: 我要查件", "fail"), ("A: 喂啊 / C: 我要查件", "fail"), ("A: 喂您好 / C: 我要查件", "pass"),
        ("A: 喂这里是热线 / C: 我要查件", "pass"), ("A: 这里是热线 / C: 喂", "pass"), ("C: 喂 / A: 您好", "pass"), ("C: 喂", "not_checked"),
    ],
)  # fmt: skip
def test_outcomes(bench: Bench, call: str, outcome: str) -> None:
    """Fillers and one character more do not help; the customer's words are not the agent's."""
    assert bench.outcome(RULE, call) == outcome


def test_doubt_is_unsure(bench: Bench) -> None:
    """Doubtful sound beside it, words that sound alike, and a greeting that perhaps was there."""
    assert bench.outcome(RULE, doubt(say("A: 喂 / C: 我要查件"), 0.5, 1.5)) == "unsure"
    assert bench.outcome(RULE + ", where: last_turn", "C: 嗯 / A: 再件了") == "unsure"
    assert bench.outcome(RULE + ", where: last_turn", "C: 嗯 / A: 再件了", Scripted({"再见了": -20.0})) == "pass"


def test_unknown_voices_are_not_checked(bench: Bench) -> None:
    """Nobody can be charged."""
    assert bench.outcome(RULE, mono(say("A: 喂"))) == "not_checked"
