"""How alike two Chinese texts sound: syllables with costs for what recognisers and speakers commonly confuse.

The costs are for telephone Mandarin (zh/z, ch/c, sh/s, n/l, f/h, -n/-ng, tones); a same-sounding place is a proposal, not a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .text import is_plain, normalise, numbers_as_read

NEUTRAL = 5  # the tone of an unstressed syllable
GAP_COST = 0.8  # a syllable too many or too few
TONE_COST = 0.05
INITIAL_SHARE, FINAL_SHARE = 0.5, 0.5
NEAR_COST, SIMILAR_COST = 0.1, 0.35
_FOREIGN = "\0"

NEAR_INITIALS = frozenset(map(frozenset, (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))))
_SIMILAR_INITIALS = frozenset(map(frozenset, (
    ("f", "h"), ("j", "zh"), ("q", "ch"), ("x", "sh"), ("j", "z"), ("q", "c"), ("x", "s"), ("j", "q"), ("zh", "ch"), ("z", "c"),
    ("b", "p"), ("d", "t"), ("g", "k"), ("r", "l"), ("m", "n"), ("sh", "ch"), ("s", "c"), ("x", "q"), ("h", "k"))))
NEAR_FINALS = frozenset(map(frozenset, (
    ("in", "ing"), ("en", "eng"), ("an", "ang"), ("ian", "iang"), ("uan", "uang"), ("un", "ong"), ("uen", "ueng"))))
_SIMILAR_FINALS = frozenset(map(frozenset, (
    ("i", "v"), ("ian", "van"), ("in", "vn"), ("ie", "ve"), ("e", "o"), ("o", "uo"), ("e", "uo"), ("u", "ou"), ("ai", "ei"), ("ao", "ou"),
    ("in", "en"), ("ing", "eng"), ("ia", "a"), ("ua", "a"), ("iao", "ao"), ("iou", "ou"), ("iang", "ang"), ("uang", "ang"), ("uei", "ei"),
    ("uan", "an"), ("uen", "en"), ("ian", "an"), ("i", "ie"), ("e", "ei"), ("i", "in"), ("er", "e"), ("ong", "eng"), ("an", "en"),
    ("ang", "eng"), ("i", "ei"), ("u", "v"), ("ian", "in"), ("a", "e"), ("uo", "ou"), ("ie", "ian"))))


class Syllable(NamedTuple):
    """One syllable. ``tone`` 1–4, 5 neutral; what is not Chinese has its letter as ``initial`` and tone 0."""

    initial: str
    final: str
    tone: int


def syllables(text: str) -> tuple[Syllable, ...]:
    """Syllables of a text: punctuation left out, numerals as they are read. Polyphones follow pypinyin's phrases."""
    return _syllables(text if is_plain(text) else normalise(numbers_as_read(text)))


def distance(a: Syllable, b: Syllable) -> float:
    """0 (the same) to 1 (nothing alike)."""
    return _distance(a, b)


def numbered(sounds: Iterable[Syllable]) -> npt.NDArray[np.int32]:
    """The numbers of these syllables: each has its own, as long as the process lives."""
    return np.fromiter(map(_KNOWN.number, sounds), dtype=np.int32)


