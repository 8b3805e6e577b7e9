"""The sound of a lane: how it is drawn, and what the player is told of it."""

from __future__ import annotations

from dataclasses import replace

from voicemon.records import Span
from voicemon.report.media import Media
from voicemon.report.texts import texts
from voicemon.report.timeline import MOST_PLACES, coarse, signed, timeline_of
from voicemon.report.verdict_view import views_of


def test_a_finer_envelope_is_drawn_by_the_largest_of_each_stretch():
    assert coarse([1, 9, 2, 3, 8, 1], 3) == [9, 3, 8]
    assert coarse([1, 2], 3) == [1, 2] and coarse([], 3) == []
    assert max(coarse([0] * 2999 + [7], 1200)) == 7 and len(coarse([0] * 3000, 1200)) == 1200


def test_sound_without_speech_has_a_minus_also_where_it_is_silent():
    assert signed([5, 5, 0, 5], [Span(1.0, 3.0)], 4.0) == (-5, 5, 1, -5)
    assert signed([4, 0], [], 2.0) == (-4, -1)
    assert signed([4, 4], [Span(1.9, 9.0)], 2.0) == (-4, -4)  # it begins after the last full stretch: nothing is claimed


def test_a_verdict_marks_each_of_its_places_up_to_a_limit(report, standard, peaks):
    t, spans = texts("zh"), tuple((float(i), i + 0.5) for i in range(0, 80, 10))
    many = replace(report, verdicts=(replace(report.verdicts[1], spans=spans),))
    marks = timeline_of(many, views_of(many, standard, t), Media(None, peaks), t).marks
    assert [mark.start_s for mark in marks] == [float(i) for i in range(0, 80, 10)][:MOST_PLACES]
    assert {mark.sign for mark in marks} == {"1"}


def test_lanes_hand_the_player_as_many_values_as_the_envelope_has(report, standard, peaks):
    t = texts("zh")
    lanes = timeline_of(report, views_of(report, standard, t), Media(None, peaks), t).lanes
    assert [len(lane.peaks) for lane in lanes] == [1200, 1200]
    assert timeline_of(report, (), Media(), t).lanes[0].peaks == ()
