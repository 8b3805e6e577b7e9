"""Where in a text something sounds like a given wording: pinyin alignment with confusion costs, fast enough for a whole pack.

The alignment is semi-global (the wording must be used up, the text may start and end anywhere) over syllable distances of
:func:`voicemon.speech.pinyin.distance`; a missing or an extra syllable costs :data:`SKIP_COST`. Rows are computed with numpy:
the insertion recurrence ``cur[j] = min(t[j], cur[j-1] + c)`` is ``minimum.accumulate(t - c*j) + c*j``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .pinyin import Syllable, distances, numbered, syllables

SKIP_COST = 0.8
SHORT_CHARACTERS = 2
FIRST_ROWS = 64


@dataclass(frozen=True)
class Place:
    """A stretch of the text, characters ``[start, end)``, that sounds like the wording; similarity is 0 to 1."""

    start: int
    end: int
    similarity: float


PlacesByNumber = tuple[tuple[int, tuple[Place, ...]], ...]


class Wordings:
    """Wordings that are looked for together, prepared once: their syllables by number, the longest first."""

    def __init__(self, texts: Sequence[str]) -> None:
        sounds = [wording_numbers(text) for text in texts]
        self.order = sorted((n for n, own in enumerate(sounds) if len(own)), key=lambda n: -len(sounds[n]))
        self.lengths = np.array([len(sounds[n]) for n in self.order], dtype=np.int64)
        self.short = np.array([len(texts[n]) <= SHORT_CHARACTERS for n in self.order], dtype=bool)
        self.syllables = np.zeros((len(self.order), max(map(len, sounds), default=0)), dtype=np.int32)  # shorter ones filled up with any
        for row, n in zip(self.syllables, self.order, strict=True):
            row[: len(sounds[n])] = sounds[n]


class SoundText:
    """A text prepared for many alignments: its syllables, per syllable asked for the distances to each of them, and the places that
    were found."""

    def __init__(self, sounds: Sequence[Syllable]) -> None:
        self._different, self._codes = np.unique(numbered(sounds), return_inverse=True)
        self._row_of = np.zeros(0, dtype=np.int64)  # by the number of a syllable; -1 where it was not asked for
        self._rows = np.zeros((0, len(self._codes)))
        self._known = 0
        self._own_rows: dict[str, list[int]] = {}
        self._found: dict[tuple[Wordings, float, float, int, int], PlacesByNumber] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def _rows_of(self, syllables: np.ndarray) -> np.ndarray:
        """Where in ``self._rows`` the distances of these syllables (by number) to each of the text are; the same shape."""
        if syllables.size and syllables.max() >= len(self._row_of):
            self._row_of = np.concatenate((self._row_of, np.full(syllables.max() + 1 - len(self._row_of), -1)))
        new = syllables[self._row_of[syllables] < 0]
        if len(new):
            self._add(np.unique(new))
        return self._row_of[syllables]

    def _own(self, wording: str) -> list[int]:
        """Where in ``self._rows`` those of the syllables of a wording are."""
        found = self._own_rows.get(wording)
        if found is None:
            found = self._own_rows[wording] = self._rows_of(wording_numbers(wording)).tolist()
        return found

    def _add(self, new: np.ndarray) -> None:
        known = self._known + len(new)
        if known > len(self._rows):
            rows = np.empty((max(2 * len(self._rows), known, FIRST_ROWS), len(self)))
            rows[: self._known] = self._rows[: self._known]
            self._rows = rows
        self._rows[self._known : known] = distances(new, self._different)[:, self._codes]
        self._row_of[new] = np.arange(self._known, known)
        self._known = known

    def places(self, wording: str, least: float, span: tuple[int, int] | None = None) -> tuple[Place, ...]:
        """Non-overlapping places in ``span`` (character indices) where ``wording`` has at least that similarity, best first."""
        found = self.seek(_alone(wording), least, least, span or (0, len(self)))
        return found[0][1] if found else ()

    def seek(self, wordings: Wordings, least: float, least_short: float, span: tuple[int, int]) -> PlacesByNumber:
        """The :meth:`places` of those of ``wordings`` that have any, with their number in the order given.

        ``least_short`` is the least similarity of wordings of up to two characters. Kept: rules of a pack share wordings and windows.
        """
        key = (wordings, least, least_short, *span)
        if key not in self._found:
            self._found[key] = self._sought(*key)
        return self._found[key]

    def _sought(self, wordings: Wordings, least: float, least_short: float, first: int, last: int) -> PlacesByNumber:
        if not wordings.order or last <= first:
            return ()
        wanted = np.where(wordings.short, least_short, least)
        rows = self._rows_of(wordings.syllables)
        aligned = _Alignment(self._rows[:, first:last], rows, wordings.lengths)
        places = ((wordings.order[row], aligned.places(row, float(wanted[row]), first)) for row in aligned.alike(wanted))
        return tuple(sorted(places, key=lambda found: found[0]))

    def likeness(self, wording: str, span: tuple[int, int]) -> float:
        """How much ``wording`` sounds like the best part of ``span``; 0 where nothing does."""
        return max((p.similarity for p in self.places(wording, 0.0, span)), default=0.0)

    def straight(self, wording: str, span: tuple[int, int]) -> np.ndarray:
        """Similarity of ``wording`` to each stretch of its own length in ``span``, syllable by syllable; shape (stretches,)."""
        rows = self._own(wording)
        count = span[1] - span[0] - len(rows) + 1
        if not rows or count <= 0:
            return np.zeros(0)
        cost = sum(self._rows[row, span[0] + k : span[0] + k + count] for k, row in enumerate(rows))
        return 1.0 - np.asarray(cost) / len(rows)

    def likeness_at(self, wording: str, place: tuple[int, int]) -> float:
        """Similarity of ``wording`` to the stretch of its own length that begins ``place``; 0 where it has none, or is longer."""
        rows = self._own(wording)
        if not rows or len(rows) > place[1] - place[0]:
            return 0.0
        return 1.0 - sum(map(self._rows.item, rows, range(*place))) / len(rows)

    def touched(self, wordings: Wordings, span: tuple[int, int], most: float) -> list[int]:
        """The numbers of those of ``wordings`` of which a syllable differs by no more than ``most`` from one in ``span``; in no order,
        and others may be among them."""
        if not wordings.order:
            return []
        rows = self._rows_of(wordings.syllables)
        near = np.min(self._rows[: self._known, slice(*span)], axis=1, initial=np.inf) <= most
        return [wordings.order[n] for n in np.flatnonzero(near[rows].any(axis=1)).tolist()]

    def same(self, wording: str, span: tuple[int, int], most: float) -> bool:
        """Whether a stretch in ``span`` sounds like ``wording``: no syllable differs by more than ``most``."""
        first, last = span
        rows = self._own(wording)
        count = last - first - len(rows) + 1
        left = np.arange(max(0, count)) if rows else np.zeros(0, dtype=np.int64)
        for k, row in enumerate(rows):
            if not len(left):
                break
            left = left[self._rows[row, first + k : first + k + count][left] <= most]
        return len(left) > 0


class _Alignment:
    """Several wordings, the longest first, aligned with the same stretch of a text.

    ``distances`` (syllables, width) to the stretch, ``rows`` (wordings, most syllables) where those of each syllable of a wording are.
    """

    def __init__(self, distances: np.ndarray, rows: np.ndarray, lengths: np.ndarray) -> None:
        self._distances, self._rows, self._lengths = distances, rows, lengths
        self._ramp = SKIP_COST * np.arange(distances.shape[1] + 1)
        costs = np.zeros((len(rows), len(self._ramp)))  # of using up each wording by each end index
        self._lowest: list[np.ndarray] = []  # what each syllable's costs came of, so that starts are traced where they are asked
        for k, count in enumerate(np.count_nonzero(lengths[:, np.newaxis] > np.arange(lengths[0]), axis=0).tolist()):
            before = costs[:count]
            cheapest = before + SKIP_COST
            substituted = distances[rows[:count, k]]
            substituted += before[:, :-1]
            np.minimum(cheapest[:, 1:], substituted, out=cheapest[:, 1:])
            cheapest -= self._ramp
            lowest = np.minimum.accumulate(cheapest, axis=1)
            np.add(lowest, self._ramp, out=before)
            self._lowest.append(lowest)
        self._similarity = 1.0 - costs[:, 1:] / lengths[:, np.newaxis]

    def alike(self, least: np.ndarray) -> list[int]:
        """The rows of the wordings that reach their least similarity anywhere."""
        reached: list[int] = np.flatnonzero(self._similarity.max(axis=1) >= least).tolist()
        return reached

    def places(self, row: int, least: float, offset: int) -> tuple[Place, ...]:
        """Non-overlapping places of one wording, best first; ``offset`` is where the stretch begins in the text."""
        similarity = self._similarity[row]
        alike = np.flatnonzero(similarity >= least)
        chosen: list[tuple[int, int, float]] = []
        for j in alike[np.argsort(-similarity[alike], kind="stable")].tolist():
            begin, end = self._start(row, j + 1), j + 1
            if end > begin and all(end <= a or b <= begin for a, b, _ in chosen):
                chosen.append((begin, end, float(similarity[j])))
        return tuple(Place(offset + begin, offset + end, found) for begin, end, found in chosen)

    def _start(self, row: int, at: int) -> int:
        """Where the alignment of a wording that ends at ``at`` begins."""
        for k in range(int(self._lengths[row]) - 1, -1, -1):
            substituted, skipped = self._ways(row, k, at)
            while at and min(substituted, skipped) - self._ramp.item(at) > self._lowest[k].item(row, at):  # an extra syllable of the text
                at -= 1
                substituted, skipped = self._ways(row, k, at)
            at -= substituted <= skipped
        return at

    def _ways(self, row: int, k: int, at: int) -> tuple[float, float]:
        """Costs of a wording up to its syllable ``k`` at an end index, where that syllable stands for one of the text or for none."""
        substituted = self._cost(row, k, at - 1) + self._distances.item(self._rows.item(row, k), at - 1) if at else math.inf
        return substituted, self._cost(row, k, at) + SKIP_COST

    def _cost(self, row: int, k: int, at: int) -> float:
        """Of using up what is before syllable ``k`` by that end index."""
        return self._lowest[k - 1].item(row, at) + self._ramp.item(at) if k else 0.0


@lru_cache(maxsize=20_000)
def wording_numbers(wording: str) -> np.ndarray:
    """The syllables of a wording by their number (cached: packs ask for the same wordings in every call)."""
    return numbered(syllables(wording))


@lru_cache(maxsize=1024)
def _alone(wording: str) -> Wordings:
    return Wordings((wording,))
