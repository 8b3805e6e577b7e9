"""Which events can only accuse, and that the sound is asked about all others without sparing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, say, utterance

from voicemon.judge.judge import judge
from voicemon.judge.marks import ONLY_ACCUSES
from voicemon.judge.thresholds import Thresholds, Weights

NAMED = '  named: {kind: says, by: agent, says: ["请挂机"], fuzzy: true}\n'
CALIBRATED = Thresholds(weights=Weights(ratio=1.3, similarity=11.0, alone=-0.45, bias=-7.9), accept=-1.2, reject=-3.0, accept_strictly=-0.3)


@pytest.mark.parametrize(
    ("rule", "more", "accuses"),
    [
        ("when: named", "", True),
        ("when: thanks and not named", "", False),
        ("when: not (thanks and not named)", "", False),
        ("when: thanks, kept_when: named", "", False),
        ("when: thanks", "", False),
        ("when: either", "  either: {kind: condition, condition: thanks or named}\n", True),
        ("when: neither", "  neither: {kind: condition, condition: not thanks and not named}\n", False),
        ("when: not either", "  either: {kind: condition, condition: thanks or named}\n", False),
        ("when: later", '  later: {kind: says, by: customer, says: ["好"], after: named}\n', True),
        ("when: held", "  held: {kind: hold, longer_s: 5, before: named}\n", False),
        ("when: named and either, kept_when: price", "  either: {kind: condition, condition: price or not named}\n", False),
    ],
)
def test_an_event_only_accuses_where_every_rule_needs_it_to_have_happened(bench: Bench, rule: str, more: str, accuses: bool) -> None:
    """After ``not``, in ``kept_when`` or in an option of another event, to miss it could make a rule fail."""
    standard = bench.standard(f'check: must_say, say: ["您好"], {rule}', events=NAMED + more)
    assert standard.events["named"].options[ONLY_ACCUSES] is accuses


@pytest.mark.parametrize(("rule", "asked"), [("when: named", False), ("when: thanks, kept_when: named", True)])
def test_the_sound_is_asked_about_all_that_could_acquit(bench: Bench, rule: str, asked: bool) -> None:
    """Sure words that are a little alike trigger no rule, and nobody asks; they may still keep one."""
    facts = say("C: 谢谢 / A: 好的")
    facts = replace(facts, transcript=(*facts.transcript, utterance("agent", 9.0, "请挂心")))
    verifier = Scripted({"请挂机": 9.0})
    verdict = judge(facts, bench.standard(f'check: must_say, say: ["您好"], {rule}', events=NAMED), verifier, "en", CALIBRATED)[0]
    assert ("请挂机" in [question[5] for question in verifier.asked]) is asked
    assert verdict.outcome == ("pass" if asked else "not_applicable")
