"""The call report as JSON keeps the names of docs/report.md."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from voicemon.report.as_json import call_json, call_text, values_and_text
from voicemon.report.parts import part_of

REPORT_MD = Path(__file__).parents[2] / "docs" / "report.md"


def documented() -> dict:
    """The example of docs/report.md."""
    block = re.search(r"```json\n(.*?)```", REPORT_MD.read_text(encoding="utf-8"), re.S)
    assert block is not None
    return json.loads(block.group(1))


def missing(example, actual, path=""):
    """Paths of keys that the example has and the report has not; lists are compared by their first element."""
    if isinstance(example, dict):
        assert isinstance(actual, dict), path
        here = [f"{path}.{key}" for key in example if key not in actual]
        return here + [m for key in example if key in actual for m in missing(example[key], actual[key], f"{path}.{key}")]
    if isinstance(example, list) and example and isinstance(example[0], dict | list):
        return missing(example[0], actual[0], f"{path}[0]")
    return []


def test_every_documented_name_is_there(report, standard):
    assert missing(documented(), call_json(report, standard)) == []
    assert missing(documented(), call_json(report)) == []


def test_units_and_values_pass_through(report):
    plain = call_json(report)
    assert plain["measures"]["ring"]["ring_to_answer_s"] == 7.8
    assert plain["verdicts"][0]["spans"] == [[8.1, 11.8]]
    assert plain["transcript"][0]["words"][0]["text"] == "您好"
    assert plain["score"] == {"value": 50.0, "low": 45.5, "high": 54.5, "fatal": [], "reason": None}


def test_what_is_not_known_is_null_with_a_reason(report):
    facts = replace(report.facts, measures=replace(report.facts.measures, level={}, ring=type(report.facts.measures.ring)()))
    measures = call_json(replace(report, facts=facts))["measures"]
    assert measures["level"]["agent"]["active_level_dbov"] is None and measures["level"]["agent"]["reason"]
    assert measures["ring"]["ring_to_answer_s"] is None and measures["ring"]["reason"]
    assert measures["speaking_rate"]["customer"]["per_minute_of_turns"] is None
    assert measures["speaking_rate"]["customer"]["reason"] == "说话太短"
    assert call_json(report)["measures"]["speaking_rate"]["agent"]["reason"] is None


def test_nan_is_refused(report):
    broken = replace(report.facts, measures=replace(report.facts.measures, receiver_bang_dbov=math.nan))
    with pytest.raises(ValueError, match="Out of range"):
        call_json(replace(report, facts=broken))


def test_titles_come_with_the_standard(report, standard):
    assert call_json(report, standard)["verdicts"][1]["title"] == "询问顾客姓氏"
    assert "title" not in call_json(report)["verdicts"][1]


def test_the_text_is_plain_chinese(report):
    assert "紫金金行" in call_text(report)


@pytest.mark.parametrize("name", ["小李", "broken \ud800 name"])
def test_the_values_beside_the_text_add_to_the_tables_what_those_of_the_text_do(report, standard, name):
    """A name that UTF-8 cannot hold is the same in the report, in its text and in the tables."""
    report = replace(report, facts=replace(report.facts, call=replace(report.facts.call, agent_name=name)))
    values, text = values_and_text(report, standard, "zh")
    assert json.loads(text.encode("utf-8")) == call_json(report, standard) and text.endswith("}\n")
    assert part_of(values) == part_of(call_json(report, standard))
    assert values["call"]["agent_name"] == name.replace("\ud800", "?")


def test_each_verdict_and_each_utterance_is_on_a_line_of_its_own(report, standard):
    lines = call_text(report, standard).splitlines()
    assert sum(line.startswith(' {"rule": ') for line in lines) == len(report.verdicts)
    assert sum(line.startswith(' {"speaker": ') and '"text": ' in line for line in lines) == len(report.facts.transcript) > 1


def test_the_report_is_not_changed(report):
    before = repr(report)
    call_json(report)["call"]["id"] = "other"
    assert repr(report) == before


def test_the_tone_of_a_party_that_was_not_measured_is_null_with_a_reason(report):
    tone = call_json(replace(report, facts=replace(report.facts, measures=replace(report.facts.measures, tone={}))))["measures"]["tone"]
    assert tone["agent"]["median_pitch_hz"] is None and tone["agent"]["reason"] and set(tone) == {"agent", "customer"}
