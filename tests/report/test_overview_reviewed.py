"""The overview and the tables after people have decided: what holds leads, the machine's figures stay beside it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from voicemon.judge.score import score
from voicemon.records import ReviewEntry
from voicemon.report.as_json import call_json
from voicemon.report.comparison import FEWEST_CALLS, compare_agents
from voicemon.report.overview import index_page
from voicemon.report.rows import row_of, worst_first
from voicemon.report.tables import AGENT_COLUMNS, CALL_COLUMNS, agent_values, call_values


@pytest.fixture
def rows(report: Any, standard: Any) -> tuple[Any, Any]:
    """The same call by the machine, and with one of its four misses overturned."""
    scored = replace(report, score=score(report.verdicts, standard))
    entry = ReviewEntry("call-0001", "ZJ-7.1b", "overturn", "李主管", "2026-03-13T10:00:00+00:00", "听到了", "fail", "pass")
    return tuple(row_of(call_json(r, standard)) for r in (scored, replace(scored, reviews={"ZJ-7.1b": (entry,)})))


def data_of(html: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert found is not None
    return json.loads(found.group(1))


def test_the_overview_holds_what_stands_and_what_the_machine_said(rows: Any) -> None:
    plain, reviewed = (data_of(index_page([row], [])) for row in rows)
    assert plain["rows"][0][5:11] == [55.6, 50.0, 60.0, 0, 4, 1] and plain["rows"][0][17] == 0
    assert reviewed["rows"][0][5:11] == [66.7, 60.0, 70.0, 0, 3, 1]
    assert reviewed["rows"][0][17] == plain["rows"][0][5:11]


def test_what_was_overturned_is_no_broken_rule(rows: Any) -> None:
    assert "ZJ-7.1b" in {rule for _, rule, _ in data_of(index_page(rows[:1], []))["rules"]}
    assert "ZJ-7.1b" not in {rule for _, rule, _ in data_of(index_page(rows[1:], []))["rules"]}


def test_a_call_whose_misses_were_overturned_is_not_the_worst(rows: Any) -> None:
    plain, reviewed = rows
    assert sorted((replace(reviewed, id="a"), replace(plain, id="b")), key=worst_first)[0].id == "b"


def test_the_tables_keep_the_machines_columns_and_add_the_reviewed_ones(rows: Any) -> None:
    plain, reviewed = (dict(zip(CALL_COLUMNS, call_values(row), strict=True)) for row in rows)
    assert (plain["score"], plain["score_reviewed"]) == (55.6, None)
    assert (reviewed["score"], reviewed["fail"], reviewed["rules_missed"]) == (plain["score"], plain["fail"], plain["rules_missed"])
    assert [reviewed[name] for name in ("score_reviewed", "score_reviewed_low", "score_reviewed_high")] == [66.7, 60.0, 70.0]


def test_agents_are_compared_by_what_stands_and_tabled_by_both(rows: Any) -> None:
    plain, reviewed = rows
    calls = [replace(reviewed, id="a"), *(replace(plain, id=str(i)) for i in range(FEWEST_CALLS - 1))]
    (machine,), (now,) = compare_agents(calls), compare_agents(calls, reviewed=True)
    assert machine.mean == pytest.approx(55.6) and now.mean == pytest.approx((5 * 55.6 + 66.7) / 6)
    line = dict(zip(AGENT_COLUMNS, next(agent_values(calls)), strict=True))
    assert (line["score_mean"], line["score_reviewed_mean"]) == (55.6, 57.45)
