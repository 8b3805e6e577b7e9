"""Two channels: the same audio twice, bleed, silence."""

from __future__ import annotations

import numpy as np
import pytest
from audio.signals import CLIP_AGENT, CLIP_CUSTOMER, RATE_HZ, clip, db, noise, silence

from voicemon.audio.channels import compare_channels, drop_bleed
from voicemon.audio.decode import resample
from voicemon.audio.vad import speech_spans
from voicemon.records import Span
from voicemon.spans import intersect, subtract, total_s

AGENT, CUSTOMER = clip(0), clip(1)


def with_bleed(level_db: float, delay_samples: int = 40) -> np.ndarray:
    """The customer's channel with the agent in it."""
    return (CUSTOMER + np.float32(db(level_db)) * np.roll(AGENT, delay_samples)).astype(np.float32)


def test_two_parties_are_two() -> None:
    report = compare_channels(AGENT, CUSTOMER, RATE_HZ)
    assert (report.same_audio, report.bleed_direction, report.bleed_db, report.silent) == (False, None, None, ())


@pytest.mark.parametrize(("gain_db", "same"), [(0.0, True), (-2.5, True), (-6.0, False)])
def test_the_same_audio_twice_is_told_by_correlation_and_level(gain_db: float, same: bool) -> None:
    mono = AGENT + CUSTOMER
    report = compare_channels(mono, mono * np.float32(db(gain_db)), RATE_HZ)
    assert report.correlation >= 0.95
    assert report.level_difference_db == pytest.approx(gain_db, abs=0.1)
    assert report.same_audio is same


def test_levels_only_rule_out_what_is_not_the_same_audio() -> None:
    """What the levels leave possible is never less than the correlation itself, at any lag and where both speak at once."""
    both = AGENT + np.roll(CUSTOMER, 7_000)
    for other in (CUSTOMER, both, np.roll(AGENT, 239), -np.roll(AGENT, -240), noise(len(AGENT) / RATE_HZ, -20.0)):
        true = max(abs(float(np.dot(AGENT, np.roll(other, lag)))) for lag in range(-240, 241, 1))
        report = compare_channels(AGENT, other, RATE_HZ)
        assert report.correlation >= true / float(np.linalg.norm(AGENT) * np.linalg.norm(other)) - 0.01
    assert compare_channels(AGENT, CUSTOMER, RATE_HZ).correlation < 0.95


def test_the_same_audio_late_or_inverted_is_still_the_same() -> None:
    mono = AGENT + CUSTOMER
    assert compare_channels(mono, -np.roll(mono, 100), RATE_HZ).same_audio


@pytest.mark.parametrize("level_db", [-12.0, -20.0, -30.0])
def test_bleed_is_measured_with_its_direction(level_db: float) -> None:
    report = compare_channels(AGENT, with_bleed(level_db), RATE_HZ)
    assert report.bleed_direction == "left_to_right"
    assert report.bleed_db == pytest.approx(level_db, abs=1.5)
    assert compare_channels(with_bleed(level_db), AGENT, RATE_HZ).bleed_direction == "right_to_left"


def test_a_silent_channel_is_named() -> None:
    assert compare_channels(AGENT, np.zeros_like(AGENT), RATE_HZ).silent == ("right",)
    assert compare_channels(noise(len(AGENT) / RATE_HZ, -60.0), AGENT, RATE_HZ).silent == ("left",)
    assert compare_channels(silence(1.0), silence(1.0), RATE_HZ).silent == ("left", "right")


def test_speech_that_is_only_bleed_is_dropped_and_own_speech_is_not() -> None:
    x = with_bleed(-20.0)
    speech = speech_spans(x, RATE_HZ)
    kept = drop_bleed(speech, x, AGENT, RATE_HZ)
    agent = [Span(*s) for s in CLIP_AGENT]
    assert total_s(intersect(speech, agent)) > 1.0
    assert total_s(intersect(kept, agent)) < 0.1
    assert total_s(subtract([Span(*s) for s in CLIP_CUSTOMER], kept)) < 0.3


def test_an_answer_that_begins_during_bleed_survives() -> None:
    own = np.zeros_like(AGENT)
    own[int(1.1 * RATE_HZ) : int(2.3 * RATE_HZ)] = CUSTOMER[int(2.15 * RATE_HZ) : int(3.35 * RATE_HZ)]
    x = own + np.float32(db(-20)) * AGENT
    kept = drop_bleed([Span(0.5, 2.3)], x, AGENT, RATE_HZ)
    assert total_s(intersect(kept, [Span(1.15, 2.3)])) > 0.9


def test_an_echo_before_ones_own_words_does_not_make_one_begin_earlier() -> None:
    own = np.zeros_like(AGENT)
    own[int(1.2 * RATE_HZ) : int(2.4 * RATE_HZ)] = CUSTOMER[int(2.15 * RATE_HZ) : int(3.35 * RATE_HZ)]
    x = own + np.float32(db(-20)) * AGENT
    (kept,) = drop_bleed([Span(0.8, 2.4)], x, AGENT, RATE_HZ)
    assert kept.start_s == pytest.approx(1.2, abs=0.15)
    assert kept.end_s == 2.4


def test_both_speaking_at_once_without_bleed_loses_nothing() -> None:
    other = np.roll(AGENT, int(1.6 * RATE_HZ)) * np.float32(4.0)
    speech = speech_spans(CUSTOMER, RATE_HZ)
    assert drop_bleed(speech, CUSTOMER, other, RATE_HZ) == speech


def test_other_rates_compare_alike() -> None:
    left, right = resample(AGENT, 8000, 44100), resample(with_bleed(-20.0), 8000, 44100)
    assert compare_channels(left, right, 44100).bleed_db == pytest.approx(-20.0, abs=1.5)
