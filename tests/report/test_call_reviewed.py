"""A call after people have decided: the machine's verdicts and score stay, what holds now stands beside them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markup import Page

from voicemon.judge.score import score
from voicemon.records import ReviewEntry
from voicemon.report.as_html import call_page
from voicemon.report.as_json import call_json
from voicemon.report.media import Media
from voicemon.report.reviewed import as_reviewed
from voicemon.report.texts import texts


def entry(rule: str, kind: str, human: str | None = None) -> ReviewEntry:
    return ReviewEntry("call-0001", rule, kind, "李主管", "2026-03-13T10:00:00+00:00", "听过了", "fail", human)


@pytest.fixture
def scored(report, standard):
    return replace(report, score=score(report.verdicts, standard))


@pytest.fixture
def overturned(scored):
    return replace(scored, reviews={"ZJ-7.1b": (entry("ZJ-7.1b", "appeal"), entry("ZJ-7.1b", "overturn", "pass"))})


def test_the_score_follows_the_decision_and_the_machines_stays(overturned, standard):
    """Kept 5, missed 4, open 1 by the machine; one miss overturned: kept 6, missed 3."""
    found = call_json(overturned, standard)
    assert (found["score"]["low"], found["score"]["high"]) == (50.0, 60.0)
    assert (found["score_reviewed"]["low"], found["score_reviewed"]["high"]) == (60.0, 70.0)
    assert next(v for v in found["verdicts"] if v["rule"] == "ZJ-7.1b")["outcome"] == "fail"


def test_without_a_decision_there_is_no_second_score(scored, standard):
    appealed = replace(scored, reviews={"ZJ-7.1b": (entry("ZJ-7.1b", "appeal"),)})
    for report in (scored, appealed):
        assert as_reviewed(report, standard) is None
        assert call_json(report, standard)["score_reviewed"] is None
        assert texts("zh")["score_reviewed"] not in Page(call_page(report, standard, Media(), "zh")).words


def test_a_rule_that_the_standard_no_longer_holds_keeps_out_of_the_score(overturned, standard):
    without = replace(standard, rules=tuple(rule for rule in standard.rules if rule.id != "ZJ-7.2a"))
    found = as_reviewed(overturned, without)
    assert found is not None and (found.score.low, found.score.high) == (66.7, 77.8)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_both_scores_and_both_sums(overturned, standard, lang):
    words = Page(call_page(overturned, standard, Media(), lang)).words
    t = texts(lang)
    assert "50–60" in words and f"{t['score_reviewed']} 60–70" in words
    assert "5 ÷ 10 = 50" in words and "6 ÷ 10 = 60" in words
    assert t["reviewed_note"].format(n=1, overturned=1) in words


def test_what_was_overturned_is_in_no_headline_has_no_number_and_no_mark(overturned, scored, standard):
    pages = [call_page(report, standard, Media(), "zh") for report in (scored, overturned)]
    heads = [html[html.index('id="h-wrong"') : html.index('id="h-time"')] for html in pages]
    assert "询问顾客姓氏" in heads[0] and "询问顾客姓氏" not in heads[1]
    marks = [set(re.findall(r'class="mark fail"[^>]*title="([^"]*)"', html)) for html in pages]
    assert {tip.split(" · ")[0] for tip in marks[0] - marks[1]} == {"未做到: 询问顾客姓氏"}
    numbered = re.findall(r'class="nr" aria-hidden="true">(\d+)</span><h3>([^<]*)</h3>', pages[1])
    assert [n for n, _ in numbered] == ["1", "2", "3"] and "询问顾客姓氏" not in {title for _, title in numbered}


def test_misses_carry_the_same_number_at_the_top_on_the_timeline_and_in_the_list(scored, standard):
    html = call_page(scored, standard, Media(), "zh")
    wanted = {"询问顾客姓氏": "1", "语速 140–160 字/分": "2", "久等致歉": "3", "结束前再次询问": "4"}
    top = re.findall(r'class="nr" href="#v\d+" aria-label="\d+ 看判定：([^"]*)">(\d+)</a>', html)
    listed = re.findall(r'class="nr" aria-hidden="true">(\d+)</span><h3>([^<]*)</h3>', html)
    marked = re.findall(r'class="mark fail"[^>]*title="未做到: ([^"]*) · [\d:]+"[^>]*>(\d+)</button>', html)
    assert dict(top) == wanted and {title: n for n, title in listed} == wanted
    assert dict(marked) == {title: n for title, n in wanted.items() if not title.startswith("语速")}


def test_what_is_to_be_heard_is_listed_where_there_is_room(scored, standard):
    html = call_page(scored, standard, Media(), "zh")
    head = html[html.index('id="h-wrong"') : html.index('id="h-time"')]
    assert texts("zh")["please_hear"] in head and "请客户稍加等待" in head
