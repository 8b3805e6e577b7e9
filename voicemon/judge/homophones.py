"""Wordings of a pack that are written with other characters of the same sound: 帮我教一下你们 for 帮我叫一下你们, 听误懂 for 听勿懂.

Half of the characters that a small model writes wrongly stand for one of the same syllable. A wording and a call are held against each
other by their syllables, exactly, which costs hardly more than by their characters; so wildcards and several short literals are found
too, for which :mod:`.misspelt` wants more that is written rightly. The sound is asked about what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..speech.homophones import sounded
from .dialogue import Stream
from .elements import Alternative, Element, Gap
from .pieces import Pieces

LEAST_SYLLABLES, MANY_SYLLABLES = 3, 4
"""Of the fixed characters of a wording; from many on one may differ although the recogniser was sure of it."""
MOST_CONFIDENCE = 0.9
"""Mean confidence of the characters that differ, below which they may stand for others."""
LEAST_RATIO_OF_FEW, LEAST_RATIO = -2.5, -4.0
"""Least log-ratio of three syllables and of more. What sounds the same differs in what the words around make likely: rightly for
你好，帮, which is no 你好棒."""


@dataclass(frozen=True)
class Homophone:
    """Where a wording would be (characters ``[i, j)``), and what would then be written there."""

    place: tuple[int, int]
    meant: str
    least_ratio: float


class Homophones:
    """A party's stream by its sound."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._sounded = sounded(stream.text)
        self._pieces = Pieces(self._sounded)

    def places(self, element: Element, span: tuple[int, int]) -> Iterator[tuple[Homophone, Alternative]]:
        """Where in ``span`` one of the alternatives stands by its sound and not by its characters."""
        within = self._sounded[slice(*span)]
        for alternative in map(element.__getitem__, self._pieces.among(element.sounded_beginnings).tolist()):
            if alternative.sounded in within and self._may_stand(alternative, within):
                for match in _pattern(alternative.atoms).finditer(self._sounded, *span):
                    found = self._at(match, alternative)
                    if found:
                        yield found, alternative

    def _may_stand(self, alternative: Alternative, within: str) -> bool:
        """Whether its pattern is worth being put together: enough of it is fixed, and all of that is somewhere."""
        return len(alternative.literal) >= LEAST_SYLLABLES and all(sounded(a) in within for a in alternative.atoms if isinstance(a, str))

    def _at(self, match: re.Match[str], alternative: Alternative) -> Homophone | None:
        first, last = match.span()
        text, confidence = self._stream.text, self._stream.confidence
        literals = [atom for atom in alternative.atoms if isinstance(atom, str)]
        meant = dict(zip((i for group in range(len(literals)) for i in range(*match.span(group + 1))), "".join(literals), strict=True))
        differing = [confidence[i] for i, character in meant.items() if text[i] != character]
        if not differing or 2 * len(differing) > len(meant):
            return None
        surely = sum(differing) >= MOST_CONFIDENCE * len(differing)
        if surely and (len(meant) < MANY_SYLLABLES or len(differing) > 1):
            return None
        said = "".join(meant.get(i, text[i]) for i in range(first, last))
        return Homophone((first, last), said, LEAST_RATIO_OF_FEW if len(meant) == LEAST_SYLLABLES else LEAST_RATIO)


@lru_cache(maxsize=4096)
def _pattern(atoms: tuple[str | Gap, ...]) -> re.Pattern[str]:
    """Over sounded text, with a group for each literal; a wildcard for digits takes any character, but none that ends a turn."""
    return re.compile("".join(f"({re.escape(sounded(a))})" if isinstance(a, str) else f".{{{a.least},{a.most}}}?" for a in atoms))
