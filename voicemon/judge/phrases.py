"""Phrases of a standard: elements in order, each with alternatives, written in one line.

``"您好|你好 … 紫金金行 … 帮您|帮到您"`` is three elements (``…`` or ``...`` parts them, anything may lie between), each with its
alternatives (``|``); ``+`` in place of ``…`` lets them come in any order. ``{name}`` stands for a word list of the pack;
the built-in wildcards are

``{any:1-2}``     one to two characters, whatever they are (a surname, a place)
``{digits:4-11}`` four to eleven spoken digits

Text is compared as :func:`voicemon.speech.text.normalise` and numerals as read aloud, so packs may be written as people write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..speech.text import normalise, numbers_as_read

DIGITS = "零一二三四五六七八九幺两十百千"
_PARTS = re.compile(r"…|\.\.\.|\+")
_TOKEN = re.compile(r"\{(\w+)(?::(\d+)(?:-(\d+))?)?\}")


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

    @property
    def literal(self) -> str:
        """Its fixed characters, without the gaps."""
        return "".join(atom for atom in self.atoms if isinstance(atom, str))

    def regex(self) -> re.Pattern[str]:
        """A compiled pattern of the alternative over normalised text."""
        return _compiled(self.atoms)


_CACHE: dict[tuple[str | Gap, ...], re.Pattern[str]] = {}


def _compiled(atoms: tuple[str | Gap, ...]) -> re.Pattern[str]:
    if atoms not in _CACHE:
        _CACHE[atoms] = re.compile("".join(re.escape(a) if isinstance(a, str) else a.pattern for a in atoms))
    return _CACHE[atoms]


@dataclass(frozen=True)
class Phrase:
    """Elements that must be said, in order if ``ordered``; ``written`` is the pack's text of it."""

    elements: tuple[tuple[Alternative, ...], ...]
    written: str
    ordered: bool = True

    def first_wording(self) -> str:
        """The first alternative of each element: what to say, for a reader."""
        return "…".join(element[0].written for element in self.elements)


class PhraseError(ValueError):
    """A phrase of a pack cannot be understood."""


def compile_phrase(written: str, words: Mapping[str, str]) -> Phrase:
    """Compile one phrase. ``words`` are the pack's word lists (name → ``"a|b|c"``). Raises :class:`PhraseError`."""
    elements = []
    ordered = "+" not in written
    if not ordered and re.search(r"…|\.\.\.", written):
        raise PhraseError(f"{written!r} mixes … (in order) and + (any order); use one of them")
    for part in _PARTS.split(_expand(written, words, ())):
        alternatives = [_alternative(piece) for piece in part.split("|")]
        usable = tuple(a for a in alternatives if a.literal or any(isinstance(x, Gap) for x in a.atoms))
        if not usable:
            raise PhraseError(f"{written!r} has an empty element")
        elements.append(usable)
    return Phrase(tuple(elements), written, ordered)


def _expand(written: str, words: Mapping[str, str], inside: tuple[str, ...]) -> str:
    """Replace word-list names. A list inside an alternative with other text multiplies it out."""

    def expand_part(part: str) -> str:
        names = [m for m in _TOKEN.finditer(part) if m.group(1) not in ("any", "digits")]
        if not names:
            return part
        name = names[0].group(1)
        if name not in words:
            raise PhraseError(f"{written!r}: unknown word list {{{name}}}")
        if name in inside:
            raise PhraseError(f"{written!r}: word list {{{name}}} contains itself")
        choices = _expand(words[name], words, (*inside, name)).split("|")
        start, end = names[0].span()
        return "|".join(expand_part(part[:start] + choice + part[end:]) for choice in choices)

    elements = _PARTS.split(written)
    return "…".join("|".join(expand_part(piece) for piece in element.split("|")) for element in elements)


def _alternative(piece: str) -> Alternative:
    atoms: list[str | Gap] = []
    position = 0
    for token in _TOKEN.finditer(piece):
        _add_literal(atoms, piece[position : token.start()])
        least = int(token.group(2) or 1)
        atoms.append(Gap(least, int(token.group(3) or max(least, 1)), token.group(1) == "digits"))
        position = token.end()
    _add_literal(atoms, piece[position:])
    return Alternative(tuple(atoms), piece.strip())


def _add_literal(atoms: list[str | Gap], text: str) -> None:
    plain = normalise(numbers_as_read(text))
    if plain:
        atoms.append(plain)
