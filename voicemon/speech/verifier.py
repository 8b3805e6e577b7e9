"""Asking the recogniser whether a phrase was said: how much likelier is the sound under the phrase than under what was written.

A small model often writes 请快 where it heard 尽快 nearly as well. The likelihood of the tokens of a given text, forced through the
decoder, tells the two apart better than the text does. The limits for a decision are calibrated (:func:`models.thresholds`).
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, runtime_checkable

import numpy as np

from ..audio.sound import Samples
from ..records import Span
from .engine import Recogniser
from .models import thresholds
from .packing import RATE_HZ, cut
from .whisper import FULL_WINDOW_S

MARGIN_S = 0.2
SHORTEST_WINDOW_S = 3.0
TAIL_S = 1.0
STEP_S = 0.5  # windows are this coarse, so that questions about several have the same length and go together
BATCH = 8
LONGEST_ASKED_S = FULL_WINDOW_S - TAIL_S - 2 * MARGIN_S
KEPT_ENCODINGS = 16
NO_SOUND, SILENCE_S = "-", 2.0
"""Asked as a party, from 0 to ``SILENCE_S``: how much likelier a text is by itself, without any sound."""

Question = tuple[str, float, float, str, str, str, str]
"""Party, start and end of the sound (s), text before, what was heard, the phrase asked for, text after."""


class PhraseVerifier(Protocol):
    """What judging asks; with sound (:class:`Verifier`) or from kept answers (:class:`SavedVerifier`)."""

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        """Natural log of how much likelier ``before + phrase + after`` is than ``before + heard + after``; ``None``: cannot be told.

        For the party :data:`NO_SOUND` it is what the recogniser believes of the words alone: its answer to silence.
        """


@runtime_checkable
class PreparingVerifier(PhraseVerifier, Protocol):
    """A verifier that answers several questions for less when it is told of them together."""

    def prepare(self, questions: Sequence[Question]) -> None:
        """Get ready to be asked ``questions``; the answers are those of one question after the other."""


@dataclass(frozen=True)
class PhraseLimits:
    """Log-odds from ``accept`` on: said; up to ``reject``: not said; between: cannot tell. ``accept_strictly`` is for phrases whose
    presence is an accusation (forbidden words), ``accept_surely`` and ``accept_most_surely`` for triggers that are not written, ``last``,
    ``part``, ``slot`` and ``opening`` for doubtful words that may hide a phrase, ``last_said`` for those that surely do
    (:class:`voicemon.judge.thresholds.Thresholds`).

    The log-odds are ``bias`` plus the weights times log-ratio per syllable, similarity, what the syllables written say by what the model
    confuses (:mod:`.confusions`), log-ratio without sound per syllable, and number of syllables. ``foretold_*``: what they will be by
    what is written (:class:`voicemon.judge.foretelling.Foretelling`); without a margin nothing is foretold.
    """

    accept: float
    reject: float
    accept_strictly: float
    accept_surely: float
    accept_most_surely: float
    last: float
    last_said: float
    part: float
    slot: float
    opening: float
    ratio_weight: float
    alone_weight: float
    bias: float
    similarity_weight: float = 0.0
    misheard_weight: float = 0.0
    length_weight: float = 0.0
    foretold_bias: float = 0.0
    foretold_misheard: float = 0.0
    foretold_others: float = 0.0
    foretold_margin: float = 0.0


def limits_for(model_name: str) -> PhraseLimits | None:
    """Calibrated limits of a model; ``None`` when it was never calibrated, and then nothing may be accepted or rejected."""
    found = thresholds(model_name)
    if not found:
        return None
    return PhraseLimits(**{name: float(found[name]) for name in PhraseLimits.__dataclass_fields__ if name in found})


@dataclass(frozen=True)
class _Text:
    """A whole text to be forced through the decoder: its key, the sound it was said in, its tokens."""

    key: tuple[str, int, int, str]
    span: Span
    tokens: Sequence[int]


@dataclass
class Verifier:
    """Answers from the sound. ``audio``: party -> float32 mono at 16 kHz. Keeps every answer and the last few encodings."""

    recogniser: Recogniser
    audio: Mapping[str, Samples]
    _answers: dict[str, float | None] = field(default_factory=dict)
    _log_probs: dict[tuple[str, int, int, str], float | None] = field(default_factory=dict)
    _encodings: OrderedDict[tuple[str, int, int], np.ndarray] = field(default_factory=OrderedDict)

    @property
    def probes(self) -> Mapping[str, float | None]:
        """Everything asked so far and its answer; may be written as JSON and given to :class:`SavedVerifier`."""
        return MappingProxyType(self._answers)

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        """See :class:`PhraseVerifier`. ``start_s``–``end_s`` is the sound that all three texts together were said in."""
        key = probe_key(party, start_s, end_s, before, heard, phrase, after)
        if key not in self._answers:
            self.prepare([(party, start_s, end_s, before, heard, phrase, after)])
            as_phrase = self._log_probs[_text_key(party, start_s, end_s, before + phrase + after)]
            as_heard = self._log_probs[_text_key(party, start_s, end_s, before + heard + after)]
            self._answers[key] = None if as_phrase is None or as_heard is None else round(as_phrase - as_heard, 4)
        return self._answers[key]

    def prepare(self, questions: Iterable[Question]) -> None:
        """See :class:`PreparingVerifier`: texts of windows of the same length go through the decoder together."""
        wanted: dict[tuple[str, int, int, str], _Text] = {}
        for party, start_s, end_s, before, heard, phrase, after in questions:
            for text in (before + phrase + after, before + heard + after):
                key = _text_key(party, start_s, end_s, text)
                if key not in self._log_probs:
                    tokens = self.recogniser.whisper.tokens_of(text)
                    wanted[key] = _Text(key, Span(start_s, end_s), tokens)
        known = [t for t in wanted.values() if self._can_be_told(t)]
        self._log_probs.update(dict.fromkeys(wanted))
        for length_s in sorted({_window_s(t.span) for t in known}):
            alike = [t for t in known if _window_s(t.span) == length_s]
            for i in range(0, len(alike), BATCH):
                self._ask(alike[i : i + BATCH], length_s)

    def _can_be_told(self, text: _Text) -> bool:
        """Not where there is no text, no sound or too much of it."""
        party = text.key[0]
        if party != NO_SOUND and (party not in self.audio or text.span.start_s - MARGIN_S >= len(self.audio[party]) / RATE_HZ):
            return False
        return bool(text.tokens and 0.0 < text.span.duration_s <= LONGEST_ASKED_S)

    def _ask(self, texts: Sequence[_Text], length_s: float) -> None:
        whisper = self.recogniser.whisper
        encoded = whisper.joined([self._encoded(t.key[0], t.span, length_s) for t in texts])
        for text, found in zip(texts, whisper.token_log_probs(encoded, [t.tokens for t in texts]), strict=True):
            self._log_probs[text.key] = float(np.sum(found))

    def _encoded(self, party: str, span: Span, length_s: float) -> np.ndarray:
        """Encoder output (1, positions, size) of a stretch, without the silence that the encoder was given behind it."""
        if party == NO_SOUND:
            return self.recogniser.whisper.silence(length_s)
        key = (party, round(span.start_s * 1000), round(span.end_s * 1000))
        if key not in self._encodings:
            x = cut(self.audio[party], _with_margins(span))
            encoded = self.recogniser.whisper.encode([x], max(SHORTEST_WINDOW_S, length_s))
            self._encodings[key] = self.recogniser.whisper.first_s(encoded, length_s)
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


def _text_key(party: str, start_s: float, end_s: float, text: str) -> tuple[str, int, int, str]:
    return party, round(start_s * 1000), round(end_s * 1000), text


def _with_margins(span: Span) -> Span:
    return Span(max(span.start_s - MARGIN_S, 0.0), span.end_s + MARGIN_S)


def _window_s(span: Span) -> float:
    """How much of a window the decoder looks at: the sound and a little silence, rounded up so that questions are of like length."""
    return math.ceil((span.duration_s + 2 * MARGIN_S + TAIL_S) / STEP_S) * STEP_S
