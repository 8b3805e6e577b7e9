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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from math import prod

from ..speech.text import is_plain, normalise, numbers_as_read
from .elements import Alternative, Element, Gap

MOST_GAP, MOST_GAPS, MOST_GAP_WAYS = 40, 6, 5000
"""Limits of wildcards in one alternative: characters of one, how many, and in how many ways they can fill together.

A pack is another's text: without limits ``{any:0-999}`` many times would keep the matcher busy for ever (ours).
"""
MOST_ALTERNATIVES = 2000  # of one phrase, word lists multiplied out
MOST_CHARACTERS = 50_000  # of one phrase, word lists multiplied out
KEPT_PIECES = 1 << 17  # those of all shipped packs are 45,000, which the packs hold anyway
MOST_LISTS = 10  # word lists in one alternative
_PARTS = re.compile(r"…|\.\.\.|\+")
_TOKEN = re.compile(r"\{(\w+)(?::(\d+)(?:-(\d+))?)?\}")
_WHOLE_TOKEN = re.compile(r"\{\w+(?::\d+(?:-\d+)?)?\}")


@dataclass(frozen=True)
class Phrase:
    """Elements that must be said, in order if ``ordered``; ``written`` is the pack's text of it."""

    elements: tuple[Element, ...] = field(repr=False)  # all of it follows from ``written`` and the word lists
    written: str
    ordered: bool = True

    def first_wording(self) -> str:
        """The first alternative of each element: what to say, for a reader."""
        return "…".join(element[0].written for element in self.elements)


class UnreadPhrase(Phrase):
    """A phrase of a pack that is known to be right: its wordings are put together when it is first looked for.

    A call needs two thirds of those of its standard, and nothing of the other standards but their cues.
    """

    def __init__(self, written: str, words: Mapping[str, str]) -> None:
        self.__dict__.update(written=written, ordered=_is_ordered(written), words=words)

    @cached_property
    def elements(self) -> tuple[Element, ...]:  # type: ignore[override]
        """What :func:`compile_phrase` gives, each alternative read when it is asked for."""
        return tuple(map(_unread, _wordings(self.written, self.__dict__["words"])))

    def __repr__(self) -> str:
        return f"Phrase(written={self.written!r}, ordered={self.ordered!r})"  # the hash of a standard is of what it holds


class PhraseError(ValueError):
    """A phrase of a pack cannot be understood."""


def compile_phrase(written: str, words: Mapping[str, str]) -> Phrase:
    """Compile one phrase. ``words`` are the pack's word lists (name → ``"a|b|c"``). Raises :class:`PhraseError`."""
    elements = []
    for wordings in _wordings(written, words):
        alternatives = [_alternative(piece, written) for piece in wordings]
        usable = Element(a for a in alternatives if a.atoms)
        if not usable:
            raise PhraseError(f"{_shortened(written)} has an empty element")
        elements.append(usable)
    return Phrase(tuple(elements), written, _is_ordered(written))


def _wordings(written: str, words: Mapping[str, str]) -> Iterator[list[str]]:
    """Of each element, word lists multiplied out. Raises :class:`PhraseError`."""
    if len(written) > MOST_CHARACTERS:
        raise PhraseError(f"{_shortened(written)}: longer than {MOST_CHARACTERS} characters")
    if not _is_ordered(written) and re.search(r"…|\.\.\.", written):
        raise PhraseError(f"{_shortened(written)} mixes … (in order) and + (any order); use one of them")
    for part in _PARTS.split(_Expander(written, words).expand(written, ())):
        yield [piece.strip() for piece in part.split("|")]


def _unread(wordings: Sequence[str]) -> Element:
    """An element of wordings that are known to be right."""
    fixed = [tuple(_WHOLE_TOKEN.split(piece)) if "{" in piece else (piece,) for piece in wordings]
    if not is_plain("".join(chain.from_iterable(fixed))):
        fixed = [parts if is_plain("".join(parts)) else tuple(map(_plain, parts)) for parts in fixed]
    usable = [(piece, parts) for piece, parts in zip(wordings, fixed, strict=True) if len(parts) > 1 or parts[0]]
    return Element.unread([piece for piece, _ in usable], [parts for _, parts in usable], lambda piece: _alternative(piece, piece))


def _is_ordered(written: str) -> bool:
    return "+" not in written


def for_reader(text: str) -> str:
    """A wording or several without wildcards: ``…`` for words that are free, ``×××`` for digits."""
    return re.sub(r"\{(any|digits):[^{}]*\}", lambda found: "…" if found[1] == "any" else "×××", text)


def _shortened(written: str) -> str:
    return repr(written if len(written) <= 60 else written[:60] + " …")


