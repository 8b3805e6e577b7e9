"""Order of words, records in lists, and forms of address that only the sound can tell apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicemon.judge.examples import example_facts
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard

PACK = """
name: small
title: "small"
version: "1"
events:
  delayed: {{kind: sidecar, field: parcels.status, is: delayed, if_missing: no}}
rules:
- id: R
  title: "rule"
  quote: "q"
  evidence: direct
{rule}
  examples: {{fires: [], quiet: ["A: 您好"]}}
"""


def outcome(tmp_path: Path, rule: str, call: str) -> str:
    """The outcome of one rule, given as YAML lines, on the little call."""
    path = tmp_path / "small.yaml"
    path.write_text(PACK.format(rule="\n".join(f"  {line}" for line in rule.split("; "))), encoding="utf-8")
    return judge(example_facts(call), load_standard(path))[0].outcome


FIRST = 'check: said_first; say: ["我是中环"]; besides: ["您好", "请问您是{any:1-2}女士吗"]; spare_characters: 4'
WAITS = 'check: asks_and_waits; say: ["您是 … 女士"]; besides: ["吗"]; spare_characters: 4'
NI = 'check: must_not_say; say: ["你"]; instead: ["您"]; enough: 3; fuzzy: false'


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("A: 您好,请问您是秦女士吗 / C: 是 / A: 您好,我是中环客服,关于您的快件", "pass"),
        ("A: 您好,请问您是秦女士吗 / C: 是 / A: 您的快件没有结果,我是中环客服", "fail"),
        ("A: 您的快件没有结果 / C: 你是谁", "fail"),
    ],
)
def test_said_first_lets_only_the_listed_words_come_before(tmp_path: Path, call: str, expected: str) -> None:
    """Words besides the listed ones before the phrase convict, and so does its absence."""
    assert outcome(tmp_path, FIRST, call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("A: 请问您是秦女士吗 / C: 是我 / A: 我是中环客服陈静", "pass"),
        ("A: 请问您是秦女士吗,我是中环客服陈静 / C: 是我", "fail"),
        ("A: 请问您是秦女士吗 / W: 3 / A: 我先挂线了", "pass"),
        ("A: 请问您是秦女士吗 / W: 1 / A: 我是中环客服陈静", "fail"),
        ("A: 那个电池的事 / C: 什么电池", "fail"),
    ],
)
def test_asks_and_waits_wants_the_answer_before_more_words(tmp_path: Path, call: str, expected: str) -> None:
    """Going on in the same breath after the question convicts; after a silence the agent has waited for an answer."""
    assert outcome(tmp_path, WAITS, call) == expected


def test_a_path_through_a_list_takes_any_entry(tmp_path: Path) -> None:
    """The second of two parcels triggers too, and a list without it does not."""
    rule = 'when: delayed; check: must_say; say: ["抱歉"]'
    call = 'S: parcels = [{{"status": "lost"}}, {{"status": "{}"}}] / A: 您好 / C: 书呢'
    assert outcome(tmp_path, rule, call.format("delayed")) == "fail"
    assert outcome(tmp_path, rule, call.format("held")) == "not_applicable"
    assert outcome(tmp_path, rule, "A: 您好 / C: 书呢") == "not_applicable"


def test_one_written_twin_stays_unsure_but_enough_of_them_convict(tmp_path: Path) -> None:
    """Without the sound a lone 你 is weak evidence; three are not."""
    assert outcome(tmp_path, NI, "A: 你等着 / C: 好") == "unsure"
    assert outcome(tmp_path, NI, "A: 你等着,你看你的手机 / C: 好") == "fail"
    assert outcome(tmp_path, NI, "A: 您稍等 / C: 你好") == "pass"
