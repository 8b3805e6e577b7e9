"""``measure`` and ``level_change``: limits, the measure's own error, doubts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, mono, say

from voicemon.judge.judge import judge, reason_text
from voicemon.judge.loader import list_standards, load_standard
from voicemon.records import Roles

RULE = "check: measure, path: ring.ring_to_answer_s, most: 10, tolerance: 1, error: 2"


def with_ring(value: str, rest: str = "A: 您好") -> str:
    return f"{rest} / M: ring.ring_to_answer_s = {value}"


@pytest.mark.parametrize(
    ("value", "outcome"), [("10", "pass"), ("11", "pass"), ("11.1", "unsure"), ("13", "unsure"), ("13.1", "fail"), ("null", "not_checked")]
)
def test_upper_limit_with_tolerance_and_error(bench: Bench, value: str, outcome: str) -> None:
    """Within the tolerance kept, within the error beyond it unsure; no figure is not checked."""
    assert bench.outcome(RULE, with_ring(value)) == outcome


@pytest.mark.parametrize(("value", "outcome"), [("100", "pass"), ("99", "pass"), ("97", "unsure"), ("94", "fail")])
def test_lower_limit_with_shares(bench: Bench, value: str, outcome: str) -> None:
    """Tolerance and error as shares of the value."""
    rule = "check: measure, path: ring.ring_to_answer_s, least: 100, tolerance_share: 0.02, error_share: 0.03"
    assert bench.outcome(rule, with_ring(value)) == outcome


@pytest.mark.parametrize(("value", "by_voice", "by_words"), [(300, "pass", "pass"), (340, "fail", "unsure"), (370, "fail", "fail")])
def test_a_rate_told_by_words_convicts_only_beyond_its_greater_error(bench: Bench, value: int, by_voice: str, by_words: str) -> None:
    """Whose speech it is may be wrong there, for a part of it."""
    rule = "check: measure, path: speaking_rate.agent.per_minute_of_turns, most: 320, error_share: 0.01"
    call = say(f"A: 您好 / M: speaking_rate.agent.per_minute_of_turns = {value}")
    told = replace(call, roles=Roles("mono", "mono", "words", 0.9))
    assert (bench.outcome(rule, call), bench.outcome(rule, told)) == (by_voice, by_words)


def test_the_ring_needs_no_words_to_tell_whose_it_is(bench: Bench) -> None:
    """Only rates have the greater error."""
    assert bench.outcome(RULE, replace(say(with_ring("13.1")), roles=Roles("mono", "mono", "words", 0.9))) == "fail"


def test_the_reason_of_a_missing_figure_is_told(bench: Bench) -> None:
    """Why there is none."""
    call = 'A: 您好 / M: ring.ring_to_answer_s = null / M: ring.reason = "no ring was heard"'
    assert "no ring was heard" in bench.verdict(RULE, call).reason


def test_a_missing_figure_and_its_reason_are_told_in_the_language_of_the_verdict(bench: Bench) -> None:
    """What hearing writes in English has its Chinese form."""
    call = say('A: 您好 / M: ring.ring_to_answer_s = null / M: ring.reason = "no ring-back in the recording"')
    told = {lang: judge(call, bench.standard(RULE), lang=lang)[0].reason for lang in ("zh", "en")}
    assert told == {"zh": "无法测得响铃:录音里没有回铃", "en": "the measure ring is not known: no ring-back in the recording"}
    assert bench.verdict(RULE, with_ring("null")).reason == "the measure ring is not known"


def test_every_measure_of_the_shipped_standards_has_a_name(bench: Bench) -> None:
    """No path of fields is shown to supervisors."""
    rules = [r for name in list_standards() for r in load_standard(name).rules if r.check == "measure"]
    paths = {r.options["path"] for r in rules}
    assert len(paths) > 5
    assert [path for path in paths if "." in reason_text("measure_unknown", {"measure": path, "why": ""}, "zh")] == []


def test_an_empty_measure_may_pass(bench: Bench) -> None:
    """Where nothing heard is nothing wrong, and the voices are known."""
    rule = RULE + ", none_passes: true"
    assert bench.outcome(rule, with_ring("null")) == "pass"
    assert bench.outcome(rule, mono(say(with_ring("null")))) == "not_checked"


def test_measures_need_no_voices(bench: Bench) -> None:
    """The ring belongs to nobody."""
    assert bench.outcome(RULE, mono(say(with_ring("20")))) == "fail"


def test_a_complaint_makes_it_unsure_or_narrows_the_limit(bench: Bench) -> None:
    """The ear of the customer against the figure."""
    assert bench.outcome(RULE + ", unsure_when: thanks", with_ring("5", "C: 谢谢")) == "unsure"
    assert bench.outcome(RULE + ", unsure_when: thanks", with_ring("20", "C: 谢谢")) == "unsure"
    strict = RULE + ", strict_when: thanks, strict_least: 4"
    assert bench.outcome(strict, with_ring("3", "C: 谢谢")) == "fail"
    assert bench.outcome(strict, with_ring("3", "A: 谢谢")) == "pass"
    assert bench.outcome(strict, with_ring("4", "C: 谢谢")) == "pass"
    assert bench.outcome(strict.replace("when: thanks", "when: thanks_perhaps"), with_ring("3", "C: 谢谢")) == "pass"


@pytest.mark.parametrize(("second", "outcome"), [(100, "fail"), (121, "unsure"), (79, "unsure"), (120, "fail")])
def test_two_counts_that_differ_too_much_are_unsure(bench: Bench, second: int, outcome: str) -> None:
    """Words and sound disagree: the figure is not to be trusted."""
    counts = "second_path: speaking_rate.agent.syllables, second_of: speaking_rate.agent.characters"
    call = with_ring("20") + f" / M: speaking_rate.agent.syllables = {second}"
    assert bench.outcome(f"{RULE}, {counts}", call) == outcome


CHANGE = "when: thanks, check: level_change, least_db: 3, error_db: 1"


@pytest.mark.parametrize(("after", "outcome"), [(-22, "pass"), (-23, "pass"), (-23.5, "unsure"), (-26, "fail")])
def test_level_change(bench: Bench, after: float, outcome: str) -> None:
    """Median of the turns after against before; within the error unsure."""
    assert bench.outcome(CHANGE, f"A: [-26]您好 / C: 谢谢 / A: [{after}]不客气") == outcome


def test_level_must_not_rise(bench: Bench) -> None:
    """An upper limit."""
    rule = "when: thanks, check: level_change, most_db: 3, error_db: 1"
    assert bench.outcome(rule, "A: [-26]您好 / C: 谢谢 / A: [-20]不客气") == "fail"
    assert bench.outcome(rule, "A: [-26]您好 / C: 谢谢 / A: [-24]不客气") == "pass"


def test_level_change_only_over_the_next_turns(bench: Bench) -> None:
    """The first turn after the trigger is loud enough, later ones are not."""
    call = "A: [-26]您好 / C: 谢谢 / A: [-20]不客气 / C: 嗯 / A: [-26]再见 / C: 嗯 / A: [-26]再见"
    assert bench.outcome(CHANGE, call) == "fail"
    assert bench.outcome(CHANGE + ", until_turns: 1", call) == "pass"


def test_level_change_without_turns_is_not_checked(bench: Bench) -> None:
    """Nothing before, nothing after, or no place."""
    for call in ("C: 谢谢 / A: 不客气", "A: 您好 / C: 谢谢"):
        assert bench.outcome(CHANGE, call) == "not_checked"
    assert bench.outcome("check: level_change, least_db: 3", "A: 您好") == "not_checked"


def test_a_figure_and_its_unit_are_parted(bench: Bench) -> None:
    """8.9 dB, as in every other place."""
    units = {r.options.get("unit") for name in list_standards() for r in load_standard(name).rules if r.check == "measure"}
    assert not [unit for unit in units if unit and unit[0].isalpha() and unit.isascii()]