class _Expander:
    """Replaces the word-list names of one phrase; each list is multiplied out once, and never beyond the limits."""

    def __init__(self, written: str, words: Mapping[str, str]) -> None:
        self._what = _shortened(written)
        self._words = words
        self._lists: dict[str, list[str]] = {}

    def expand(self, text: str, inside: tuple[str, ...]) -> str:
        """``text`` with every list multiplied out; ``inside`` are the lists it stands in."""
        elements = [
            "|".join(self._limited(c for piece in e.split("|") for c in self._piece(piece, inside))) for e in _PARTS.split(text)
        ]
        self._limited(c for e in elements for c in e.split("|"))
        return "…".join(elements)

    def _piece(self, piece: str, inside: tuple[str, ...]) -> list[str]:
        """All wordings of one alternative; a list inside it with other text multiplies it out."""
        if "{" not in piece:
            return [piece]  # whoever asked counts it
        names = [m for m in _TOKEN.finditer(piece) if m.group(1) not in ("any", "digits")]
        if len(names) > MOST_LISTS:
            raise PhraseError(f"{self._what}: more than {MOST_LISTS} word lists in one alternative")
        wordings, position = [""], 0
        for name in names:
            before = piece[position : name.start()]
            choices = self._choices(name.group(1), inside)
            wordings = self._limited(w + before + c for w in wordings for c in choices)
            position = name.end()
        return self._limited(w + piece[position:] for w in wordings)

    def _choices(self, name: str, inside: tuple[str, ...]) -> list[str]:
        if name not in self._words:
            raise PhraseError(f"{self._what}: unknown word list {{{name}}}")
        if name in inside:
            raise PhraseError(f"{self._what}: word list {{{name}}} contains itself")
        if len(inside) >= MOST_LISTS:
            raise PhraseError(f"{self._what}: word lists within word lists, deeper than {MOST_LISTS}")
        if name not in self._lists:
            self._lists[name] = self.expand(self._words[name], (*inside, name)).split("|")
        return self._lists[name]

    def _limited(self, wordings: Iterable[str]) -> list[str]:
        kept, characters = [], 0
        for wording in wordings:
            kept.append(wording)
            characters += len(wording)
            if len(kept) > MOST_ALTERNATIVES or characters > MOST_CHARACTERS:
                raise PhraseError(
                    f"{self._what}: multiplies out to more than {MOST_ALTERNATIVES} alternatives or {MOST_CHARACTERS} characters"
                )
        return kept


def _alternative(piece: str, written: str) -> Alternative:
    return _understood(piece) or _read(piece, written)


@lru_cache(maxsize=KEPT_PIECES)
def _understood(piece: str) -> Alternative | None:
    """What :func:`_read` gives, ``None`` for a fault: word lists, multiplied out, bring the same pieces again and again."""
    try:
        return _read(piece, piece)
    except PhraseError:
        return None


def _read(piece: str, written: str) -> Alternative:
    if "{" not in piece and "}" not in piece:
        plain = _plain(piece)
        return Alternative((plain,) if plain else (), piece)
    atoms: list[str | Gap] = []
    position = 0
    for token in _TOKEN.finditer(piece):
        _add_literal(atoms, piece[position : token.start()], written)
        atoms.append(_gap(token.group(), written))
        position = token.end()
    _add_literal(atoms, piece[position:], written)
    if position:
        _check_gaps([a for a in atoms if isinstance(a, Gap)], atoms, written)
    return Alternative(tuple(atoms), piece)


def _check_gaps(gaps: Sequence[Gap], atoms: Sequence[str | Gap], written: str) -> None:
    if len(gaps) == 1 and len(atoms) > 1:
        return  # most wordings with one: it fills in few ways, and stands beside what is fixed
    if len(gaps) > MOST_GAPS or prod(g.most - g.least + 1 for g in gaps) > MOST_GAP_WAYS:
        raise PhraseError(
            f"{_shortened(written)}: too many or too wide wildcards in one alternative (at most {MOST_GAPS}, which fill in at most "
            f"{MOST_GAP_WAYS} ways); part them with …"
        )
    if not any(isinstance(a, str) or a.least for a in atoms):
        raise PhraseError(f"{_shortened(written)}: a wildcard alone must ask for at least one character")


def _gap(token: str, written: str) -> Gap:
    gap = _gap_of(token)
    if gap is None:
        raise PhraseError(f"{_shortened(written)}: {token}: from 0 to {MOST_GAP} characters, the smaller number first")
    return gap


@lru_cache(maxsize=256)
def _gap_of(token: str) -> Gap | None:
    """The wildcard that ``{any:1-2}`` or ``{digits:4-11}`` is; ``None`` where its numbers are none."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    least_text, most_text = (found.group(2) or "1")[:9], (found.group(3) or "")[:9]  # nine digits are too many already
    least = int(least_text)
    most = int(most_text or max(least, 1))
    return None if most < least or most > MOST_GAP else Gap(least, most, found.group(1) == "digits")


def _add_literal(atoms: list[str | Gap], text: str, written: str) -> None:
    if not text:
        return
    if "{" in text or "}" in text:
        raise PhraseError(f"{_shortened(written)}: {{…}} must be a word list, {{any:1-3}} or {{digits:4-11}}")
    plain = _plain(text)
    if plain:
        atoms.append(plain)


@lru_cache(maxsize=KEPT_PIECES)
def _plain(text: str) -> str:
    return normalise(numbers_as_read(text))
