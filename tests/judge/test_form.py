"""Answers that end in a question, conditions as checks, bursts of speech and dates of a notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicemon.judge.examples import example_facts
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard

PACK = """
name: form
title: "test"
version: "1"
events:
  dear: {{kind: says, by: customer, says: ["太贵"]}}
  hello: {{kind: says, by: agent, says: ["您好"]}}
  ordered: {{kind: notice, field: festival_notice, names: ["国庆"]}}
  twice: {{kind: bursts, least: 2}}
rules:
- {{id: R, title: t, quote: q, evidence: direct, {rule}, examples: {{fires: [], quiet: ["A: 您好"]}}}}
"""


def outcome(tmp_path: Path, rule: str, line: str) -> str:
    path = tmp_path / "form.yaml"
    path.write_text(PACK.format(rule=rule), encoding="utf-8")
    return judge(example_facts(line), load_standard(path))[0].outcome


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("C: 太贵了 / A: 您是嫌价格高是吗", "pass"),
        ("C: 太贵了 / A: 您看值不值得考虑一下呀", "pass"),
        ("C: 太贵了 / A: 您是嫌贵对吗我们的东西就值这个价", "fail"),
        ("C: 多少钱 / A: 一百元", "not_applicable"),
    ],
)
def test_answer_must_end_in_a_question(tmp_path: Path, line: str, expected: str) -> None:
    """Only the end of the answering turn counts, not a question before it."""
    rule = 'when: dear, check: turn_end, ends: ["吗", "呢"], near_end: ["您看"]'
    assert outcome(tmp_path, rule, line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [("C: 太贵了 / A: 一直都卖这么多", "fail"), ("C: 太贵了 / A: 一直都这么多么", "pass"), ("C: 太贵了 / A: 您看就这么多", "pass")],
)
def test_words_that_hold_no_ending(tmp_path: Path, line: str, expected: str) -> None:
    """么 asks, but not in 这么; the same turn may ask besides."""
    rule = 'when: dear, check: turn_end, ends: ["么"], near_end: ["您看"], unless: ["这么"]'
    assert outcome(tmp_path, rule, line) == expected


@pytest.mark.parametrize(("line", "expected"), [("A: 您好", "pass"), ("A: 早上好", "fail")])
def test_condition_as_check(tmp_path: Path, line: str, expected: str) -> None:
    """The rule is kept if the condition holds."""
    assert outcome(tmp_path, "check: meets, condition: hello", line) == expected


@pytest.mark.parametrize(
    ("day", "expected"), [("10-01", "pass"), ("10-07", "pass"), ("10-08", "fail"), ("09-30", "fail")]
)
def test_dates_of_a_notice(tmp_path: Path, day: str, expected: str) -> None:
    """First and last day of the range belong to it."""
    notice = '[{"name": "国庆", "from": "2026-10-01", "to": "2026-10-07"}]'
    line = f"at: 2026-{day}T09:00:00+08:00 / S: festival_notice = {notice} / A: 您好"
    assert outcome(tmp_path, "check: meets, condition: ordered", line) == expected


def test_without_a_notice_nothing_is_checked(tmp_path: Path) -> None:
    """A missing sidecar field is no evidence."""
    assert outcome(tmp_path, "check: meets, condition: ordered", "A: 您好") == "not_checked"


@pytest.mark.parametrize(("wait_s", "expected"), [("5.5", "pass"), ("4.6", "pass"), ("2.5", "fail")])
def test_silence_between_bursts(tmp_path: Path, wait_s: str, expected: str) -> None:
    """The silence between the first and the second burst is measured by the sound."""
    line = f"A: 您好 / W: {float(wait_s) - 0.6} / A: 您好"
    assert outcome(tmp_path, "when: twice, check: burst_gap, least_s: 5.0", line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("C: 能调吗 / A: 好～～ / C: 到底能不能 / A: 哦～～", "fail"),
        ("C: 能调吗 / A: 好～～ / C: 到底能不能 / A: 能调的", "unsure"),
        ("C: 能调吗 / A: 好 / C: 到底能不能 / A: 行", "pass"),
    ],
)
def test_drawn_out_answers(tmp_path: Path, line: str, expected: str) -> None:
    """Two lone syllables of well over a second convict; one alone may be a misheard word."""
    assert outcome(tmp_path, "check: drawl", line) == expected
