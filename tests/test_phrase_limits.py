"""Limits of the phrase check by the model that heard a call."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import say

from voicemon import phrase_limits
from voicemon.phrase_limits import UNCALIBRATED, phrase_thresholds


def test_a_model_is_held_to_its_own_limits_and_confusions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sound decides nothing for one that was never calibrated, nor where its confusions are missing: all would seem understood."""
    facts = replace(say("A: 您好"), hearing={"model": "base"})
    found = phrase_thresholds(facts)
    assert found.weights is not None and found.weights.misheard > 0 and found.confusions is not None
    assert phrase_thresholds(replace(facts, hearing={"model": "no-such-model"})) == UNCALIBRATED
    monkeypatch.setattr(phrase_limits, "confusions", lambda model: None)
    assert phrase_thresholds(facts) == UNCALIBRATED
