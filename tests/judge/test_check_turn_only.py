"""``turn_only``: a turn is not nothing but certain words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, doubt, mono, say

RULE = 'check: turn_only, only: ["喂|再见了"], unless: ["您好"]'


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("A: 喂 / C: 我要查件", "fail"), ("A: 喂啊 / C: 我要查件", "fail"), ("A: 喂您好 / C: 我要查件", "pass"),
        ("A: 喂这里是热线 / C: 我要查件", "pass"), ("A: 这里是热线 / C: 喂", "pass"), ("C: 喂 / A: 您好", "pass"), ("C: 喂", "not_checked"),
        ("A: 再见了,再见了 / C: 我要查件", "fail"), ("A: 喂,喂,喂 / C: 我要查件", "fail"), ("A: 再见了,小王,再见了 / C: 我要查件", "pass"),
    ],
)  # fmt: skip
def test_outcomes(bench: Bench, call: str, outcome: str) -> None:
    """Fillers, one character more and saying it again do not help; the customer's words are not the agent's."""
    assert bench.outcome(RULE, call) == outcome


def test_doubt_is_unsure(bench: Bench) -> None:
    """Doubtful sound beside it, words that sound alike, and a greeting that perhaps was there."""
    assert bench.outcome(RULE, doubt(say("A: 喂 / C: 我要查件"), 0.5, 1.5)) == "unsure"
    assert bench.outcome(RULE + ", where: last_turn", "C: 嗯 / A: 再件了") == "unsure"
    assert bench.outcome(RULE + ", where: last_turn", "C: 嗯 / A: 再件了", Scripted({"再见了": -20.0})) == "pass"


@pytest.mark.parametrize(("ratio", "confidence", "outcome"),
                         [(2.5, 0.3, "fail"), (0.0, 0.3, "unsure"), (-3.0, 0.3, "pass"), (None, 0.3, "pass"), (2.5, 0.9, "pass")])
def test_a_lone_doubtful_syllable_is_asked_about(bench: Bench, ratio: float | None, confidence: float, outcome: str) -> None:
    """三 that the recogniser hardly believes, and the sound prefers 喂."""
    facts = say("A: 三 / C: 我要查件")
    first = facts.transcript[0]
    words = tuple(replace(w, confidence=confidence) for w in first.words)
    facts = replace(facts, transcript=(replace(first, words=words, confidence=confidence), *facts.transcript[1:]))
    assert bench.outcome(RULE, facts, Scripted({"喂": ratio})) == outcome


@pytest.mark.parametrize(("rival", "outcome"), [(-2.0, "fail"), (1.0, "fail"), (2.0, "unsure"), (6.0, "pass")])
def test_the_sound_must_prefer_it_to_its_rivals_too(bench: Bench, rival: float, outcome: str) -> None:
    """你好 may be likelier still than 喂, where 三 is what was written and hardly believed."""
    facts = say("A: 三 / C: 我要查件")
    first = facts.transcript[0]
    words = tuple(replace(w, confidence=0.3) for w in first.words)
    facts = replace(facts, transcript=(replace(first, words=words, confidence=0.3), *facts.transcript[1:]))
    assert bench.outcome(RULE + ', rivals: ["你好"]', facts, Scripted({"喂": 2.5, "你好": rival})) == outcome


def test_a_lone_syllable_beside_speech_without_words_convicts_nobody(bench: Bench) -> None:
    """More may have been said than the one syllable that the sound prefers."""
    facts = say("A: 三 / C: 我要查件")
    first = facts.transcript[0]
    words = tuple(replace(w, confidence=0.3) for w in first.words)
    facts = replace(facts, transcript=(replace(first, words=words, confidence=0.3), *facts.transcript[1:]))
    assert bench.outcome(RULE, facts, Scripted({"喂": 2.5})) == "fail"
    assert bench.outcome(RULE, doubt(facts, 0.5, 1.5), Scripted({"喂": 2.5})) == "unsure"


def test_unknown_voices_are_not_checked(bench: Bench) -> None:
    """Nobody can be charged."""
    assert bench.outcome(RULE, mono(say("A: 喂"))) == "not_checked"
