"""The words of a call laid out for judging: one character stream per party, and who says what after whom."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from ..records import PARTIES, Facts, Utterance
from ..speech.pinyin import Syllable, syllables
from ..speech.text import normalise, numbers_as_read
from .pieces import Pieces
from .stretches import Stretches

TURN_BREAK = "\n"
BACKCHANNEL_CHARACTERS = 2
NEIGHBOURS = 6  # words on either side that tell how a number is read


@dataclass(frozen=True)
class Stream:
    """Everything one party says, character by character (normalised, numerals as read), with a time for each character.

    Where the other party says something substantial in between stands a :data:`TURN_BREAK`, which no phrase reaches across.
    """

    speaker: str
    text: str
    start_s: tuple[float, ...]
    end_s: tuple[float, ...]
    confidence: tuple[float, ...]
    utterance: tuple[int, ...]
    sounds: tuple[Syllable, ...]

    def between(self, from_s: float, to_s: float) -> tuple[int, int]:
        """Indices ``[i, j)`` of the characters that start within ``[from_s, to_s)``."""
        return bisect_left(self.start_s, from_s - 1e-6), bisect_left(self.start_s, to_s - 1e-6)

    @cached_property
    def mean_confidence(self) -> float:
        """How sure the recogniser was of this party's words, 0–1; 1 where there are none."""
        return sum(self.confidence) / len(self.confidence) if self.confidence else 1.0

    @cached_property
    def pieces(self) -> Pieces:
        """Which pieces of wordings stand in the text."""
        return Pieces(self.text)

    @cached_property
    def utterance_ends(self) -> tuple[tuple[int, int], ...]:
        """For each character the indices ``[i, j)`` of the utterance that it is in."""
        ends: list[tuple[int, int]] = []
        for _, same in groupby(self.utterance):
            count = len(list(same))
            ends += [(len(ends), len(ends) + count)] * count
        return tuple(ends)

    def span_s(self, i: int, j: int) -> tuple[float, float]:
        """Time span of the characters ``[i, j)``."""
        return self.start_s[i], self.end_s[j - 1]


@dataclass(frozen=True)
class Line:
    """What one party says until the other takes over: a turn in the order of talking, pauses and all."""

    speaker: str
    start_s: float
    end_s: float
    text: str
    utterances: tuple[Utterance, ...]


@dataclass(frozen=True)
class Dialogue:
    """Streams by party and the lines in order."""

    streams: dict[str, Stream]
    lines: tuple[Line, ...]

    def of(self, speaker: str) -> tuple[Line, ...]:
        """That party's lines, in order."""
        return self._of.get(speaker, ())

    @cached_property
    def timed(self) -> Stretches[Line]:
        """All lines, to be looked up by time."""
        return Stretches(self.lines)

    @cached_property
    def _of(self) -> dict[str, tuple[Line, ...]]:
        speakers = dict.fromkeys(line.speaker for line in self.lines)
        return {speaker: tuple(line for line in self.lines if line.speaker == speaker) for speaker in speakers}


def lay_out(facts: Facts) -> Dialogue:
    """Lay out the transcript of ``facts``. A party that says nothing has an empty stream."""
    ordered = sorted((u for u in facts.transcript if normalise(u.text)), key=lambda u: (u.start_s, u.end_s))
    streams = {party: _stream(party, ordered) for party in PARTIES}
    return Dialogue(streams, _lines(ordered))


def _stream(speaker: str, ordered: Sequence[Utterance]) -> Stream:
    text: list[str] = []
    starts: list[float] = []
    ends: list[float] = []
    confidence: list[float] = []
    index: list[int] = []
    last_s, answered = 0.0, False
    for number, utterance in enumerate(ordered):
        if utterance.speaker != speaker:
            answered = answered or len(normalise(utterance.text)) > BACKCHANNEL_CHARACTERS
            continue
        spoken = _characters(utterance)
        if answered and text:
            spoken.insert(0, (TURN_BREAK, last_s, last_s, 1.0))
        answered = False
        for char, start_s, end_s, sure in spoken:
            last_s = max(last_s, start_s)  # keeps the starts sorted where word times overlap
            text.append(char)
            starts.append(last_s)
            ends.append(max(end_s, last_s))
            confidence.append(sure)
            index.append(-1 if char == TURN_BREAK else number)
    joined = "".join(text)
    return Stream(speaker, joined, tuple(starts), tuple(ends), tuple(confidence), tuple(index), _sounds(joined))


def _sounds(text: str) -> tuple[Syllable, ...]:
    """One syllable for each character; a turn break sounds like nothing else."""
    sounds: list[Syllable] = []
    for part in re.split(f"({TURN_BREAK})", text):
        own = (Syllable(TURN_BREAK, "", 0),) if part == TURN_BREAK else syllables(part)
        if len(own) != len(part):
            own = tuple((syllables(c) or (Syllable(c, "", 0),))[0] for c in part)
        sounds += own
    return tuple(sounds)


def _characters(utterance: Utterance) -> list[tuple[str, float, float, float]]:
    """Each character of an utterance with its share of its word's time (of the utterance's where there are no words)."""
    pieces = [(w.text, w.start_s, w.end_s, w.confidence) for w in utterance.words]
    if normalise("".join(p[0] for p in pieces)) != normalise(utterance.text):
        pieces = [(utterance.text, utterance.start_s, utterance.end_s, utterance.confidence)]
    spread = []
    joined = _join_numerals(pieces)
    said = [piece[0] for piece in joined]
    for at, (text, start_s, end_s, sure) in enumerate(joined):
        around = "".join(said[max(0, at - NEIGHBOURS) : at]), "".join(said[at + 1 : at + 1 + NEIGHBOURS])
        plain = normalise(numbers_as_read(text, *around))
        step = (end_s - start_s) / max(1, len(plain))
        spread += [(c, start_s + k * step, start_s + (k + 1) * step, sure) for k, c in enumerate(plain)]
    return spread


def _join_numerals(pieces: Sequence[tuple[str, float, float, float]]) -> list[tuple[str, float, float, float]]:
    """Join neighbouring pieces of digits, so that a number is read as a whole."""
    joined: list[tuple[str, float, float, float]] = []
    for piece in pieces:
        if joined and joined[-1][0][-1:].isdigit() and piece[0][:1].isdigit():
            text, start_s, _, sure = joined[-1]
            joined[-1] = (text + piece[0], start_s, piece[2], min(sure, piece[3]))
        else:
            joined.append(piece)
    return joined


def _lines(ordered: Sequence[Utterance]) -> tuple[Line, ...]:
    lines: list[list[Utterance]] = []
    for utterance in ordered:
        if lines and lines[-1][-1].speaker == utterance.speaker:
            lines[-1].append(utterance)
        else:
            lines.append([utterance])
    return tuple(
        Line(g[0].speaker, g[0].start_s, max(u.end_s for u in g), normalise(numbers_as_read("".join(u.text for u in g))), tuple(g))
        for g in lines
    )
