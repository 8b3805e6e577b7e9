"""Packing speech into windows and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from voicemon.records import Span
from voicemon.speech.packing import RATE_HZ, PackingSettings, find_stretches, pack

SETTINGS = PackingSettings(gap_s=0.3, margin_s=0.2)


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(round(seconds * RATE_HZ)).astype(np.float32)


def spans(*pairs: tuple[float, float]) -> list[Span]:
    return [Span(*p) for p in pairs]


def test_short_pauses_stay_inside_a_stretch():
    """Pauses under 0.5 s join; the exact spans are kept inside."""
    found = find_stretches(spans((1, 2), (2.3, 3), (4, 5)), noise(6), SETTINGS)
    assert [(s.span.start_s, s.span.end_s) for s in found] == [(1, 3), (4, 5)]
    assert found[0].speech == tuple(spans((1, 2), (2.3, 3)))


def test_margins_never_overlap_nor_leave_the_sound():
    """Sound around stretches is shared at the middle of the pause and ends with the recording."""
    found = find_stretches(spans((0.05, 1), (1.5, 2.95)), noise(3), PackingSettings(join_s=0.2, margin_s=0.4))
    assert [(s.sound.start_s, s.sound.end_s) for s in found] == [(0, 1.25), (1.25, 3)]


def test_no_window_is_too_long_and_no_speech_is_lost():
    """Whatever the lengths, windows keep the limit and hold every stretch once, in order."""
    stretches = find_stretches([Span(3 * i, 3 * i + 0.2 + i % 5 / 2) for i in range(60)], noise(185), SETTINGS)
    windows = pack(stretches, SETTINGS)
    assert [p.stretch for w in windows for p in w.pieces] == list(stretches)
    assert max(w.duration_s for w in windows) <= SETTINGS.window_s


def test_a_monologue_is_cut_where_it_is_quietest():
    """Speech longer than a window is cut in the silence inside it."""
    x = noise(40)
    x[20 * RATE_HZ : round(20.3 * RATE_HZ)] = 0
    found = find_stretches(spans((0, 40)), x, SETTINGS)
    assert [s.span.start_s for s in found] == [0, pytest.approx(20.15, abs=0.11)]
    assert found[-1].span.end_s == 40


def test_window_times_lead_back_to_the_call():
    """A time of the window is the time of the call of the piece it lies in, held inside it."""
    window = pack(find_stretches(spans((10, 11), (20, 21)), noise(30), SETTINGS), SETTINGS)[0]
    second = window.pieces[1]
    assert second.to_call_s(second.at_s + 0.5) == pytest.approx(20.3)
    assert second.to_call_s(0.0) == pytest.approx(19.8)
    assert second.to_call_s(99.0) == pytest.approx(21.2)


def test_the_sound_of_a_window_is_the_sound_of_its_pieces():
    """Samples are copied to their places with digital silence between."""
    x = noise(30)
    window = pack(find_stretches(spans((10, 11), (20, 21)), x, SETTINGS), SETTINGS)[0]
    sound = window.sound([x], SETTINGS.gap_s)
    start = round(window.pieces[1].at_s * RATE_HZ)
    assert np.array_equal(sound[start : start + 100], x[round(19.8 * RATE_HZ) :][:100])
    assert not sound[start - round(0.25 * RATE_HZ) : start - 10].any()


def test_a_window_of_two_lines_takes_each_stretch_from_its_own() -> None:
    """Parties of a call heard together, in order of time."""
    lines = [np.full(4 * RATE_HZ, 0.1, dtype=np.float32), np.full(4 * RATE_HZ, 0.2, dtype=np.float32)]
    stretches = [*find_stretches(spans((0, 1)), lines[0], SETTINGS), *find_stretches(spans((2, 3)), lines[1], SETTINGS, line=1)]
    window = pack(stretches, SETTINGS)[0]
    sound = window.sound(lines, SETTINGS.gap_s)
    places = [round((piece.at_s + piece.end_s) / 2 * RATE_HZ) for piece in window.pieces]
    assert [round(float(sound[place]), 1) for place in places] == [0.1, 0.2]
