"""Pieces of wordings and texts, one or two characters each, by number: which wordings may be in a text is asked of all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..speech.homophones import sounded

Numbers = npt.NDArray[np.intp]  # what indexes an array takes no other step


class Pieces:
    """Where in a text which pieces stand: every two characters together, every one, and nothing."""

    def __init__(self, text: str) -> None:
        self._pairs: dict[str, list[int]] = {}
        for i in range(len(text) - 1):
            self._pairs.setdefault(text[i : i + 2], []).append(i)
        self._pieces = frozenset(("", *text, *self._pairs))
        self._held = np.zeros(0, dtype=bool)
        self._starts: dict[int, list[int]] = {}

    def among(self, numbers: Numbers) -> npt.NDArray[np.int64]:
        """The indices of those pieces (by number) that stand in the text."""
        if len(self._held) < len(_NUMBERS):
            self._look()
        return self._held[numbers].nonzero()[0]  # asked for every element: np.flatnonzero takes longer than the look itself

    def starts(self, number: int) -> Sequence[int]:
        """Where a piece of two characters that stands in the text (:meth:`among`) begins."""
        return self._starts[number]

    def _look(self) -> None:
        """Find what has a number by now; after the first calls all that is looked for has."""
        known = _NUMBERS.keys() & self._pieces
        self._starts = {_NUMBERS[piece]: self._pairs[piece] for piece in known if piece in self._pairs}
        self._held = np.zeros(len(_NUMBERS), dtype=bool)
        self._held[[_NUMBERS[piece] for piece in known]] = True


@lru_cache(maxsize=1 << 15)
def sounded_piece(piece: str) -> str:
    """How one piece sounds."""
    return sounded(piece)


def numbered(pieces: Iterable[str]) -> Numbers:
    """The numbers of pieces."""
    return np.fromiter(map(number_of, pieces), dtype=np.intp)


def number_of(piece: str) -> int:
    """The number of a piece, its own as long as the process lives: packs have some ten thousand different ones."""
    return _NUMBERS.setdefault(piece, len(_NUMBERS))


_NUMBERS: dict[str, int] = {}
