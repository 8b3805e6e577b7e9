"""Elements of a phrase: the ways to say it, literals and wildcards in turn, and what looking for all of them at once needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..speech.homophones import sounded
from ..speech.soundalike import Wordings
from .pieces import Numbers, number_of, numbered, sounded_piece

DIGITS = "零一二三四五六七八九幺两十百千"
LEAST_SYLLABLES, LEAST_OF_SEVERAL = 3, 4
"""A literal with fewer is too often part of other words, so that the sound agrees too (贱人 in 收件人); what stands beside a wildcard
sooner (室的人)."""
LEAST_TELLABLE = 2
PIECE, LITERAL = 0, 1


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
    def fixed(self) -> tuple[str, ...]:
        """What stands before, between and after its wildcards, also where that is nothing: one more than there are wildcards."""
        return _between(self.atoms)

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


def _between(atoms: Sequence[str | Gap]) -> tuple[str, ...]:
    parts = [""]
    for atom in atoms:
        if isinstance(atom, str):
            parts[-1] += atom
        else:
            parts.append("")
    return tuple(parts)


_CACHE: dict[tuple[str | Gap, ...], re.Pattern[str]] = {}


def _compiled(atoms: tuple[str | Gap, ...]) -> re.Pattern[str]:
    if atoms not in _CACHE:
        _CACHE[atoms] = re.compile("".join(re.escape(a) if isinstance(a, str) else a.pattern for a in atoms))
    return _CACHE[atoms]


class Element:
    """The alternatives of an element, and which pieces of a text tell whether one of them is worth a closer look: packs have thousands,
    and hardly any is in a call, so that those of shipped packs are read when they are asked for."""

    _read: Callable[[str], Alternative]

    def __init__(self, alternatives: Iterable[Alternative]) -> None:
        self._held: list[Alternative | str] = [*alternatives]
        self._fixed = [a.fixed for a in self._held if not isinstance(a, str)]

    @classmethod
    def unread(cls, wordings: Sequence[str], fixed: Sequence[tuple[str, ...]], read: Callable[[str], Alternative]) -> Element:
        """Of ``wordings`` that ``read`` makes alternatives of; ``fixed`` is :attr:`Alternative.fixed` of each."""
        element = cls(())
        element._held, element._fixed, element._read = [*wordings], [*fixed], read
        return element

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Alternative]:
        return map(self.__getitem__, range(len(self._held)))

    def __getitem__(self, number: int) -> Alternative:
        found = self._held[number]
        if isinstance(found, str):
            found = self._held[number] = self._read(found)
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Element) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[type[Element], tuple[tuple[Alternative, ...]]]:  # numbers are of this process
        return Element, (tuple(self),)

    @cached_property
    def least_characters(self) -> int:
        """How many fixed characters the shortest alternative has."""
        return min(sum(map(len, fixed)) for fixed in self._fixed)

    @cached_property
    def _longest(self) -> list[str]:
        """Each alternative's longest literal."""
        return [max(fixed, key=len) for fixed in self._fixed]

    def first_in(self, number: int, text: str, first: int, last: int) -> tuple[int, int] | None:
        """:meth:`Alternative.first_in` of one of them, which is read only where that may be somewhere."""
        return self[number].first_in(text, first, last) if text.find(self._longest[number], first, last) >= 0 else None

    def places_in(self, text: str) -> Iterator[tuple[int, int]]:
        """:meth:`Alternative.places_in` of each."""
        for number, longest in enumerate(self._longest):
            if longest in text:
                yield from self[number].places_in(text)

    @cached_property
    def beginnings(self) -> Numbers:
        """What each alternative's longest literal begins with."""
        return numbered(longest[:2] for longest in self._longest)

    @cached_property
    def sounded_beginnings(self) -> Numbers:
        """The same by its sound."""
        return numbered(sounded_piece(longest[:2]) for longest in self._longest)

    @cached_property
    def literals(self) -> tuple[tuple[int, str], ...]:
        """The literals that may be told although they are only nearly written, each with the number of its alternative."""
        return tuple((n, literal) for n, fixed in enumerate(self._fixed) for literal in fixed
                     if len(literal) >= (LEAST_SYLLABLES if len(fixed) == 1 else LEAST_OF_SEVERAL))

    @cached_property
    def pairs(self) -> Numbers:
        """Every two characters that stand together in :attr:`literals`: the piece, the number of the literal, and where in it they are;
        shape (3, pairs)."""
        found = [(number_of(literal[i : i + 2]), n, i) for n, (_, literal) in enumerate(self.literals) for i in range(len(literal) - 1)]
        return np.array(found, dtype=np.intp).reshape(-1, 3).T

    @cached_property
    def tellable(self) -> tuple[int, ...]:
        """The numbers of the alternatives that are told by their sound: one syllable alone sounds like too much; wildcards are matched by
        their text only."""
        return tuple(n for n, fixed in enumerate(self._fixed) if len(fixed) == 1 and len(fixed[0]) >= LEAST_TELLABLE)

    @cached_property
    def wordings(self) -> Wordings:
        """How :attr:`tellable` sound."""
        return Wordings([self._fixed[n][0] for n in self.tellable])

    def told(self, number: int) -> Alternative:
        """The alternative of one of :attr:`wordings`."""
        return self[self.tellable[number]]

    def all_told(self) -> Iterator[Alternative]:
        """Those that are told by their sound."""
        return map(self.__getitem__, self.tellable)
