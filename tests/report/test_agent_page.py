"""The self-review: own moments to hear, own habits, what came of appeals, and nobody else's data."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from markup import Page

from voicemon.records import ReviewEntry
from voicemon.report.agents import agent_page
from voicemon.report.as_json import call_json
from voicemon.report.habit_view import habit_strips
from voicemon.report.rows import row_of
from voicemon.report.texts import texts


@pytest.fixture
def calls(build: Any, standard: Any) -> list[Any]:
    """Three calls of agent 1023, one with an overturned miss, and one of agent 2000."""
    entry = ReviewEntry("call-1", "ZJ-7.1b", "overturn", "李主管", "2026-03-13T10:00:00+00:00", "听到了", "fail", "pass")
    own = [build(id=f"call-{i}", started_at=f"2026-03-1{i}T10:00:00+08:00") for i in range(3)]
    own[1] = replace(own[1], reviews={"ZJ-7.1b": (entry,)})
    other = build(id="other-call", agent_id="2000", agent_name="赵敏", started_at="2026-03-12T10:00:00+08:00")
    return [call_json(r, standard) for r in (*own, other)]


def made(calls: Any, standard: Any, lang: str = "zh", audio: str | None = "audio/{}.flac") -> str:
    return agent_page("1023", calls, {standard.name: standard}, lang, lambda call_id: audio and audio.format(call_id))


def test_calls_are_in_the_order_of_time_whatever_zone_it_is_written_in(build: Any, standard: Any) -> None:
    """09:00 in Shanghai is before 02:00 UTC, which is after 09:30 there; a call of no known time is the oldest."""
    times = {"second": "2026-03-12T09:30:00+08:00", "last": "2026-03-12T02:00:00Z", "first": "2026-03-12T09:00:00+08:00", "unknown": None}
    calls = [call_json(build(id=name, started_at=at), standard) for name, at in times.items()]
    page = made(calls, standard)
    first_seen = sorted(times, key=lambda name: page.index(f"calls/{name}.html"))
    assert first_seen == ["last", "second", "first", "unknown"], "newest first"


def test_a_moment_can_be_played_on_the_page_from_a_little_before_it(calls: Any, standard: Any) -> None:
    html = made(calls, standard)
    assert 'data-src="../calls/audio/call-2.flac" data-from="64.30" data-to="67.50"' in html
    clips = [(float(a), float(b)) for a, b in re.findall(r'data-from="([\d.]+)" data-to="([\d.]+)"', html)]
    assert clips and all(3.0 <= end - start <= 20.0 and end <= 80.0 for start, end in clips)


def test_without_a_recording_the_moment_is_a_link_to_the_call(calls: Any, standard: Any) -> None:
    html = made(calls, standard, audio=None)
    assert "data-src=" not in html and "../calls/call-2.html#t=64.80" in html


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nobody_else_is_on_the_page_not_even_who_reviewed(calls: Any, standard: Any, lang: str) -> None:
    html = made(calls, standard, lang)
    for foreign in ("赵敏", "2000", "other-call", "李主管"):
        assert foreign not in html
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.S).group(1))  # type: ignore[union-attr]
    assert {call_id for call_id, _ in data["contestable"]} <= {"call-0", "call-1", "call-2"}


def test_what_came_of_a_review_is_told_with_both_verdicts(calls: Any, standard: Any) -> None:
    words = Page(made(calls, standard)).words
    t = texts("zh")
    both = f"{t['by_machine']}：{t['outcome_fail']} · {t['by_human']}：{t['outcome_pass']} · 听到了"
    assert t["review_overturned"] in words and both in words


def test_an_overturned_miss_is_no_thing_to_work_on_in_that_call(calls: Any, standard: Any) -> None:
    only = [{**call, "verdicts": [v for v in call["verdicts"] if v["rule"] == "ZJ-7.1b"]} for call in calls]
    html = made(only, standard)
    work = html[html.index("h-work") : html.index("h-well")]
    assert "3 通里 2 通没有做到" in work and "../calls/call-1.html#t=17.00" not in work


def test_an_example_leads_to_its_own_line_in_the_appeal(calls: Any, standard: Any) -> None:
    html = made(calls, standard)
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.S).group(1))  # type: ignore[union-attr]
    first = re.search(r'href="../calls/([\w-]+).html#t=64.80">.*?data-contest="(\d+)"', html, re.S)
    assert first is not None and data["contestable"][int(first.group(2))] == [first.group(1), "ZJ-7.2a"]


def test_habits_are_held_against_the_band_of_each_call(calls: Any, standard: Any) -> None:
    """Rate 201.5 against 140–160 in all own calls; of another standard without a number nothing is claimed."""
    rows = [row_of(call) for call in calls[:3]]
    rate, level = habit_strips(rows, {standard.name: standard}, texts("zh"))
    assert [dot.state for dot in rate.dots] == ["above"] * 3 and rate.band_at is not None and rate.share == "3 通里 0 通在标准内"
    mixed = [rows[0], replace(rows[1], standard="other")]
    rate, _ = habit_strips(mixed, {standard.name: standard}, texts("zh"))
    assert [dot.state for dot in rate.dots] == ["above", "plain"] and rate.band_at is None and rate.share == "1 通里 0 通在标准内"


def test_habits_that_were_never_measured_are_not_known(calls: Any, standard: Any) -> None:
    rows = [replace(row_of(calls[0]), rate_per_minute=None, level_dbov=None)]
    assert [(s.middle, s.range, s.dots) for s in habit_strips(rows, {}, texts("en"))] == [(None, "not known", ())] * 2
