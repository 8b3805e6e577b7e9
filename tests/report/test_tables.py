"""Rows, CSV, JUnit and the terminal summary."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from voicemon.records import FailedCall, LineQuality
from voicemon.report.as_csv import COLUMNS, summary_csv
from voicemon.report.as_json import call_json
from voicemon.report.as_junit import Case, Suite, junit_xml
from voicemon.report.as_text import summary_table, width
from voicemon.report.rows import Standing, agent_href, call_href, row_of, safe_name, worst_first
from voicemon.report.tables import CALL_COLUMNS, call_values


@pytest.fixture
def row(report, standard):
    return row_of(call_json(report, standard))


def test_a_row_holds_what_the_overview_needs(row):
    assert (row.id, row.href, row.agent_id, row.standard) == ("call-0001", "calls/call-0001.html", "1023", "zijin-400")
    assert row.outcomes == {"fail": 4, "unsure": 1, "hint": 1, "pass": 4, "not_applicable": 1, "not_checked": 1}
    assert row.failed[0] == ("ZJ-7.1b", "询问顾客姓氏")
    assert (row.score, row.score_low, row.score_high) == (50.0, 45.5, 54.5)
    assert (row.rate_per_minute, row.level_dbov, row.ring_to_answer_s, row.ring_count) == (201.5, -25.1, 7.8, 2)


def test_the_line_quality_is_empty_where_it_was_not_measured(report, row):
    quality = {"agent": LineQuality(3.5, 4.0, 3.2)}
    facts = replace(report.facts, measures=replace(report.facts.measures, line_quality=quality))
    scored = row_of(call_json(replace(report, facts=facts)))
    at = CALL_COLUMNS.index("line_quality_mos")
    assert (call_values(scored)[at], call_values(row)[at]) == (3.2, None)


def test_ringing_and_hanging_up_are_not_the_longest_wait(report):
    waits = tuple(w for w in report.facts.measures.waits if w.kind != "hold")
    facts = replace(report.facts, measures=replace(report.facts.measures, waits=waits))
    assert row_of(call_json(replace(report, facts=facts))).longest_wait_s == pytest.approx(6.2)


def test_unknown_measures_stay_unknown(report):
    facts = replace(report.facts, measures=replace(report.facts.measures, speaking_rate={}, level={}, waits=()))
    row = row_of(call_json(replace(report, facts=facts)))
    assert (row.rate_per_minute, row.level_dbov, row.longest_wait_s) == (None, None, None)


def test_worst_first_puts_fatal_then_low_then_unknown(row):
    fatal = replace(row, id="a", fatal=("X",), score=97.0, score_low=97.0)
    good = replace(row, id="b", score=99.0, score_low=99.0)
    none = replace(row, id="c", score=None, score_low=None)
    assert [r.id for r in sorted([none, good, row, fatal], key=worst_first)] == ["a", "call-0001", "b", "c"]


def test_a_link_cannot_leave_its_folder():
    assert call_href("../../etc") == "calls/..%2F..%2Fetc.html"
    assert call_href('a"b#c?d%') == "calls/a%22b%23c%3Fd%25.html"


@pytest.mark.parametrize("agent_id", ["1023", "王芳", "wang-fang", "agent_7"])
def test_an_ordinary_agent_id_is_its_own_file_name(agent_id):
    assert safe_name(agent_id) == agent_id


def test_file_names_of_agents_are_safe_and_never_shared():
    ids = ["a b", "a_b", "A_B", "a/b", "../a", "", ".", "con", "CON", "x" * 300, "x" * 301]
    ids += ["\0", "a\nb", '<">', "index.html", "é", "e\u0301", "-"]
    names = [safe_name(i) for i in ids]
    assert len({n.casefold() for n in names}) == len(ids)
    for name in names:
        assert name and len(name) <= 60 and not name.startswith(".") and not set(name) & set('/\\\0\n<>":|?* ')
    assert safe_name("con") != "con"
    assert agent_href("王芳").startswith("agents/%E7")


def test_csv_has_the_documented_columns_and_a_bom(row):
    text = summary_csv([row])
    assert text.startswith("\ufeffcall_id,")
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert tuple(table[0]) == COLUMNS
    line = dict(zip(*table, strict=True))
    assert (line["fail"], line["rate_per_minute"], line["level_dbov"]) == ("4", "201.5", "-25.1")
    assert line["rules_missed"].split() == ["ZJ-7.1b", "ZJ-6.6", "ZJ-7.4b", "ZJ-7.2a"]


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "=cmd|' /C calc'!A0"])
def test_csv_cells_cannot_start_a_formula(row, evil):
    text = summary_csv([replace(row, id=evil, agent_name=evil)])
    line = dict(zip(*csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")), strict=True))
    assert line["call_id"] == f"'{evil}" and line["agent_name"] == f"'{evil}"


def test_csv_leaves_unknown_cells_empty_and_ordinary_text_alone(row):
    text = summary_csv([replace(row, score=None, agent_id="a-1=b", agent_name=None)])
    line = dict(zip(*csv.reader(io.StringIO(text.removeprefix("\ufeff"))), strict=True))
    assert (line["score"], line["agent_id"], line["agent_name"]) == ("", "a-1=b", "")


def test_junit_counts_and_names_failures():
    xml = junit_xml([Suite("call-1", (Case("ZJ-7.1a"), Case("ZJ-6.6", ("expected pass, found fail", "rate 201")))), Suite("call-2", ())])
    root = ElementTree.fromstring(xml.encode("utf-8"))
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    failure = root.find("./testsuite[@name='call-1']/testcase[@name='ZJ-6.6']/failure")
    assert failure is not None and failure.get("message") == "expected pass, found fail"
    assert failure.text == "expected pass, found fail\nrate 201"


def test_junit_survives_hostile_text(hostile_text):
    evil = hostile_text + "\0\x1b\ud800]]>"
    root = ElementTree.fromstring(junit_xml([Suite(evil, (Case(evil, (evil,)),))]).encode("utf-8"))
    case = root.find("./testsuite/testcase")
    assert case is not None and case.get("name", "").startswith(hostile_text)


def test_the_terminal_table_is_aligned_with_wide_characters(row):
    table = summary_table([row, replace(row, id="通话七", agent_id="王芳")], []).splitlines()
    assert [width(text) for text in ("通话", "ab", "e\u0301")] == [4, 2, 1]
    assert len({width(line) for line in table[:3]}) == 1
    assert "共 2 通" in table[-1]


def test_the_terminal_tells_what_holds_after_review_and_no_counts_of_what_was_not_judged(row):
    now = Standing(100.0, 100.0, 100.0, (), 0, 0, ())
    missed = replace(row, score=50.0, score_low=50.0, score_high=50.0, fatal=(), outcomes={"fail": 3, "unsure": 1}, reviewed=now)
    nothing = replace(row, id="mono", score=None, score_low=None, score_high=None, fatal=(), outcomes={}, reviewed=None)
    lines = summary_table([missed, nothing], [], "en").splitlines()
    assert [line.split()[3:6] for line in lines[1:3]] == [["100", "0", "0"], ["–", "–", "–"]]
    assert lines[-1].startswith("calls: 2, 0 with a miss, 0 to be checked")


def test_escapes_in_names_never_reach_the_terminal(row):
    evil = "\x1b[2J\x9b31mred\u202egnp\r\nnext\x07"
    text = summary_table([replace(row, id=evil, agent_id=evil)], [FailedCall(evil, evil, evil)])
    assert not any(c in text for c in "\x1b\x9b\u202e\r\x07")
    assert len(text.splitlines()) == 4


def test_failed_calls_are_listed_with_their_reason(row):
    assert "Not analysed: x: empty file" in summary_table([row], [FailedCall("x", "x.wav", "empty file")], "en")
    assert summary_table([], [], "en").startswith("calls: 0")
