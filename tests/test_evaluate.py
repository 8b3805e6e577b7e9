"""Samples against what is expected of them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from voicemon.errors import SettingsError
from voicemon.evaluate import compare, evaluate_folder
from voicemon.settings import Settings

REPORT = {
    "verdicts": [{"rule": "A", "outcome": "pass", "reason": "said"}, {"rule": "B", "outcome": "unsure", "reason": "cannot tell"}],
    "measures": {"ring": {"count": 2, "ring_to_answer_s": 7.4, "reason": None},
                 "waits": [{"kind": "hold", "start_s": 10.2, "end_s": 20.0}],
                 "level": {"agent": {"active_level_dbov": None, "reason": "one channel"}}},
}


@pytest.mark.parametrize(("expected", "same"), [
    ({"must_be": {"A": ["pass"]}}, True), ({"must_be": {"A": ["fail"]}}, False), ({"must_be": {"B": ["fail", "unsure"]}}, True),
    ({"must_not_be": {"A": ["fail"]}}, True), ({"must_not_be": {"B": ["unsure"]}}, False), ({"must_not_be": {"C": ["fail"]}}, False),
    ({"values": {"measures.ring.count": {"value": 2}}}, True), ({"values": {"measures.ring.count": {"value": 3}}}, False),
    ({"values": {"measures.ring.ring_to_answer_s": {"value": 7.5, "tolerance": 0.3}}}, True),
    ({"values": {"measures.ring.ring_to_answer_s": {"value": 8.0, "tolerance": 0.3}}}, False),
    ({"values": {"measures.level.agent.active_level_dbov": {"value": None}}}, True),
    ({"values": {"measures.level.agent.active_level_dbov": {"value": -26.0, "tolerance": 1}}}, False),
    ({"values": {"measures.nothing.here": {"value": 1}}}, False),
    ({"waits": [{"start_s": 10.0, "end_s": 20.0, "tolerance_s": 0.5}]}, True),
    ({"waits": [{"start_s": 12.0, "end_s": 20.0, "tolerance_s": 0.5}]}, False)])
def test_each_kind_of_expectation_is_held_against_the_report(expected: dict[str, Any], same: bool) -> None:
    assert [c.same for c in compare("call", expected, REPORT)] == [same]


def test_a_difference_says_what_was_found_and_why() -> None:
    (c,) = compare("call", {"must_be": {"B": ["fail"]}}, REPORT)
    assert (c.what, c.expected, c.found, c.reason) == ("B", "fail", "unsure", "cannot tell")


def evaluate(kit: Any) -> Any:
    settings = Settings(standard=str(kit.pack), agent_channel="left")
    return evaluate_folder(kit.folder, None, settings, kit.fake_ear(), lambda *_: None)


def test_a_folder_is_compared_and_the_result_is_junit(kit: Any) -> None:
    kit.call("one.wav")
    (kit.folder / "one.expected.json").write_text(json.dumps(
        {"must_be": {"T-1": ["fail"]}, "values": {"roles.agent": {"value": "left"}}}), encoding="utf-8")
    evaluation = evaluate(kit)
    root = ElementTree.fromstring(evaluation.junit())
    assert [d.what for d in evaluation.differences] == ["T-1"] and len(evaluation.comparisons) == 2
    assert len(root.findall(".//testcase")) == 2 and len(root.findall(".//failure")) == 1


def test_an_expectation_whose_call_failed_is_a_difference_with_the_reason(kit: Any) -> None:
    kit.call("one.wav").write_bytes(b"")
    (kit.folder / "one.expected.json").write_text("{}", encoding="utf-8")
    (difference,) = evaluate(kit).differences
    assert "empty" in difference.reason


def test_a_folder_without_expectations_is_refused(kit: Any) -> None:
    kit.call("one.wav")
    with pytest.raises(SettingsError, match=r"expected\.json"):
        evaluate(kit)


def test_an_unknown_section_is_refused(kit: Any) -> None:
    (kit.folder / "one.expected.json").write_text('{"must_bee": {}}', encoding="utf-8")
    with pytest.raises(SettingsError, match="must_bee"):
        evaluate(kit)
