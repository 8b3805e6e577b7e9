"""Whose words: on a channel with two voices, what was said where no voice fits is laid at nobody's door; on one whose voices do not tell,
an utterance may hold both parties' words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from ..records import AuditMark, Span, Utterance, Word
from ..spans import merge, total_s
from .engine import Transcription
from .word_speakers import own_odds

UNCLEAR_VOICE = "unclear_voice"
UNCLEAR_SHARE = 0.6  # of a word that must lie where no voice fits for the word to be nobody's
SHORTEST_MARK_S = 0.2
MARK_MARGIN_S = 0.1  # a short word must be marked wide enough to be seen by who looks for words
GROUP_PAUSE_S = 0.15  # between words, behind which the other party may begin
CHANGE_ODDS = 4.0  # natural-log odds of neighbouring breath groups for one party, and of others for the other


def set_apart(heard: Transcription, unclear: Sequence[Span], nobody: str) -> tuple[Transcription, Transcription]:
    """``heard`` of one voice in two parts: its own words, and those inside ``unclear`` spans as ``nobody``'s.

    An utterance is cut where it runs into an unclear span. Audit marks stay with the voice.
    """
    own: list[Utterance] = []
    apart: list[Utterance] = []
    for utterance in heard.utterances:
        pieces: tuple[Word | Utterance, ...] = utterance.words or (utterance,)
        lost = [_covered(unclear, piece) > UNCLEAR_SHARE for piece in pieces]
        if not any(lost):
            own.append(utterance)
        elif all(lost):
            apart.append(replace(utterance, speaker=nobody))
        else:
            for is_lost, run in groupby(zip(lost, utterance.words, strict=True), key=lambda pair: pair[0]):
                part = _cut(utterance, tuple(word for _, word in run))
                (apart if is_lost else own).append(replace(part, speaker=nobody) if is_lost else part)
    return Transcription(tuple(own), heard.audit), Transcription(tuple(apart), ())


def unclear_marks(unclear: Sequence[Span], nobody: str) -> tuple[AuditMark, ...]:
    """Marks of the spans whose voice is not clear: words may be missing there for any party."""
    long = (s for s in merge(unclear) if s.duration_s >= SHORTEST_MARK_S)
    wide = merge(Span(max(0.0, s.start_s - MARK_MARGIN_S), s.end_s + MARK_MARGIN_S) for s in long)
    return tuple(AuditMark(UNCLEAR_VOICE, s.start_s, s.end_s, nobody) for s in wide)


def breath_groups(utterance: Utterance) -> tuple[Utterance, ...]:
    """``utterance`` cut at its short pauses and marks: where people answer at once, the other party may begin there."""
    words = utterance.words
    cuts = [0, *(i for i in range(1, len(words)) if _may_change(words[i - 1], words[i])), len(words)]
    return tuple(_cut(utterance, words[a:b]) for a, b in pairwise(cuts)) if len(cuts) > 2 else (utterance,)


def changes_party(utterance: Utterance) -> bool:
    """Whether some of the breath groups of ``utterance`` are surely the agent's and others surely the customer's."""
    odds = [own_odds(group.text) for group in breath_groups(utterance)]
    return min(_largest_run(odds), _largest_run([-o for o in odds])) > CHANGE_ODDS


def _largest_run(odds: Sequence[float]) -> float:
    """The largest sum of neighbours (Kadane)."""
    best = here = 0.0
    for value in odds:
        here = max(0.0, here + value)
        best = max(best, here)
    return best


def _may_change(before: Word, behind: Word) -> bool:
    return behind.start_s - before.end_s >= GROUP_PAUSE_S or not before.text[-1:].isalnum()


def _covered(spans: Sequence[Span], piece: Word | Utterance) -> float:
    """Share of ``piece`` that ``spans`` cover."""
    inside = (Span(max(s.start_s, piece.start_s), min(s.end_s, piece.end_s)) for s in spans)
    return total_s(s for s in inside if s.duration_s > 0) / max(piece.end_s - piece.start_s, 1e-9)


def _cut(utterance: Utterance, words: tuple[Word, ...]) -> Utterance:
    confidence = round(sum(w.confidence for w in words) / len(words), 4)
    return Utterance(utterance.speaker, words[0].start_s, words[-1].end_s, "".join(w.text for w in words), confidence, words)
