"""Where in a text something sounds like a given wording: pinyin alignment with confusion costs, fast enough for a whole pack.

The alignment is semi-global (the wording must be used up, the text may start and end anywhere) over syllable distances of
:func:`voicemon.speech.pinyin.distance`; a missing or an extra syllable costs :data:`SKIP_COST`. Rows are computed with numpy:
the insertion recurrence ``cur[j] = min(t[j], cur[j-1] + c)`` is ``minimum.accumulate(t - c*j) + c*j``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """A text prepared for many alignments: its syllables, per syllable asked for the distances to each of them, and the places that
    were found."""

    def __init__(self, sounds: Sequence[Syllable]) -> None:
        codes: dict[Syllable, int] = {}
        self._codes = np.array([codes.setdefault(sound, len(codes)) for sound in sounds], dtype=np.int32)
        self._sounds = Sounds(tuple(codes))
        self._rows: dict[Syllable, np.ndarray] = {}
        self._found: dict[tuple[str, float, int, int], tuple[Place, ...]] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def _row(self, syllable: Syllable) -> np.ndarray:
        """Distance of ``syllable`` to each of the text."""
        row = self._rows.get(syllable)
        if row is None:
            row = self._rows[syllable] = self._sounds.distances(syllable)[self._codes]
        return row

    def places(self, wording: str, least: float, span: tuple[int, int] | None = None) -> tuple[Place, ...]:
        """Non-overlapping places in ``span`` (character indices) where ``wording`` has at least that similarity, best first.

        Kept: rules of a pack share wordings and windows.
        """
        first, last = span or (0, len(self))
        key = (wording, least, first, last)
        if key not in self._found:
            self.seek([(wording, least)], (first, last))
        return self._found[key]

    def seek(self, wanted: Iterable[tuple[str, float]], span: tuple[int, int]) -> None:
        """Find the :meth:`places` of several wordings, each with its least similarity, beforehand: together they take a fraction."""
        first, last = span
        new = {key: wording_sounds(key[0]) for pair in wanted if (key := (*pair, first, last)) not in self._found}
        self._found.update(dict.fromkeys(new, ()))
        asked = sorted((key for key, pattern in new.items() if pattern), key=lambda key: -len(new[key]))
        if not asked or last <= first:
            return
        aligned = _Alignment([[self._row(syllable)[first:last] for syllable in new[key]] for key in asked])
        for number in aligned.alike([key[1] for key in asked]):
            self._found[asked[number]] = aligned.places(number, asked[number][1], first)

    def likeness(self, wording: str, span: tuple[int, int]) -> float:
        """How much ``wording`` sounds like the best part of ``span``; 0 where nothing does."""
        return max((p.similarity for p in self.places(wording, 0.0, span)), default=0.0)

    def straight(self, wording: str, span: tuple[int, int]) -> np.ndarray:
        """Similarity of ``wording`` to each stretch of its own length in ``span``, syllable by syllable; shape (stretches,)."""
        pattern = wording_sounds(wording)
        count = span[1] - span[0] - len(pattern) + 1
        if not pattern or count <= 0:
            return np.zeros(0)
        cost = sum(self._row(syllable)[span[0] + k : span[0] + k + count] for k, syllable in enumerate(pattern))
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
            left = left[self._row(syllable)[first + k : first + k + count][left] <= most]
        return len(left) > 0


class _Alignment:
    """Several wordings, the longest first, aligned with the same stretch of a text: each is given as its syllables' rows of distances."""

    def __init__(self, wordings: Sequence[Sequence[np.ndarray]]) -> None:
        self._lengths = [len(rows) for rows in wordings]
        width = len(wordings[0][0])
        costs = np.zeros((len(wordings), width + 1))  # of using up each wording by each end index
        ramp = SKIP_COST * np.arange(width + 1)
        self._steps: list[tuple[np.ndarray, ...]] = []  # what each syllable's costs came of, so that starts are traced where they are asked
        for k in range(self._lengths[0]):
            rows = np.array([wording[k] for wording in wordings if len(wording) > k])
            before = costs[: len(rows)]
            substituted = np.full((len(rows), width + 1), np.inf)
            np.add(before[:, :-1], rows, out=substituted[:, 1:])
            skipped = before + SKIP_COST
            levelled = np.minimum(substituted, skipped) - ramp
            lowest = np.minimum.accumulate(levelled, axis=1)
            np.add(lowest, ramp, out=before)
            self._steps.append((substituted, skipped, levelled, lowest))
        self._similarity = 1.0 - costs[:, 1:] / np.array(self._lengths)[:, np.newaxis]

    def alike(self, least: Sequence[float]) -> list[int]:
        """The numbers of the wordings that reach their least similarity anywhere."""
        most = self._similarity.max(axis=1)
        return [number for number, (found, wanted) in enumerate(zip(most.tolist(), least, strict=True)) if found >= wanted]

    def places(self, number: int, least: float, offset: int) -> tuple[Place, ...]:
        """Non-overlapping places of one wording, best first; ``offset`` is where the stretch begins in the text."""
        similarity = self._similarity[number]
        alike = np.flatnonzero(similarity >= least)
        chosen: list[tuple[int, int, float]] = []
        for j in alike[np.argsort(-similarity[alike], kind="stable")].tolist():
            begin, end = self._start(number, j + 1), j + 1
            if end > begin and all(end <= a or b <= begin for a, b, _ in chosen):
                chosen.append((begin, end, float(similarity[j])))
        return tuple(Place(offset + begin, offset + end, found) for begin, end, found in chosen)

    def _start(self, number: int, at: int) -> int:
        """Where the alignment of a wording that ends at ``at`` begins."""
        for substituted, skipped, levelled, lowest in reversed(self._steps[: self._lengths[number]]):
            while levelled[number, at] > lowest[number, at]:  # an extra syllable of the text
                at -= 1
            at -= bool(substituted[number, at] <= skipped[number, at])
        return at


@lru_cache(maxsize=20_000)
def wording_sounds(wording: str) -> tuple[Syllable, ...]:
    """The syllables of a wording (cached: packs ask for the same wordings in every call)."""
    return tuple(syllables(wording))
