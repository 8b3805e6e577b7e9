"""Judging where only the words tell who speaks: what every reading says holds, what hangs on a doubt accuses nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, say

from voicemon.judge.readings import as_read
from voicemon.records import AGENT, CUSTOMER, Facts, Reading, Roles, Span

FORBIDDEN = 'check: must_not_say, by: agent, say: ["凭什么"]'
THANKED = 'check: must_say, by: agent, when: thanks, say: ["不用谢"]'
CALL = "A: 您好请讲 / C: 凭什么不退 / A: 请稍等"


def read(line: str, *readings: tuple[float, str]) -> Facts:
    """A call of one channel, with ways to share its words: ``(0.6, "aca")``."""
    names = {"a": AGENT, "c": CUSTOMER}
    told = tuple(Reading(share, tuple(names[x] for x in who)) for share, who in readings)
    facts = say(line)
    return replace(facts, roles=Roles("mono", "mono", "words", 0.9), readings=told)


@pytest.mark.parametrize(("of_agent", "outcome"), [(1.0, "fail"), (0.77, "fail"), (0.7, "unsure"), (0.3, "unsure"), (0.23, "pass")])
def test_a_word_accuses_only_where_nearly_every_reading_has_the_agent_say_it(bench: Bench, of_agent: float, outcome: str) -> None:
    readings = [r for r in ((of_agent, "aaa"), (1 - of_agent, "aca")) if r[0]]
    assert bench.verdict(FORBIDDEN, read(CALL, *readings)).outcome == outcome


def test_a_doubt_says_what_it_would_be_and_where_to_listen(bench: Bench) -> None:
    verdict = bench.verdict(FORBIDDEN, read(CALL, (0.5, "aaa"), (0.5, "aca")))
    certain = bench.verdict(FORBIDDEN, read(CALL, (1.0, "aaa")))
    assert certain.reason in verdict.reason and certain.reason != verdict.reason
    assert verdict.spans == certain.spans and verdict.quote == certain.quote


def test_what_nobody_is_blamed_for_in_any_reading_is_no_doubt(bench: Bench) -> None:
    facts = read("A: 您好 / C: 谢谢 / A: 不用谢", (0.6, "aca"), (0.4, "aaa"))
    assert bench.verdict(THANKED, facts).outcome == "pass"
    assert bench.verdict(THANKED, read("A: 您好 / C: 谢谢 / A: 不用谢", (0.4, "aca"), (0.6, "aaa"))).outcome == "not_applicable"


def test_a_rule_that_only_hints_is_left_out_where_it_hangs_on_who_spoke(bench: Bench) -> None:
    facts = read(CALL, (0.5, "aaa"), (0.5, "aca"))
    assert bench.verdict(FORBIDDEN, facts, evidence="proxy").outcome == "not_checked"


def test_by_a_reading_speech_is_the_party_s_whose_words_it_holds() -> None:
    speech = {"agent": (Span(0.0, 1.5),), "unknown": (Span(1.6, 1.9), Span(2.3, 2.9), Span(9.0, 9.5))}
    facts = replace(read("A: 您好请讲 / C: 好的"), speech=speech)
    changed = as_read(facts, Reading(1.0, (CUSTOMER, AGENT)))
    assert [u.speaker for u in changed.transcript] == [CUSTOMER, AGENT]
    assert changed.speech == {"agent": (Span(2.3, 2.9),), "customer": (Span(0.0, 1.5),), "unknown": (Span(1.6, 1.9), Span(9.0, 9.5))}
