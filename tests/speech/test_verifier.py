"""Asking the sound for a phrase."""

from __future__ import annotations

import json

import pytest

from voicemon.speech.verifier import PhraseLimits, SavedVerifier, Verifier, limits_for

LAST_S = (7.58, 9.09)


@pytest.fixture(scope="module")
def verifier(recogniser, call_audio):
    return Verifier(recogniser, call_audio)


def test_what_was_said_is_likelier_than_a_misheard_word(verifier):
    """The sound of 感谢您的来电 speaks for 来电 against 来店, and against the unsaid 投诉."""
    assert verifier.log_ratio("agent", *LAST_S, "感谢您的", "投诉", "来电", ",再见!") > 0
    assert verifier.log_ratio("agent", *LAST_S, "感谢您的", "来电", "投诉", ",再见!") < -3


def test_the_same_words_are_equally_likely(verifier):
    """The log-ratio of a text against itself is 0."""
    assert verifier.log_ratio("agent", *LAST_S, "感谢您的", "来电", "来电") == 0


def test_swapping_phrase_and_heard_turns_the_sign(verifier):
    """The ratio is antisymmetric."""
    there = verifier.log_ratio("agent", *LAST_S, "", "感谢您的来电", "感谢您的来店")
    back = verifier.log_ratio("agent", *LAST_S, "", "感谢您的来店", "感谢您的来电")
    assert there == pytest.approx(-back)


@pytest.mark.parametrize("place", [(1.0, 1.0), (3.0, 2.0), (0.0, 60.0), (500.0, 501.0)])
def test_a_place_without_usable_sound_cannot_be_told(verifier, place):
    """Empty, reversed, too long, or outside the call: None, not a number."""
    assert verifier.log_ratio("agent", *place, "", "你好", "您好") is None


def test_an_unknown_party_cannot_be_told(verifier):
    """A party without sound gives None."""
    assert verifier.log_ratio("nobody", *LAST_S, "", "你好", "您好") is None


def test_saved_answers_are_the_answers(verifier):
    """Probes written as JSON answer the same questions without the sound, and nothing else."""
    question = ("agent", *LAST_S, "感谢您的", "投诉", "来电")
    answer = verifier.log_ratio(*question)
    saved = SavedVerifier(json.loads(json.dumps(dict(verifier.probes))))
    assert saved.log_ratio(*question) == answer
    assert saved.log_ratio("agent", *LAST_S, "", "没问过", "来电") is None


def test_limits_leave_room_for_doubt():
    """Between the two limits, and without an answer, nothing is decided."""
    limits = PhraseLimits(accept=1.0, reject=-2.0, accept_strictly=3.0)
    assert [limits.decide(v) for v in (1.0, 0.99, -1.99, -2.0, None)] == [True, None, None, False, None]
    assert [limits.decide(v, strictly=True) for v in (3.0, 2.99, -2.0)] == [True, None, False]


def test_the_shipped_model_is_calibrated():
    """The manifest carries limits for base, with accept above reject; an unknown model has none."""
    limits = limits_for("base")
    assert limits is not None and limits.accept_strictly >= limits.accept > limits.reject
    assert limits_for("no-such-model") is None
