"""The rate over the call: turn by turn, over each denominator, against the standard's band."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voicemon.records import Span
from voicemon.report.as_html import call_page
from voicemon.report.media import Media
from voicemon.report.rate_view import rate_chart
from voicemon.report.targets import targets_of
from voicemon.report.texts import texts


def chart(report, standard):
    return rate_chart(report.facts, targets_of(standard), texts("zh"))


def test_all_three_denominators_are_there_the_one_of_the_band_first(report, standard):
    series = chart(report, standard).series
    assert [s.basis for s in series] == ["turns", "speech", "call"]
    assert [s.value for s in series] == [201.5, 224.4, 76.8]


def test_turns_of_three_seconds_and_eight_characters_are_placed_in_time(report, standard):
    """Ten agent lines of the call, of which five are long enough; the first begins at 8.1 s of 80."""
    bars = chart(report, standard).series[0].bars
    assert bars[0].start_s == 8.1 and bars[0].left == pytest.approx(10.12, abs=0.01)
    assert all(a.left + a.width <= b.left for a, b in zip(bars, bars[1:], strict=False))


def test_only_the_denominator_of_the_band_is_held_against_it(report, standard):
    series = {s.basis: {b.state for b in s.bars} for s in chart(report, standard).series}
    assert series["turns"] == {"above"} and series["speech"] == series["call"] == {"plain"}


def test_a_pause_inside_a_turn_counts_over_turns_and_not_over_speech(report, standard):
    """Without 0.8 s in the middle of the first turn the same characters are spoken in less time."""
    first, *rest = report.facts.speech["agent"]
    split = (Span(first.start_s, 9.5), Span(10.3, first.end_s), *rest)
    paused = replace(report, facts=replace(report.facts, speech={**report.facts.speech, "agent": split}))
    plain, with_pause = ({s.basis: s.bars[0].bottom for s in chart(r, standard).series} for r in (report, paused))
    assert with_pause["turns"] == plain["turns"] and with_pause["speech"] > plain["speech"]


def test_a_standard_without_a_number_draws_no_band(report, standard):
    bare = replace(standard, rules=tuple(replace(rule, options={}) for rule in standard.rules))
    found = chart(report, bare)
    assert found.band_at is None and {b.state for s in found.series for b in s.bars} == {"plain"}


def test_a_call_whose_speakers_are_not_known_has_no_chart(report, standard):
    facts = replace(report.facts, speech={}, measures=replace(report.facts.measures, speaking_rate={}))
    unknown = replace(report, facts=facts)
    assert all(not s.bars for s in chart(unknown, standard).series)
    assert 'class="chart rates"' not in call_page(unknown, standard, Media(), "zh")
