"""Calls in which the recogniser was sure of some characters and not of others, and triggers looked for in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from judge.builders import Scripted, phrase, say

from voicemon.judge.dialogue import lay_out
from voicemon.judge.finder import Finder, Found
from voicemon.judge.thresholds import Thresholds, Weights
from voicemon.records import Facts, Utterance, Word

ALL = (0.0, 1e9)
CALIBRATED = Thresholds(weights=Weights(ratio=1.3, similarity=11.0, alone=-0.45, bias=-7.9), accept=-1.2, reject=-3.0, accept_strictly=-0.3)
SURELY, HARDLY = 6.0, -8.0


def customer_says(text: str, doubted: str = "", confidence: float = 0.5) -> Facts:
    """A call in which the customer says ``text``; the recogniser was sure of all characters but the first of each of ``doubted``."""
    sure = [0.99] * len(text)
    for character in doubted:
        sure[text.index(character)] = confidence
    words = tuple(Word(c, 5.0 + 0.4 * k, 5.4 + 0.4 * k, s) for k, (c, s) in enumerate(zip(text, sure, strict=True)))
    facts = say("A: 您好")
    return replace(facts, transcript=(*facts.transcript, Utterance("customer", 5.0, 5.0 + 0.4 * len(text), text, 0.95, words)))


def finder(
    text: str, doubted: str, ratios: dict[str, float | None], confidence: float = 0.5, limits: Thresholds = CALIBRATED
) -> Finder:
    """Of such a call, with log-ratios of the sound by what is asked for."""
    return Finder(lay_out(customer_says(text, doubted, confidence)), limits, Scripted(ratios))


def found(
    text: str, doubted: str, wanted: str, ratio: float | None = SURELY, asked: str = "", confidence: float = 0.5,
    limits: Thresholds = CALIBRATED,
) -> Sequence[Found]:
    """Where a trigger of the words ``wanted`` is found by its text."""
    return finder(text, doubted, {asked or wanted: ratio}, confidence, limits).all_surely("customer", phrase(wanted), ALL)
