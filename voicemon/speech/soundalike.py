"""Where in a text something sounds like a given wording: pinyin alignment with confusion costs, fast enough for a whole pack.

The alignment is semi-global (the wording must be used up, the text may start and end anywhere) over syllable distances of
:func:`voicemon.speech.pinyin.distance`; a missing or an extra syllable costs :data:`SKIP_COST`. Rows are computed with numpy:
the insertion recurrence ``cur[j] = min(t[j], cur[j-1] + c)`` is ``minimum.accumulate(t - c*j) + c*j``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .pinyin import Sounds, Syllable, syllables

SKIP_COST = 0.8


@dataclass(frozen=True)
class Place:
    """A stretch of the text, characters ``[start, end)``, that sounds like the wording; similarity is 0 to 1."""

    start: int
    end: int
    similarity: float


class SoundText:
    """A text prepared for many alignments: its syllables, per syllable asked for the distances to the different ones among them, and
    the places that were found."""

    def __init__(self, sounds: Sequence[Syllable]) -> None:
        codes: dict[Syllable, int] = {}
        self._codes = np.array([codes.setdefault(sound, len(codes)) for sound in sounds], dtype=np.int32)
        self._sounds = Sounds(tuple(codes))
        self._costs: dict[Syllable, np.ndarray] = {}
        self._found: dict[tuple[str, float, int, int], tuple[Place, ...]] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def _row(self, syllable: Syllable, first: int, last: int) -> np.ndarray:
        """Distance of ``syllable`` to each of the text in ``[first, last)``."""
        costs = self._costs.get(syllable)
        if costs is None:
            costs = self._costs[syllable] = self._sounds.distances(syllable)
        return np.asarray(costs[self._codes[first:last]])

    def places(self, wording: str, least: float, span: tuple[int, int] | None = None) -> tuple[Place, ...]:
        """Non-overlapping places in ``span`` (character indices) where ``wording`` has at least that similarity, best first.

        Kept: rules of a pack share wordings and windows.
        """
        key = (wording, least, *(span or (0, len(self))))
        if key not in self._found:
            self._found[key] = self._places(*key)
        return self._found[key]

    def _places(self, wording: str, least: float, first: int, last: int) -> tuple[Place, ...]:
        pattern = wording_sounds(wording)
        if not pattern or last <= first:
            return ()
        cost, start = self._align(pattern, first, last)
        similarity = 1.0 - cost[1:] / len(pattern)
        chosen: list[Place] = []
        taken = np.zeros(last - first, dtype=np.bool_)
        for j in np.argsort(-similarity, kind="stable"):
            if similarity[j] < least:
                break
            begin, end = int(start[j + 1]), int(j) + 1
            if end > begin and not taken[begin:end].any():
                taken[begin:end] = True
                chosen.append(Place(first + begin, first + end, float(similarity[j])))
        return tuple(chosen)

    def straight(self, wording: str, span: tuple[int, int]) -> np.ndarray:
        """Similarity of ``wording`` to each stretch of its own length in ``span``, syllable by syllable; shape (stretches,)."""
        pattern = wording_sounds(wording)
        count = span[1] - span[0] - len(pattern) + 1
        if not pattern or count <= 0:
            return np.zeros(0)
        cost = sum(self._row(syllable, span[0] + k, span[0] + k + count) for k, syllable in enumerate(pattern))
        return 1.0 - np.asarray(cost) / len(pattern)

    def same(self, wording: str, span: tuple[int, int], most: float) -> bool:
        """Whether a stretch in ``span`` sounds like ``wording``: no syllable differs by more than ``most``."""
        first, last = span
        pattern = wording_sounds(wording)
        count = last - first - len(pattern) + 1
        left = np.arange(max(0, count)) if pattern else np.zeros(0, dtype=np.int64)
        for k, syllable in enumerate(pattern):
            if not len(left):
                break
            left = left[self._row(syllable, first + k, first + k + count)[left] <= most]
        return len(left) > 0

    def _align(self, pattern: Sequence[Syllable], first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the cost of using up the wording by each end index, and where that alignment starts."""
        width = last - first
        ramp = SKIP_COST * np.arange(width + 1)
        cost = np.zeros(width + 1)
        start = np.arange(width + 1)
        for syllable in pattern:
            substituted = np.concatenate(([np.inf], cost[:-1] + self._row(syllable, first, last)))
            skipped = cost + SKIP_COST
            moved = np.where(substituted <= skipped, np.concatenate(([0], start[:-1])), start)
            best = np.minimum(substituted, skipped)
            levelled = best - ramp
            lowest = np.minimum.accumulate(levelled)
            origin = np.maximum.accumulate(np.where(levelled <= lowest, np.arange(width + 1), 0))
            cost, start = lowest + ramp, moved[origin]
        return cost, start


@lru_cache(maxsize=20_000)
def wording_sounds(wording: str) -> tuple[Syllable, ...]:
    """The syllables of a wording (cached: packs ask for the same wordings in every call)."""
    return tuple(syllables(wording))
