"""Asking the recogniser whether a phrase was said: how much likelier is the sound under the phrase than under what was written.

A small model often writes 请快 where it heard 尽快 nearly as well. The likelihood of the tokens of a given text, forced through the
decoder, tells the two apart better than the text does. The limits for a decision are calibrated (:func:`models.thresholds`).
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from ..audio.sound import Samples
from ..records import Span
from .engine import Recogniser
from .models import thresholds
from .packing import RATE_HZ, cut
from .whisper import FULL_WINDOW_S

MARGIN_S = 0.2
SHORTEST_WINDOW_S = 6.0
TAIL_S = 1.0
LONGEST_ASKED_S = FULL_WINDOW_S - TAIL_S - 2 * MARGIN_S
KEPT_ENCODINGS = 16


class PhraseVerifier(Protocol):
    """What judging asks; with sound (:class:`Verifier`) or from kept answers (:class:`SavedVerifier`)."""

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        """Natural log of how much likelier ``before + phrase + after`` is than ``before + heard + after``; ``None``: cannot be told."""


@dataclass(frozen=True)
class PhraseLimits:
    """Scores from ``accept`` on: said; up to ``reject``: not said; between: cannot tell.

    A score is the log-ratio plus ``similarity_weight`` times (similarity - 0.9). ``accept_strictly`` is for phrases whose
    presence is an accusation (forbidden words).
    """

    accept: float
    reject: float
    accept_strictly: float
    similarity_weight: float = 0.0

    def decide(self, log_ratio: float | None, strictly: bool = False) -> bool | None:
        """True said, False not said, None cannot tell."""
        accept = self.accept_strictly if strictly else self.accept
        if log_ratio is None or self.reject < log_ratio < accept:
            return None
        return log_ratio >= accept


def limits_for(model_name: str) -> PhraseLimits | None:
    """Calibrated limits of a model; ``None`` when it was never calibrated, and then nothing may be accepted or rejected."""
    found = thresholds(model_name)
    if not found:
        return None
    return PhraseLimits(**{name: float(found[name]) for name in PhraseLimits.__dataclass_fields__ if name in found})


@dataclass
class Verifier:
    """Answers from the sound. ``audio``: party -> float32 mono at 16 kHz. Keeps every answer and the last few encodings."""

    recogniser: Recogniser
    audio: Mapping[str, Samples]
    _answers: dict[str, float | None] = field(default_factory=dict)
    _log_probs: dict[tuple[str, int, int, str], float | None] = field(default_factory=dict)
    _encodings: OrderedDict[tuple[str, int, int], Any] = field(default_factory=OrderedDict)

    @property
    def probes(self) -> Mapping[str, float | None]:
        """Everything asked so far and its answer; may be written as JSON and given to :class:`SavedVerifier`."""
        return MappingProxyType(self._answers)

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        """See :class:`PhraseVerifier`. ``start_s``–``end_s`` is the sound that all three texts together were said in."""
        key = probe_key(party, start_s, end_s, before, heard, phrase, after)
        if key not in self._answers:
            span = Span(start_s, end_s)
            as_phrase = self._log_prob(party, span, before + phrase + after)
            as_heard = self._log_prob(party, span, before + heard + after)
            self._answers[key] = None if as_phrase is None or as_heard is None else round(as_phrase - as_heard, 4)
        return self._answers[key]

    def _log_prob(self, party: str, span: Span, text: str) -> float | None:
        """Log-probability of a whole text given the sound of ``span``, computed once (what was heard is asked about often)."""
        key = (party, round(span.start_s * 1000), round(span.end_s * 1000), text)
        if key not in self._log_probs:
            self._log_probs[key] = self._computed_log_prob(party, span, text)
        return self._log_probs[key]

    def _computed_log_prob(self, party: str, span: Span, text: str) -> float | None:
        """``None`` for no text, no sound or too much of it."""
        whisper = self.recogniser.whisper
        tokens = whisper.tokens_of(text)
        if party not in self.audio or not tokens or not 0.0 < span.duration_s <= LONGEST_ASKED_S:
            return None
        encoded = self._encoded(party, span)
        if encoded is None:
            return None
        return float(np.sum(whisper.token_log_probs(encoded, tokens, span.duration_s + 2 * MARGIN_S)))

    def _encoded(self, party: str, span: Span) -> Any:
        key = (party, round(span.start_s * 1000), round(span.end_s * 1000))
        if key not in self._encodings:
            x = cut(self.audio[party], Span(max(span.start_s - MARGIN_S, 0.0), span.end_s + MARGIN_S))
            if not len(x):
                return None
            length_s = max(SHORTEST_WINDOW_S, len(x) / RATE_HZ + TAIL_S)
            self._encodings[key] = self.recogniser.whisper.encode([x], length_s)
            if len(self._encodings) > KEPT_ENCODINGS:
                self._encodings.popitem(last=False)
        self._encodings.move_to_end(key)
        return self._encodings[key]


@dataclass(frozen=True)
class SavedVerifier:
    """Answers kept from an earlier run (:attr:`Verifier.probes`), without the sound; a new question gets ``None``."""

    probes: Mapping[str, float | None]

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        """See :class:`PhraseVerifier`."""
        return self.probes.get(probe_key(party, start_s, end_s, before, heard, phrase, after))


def probe_key(party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> str:
    """One question as a string; times in milliseconds, so that a round trip through JSON asks the same."""
    return json.dumps([party, round(start_s * 1000), round(end_s * 1000), before, heard, phrase, after], ensure_ascii=False)