def distances(these: npt.NDArray[np.int32], those: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """:func:`distance` of each of ``these`` syllables to each of ``those``, both by their :func:`numbered`; shape (these, those)."""
    (initials, finals, tones), (other_initials, other_finals, other_tones) = _KNOWN.parts[:, these], _KNOWN.parts[:, those]
    found: npt.NDArray[np.float64] = _INITIALS.costs[initials][:, other_initials] + _FINALS.costs[finals][:, other_finals]
    found += _TONES[tones][:, other_tones]
    np.minimum(found, 1.0, out=found)
    found[these[:, np.newaxis] == those] = 0.0
    return found


class _Parts:
    """Initials (or finals) by number, and what it costs to take one for another."""

    def __init__(self, share: float, near: frozenset[frozenset[str]], similar: frozenset[frozenset[str]]) -> None:
        self._share, self._near, self._similar = share, near, similar
        self._numbers: dict[str, int] = {}
        self.number("")

    def number(self, part: str) -> int:
        """Of one initial or final."""
        if part not in self._numbers:
            self._numbers[part] = len(self._numbers)
            self.costs = np.array([[self._share * _part(a, b, self._near, self._similar) for b in self._numbers] for a in self._numbers])
        return self._numbers[part]


class _Known:
    """Every syllable that was met, by its number; ``parts`` holds the numbers of its initial and final, and its tone."""

    def __init__(self) -> None:
        self._numbers: dict[Syllable, int] = {}
        self.parts = np.zeros((3, 1024), dtype=np.int32)

    def number(self, syllable: Syllable) -> int:
        """Of one syllable."""
        found = self._numbers.get(syllable)
        if found is None:
            found = self._numbers[syllable] = len(self._numbers)
            if found == self.parts.shape[1]:
                self.parts = np.concatenate((self.parts, np.zeros_like(self.parts)), axis=1)
            if syllable.tone:
                self.parts[:, found] = _INITIALS.number(syllable.initial), _FINALS.number(syllable.final), syllable.tone
        return found


def best_match(pattern: Sequence[Syllable], text: Sequence[Syllable]) -> tuple[int, int, float]:
    """The stretch ``[start, end)`` of ``text`` most like the whole ``pattern``, and its similarity 0–1.

    Fuzzy substring alignment (Sellers 1980): text before and after is free. Nothing alike gives ``(0, 0, 0.0)``.
    """
    if not pattern or not text:
        return 0, 0, 0.0
    ends, starts = _align(pattern, text)
    end = min(range(len(ends)), key=ends.__getitem__)
    similarity = max(0.0, 1.0 - ends[end] / len(pattern))
    return (starts[end], end, similarity) if similarity > 0 else (0, 0, 0.0)


def all_matches(pattern: Sequence[Syllable], text: Sequence[Syllable], at_least: float) -> tuple[tuple[int, int, float], ...]:
    """Every place at least this similar, none overlapping, best first among overlapping ones, in order of the text."""
    if not pattern or not text:
        return ()
    ends, starts = _align(pattern, text)
    places = [(1.0 - ends[j] / len(pattern), starts[j], j) for j in range(1, len(ends)) if starts[j] < j]
    chosen: list[tuple[int, int, float]] = []
    for similarity, start, end in sorted(places, key=lambda p: (-p[0], p[2] - p[1], p[1])):
        if similarity >= at_least and all(end <= s or start >= e for s, e, _ in chosen):
            chosen.append((start, end, similarity))
    return tuple(sorted(chosen))


def _align(pattern: Sequence[Syllable], text: Sequence[Syllable]) -> tuple[list[float], list[int]]:
    """Cost of the pattern ending before each position of the text, and where it then starts."""
    costs = [0.0] * (len(text) + 1)
    starts = list(range(len(text) + 1))
    for symbol in pattern:
        row = _costs_of(symbol)
        new_costs, new_starts = [costs[0] + GAP_COST], [starts[0]]
        for j, other in enumerate(text, 1):
            change = row.get(other)
            if change is None:
                change = row[other] = _distance(symbol, other)
            best, start = costs[j - 1] + change, starts[j - 1]
            if costs[j] + GAP_COST < best:
                best, start = costs[j] + GAP_COST, starts[j]
            if new_costs[j - 1] + GAP_COST < best:
                best, start = new_costs[j - 1] + GAP_COST, new_starts[j - 1]
            new_costs.append(best)
            new_starts.append(start)
        costs, starts = new_costs, new_starts
    return costs, starts


@lru_cache(maxsize=8192)
def _costs_of(symbol: Syllable) -> dict[Syllable, float]:
    """The cache of one syllable's distances, filled as they are asked."""
    return {symbol: 0.0}


@lru_cache(maxsize=200_000)
def _distance(a: Syllable, b: Syllable) -> float:
    if a == b:
        return 0.0
    if not a.tone or not b.tone:
        return 1.0
    tone = 0.0 if a.tone == b.tone or NEUTRAL in (a.tone, b.tone) else TONE_COST
    initial = _part(a.initial, b.initial, NEAR_INITIALS, _SIMILAR_INITIALS)
    final = _part(a.final, b.final, NEAR_FINALS, _SIMILAR_FINALS)
    return min(1.0, INITIAL_SHARE * initial + FINAL_SHARE * final + tone)


@lru_cache(maxsize=20_000)
def _part(a: str, b: str, near: frozenset[frozenset[str]], similar: frozenset[frozenset[str]]) -> float:
    if a == b:
        return 0.0
    pair = frozenset((a, b))
    return NEAR_COST if pair in near else SIMILAR_COST if pair in similar else 1.0


@lru_cache(maxsize=65536)
def _syllables(plain: str) -> tuple[Syllable, ...]:
    return tuple(syllable for word in _segmenter().seg(plain) for syllable in _of_word(word))


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    from pypinyin.core import Pinyin

    return Pinyin()


@lru_cache(maxsize=32768)
def _of_word(word: str) -> tuple[Syllable, ...]:
    """The syllables of one of the words that pypinyin takes a text apart into: it reads each by itself, and they come again and again."""
    from pypinyin import Style, lazy_pinyin

    # The style that pypinyin keeps: turning each syllable of each text into another one took half of the time.
    return tuple(_parse(part) for part in lazy_pinyin([word], style=Style.TONE, errors=_apart))  # type: ignore[arg-type]


def _apart(text: str) -> list[str]:
    """What is not Chinese, one letter at a time and marked, so that it counts in the alignment and is not taken for a syllable."""
    return [_FOREIGN + letter for letter in text]


@lru_cache(maxsize=4096)
def _parse(part: str) -> Syllable:
    from pypinyin.contrib.tone_convert import to_finals, to_initials, to_tone3

    if part.startswith(_FOREIGN):
        return Syllable(part[len(_FOREIGN):], "", 0)
    numbered = to_tone3(part, neutral_tone_with_five=True)
    if len(numbered) < 2 or not numbered[-1].isdigit():
        return Syllable(numbered, "", 0)
    return Syllable(to_initials(numbered, strict=True), to_finals(numbered, strict=True, v_to_u=False), int(numbered[-1]))


_INITIALS = _Parts(INITIAL_SHARE, NEAR_INITIALS, _SIMILAR_INITIALS)
_FINALS = _Parts(FINAL_SHARE, NEAR_FINALS, _SIMILAR_FINALS)
# By the tones of both; what is no Chinese (0) is like nothing else.
_TONES = np.array([[1.0 if 0 in (a, b) else 0.0 if a == b or NEUTRAL in (a, b) else TONE_COST for b in range(6)] for a in range(6)])
_KNOWN = _Known()
