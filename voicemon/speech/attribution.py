"""Whose words: what was recognised on one channel, given to the voices that were told apart on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from ..records import AuditMark, Span, Utterance, Word
from ..spans import merge, total_s
from .engine import Transcription

UNCLEAR_VOICE = "unclear_voice"
UNCLEAR_SHARE = 0.6  # of a word that must lie where no voice fits for the word to be nobody's
OWN_SHARE = 0.9  # of a stretch without trustworthy words that must be one voice's to count against that voice alone
SHORTEST_MARK_S = 0.3


def by_voice(
    heard: Transcription, voices: Mapping[str, Sequence[Span]], unclear: Sequence[Span], nobody: str
) -> dict[str, Transcription]:
    """``heard`` in parts, one for each of ``voices`` and one for ``nobody``; an utterance is cut where the voice changes.

    Words inside ``unclear`` spans (no voice fits, or a third one does) go to ``nobody``, and each such span is marked: words may be
    missing there for any party.
    """
    utterances: dict[str, list[Utterance]] = {name: [] for name in (*voices, nobody)}
    marks: dict[str, list[AuditMark]] = {name: [] for name in utterances}
    for utterance in heard.utterances:
        for name, part in _parts(utterance, voices, unclear, nobody):
            utterances[name].append(replace(part, speaker=name))
    for mark in heard.audit:
        whole = [name for name, spans in voices.items() if covered(spans, mark.start_s, mark.end_s) >= OWN_SHARE]
        name = whole[0] if whole else nobody
        marks[name].append(replace(mark, speaker=name))
    marks[nobody] += [AuditMark(UNCLEAR_VOICE, s.start_s, s.end_s, nobody) for s in merge(unclear) if s.duration_s >= SHORTEST_MARK_S]
    return {name: Transcription(tuple(utterances[name]), tuple(sorted(marks[name], key=lambda m: m.start_s))) for name in utterances}


def covered(spans: Sequence[Span], start_s: float, end_s: float) -> float:
    """Share of ``[start_s, end_s)`` that ``spans`` cover."""
    inside = (Span(max(s.start_s, start_s), min(s.end_s, end_s)) for s in spans if s.start_s < end_s and s.end_s > start_s)
    return total_s(inside) / max(end_s - start_s, 1e-9)


def _parts(utterance: Utterance, voices: Mapping[str, Sequence[Span]], unclear: Sequence[Span], nobody: str) -> list[tuple[str, Utterance]]:
    names: list[str] = []
    for piece in utterance.words or (utterance,):
        before = names[-1] if names else None
        names.append(_voice_of(piece, voices, unclear, nobody) or before or nobody)
    if len(set(names)) == 1:
        return [(names[0], utterance)]
    runs = groupby(zip(names, utterance.words, strict=True), key=lambda pair: pair[0])
    return [(name, _cut(utterance, tuple(word for _, word in run))) for name, run in runs]


def _voice_of(piece: Word | Utterance, voices: Mapping[str, Sequence[Span]], unclear: Sequence[Span], nobody: str) -> str | None:
    """The voice that most of ``piece`` is; ``None`` where it lies in no one's speech."""
    if covered(unclear, piece.start_s, piece.end_s) > UNCLEAR_SHARE:
        return nobody
    shares = {name: covered(spans, piece.start_s, piece.end_s) for name, spans in voices.items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] > 0 else None


def _cut(utterance: Utterance, words: tuple[Word, ...]) -> Utterance:
    confidence = round(sum(w.confidence for w in words) / len(words), 4)
    return Utterance(utterance.speaker, words[0].start_s, words[-1].end_s, "".join(w.text for w in words), confidence, words)
