"""Words of a pack that the recogniser wrote nearly: 闪门大楼 for 嗓门大了, 爱大不理 for 爱搭不理.

Nine of ten characters that a small model writes wrongly stand for one that sounds the same up to the tone, or shares its initial or final.
Looking for every wording of a pack by its sound would cost more than all the rest of judging: here a place is looked at only where two
characters that stand together are written as in the wording, as many characters stand there, and the recogniser was not sure of those
that differ. The sound is asked about what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import itemgetter

from ..speech.confusions import Confusions
from ..speech.pinyin import syllables
from ..speech.soundalike import SoundText
from .dialogue import TURN_BREAK, Stream
from .elements import LEAST_SYLLABLES, LITERAL, PIECE, Alternative, Element

SAME, ALIKE = 0.92, 0.84
"""Least similarity of three syllables and of more. With :data:`MOST_CONFIDENCE` (and 0.95 for three syllables) they propose 126 places in
202 development calls; the sound surely agrees at 86, where of 379 others it agreed at 6."""
OFTEN_MISHEARD = -1.3
"""Log-likelihood per syllable from which what the model is known to confuse counts as alike, too (心不见 for 听不见)."""
MOST_CONFIDENCE = 0.9
"""Mean confidence of the characters that differ, below which they may stand for others."""


@dataclass(frozen=True)
class Nearly:
    """A literal nearly written at ``place`` (characters ``[i, j)``), how alike it sounds, and where the whole alternative would then be."""

    place: tuple[int, int]
    literal: str
    similarity: float
    whole: tuple[int, int]


class Misspelt:
    """A party's stream, prepared for being searched for wordings that are nearly written in it."""

    def __init__(self, stream: Stream, sounds: SoundText, confusions: Confusions | None) -> None:
        self._stream = stream
        self._sounds = sounds
        self._confusions = confusions
        self._unsure = (0, *accumulate(c < MOST_CONFIDENCE for c in stream.confidence))
        self._alike: dict[tuple[str, int], float | None] = {}  # rules share words and windows

    def places(self, element: Element, span: tuple[int, int]) -> Iterator[tuple[Nearly, Alternative]]:
        """Where in ``span`` one of the alternatives is nearly written; of one with wildcards one literal is, and the others are written."""
        pieces = self._stream.pieces
        shared = element.pairs[:, pieces.among(element.pairs[PIECE])]
        for number, same in groupby(zip(*shared.tolist(), strict=True), key=itemgetter(LITERAL)):
            which, literal = element.literals[number]
            starts = {start - at for piece, _, at in same for start in pieces.starts(piece)}
            for place, alike in self._nearly_at(literal, sorted(starts), span):
                whole = self._whole(element[which], literal, place, span)
                if whole:
                    yield Nearly(place, literal, alike, whole), element[which]

    def _nearly_at(self, literal: str, starts: Sequence[int], span: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
        """Where among ``starts`` one literal is nearly written, and how alike it sounds."""
        for start in starts:
            place = (start, start + len(literal))
            if span[0] <= start and place[1] <= span[1] and self._unsure[start] < self._unsure[place[1]]:
                key = literal, start
                if key not in self._alike:
                    self._alike[key] = self._nearly(literal, place)
                alike = self._alike[key]
                if alike is not None:
                    yield place, alike

    def _nearly(self, literal: str, place: tuple[int, int]) -> float | None:
        """How alike ``literal`` sounds to what is written at ``place``, if it nearly is."""
        if not self._doubted(literal, place):
            return None
        alike = self._sounds.likeness_at(literal, place)
        enough = alike >= (SAME if len(literal) == LEAST_SYLLABLES else ALIKE)
        return alike if enough or self._often_misheard(literal, place) else None

    def _often_misheard(self, literal: str, place: tuple[int, int]) -> bool:
        """Whether the model is known to write what stands at ``place`` for ``literal``."""
        known = self._confusions
        written = self._stream.sounds[slice(*place)]
        return known is not None and known.log_likelihood(syllables(literal), written) >= OFTEN_MISHEARD

    def _doubted(self, literal: str, place: tuple[int, int]) -> bool:
        """Whether what differs from ``literal`` is at most half of it, and doubtful; 您 is not taken for 你, which would accuse."""
        written = self._stream.text[slice(*place)]
        if ("您", "你") in zip(written, literal, strict=True):
            return False
        differing = [c for a, b, c in zip(written, literal, self._stream.confidence[slice(*place)], strict=True) if a != b]
        few = 0 < 2 * len(differing) <= len(literal)
        return few and TURN_BREAK not in written and sum(differing) < MOST_CONFIDENCE * len(differing)

    def _whole(self, alternative: Alternative, literal: str, place: tuple[int, int], span: tuple[int, int]) -> tuple[int, int] | None:
        """Where the whole alternative would be, were one of its literals written at ``place``."""
        if len(alternative.atoms) == 1:
            return place
        text = self._stream.text
        put_right = text[: place[0]] + literal + text[place[1] :]
        spans = (match.span() for match in alternative.regex().finditer(put_right, *span))
        return next((found for found in spans if found[0] <= place[0] and place[1] <= found[1]), None)
