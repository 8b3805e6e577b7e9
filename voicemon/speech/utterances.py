"""From aligned words of a window to utterances of the call: which stretch a word belongs to, and when it was said."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from ..records import Span, Utterance, Word
from .packing import Piece, Stretch
from .text import simplify
from .whisper import AlignedWord

SHORTEST_WORD_S = 0.02


def assign_words(pieces: Sequence[Piece], words: Sequence[AlignedWord]) -> tuple[tuple[AlignedWord, ...], ...]:
    """The words of each piece of a window, in order. A word belongs to the nearest piece; punctuation to the word before it."""
    own: list[list[AlignedWord]] = [[] for _ in pieces]
    at = 0
    for word in words:
        if not (is_punctuation(word.text) and own[at]):
            at = max(at, _nearest(pieces, word))
        own[at].append(word)
    return tuple(tuple(w) for w in own)


def places_of(piece: Piece, words: Sequence[AlignedWord]) -> tuple[AlignedWord, ...]:
    """Words with times of the call, snapped to the speech of the piece's stretch."""
    placed = []
    for word in words:
        start_s, end_s = snap(piece.to_call_s(word.start_s), piece.to_call_s(word.end_s), piece.stretch.speech)
        placed.append(replace(word, start_s=start_s, end_s=end_s))
    return tuple(placed)


def snap(start_s: float, end_s: float, speech: Sequence[Span]) -> tuple[float, float]:
    """The part of a stretch of time that lies in speech; if none does, a short moment at the nearest edge of speech."""
    inside = [(max(start_s, s.start_s), min(end_s, s.end_s)) for s in speech if s.start_s < end_s and s.end_s > start_s]
    if inside:
        return inside[0][0], max(inside[-1][1], inside[0][0] + SHORTEST_WORD_S)
    middle_s = (start_s + end_s) / 2
    nearest = min(speech, key=lambda s: max(s.start_s - middle_s, middle_s - s.end_s))
    if middle_s <= nearest.start_s:
        return nearest.start_s, nearest.start_s + SHORTEST_WORD_S
    return max(nearest.end_s - SHORTEST_WORD_S, nearest.start_s), nearest.end_s


def make_utterance(stretch: Stretch, words: Sequence[AlignedWord], speaker: str) -> Utterance:
    """One utterance of the words of a stretch; ``text`` is the words joined, punctuation hangs on the word before it."""
    joined = _join_punctuation(words)
    tokens = sum(w.tokens for w in words)
    confidence = math.exp(sum(w.log_prob for w in words) / max(1, tokens))
    return Utterance(speaker, stretch.span.start_s, stretch.span.end_s, "".join(w.text for w in joined), round(confidence, 4), joined)


def is_punctuation(text: str) -> bool:
    """Whether a text has neither letters nor digits."""
    return not any(unicodedata.category(c)[0] in "LN" for c in text)


def _nearest(pieces: Sequence[Piece], word: AlignedWord) -> int:
    # an aligned word starts where the word before it ended, silence included: its end says more of where it is
    place_s = (word.start_s + 2 * word.end_s) / 3
    return min(range(len(pieces)), key=lambda i: max(pieces[i].at_s - place_s, place_s - pieces[i].end_s, 0.0))


def _join_punctuation(words: Sequence[AlignedWord]) -> tuple[Word, ...]:
    joined: list[Word] = []
    for word in words:
        text = simplify(word.text)
        if not joined:
            text = text.lstrip()
        if is_punctuation(text) and joined:
            joined[-1] = replace(joined[-1], text=joined[-1].text + text)
        elif not is_punctuation(text):
            confidence = round(math.exp(word.log_prob / max(1, word.tokens)), 4)
            joined.append(Word(text, round(word.start_s, 3), round(word.end_s, 3), confidence))
    return tuple(joined)
