"""Elements of a phrase: the ways to say it, literals and wildcards in turn, and what looking for all of them at once needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from ..speech.homophones import sounded
from ..speech.soundalike import Wordings

DIGITS = "零一二三四五六七八九幺两十百千"
LEAST_SYLLABLES, LEAST_OF_SEVERAL = 3, 4
"""A literal with fewer is too often part of other words, so that the sound agrees too (贱人 in 收件人); what stands beside a wildcard
sooner (室的人)."""
PIECE, LITERAL = 0, 1
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Gap:
    """A wildcard inside an alternative: ``least`` to ``most`` characters, only digits if ``digits``."""

    least: int
    most: int
    digits: bool = False

    @property
    def pattern(self) -> str:
        """The gap as a regular expression: a bounded run of one character class, which cannot blow up."""
        return f"[{DIGITS}]{{{self.least},{self.most}}}" if self.digits else f".{{{self.least},{self.most}}}?"


@dataclass(frozen=True)
class Alternative:
    """One way to say an element: literals and gaps in turn. ``written`` is what the pack's author wrote."""

    atoms: tuple[str | Gap, ...]
    written: str

    @cached_property
    def longest(self) -> str:
        """The longest of its literals; empty where it is a wildcard alone."""
        return max((atom for atom in self.atoms if isinstance(atom, str)), key=len, default="")

    @cached_property
    def literal(self) -> str:
        """Its fixed characters, without the gaps."""
        return "".join(atom for atom in self.atoms if isinstance(atom, str))

    @cached_property
    def sounded(self) -> str:
        """The longest of its literals by its sound alone."""
        return sounded(self.longest)

    @property
    def tellable_by_sound(self) -> bool:
        """One syllable alone sounds like too much; wildcards are matched by their text only."""
        return len(self.atoms) == 1 and len(self.literal) >= 2

    def regex(self) -> re.Pattern[str]:
        """A compiled pattern of the alternative over normalised text."""
        return _compiled(self.atoms)

    def places_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands in ``text``, normalised: places that do not overlap, from the first on."""
        if self.longest not in text:
            return
        if len(self.atoms) > 1 or not self.longest:
            yield from (match.span() for match in self.regex().finditer(text))
            return
        end = 0
        while (start := text.find(self.longest, end)) >= 0:
            end = start + len(self.longest)
            yield start, end

    def first_in(self, text: str, first: int, last: int) -> tuple[int, int] | None:
        """Where it first stands in ``text[first:last]``, normalised; an empty match is none."""
        at = text.find(self.longest, first, last)
        if at < 0:
            return None  # most wordings of a pack are in no call at all
        if len(self.atoms) == 1 and self.longest:
            return at, at + len(self.longest)
        if any(isinstance(atom, str) and text.find(atom, first, last) < 0 for atom in self.atoms):
            return None  # its pattern need not even be compiled
        match = self.regex().search(text, first, last)
        return match.span() if match and match.end() > match.start() else None


_CACHE: dict[tuple[str | Gap, ...], re.Pattern[str]] = {}


def _compiled(atoms: tuple[str | Gap, ...]) -> re.Pattern[str]:
    if atoms not in _CACHE:
        _CACHE[atoms] = re.compile("".join(re.escape(a) if isinstance(a, str) else a.pattern for a in atoms))
    return _CACHE[atoms]


class Element(tuple[Alternative, ...]):
    """The alternatives of an element, and which pieces of a text tell whether one of them is worth a closer look: packs have thousands,
    and hardly any is in a call."""

    def __reduce__(self) -> tuple[type[Element], tuple[tuple[Alternative, ...]]]:  # numbers are of this process
        return Element, (tuple(self),)

    @cached_property
    def beginnings(self) -> Numbers:
        """What each alternative's longest literal begins with."""
        return _numbered(a.longest[:2] for a in self)

    @cached_property
    def sounded_beginnings(self) -> Numbers:
        """The same by its sound."""
        return _numbered(map(_sounded, (a.longest[:2] for a in self)))

    @cached_property
    def literals(self) -> tuple[tuple[Alternative, str], ...]:
        """The literals that may be told although they are only nearly written, each with its alternative."""
        return tuple((a, atom) for a in self for atom in a.atoms
                     if isinstance(atom, str) and len(atom) >= (LEAST_SYLLABLES if len(a.atoms) == 1 else LEAST_OF_SEVERAL))

    @cached_property
    def pairs(self) -> Numbers:
        """Every two characters that stand together in :attr:`literals`: the piece, the number of the literal, and where in it they are;
        shape (3, pairs)."""
        found = [(_number(literal[i : i + 2]), n, i) for n, (_, literal) in enumerate(self.literals) for i in range(len(literal) - 1)]
        return np.array(found, dtype=np.int32).reshape(-1, 3).T

    @cached_property
    def tellable(self) -> tuple[Alternative, ...]:
        """The alternatives that are told by their sound."""
        return tuple(a for a in self if a.tellable_by_sound)

    @cached_property
    def wordings(self) -> Wordings:
        """How :attr:`tellable` sound."""
        return Wordings([a.literal for a in self.tellable])


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
        return np.flatnonzero(self._held[numbers])

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
def _sounded(piece: str) -> str:
    return sounded(piece)


def _numbered(pieces: Iterable[str]) -> Numbers:
    return np.fromiter(map(_number, pieces), dtype=np.int32)


def _number(piece: str) -> int:
    """The number of a piece, its own as long as the process lives: packs have some ten thousand different ones."""
    return _NUMBERS.setdefault(piece, len(_NUMBERS))


_NUMBERS: dict[str, int] = {}
