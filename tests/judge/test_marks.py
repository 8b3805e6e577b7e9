"""Words that stand alone, figures that are news, speech by the sound, sidecar entries, pace, strict call-backs."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicemon.judge.examples import example_facts
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard

PACK = """
name: marks
title: "test"
version: "1"
events:
  greets: {{kind: says, by: customer, says: ["你好"], spare_characters: 3}}
  dictates: {{kind: says, by: agent, says: ["{{digits:8-20}}"], news: true}}
  asks_leave: {{kind: says, by: agent, says: ["稍等"]}}
  consents: {{kind: speech, by: customer, after: asks_leave}}
  mute_after_consent: {{kind: record, field: mutes, after: consents}}
  two_hours: {{kind: says, by: agent, says: ["两小时"]}}
rules:
- {{id: R, title: t, quote: q, evidence: direct, {rule}, examples: {{fires: [], quiet: ["A: 您好"]}}}}
"""


def outcome(tmp_path: Path, rule: str, line: str) -> str:
    path = tmp_path / "marks.yaml"
    path.write_text(PACK.format(rule=rule), encoding="utf-8")
    return judge(example_facts(line), load_standard(path))[0].outcome


@pytest.mark.parametrize(
    ("line", "expected"),
    [("C: 你好小姐", "pass"), ("C: 你好我想查快递", "fail"), ("C: 你好小姐呀 / A: 请讲话 / C: 我想查快递", "pass")],
)
def test_words_that_stand_alone(tmp_path: Path, line: str, expected: str) -> None:
    """A greeting with the business behind it is not a greeting only."""
    assert outcome(tmp_path, "check: meets, condition: greets", "A: 您好 / " + line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A: 电话是零五七一八八九二三六五零", "pass"),
        ("C: 一三八零零六六二五一七 / A: 一三八零零六六二五一七对吗", "fail"),
    ],
)
def test_figures_read_back_are_no_news(tmp_path: Path, line: str, expected: str) -> None:
    """What the customer has said himself is not dictated to him."""
    assert outcome(tmp_path, "check: meets, condition: dictates", line) == expected


@pytest.mark.parametrize(
    ("mutes", "expected"),
    [
        ('[{"start_s": 9.0, "duration_s": 20}]', "pass"),
        ('[{"start_s": 2.0, "duration_s": 20}]', "fail"),
        ("[]", "fail"),
    ],
)
def test_mute_only_after_consent(tmp_path: Path, mutes: str, expected: str) -> None:
    """The entry must begin after the customer has spoken."""
    line = f"S: mutes = {mutes} / A: 请您稍等好吗 / C: 好的 / W: 20"
    assert outcome(tmp_path, "check: meets, condition: mute_after_consent", line) == expected


def test_mute_without_record_is_not_checked(tmp_path: Path) -> None:
    """No list is not an empty list."""
    rule = "check: meets, condition: mute_after_consent"
    assert outcome(tmp_path, rule, "A: 请您稍等好吗 / C: 好的 / W: 20") == "not_checked"


@pytest.mark.parametrize(("most", "expected"), [(160, "pass"), (140, "unsure"), (120, "fail")])
def test_pace_at_the_trigger(tmp_path: Path, most: int, expected: str) -> None:
    """Examples speak 150 characters a minute; within a tenth of the limit nobody is charged."""
    rule = f"when: dictates, check: pace, most: {most}"
    assert outcome(tmp_path, rule, "A: 电话是零五七一八八九二三六五零") == expected


@pytest.mark.parametrize(
    ("promise", "expected"), [("两小时之内回复您", "fail"), ("二十四小时之内回复您", "pass")]
)
def test_strict_window_of_a_callback(tmp_path: Path, promise: str, expected: str) -> None:
    """The narrower window holds once it has been promised."""
    rule = "check: callback, within_min: 1440, strict_when: two_hours, strict_within_min: 120"
    at = '[{"at": "2026-03-18T15:00:00+08:00"}]'
    assert outcome(tmp_path, rule, f"S: callbacks = {at} / A: {promise}") == expected


@pytest.mark.parametrize(("line", "expected"), [("王先生好", "pass"), ("请问您贵姓", "fail")])
def test_asking_for_the_name_again_convicts(tmp_path: Path, line: str, expected: str) -> None:
    """The surname is known and is asked for again."""
    rule = 'when: greets, check: address, titles: ["先生"], asks_again: ["贵姓"]'
    assert outcome(tmp_path, rule, f"C: 你好 / A: {line}") == expected


def test_fast_example_is_too_fast(tmp_path: Path) -> None:
    """An example may be spoken faster than anybody can write."""
    rule = "when: dictates, check: pace, most: 240"
    assert outcome(tmp_path, rule, "A: [fast]电话是零五七一八八九二三六五零") == "fail"
