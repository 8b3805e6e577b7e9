"""The small values that move inside judging: whether a trigger occurred and where, and what a check answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

YES, NO, PERHAPS, UNKNOWN = "yes", "no", "perhaps", "unknown"


@dataclass(frozen=True)
class Occurrence:
    """Something that happened in ``[start_s, end_s)``; not ``sure`` means that only the sound of words hints at it."""

    start_s: float
    end_s: float
    sure: bool = True
    quote: str = ""


@dataclass(frozen=True)
class When:
    """Whether a trigger occurred: ``yes`` (with where), ``no``, ``perhaps``, or ``unknown`` (with a reason key and arguments)."""

    state: str
    anchors: tuple[Occurrence, ...] = ()
    reason: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(anchors: tuple[Occurrence, ...]) -> When:
        """``yes`` if any anchor is sure, ``perhaps`` if there are only unsure ones, else ``no``."""
        if not anchors:
            return When(NO)
        sure = tuple(a for a in anchors if a.sure)
        return When(YES, sure) if sure else When(PERHAPS, anchors)

    @staticmethod
    def state_of(value: bool | None, reason: str = "", **args: Any) -> When:
        """A trigger that holds for the whole call or not at all; ``None`` is unknown for that reason."""
        if value is None:
            return When(UNKNOWN, reason=reason, args=args)
        return When(YES if value else NO)


@dataclass(frozen=True)
class Answer:
    """What a check answers: an outcome, the key of its reason with arguments, and where to listen."""

    outcome: str
    reason: str
    args: Mapping[str, Any] = field(default_factory=dict)
    spans: tuple[tuple[float, float], ...] = ()
    quote: str = ""
    expected: str = ""
