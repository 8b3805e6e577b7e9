"""The supervisor's overview and the agent's self-review."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from voicemon.records import FailedCall, Score
from voicemon.report.agents import agent_page
from voicemon.report.as_json import call_json
from voicemon.report.comparison import FEWEST_CALLS, compare_agents
from voicemon.report.overview import index_page
from voicemon.report.rows import row_of
from voicemon.report.texts import texts


def data_of(html: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert found is not None
    return json.loads(found.group(1))


@pytest.fixture
def row(report, standard):
    return row_of(call_json(report, standard))


@pytest.fixture
def calls(build, standard):
    """Six calls of agent 1023 and one of agent 2000."""
    own = [build(id=f"call-{i}", started_at=f"2026-03-1{i}T10:00:00+08:00") for i in range(6)]
    other = build(id="other-call", agent_id="2000", agent_name="李强", started_at="2026-03-12T10:00:00+08:00")
    return [call_json(r, standard) for r in (*own, other)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_overview_lists_all_calls_worst_first_with_links(row, lang):
    good = replace(row, id="good", href="calls/good.html", score=95.0, score_low=95.0, score_high=95.0)
    rows = data_of(index_page([good, row], [], lang))["rows"]
    assert [r[1] for r in rows] == ["call-0001", "good"]
    assert rows[1][0] == "calls/good.html"


def test_calls_that_could_not_be_analysed_are_listed_with_the_reason(row):
    html = index_page([row], [FailedCall("bad", "in/bad.wav", "文件是空的")], "zh")
    assert "文件是空的" in html and "in/bad.wav" in html


def test_five_thousand_calls_stay_small(row):
    html = index_page([replace(row, id=f"call-{i:05d}", agent_id=str(i % 50)) for i in range(5000)], [], "zh")
    assert len(html.encode("utf-8")) < 1_500_000
    assert html.count("<tr") < 20


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_text_cannot_leave_the_data_of_the_overview(hostile, hostile_text, row, lang):
    plain = index_page([row], [FailedCall("x", "y", "z")], lang)
    html = index_page([row_of(call_json(*hostile))], [FailedCall(hostile_text, hostile_text, hostile_text)], lang)
    assert html.count("<script") == plain.count("<script") == 2
    assert "<script>alert" not in html and 'onerror="' not in html
    assert data_of(html)["rows"][0][1] == hostile_text


def test_an_empty_folder_has_an_overview_too():
    assert data_of(index_page([], [], "zh"))["rows"] == []


def test_few_calls_do_not_rank_a_person(row):
    few = compare_agents([replace(row, score=float(i)) for i in range(FEWEST_CALLS - 1)])
    assert few[0].mean is None and few[0].calls == FEWEST_CALLS - 1


def test_the_interval_is_students(row):
    """Six scores 40, 50 … 90: mean 65, s = 18.71, half = 2.571 × 18.71 / √6 = 19.64."""
    (agent,) = compare_agents([replace(row, score=float(s)) for s in (40, 50, 60, 70, 80, 90)])
    assert agent.mean == 65.0
    assert agent.low == pytest.approx(45.36, abs=0.01) and agent.high == pytest.approx(84.64, abs=0.01)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_self_review_holds_nobody_elses_data(calls, standard, lang):
    html = agent_page("1023", calls, {"zijin-400": standard}, lang)
    assert "王芳" in html and "call-3" in html
    for foreign in ("李强", "2000", "other-call"):
        assert foreign not in html


def test_three_things_to_work_on_with_own_moments_and_what_to_say(calls, standard):
    html = agent_page("1023", calls, {"zijin-400": standard}, "zh")
    work = html[html.index("h-work") : html.index("h-well")]
    assert work.count('class="nr"') == 3
    assert "../calls/call-5.html#t=17.00" in work and "请问怎么称呼您?" in work
    assert "6 通里 6 通没有做到" in work


def test_what_went_well_was_never_missed(calls, standard):
    html = agent_page("1023", calls, {"zijin-400": standard}, "zh")
    well = html[html.index("h-well") : html.index("h-trend")]
    assert "呼入问候语" in well and "../calls/call-5.html#t=8.10" in well
    assert "询问顾客姓氏" not in well and "语气诚恳" not in well


def test_a_fatal_rule_is_worked_on_first(build, standard):
    report = build()
    standard = replace(standard, rules=tuple(replace(x, weight=0.5 if x.fatal else 1.0) for x in standard.rules))
    verdicts = tuple(replace(v, outcome="fail") if v.rule == "ZJ-7.2x2" else v for v in report.verdicts)
    broken = call_json(replace(report, verdicts=verdicts, score=Score(0.0, 0.0, 0.0, ("ZJ-7.2x2",))), standard)
    html = agent_page("1023", [broken], {"zijin-400": standard}, "zh")
    assert html.index("客户未结束不得挂机") < html.index("询问顾客姓氏")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_text_cannot_leave_the_self_review(hostile, hostile_text, lang):
    report, standard = hostile
    html = agent_page(hostile_text, [call_json(report, standard)], {"zijin-400": standard}, lang)
    assert html.count("<script") == 2 and "<script>alert" not in html and not re.search(r"<[a-z]+[^>]*\sonerror=", html)


def test_an_agent_without_calls_has_a_page(standard):
    assert "calls: 0" in agent_page("1", [], {"zijin-400": standard}, "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_four_measures_have_distributions_held_against_their_targets(row, standard, lang):
    html = index_page([row, replace(row, id="z", standard="unknown")], [], lang, {standard.name: standard})
    assert [key for key in ("rate", "level", "ring", "wait") if f'id="dist-{key}"' in html] == ["rate", "level", "ring", "wait"]
    known, unknown = data_of(html)["targets"]
    assert known[0][:4] == [140.0, 160.0, 0.0, 0.02] and known[1][:2] == [-36.0, -16.0] and known[2:] == [None, None]
    assert unknown == [None] * 4


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_no_call_names_its_agent_the_overview_says_what_is_missing(row, lang):
    assert "agent_id in NAME.json" in index_page([replace(row, agent_id=None)], [], "en")
    assert texts(lang)["no_agents"] not in index_page([row], [], lang)
