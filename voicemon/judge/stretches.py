"""Things with a begin and an end, of which those near a time are found without looking at all of them: a call of hours has thousands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Generic, Protocol, TypeVar


class Timed(Protocol):
    """What has a begin and an end, in seconds."""

    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...


T = TypeVar("T", bound=Timed)


class Stretches(Generic[T]):
    """Such things in the order they are given, which need not be that of time."""

    def __init__(self, items: Sequence[T]) -> None:
        self._items = tuple(items)
        self._ended = tuple(accumulate((item.end_s for item in self._items), max))
        self._to_begin = tuple(accumulate((item.start_s for item in reversed(self._items)), min))[::-1]

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def near(self, from_s: float = float("-inf"), to_s: float = float("inf")) -> Iterator[T]:
        """In order, all that end at ``from_s`` or later and begin at ``to_s`` or sooner; some others may be among them."""
        return map(self._items.__getitem__, self._range(from_s, to_s))

    def last_near(self, from_s: float = float("-inf"), to_s: float = float("inf")) -> Iterator[T]:
        """The same, the last first."""
        return map(self._items.__getitem__, reversed(self._range(from_s, to_s)))

    def _range(self, from_s: float, to_s: float) -> range:
        return range(bisect_left(self._ended, from_s), bisect_right(self._to_begin, to_s))
