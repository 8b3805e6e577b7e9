"""Judging a call: one verdict per rule, reasons in both languages, triggers and excuses that are not certain."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from judge.builders import Bench, Scripted, mono, rule_line, say, write_pack

from voicemon.judge.judge import judge, reason_text, reasons
from voicemon.judge.loader import load_standard
from voicemon.probes import KeptVerifier
from voicemon.records import OUTCOMES

MIXED = "\n".join((
    rule_line('check: must_say, say: ["您好"]', "A"),
    rule_line('check: must_say, say: ["再见"]', "B"),
    rule_line('when: thanks, check: must_say, say: ["不客气"]', "C"),
    rule_line("check: sidecar, field: f, is: x", "D"),
    rule_line('check: must_say, say: ["再见"]', "E", "proxy"),
))  # fmt: skip


def test_exactly_one_verdict_per_rule_in_order(tmp_path: Path) -> None:
    """Whatever the call."""
    standard = load_standard(write_pack(tmp_path, MIXED))
    for facts in (say("A: 您好 / C: 喂"), say("C: 喂"), say("S: f = 1"), mono(say("A: 您好"))):
        verdicts = judge(facts, standard)
        assert [v.rule for v in verdicts] == list("ABCDE") and all(v.outcome in OUTCOMES and v.reason for v in verdicts)
    outcomes = [v.outcome for v in judge(say("A: 您好 / C: 喂"), standard)]
    assert outcomes == ["pass", "fail", "not_applicable", "not_checked", "hint"]


@pytest.mark.parametrize(("call", "outcome"), [("A: 喂", "hint"), ("A: 您皓", "pass"), ("A: 我会请快", "hint"), ("A: 您好", "pass")])
def test_a_proxy_rule_never_fails(bench: Bench, call: str, outcome: str) -> None:
    """Fail and unsure become a hint."""
    rule = 'check: must_say, say: ["您好", "我会尽快"]'
    assert bench.outcome(rule, call, evidence="proxy") == ("hint" if call == "A: 您皓" else outcome)


def test_voices_not_told_apart_are_not_checked_with_the_reason(bench: Bench) -> None:
    """In both languages."""
    facts, standard = mono(say("A: 喂")), bench.standard('check: must_say, say: ["您好"]')
    for lang in ("zh", "en"):
        (verdict,) = judge(facts, standard, lang=lang)
        assert (verdict.outcome, verdict.reason) == ("not_checked", reasons()["speakers_unknown"][lang])


def test_an_unknown_trigger_is_not_checked_and_names_the_field(bench: Bench) -> None:
    """No record, no verdict."""
    verdict = bench.verdict('when: recorded, check: must_say, say: ["您好"]', "A: 喂")
    assert verdict.outcome == "not_checked" and "recorded" in verdict.reason


@pytest.mark.parametrize(
    ("kept_when", "call", "outcome"),
    [
        ("thanks", "A: 喂 / C: 谢谢", "pass"), ("thanks", "A: 喂 / C: 好", "fail"), ("thanks_perhaps", "A: 喂 / C: 谢谢", "unsure"),
        ("recorded", "S: recorded = true / A: 喂", "pass"), ("recorded", "S: recorded = false / A: 喂", "fail"),
        ("thanks", "A: 您好 / C: 好", "pass"),
    ],
)  # fmt: skip
def test_kept_when(bench: Bench, kept_when: str, call: str, outcome: str) -> None:
    """Done in another way is kept; perhaps done in another way is unsure."""
    assert bench.outcome(f'check: must_say, say: ["您好"], kept_when: {kept_when}', call) == outcome


def test_a_perhaps_trigger_turns_a_fail_into_unsure(bench: Bench) -> None:
    """And tells the place of the trigger; a pass stays a pass."""
    rule = 'when: thanks_perhaps, check: must_say, say: ["不客气"]'
    verdict = bench.verdict(rule, "C: 谢谢 / A: 好")
    assert (verdict.outcome, verdict.spans) == ("unsure", ((0.0, 0.8),)) and "not certain" in verdict.reason
    assert bench.outcome(rule, "C: 谢谢 / A: 不客气") == "pass"


def test_kept_otherwise_also_where_the_words_are_unsure(bench: Bench) -> None:
    """And says so."""
    verdict = bench.verdict('check: must_say, say: ["我会尽快"], kept_when: thanks', "A: 我会请快 / C: 谢谢")
    assert verdict.outcome == "pass" and verdict.reason == reasons()["kept_otherwise"]["en"] and verdict.spans == ((2.2, 3.0),)


def test_what_to_say_is_shown_only_where_it_was_missed(bench: Bench) -> None:
    """``say_instead`` before the phrase of the check."""
    rule = 'check: must_say, say: ["您好|你好"]'
    assert bench.verdict(rule, "A: 喂").expected == "您好" and bench.verdict(rule, "A: 您好").expected == ""
    assert bench.verdict(rule + ', say_instead: "您好，很高兴为您服务"', "A: 喂").expected == "您好，很高兴为您服务"


@pytest.mark.parametrize(("call", "outcome"), [
    ('S: answered_by = "machine" / A: 现在是下班时间', "not_applicable"), ('S: answered_by = "machine" / A: 请稍后 / C: 喂', "fail"),
    ('S: answered_by = "person" / A: 请讲', "fail"), ("A: 请讲", "fail"), ('S: answered_by = "machine" / S: f = "y"', "not_applicable")])
def test_the_words_of_a_machine_are_no_agents(bench: Bench, call: str, outcome: str) -> None:
    """Where by the record only a machine answered nobody is charged with words; what the record says is judged all the same."""
    assert bench.outcome('check: must_say, say: ["您好"]', call) == outcome
    assert bench.outcome("check: sidecar, field: f, is: x", call) == ("fail" if '"y"' in call else "not_checked")


def test_a_wildcard_is_never_shown(bench: Bench) -> None:
    """今天{any:0-14}上门 reads 今天…上门, in the reason and in what to say instead."""
    verdict = bench.verdict('check: must_say, say: ["今天{any:0-14}上门…工号{digits:3-6}"], where: call', "A: 您好 / C: 你好 / A: 再见")
    assert verdict.outcome == "fail" and "今天…上门" in verdict.reason and "工号×××" in verdict.reason
    assert "{" not in verdict.reason + verdict.expected and "今天…上门" in verdict.expected


def test_spans_are_rounded_and_never_before_the_call(bench: Bench) -> None:
    """Milliseconds from the first sample."""
    (span,) = bench.verdict('check: turn_only, only: ["嗯"], where: last_turn', "A: ……嗯").spans
    assert span[0] >= 0.0 and span == tuple(round(x, 3) for x in span)


def test_both_languages_have_the_same_reasons_and_places() -> None:
    """Every key in both, with the same ``{name}`` places but for units of speech."""
    for key, texts in reasons().items():
        assert set(texts) == {"zh", "en"}, key
        places = [{name for _, name, _, _ in Formatter().parse(texts[lang]) if name is not None} for lang in ("zh", "en")]
        assert places[0] == places[1], key


def test_reasons_nest_and_shorten_figures() -> None:
    """A perhaps-trigger tells the inner reason; 3.0 is 3, and what is not given is empty."""
    inner = reason_text("perhaps_trigger", {"inner": ("not_said", {"what": "您好"})}, "en")
    assert inner.endswith("“您好” was not said")


@pytest.mark.parametrize(("least", "most", "zh", "en"), [
    (None, 2.5, "要求不高于 2.5dB", "asks at most 2.5dB"), (-36.0, None, "要求不低于 -36dB", "asks at least -36dB"),
    (-4.0, 2.5, "要求 -4 至 2.5dB", "asks -4 to 2.5dB")])
def test_an_open_limit_does_not_read_like_a_minus(least: float | None, most: float | None, zh: str, en: str) -> None:
    """``要求 –4dB`` for "at most 4 dB" would tell an agent the opposite."""
    args = {"value": 3.0, "unit": "dB", "least": least, "most": most}
    assert reason_text("beyond_limits", args, "zh") == f"实测 3dB,{zh}"
    assert en in reason_text("beyond_limits", args, "en") and "–" not in reason_text("near_limit", args, "en")


def test_where_the_sound_is_gone_nobody_is_convicted_for_want_of_an_answer(bench: Bench) -> None:
    """A phrase that the sound might still confirm is not missing; one that nothing sounds like needs no sound."""
    rule = 'check: must_say, say: ["紫金金行客服"]'
    gone = KeptVerifier({}, lambda: None)
    assert bench.outcome(rule, "A: 自己进去可否") == "fail"
    verdict = bench.verdict(rule, "A: 自己进去可否", gone)
    assert verdict.outcome == "unsure" and gone.unanswered and "to ask the sound" in verdict.reason
    assert bench.outcome(rule, "A: 啊", KeptVerifier({}, lambda: None)) == "fail"
    assert bench.outcome(rule, "A: 自己进去可否", KeptVerifier({}, lambda: Scripted({"紫金金行客服": -90.0}))) == "fail"


def test_an_event_that_the_sound_was_not_there_to_tell_convicts_by_no_rule(tmp_path: Path) -> None:
    """Two rules are kept when the agent names the company; the second finds that looked up already."""
    events = '\n  names_company: {kind: says, by: agent, says: ["紫金金行客服"], fuzzy: true}'
    rule = 'kept_when: names_company, check: must_say, say: ["啊啊啊"], where: call'
    pack = write_pack(tmp_path, "\n".join(rule_line(rule, name) for name in ("R-1", "R-2")), events)

    def outcomes(verifier: Any) -> list[str]:
        return [v.outcome for v in judge(say("A: 自己进去可否"), load_standard(pack), verifier)]

    assert outcomes(KeptVerifier({}, lambda: None)) == ["unsure", "unsure"]
    assert outcomes(KeptVerifier({}, lambda: Scripted({"紫金金行客服": -90.0}))) == ["fail", "fail"]
