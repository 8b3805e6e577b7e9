"""Which syllables a model writes for which: how likely the words that are written would be if a phrase had been said.

A recogniser confuses other sounds than people do (听 becomes 心, 号 becomes 后), each model its own. The counts come of recordings whose
words are known (``benchmarks/confusions.py``); a pair never seen is judged by its initials and finals.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Generic, TypeVar

from .pinyin import Syllable

Key = TypeVar("Key")
Sound = tuple[str, str]
"""Initial and final of a syllable, without its tone; what is not Chinese is its letter and no final."""

LEAST = -12.0
PAIR_WEIGHT, PART_WEIGHT = 5.0, 10.0
"""So many syllables heard count as much as what their initials and finals say, and so many initials (finals) as their frequency at all."""
GAP = -8.0
"""Of a syllable too many or too few: -4 to -12 tell better than what a wrong syllable costs, -8 as well as any."""


class Confusions:
    """``counts``: how often a sound was written for a sound, ``(said, heard)``; those heard rightly among them."""

    def __init__(self, counts: Mapping[tuple[Sound, Sound], int]) -> None:
        self._pairs = counts
        self._known: dict[tuple[Sound, Sound], float] = {}

    def log_likelihood(self, said: Sequence[Syllable], heard: Sequence[Syllable]) -> float:
        """Natural logarithm, per syllable of ``said``, of how much less likely ``heard`` was written for it than its own syllables.

        0 where just these are written, down to :data:`LEAST`; each by how common it is at all, aligned by Needleman and Wunsch (1970).
        """
        wanted, written = [_sound(s) for s in said], [_sound(s) for s in heard]
        if not wanted:
            return 0.0
        row = [GAP * j for j in range(len(written) + 1)]
        for i, sound in enumerate(wanted, 1):
            before, row = row, [GAP * i]
            for j, other in enumerate(written, 1):
                row.append(max(before[j - 1] + self.gain(sound, other), before[j] + GAP, row[j - 1] + GAP))
        understood = sum(self.gain(sound, sound) for sound in wanted)
        return max(LEAST, min(0.0, (row[-1] - understood) / len(wanted)))

    def gain(self, said: Sound, heard: Sound) -> float:
        """Logarithm of how much likelier ``heard`` is written where ``said`` was said than anywhere."""
        known = self._known.get((said, heard))
        if known is None:
            by_parts = math.prod(part.likelihood(a, b) for part, a, b in zip(self._parts, said, heard, strict=True))
            likelihood = (self._pairs.get((said, heard), 0) + PAIR_WEIGHT * by_parts) / (self._whole.said[said] + PAIR_WEIGHT)
            known = self._known[said, heard] = math.log(likelihood / self._whole.share(heard))
        return known

    @cached_property
    def _whole(self) -> _Part[Sound]:
        return _Part(self._pairs)

    @cached_property
    def _parts(self) -> tuple[_Part[str], _Part[str]]:
        initials: Counter[tuple[str, str]] = Counter()
        finals: Counter[tuple[str, str]] = Counter()
        for (said, heard), times in self._pairs.items():
            initials[said[0], heard[0]] += times
            finals[said[1], heard[1]] += times
        return _Part(initials), _Part(finals)


class _Part(Generic[Key]):
    """Counts of a part of syllables, or of whole ones, by what was said and by what was heard."""

    def __init__(self, pairs: Mapping[tuple[Key, Key], int]) -> None:
        self._pairs = pairs
        self.said: Counter[Key] = Counter()
        self._heard: Counter[Key] = Counter()
        for (said, heard), times in pairs.items():
            self.said[said] += times
            self._heard[heard] += times
        self._all = sum(self.said.values()) + len(self._heard)

    def share(self, heard: Key) -> float:
        """How common it is; what never was heard counts as half a time."""
        return (self._heard[heard] + 0.5) / self._all

    def likelihood(self, said: Key, heard: Key) -> float:
        """How often it was heard where ``said`` was said; by how common it is where that was seldom."""
        return (self._pairs.get((said, heard), 0) + PART_WEIGHT * self.share(heard)) / (self.said[said] + PART_WEIGHT)


def read_confusions(table: Mapping[str, Mapping[str, int]]) -> Confusions:
    """From how it is stored: ``{"t-ing": {"t-ing": 912, "x-in": 40}}``, said, heard, times."""
    return Confusions({(_parse(said), _parse(heard)): times for said, row in table.items() for heard, times in row.items()})


def as_table(counts: Mapping[tuple[Sound, Sound], int]) -> dict[str, dict[str, int]]:
    """How it is stored."""
    table: dict[str, dict[str, int]] = {}
    for (said, heard), times in sorted(counts.items()):
        table.setdefault("-".join(said), {})["-".join(heard)] = times
    return table


def pair(said: Syllable, heard: Syllable) -> tuple[Sound, Sound]:
    """What is counted of two syllables."""
    return _sound(said), _sound(heard)


def _sound(syllable: Syllable) -> Sound:
    return syllable.initial, syllable.final


def _parse(stored: str) -> Sound:
    initial, _, final = stored.rpartition("-")
    return initial, final
