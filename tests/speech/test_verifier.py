"""Asking the sound for a phrase."""

from __future__ import annotations

import json

import pytest

from voicemon.speech.verifier import NO_SOUND, SILENCE_S, SavedVerifier, Verifier, limits_for

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


def test_questions_asked_together_are_answered_as_one_by_one(recogniser, call_audio):
    """Several texts about several windows, also some that cannot be told, get the answers they get alone."""
    questions = [("agent", *LAST_S, "感谢您的", "来店", phrase, "再见") for phrase in ("来电", "投诉", "支持与配合")]
    questions += [("customer", 0.22, 1.2, "", "明白了", "不明白", ""), ("agent", 1.0, 1.0, "", "你好", "您好", "")]
    alone, together = Verifier(recogniser, call_audio), Verifier(recogniser, call_audio)
    together.prepare(questions)
    for question in questions:
        expected = alone.log_ratio(*question)
        assert together.log_ratio(*question) == (None if expected is None else pytest.approx(expected, abs=0.05))


def test_what_was_prepared_is_not_computed_again(recogniser, call_audio, monkeypatch):
    """After ``prepare`` the answer comes without asking the model; before, it does not."""
    verifier = Verifier(recogniser, call_audio)
    question = ("agent", *LAST_S, "感谢您的", "来店", "来电", "再见")
    verifier.prepare([question])
    monkeypatch.setattr(verifier.recogniser.whisper, "token_log_probs", None)
    assert verifier.log_ratio(*question) is not None
    with pytest.raises(TypeError):
        verifier.log_ratio("agent", *LAST_S, "", "再见", "再会")


def test_saved_answers_are_the_answers(verifier):
    """Probes written as JSON answer the same questions without the sound, and nothing else."""
    question = ("agent", *LAST_S, "感谢您的", "投诉", "来电")
    answer = verifier.log_ratio(*question)
    saved = SavedVerifier(json.loads(json.dumps(dict(verifier.probes))))
    assert saved.log_ratio(*question) == answer
    assert saved.log_ratio("agent", *LAST_S, "", "没问过", "来电") is None


def test_the_shipped_model_is_calibrated():
    """The manifest carries limits for base, with accept above reject; an unknown model has none."""
    limits = limits_for("base")
    assert limits is not None and limits.accept_strictly >= limits.accept > limits.reject and limits.ratio_weight > 0
    assert limits_for("no-such-model") is None


def test_without_sound_only_the_words_count(verifier: Verifier) -> None:
    """A common word is likelier by itself than a rare one."""
    answer = verifier.log_ratio(NO_SOUND, 0.0, SILENCE_S, "", "紫金金行", "谢谢")
    assert answer is not None and answer > 5
    assert verifier.log_ratio(NO_SOUND, 0.0, SILENCE_S, "", "谢谢", "谢谢") == 0
