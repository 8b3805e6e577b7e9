"""The call page: complete, honest, self-contained and safe."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from markup import Page

from voicemon.errors import SettingsError
from voicemon.records import LineQuality, Roles, Score
from voicemon.report import WRITERS
from voicemon.report.as_html import call_page
from voicemon.report.media import ENVELOPE_BUCKETS, Media, kept_media, media_of
from voicemon.report.render import library
from voicemon.report.texts import texts
from voicemon.report.verdict_view import arithmetic

FETCHING = ("src", "href", "action", "formaction", "poster", "data", "srcset")


@pytest.fixture
def media(peaks):
    return Media("audio/call-0001.flac", peaks)


def test_the_player_gets_every_value_of_the_envelopes_however_they_are_held(report, standard):
    """From -255, where the party does not speak, to 255."""
    values = {"left": [i % 256 for i in range(3000)], "right": [0, 255] * 1500}
    pages = [call_page(report, standard, media, "zh") for media in (Media(None, values), media_of(kept_media("a.wav", values)))]
    data = [json.loads(re.search(r'id="data">(.*?)</script>', page)[1]) for page in pages]
    assert data[0] == data[1]
    lanes = data[0]["lanes"]
    assert [[max(1, v) for v in values[line]] for line in ("left", "right")] == [list(map(abs, lane)) for lane in lanes]
    assert all(min(lane) == -255 and max(lane) == 255 for lane in lanes)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_outcome_has_its_group_with_the_standards_words(report, standard, media, lang):
    page = Page(call_page(report, standard, media, lang))
    t = texts(lang)
    for verdict in report.verdicts:
        rule = standard.rule(verdict.rule)
        assert t[f"outcome_{verdict.outcome}"] in page.words
        assert rule.quote in page.words
        assert verdict.reason in page.words


def test_a_miss_shows_what_should_have_been_said_and_a_kept_rule_does_not(report, standard, media):
    words = Page(call_page(report, standard, media, "zh")).words
    assert "请问怎么称呼您?" in words
    only_kept = replace(report, verdicts=tuple(v for v in report.verdicts if v.outcome == "pass"))
    assert texts("zh")["say_instead"] not in Page(call_page(only_kept, standard, media, "zh")).words


def test_the_phrase_of_the_rule_is_shown_where_the_verdict_names_none(report, standard, media):
    silent = replace(report, verdicts=tuple(replace(v, expected="") for v in report.verdicts))
    assert '<dd class="say">不好意思,让您久等了。</dd>' in call_page(silent, standard, media, "zh")


def test_verdicts_and_lines_can_be_listened_to(report, standard, media):
    page = Page(call_page(report, standard, media, "zh"))
    times = {attrs["data-t"] for tag, attrs in page.tags if tag == "button" and attrs.get("data-t")}
    assert {"17.00", "23.20", "52.00", "64.80", "59.40"} <= times
    assert {f"{u.start_s:.2f}" for u in report.facts.transcript} <= times


def test_every_button_has_a_name(report, standard, media):
    html = call_page(report, standard, media, "en")
    for attributes, content in re.findall(r"<button([^>]*)>(.*?)</button>", html, re.S):
        assert "aria-label" in attributes or re.sub(r"<[^>]+>", "", content).strip()


def test_without_a_recording_there_is_no_player_and_listening_is_off(report, standard):
    page = Page(call_page(report, standard, Media(), "zh"))
    assert not [tag for tag, _ in page.tags if tag == "audio"]
    assert all("disabled" in attrs for tag, attrs in page.tags if attrs.get("class") == "t")
    assert texts("zh")["timeline_no_audio"] in page.words


def test_doubtful_words_are_marked(report, standard, media):
    html = call_page(report, standard, media, "zh")
    doubts = re.findall(r'<span class="doubt" title="([^"]*)">([^<]*)</span>', html)
    assert any(texts("zh")["audit_ghost"] == why for why, _ in doubts)
    assert any("30 %" in why for why, _ in doubts)
    sure = replace(report.facts, audit=(), transcript=tuple(
        replace(u, words=tuple(replace(w, confidence=0.9) for w in u.words)) for u in report.facts.transcript))
    assert '<span class="doubt"' not in call_page(replace(report, facts=sure), standard, media, "zh")


def test_a_rule_hit_is_highlighted_only_in_the_line_it_is_about(report, standard, media):
    """The customer's line before the agent's grazes the span of ZJ-7.1b and must not be marked."""
    html = call_page(report, standard, media, "zh")
    agent = re.search(r"0:17</button></div>(.*?)</li>", html, re.S)
    assert agent is not None and '<mark class="fail">' in agent.group(1)
    customer = re.search(r"你好,我想(.*?)</li>", html, re.S)
    assert customer is not None and "<mark" not in customer.group(1)


def test_all_words_of_the_transcript_are_on_the_page_once_and_in_order(report, standard, media):
    html = call_page(report, standard, media, "zh")
    shown = [re.sub(r"<[^>]+>", "", p) for p in re.findall(r'</button></div>\s*<p>(.*?)</p>', html, re.S)]
    assert shown == [u.text for u in report.facts.transcript]


def test_waits_holds_and_interruptions_are_drawn_with_their_kind(report, standard, media):
    html = call_page(report, standard, media, "en")
    for kind in ("ring", "response", "hold", "closing"):
        assert f'class="wait {kind}"' in html
    assert html.count('class="over agent"') == 1
    assert 'class="over customer"' not in html  # an acknowledgement is not an interruption


def test_the_score_is_a_range_while_something_is_open_and_a_point_otherwise(report, standard, media):
    assert "46–54" in Page(call_page(report, standard, media, "zh")).words
    exact = replace(report, score=Score(50.0, 50.0, 50.0))
    assert re.search(r'class="value">50 ', call_page(exact, standard, media, "zh"))
    unknown = replace(report, score=Score(None, None, None, (), "没有可计分的条目"))
    assert "没有可计分的条目" in Page(call_page(unknown, standard, media, "zh")).words


def test_the_arithmetic_agrees_with_the_score_or_is_not_shown(report, standard):
    """Weights kept 5 (one counts 2), missed 4, open 1: 50 to 60."""
    agreeing = replace(report, score=Score(55.6, 50.0, 60.0))
    worked = arithmetic(agreeing, standard)
    assert worked is not None and (worked.kept, worked.missed, worked.open) == (5, 4, 1)
    assert arithmetic(replace(report, score=Score(70.0, 70.0, 70.0)), standard) is None
    assert arithmetic(replace(report, score=Score(0.0, 0.0, 0.0, ("ZJ-7.2x2",))), standard) is not None


def test_a_call_in_which_nothing_could_be_judged_is_not_called_fine(report, standard, media):
    unchecked = replace(report, verdicts=tuple(replace(v, outcome="not_checked") for v in report.verdicts))
    words = Page(call_page(unchecked, standard, media, "zh")).words
    assert texts("zh")["nothing_judged"] in words and texts("zh")["nothing_wrong"] not in words


def test_a_broken_fatal_rule_is_said_at_the_top(report, standard, media):
    fatal = replace(report, score=Score(0.0, 0.0, 0.0, ("ZJ-7.2x2",)))
    words = Page(call_page(fatal, standard, media, "en")).words
    assert "Fatal rules broken: ZJ-7.2x2" in words


def test_a_measure_that_is_not_known_shows_its_reason_and_no_figure(report, standard, media):
    measures = report.facts.measures
    unknown = replace(report.facts, measures=replace(
        measures, speaking_rate={}, level={}, ring=type(measures.ring)(reason="没有铃声"), waits=(), talk_share={}))
    words = Page(call_page(replace(report, facts=unknown), standard, media, "zh")).words
    assert "没有铃声" in words and texts("zh")["not_measured"] in words and texts("zh")["no_waits"] in words


def test_the_line_quality_is_shown_or_why_it_is_not_known(report, standard, media):
    quality = {"agent": LineQuality(3.52, 3.98, 3.2), "customer": LineQuality(reason="line quality: the extra mos is not installed")}
    facts = replace(report.facts, measures=replace(report.facts.measures, line_quality=quality))
    words = Page(call_page(replace(report, facts=facts), standard, media, "zh")).words
    assert "3.2（语音 3.5，背景 4）" in words and "没有安装扩展 mos" in words
    assert "3.2 (speech 3.5, background 4)" in Page(call_page(replace(report, facts=facts), standard, media, "en")).words


@pytest.mark.parametrize(("outcome", "shown"), [("fail", "state bad"), ("unsure", "state open"), ("pass", "state in")])
def test_a_gauge_accuses_only_where_the_verdict_does(report, standard, media, outcome, shown):
    verdicts = tuple(replace(v, outcome=outcome) if v.rule == "ZJ-6.6" else v for v in report.verdicts)
    html = call_page(replace(report, verdicts=verdicts), standard, media, "zh")
    assert f'class="{shown}"' in html[html.index('<section aria-label="测量值"') :].split("</h2>")[1]


def test_a_mono_call_with_unknown_voices_is_drawn_as_one_lane(report, standard):
    facts = replace(
        report.facts, roles=Roles(None, None, "unknown", 0.0, "声音没有分开"), speech={"unknown": report.facts.speech["agent"]},
        transcript=tuple(replace(u, speaker="unknown") for u in report.facts.transcript))
    html = call_page(replace(report, facts=facts), standard, Media("audio/a.ogg", {"mono": [3, 9, 4]}), "zh")
    assert html.count('class="lane ') == 1
    assert "声音没有分开" in Page(html).words


def test_two_channels_of_unknown_speakers_are_drawn_as_channels(report, standard, media):
    facts = replace(report.facts, roles=Roles(None, None, "unknown", 0.0), speech={"unknown": report.facts.speech["agent"]})
    html = call_page(replace(report, facts=facts), standard, media, "zh")
    names = html[html.index('class="names"') : html.index('class="scroll"')]
    assert "左声道" in names and "右声道" in names and "客服" not in names


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_text_adds_no_element_no_attribute_and_no_script(report, standard, hostile, media, lang):
    """With markup in every string the page has the same kinds of elements and attributes as without."""
    bad_report, bad_standard = hostile
    plain, bad = (Page(call_page(r, s, media, lang)) for r, s in ((report, standard), (bad_report, bad_standard)))
    kinds = [{(tag, name) for tag, attrs in page.tags for name in attrs} for page in (plain, bad)]
    assert kinds[1] <= kinds[0] | {("mark", "class"), ("span", "title")}
    assert len(bad.scripts) == len(plain.scripts) == 3
    assert bad.scripts[1:] == plain.scripts[1:]
    assert not any(name.startswith("on") for _, attrs in bad.tags for name in attrs)
    json.loads(bad.scripts[0])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_fetches_nothing_but_its_recording(report, standard, media, lang):
    page = Page(call_page(report, standard, media, lang))
    assert not page.open
    links = [(tag, attrs[name]) for tag, attrs in page.tags for name in FETCHING if attrs.get(name)]
    fetched = [(tag, link) for tag, link in links if not link.startswith("#") and tag != "a"]
    assert fetched == [("audio", "audio/call-0001.flac")]
    html = call_page(report, standard, media, lang)
    html = html.replace(library("wavesurfer"), "")
    assert "http://" not in html and "https://" not in html and "@import" not in html and "url(#" in html


def test_a_long_call_stays_under_600_kb(build, standard, peaks):
    """Thirty minutes of talk: thirty times the lines of the sample call."""
    report = build(duration_s=2400.0)
    lines = tuple(
        replace(u, start_s=u.start_s + 80 * i, end_s=u.end_s + 80 * i, words=tuple(
            replace(w, start_s=w.start_s + 80 * i, end_s=w.end_s + 80 * i) for w in u.words))
        for i in range(30) for u in report.facts.transcript)
    fine = {channel: [values[i * len(values) // ENVELOPE_BUCKETS] for i in range(ENVELOPE_BUCKETS)] for channel, values in peaks.items()}
    html = call_page(replace(report, facts=replace(report.facts, transcript=lines)), standard, Media("audio/a.flac", fine), "zh")
    assert len(html.encode("utf-8")) < 600_000


def test_an_unknown_language_is_refused(report, standard, media):
    with pytest.raises(SettingsError, match="zh, en"):
        call_page(report, standard, media, "fr")


def test_the_table_of_writers_writes_both_formats(report, standard, media):
    assert json.loads(WRITERS["json"](report, standard, media, "zh"))["call"]["id"] == "call-0001"
    assert WRITERS["html"](report, standard, media, "zh").startswith("<!doctype html>")


def test_half_a_character_in_a_name_does_not_stop_the_report(build, standard, media):
    """JSON can hold an escape such as \\ud800 that UTF-8 cannot."""
    broken = build(id="a\ud800b", agent_name="\udcff")
    assert "a?b" in call_page(broken, standard, media, "zh")
    for write in WRITERS.values():
        write(broken, standard, media, "zh").encode("utf-8")


def test_the_time_at_the_right_end_of_the_picture_stands_inside_it(report, standard, media):
    """It would be cut in two lines or off otherwise."""
    call = replace(report.facts.call, duration_s=25.0)
    html = call_page(replace(report, facts=replace(report.facts, call=call)), standard, media, "zh")
    assert '<span class="last" style="left:100.0%">0:25</span>' in html and '<span style="left:80.0%">0:20</span>' in html
