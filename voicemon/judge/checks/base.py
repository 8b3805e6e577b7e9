"""What all check types share: the type itself, and the verdict of words found or not found in a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...records import AGENT, PARTIES
from ..answers import Answer, When
from ..context import Context
from ..finder import Found
from ..schema import Option, Where

PARTY = Option("choice", default=AGENT, choices=PARTIES)


@dataclass(frozen=True)
class Check:
    """A check type: the options it takes and a function ``(context, options, when) -> Answer`` for a trigger that occurred.

    ``by_words`` says that it needs to know who speaks; such checks are ``not_checked`` where voices are not told apart.
    """

    options: Mapping[str, Option]
    judge: Callable[[Context, Mapping[str, Any], When], Answer]
    by_words: bool = True


def where_option(default: str) -> Option:
    """A window option with that default."""
    return Option("where", default=Where(default))


def heard(found: Found) -> dict[str, Any]:
    """Spans and quote of what was found, as keyword arguments of an :class:`Answer`."""
    if not found.hits:
        return {}
    return {"spans": ((found.start_s, found.end_s),), "quote": "…".join(h.quote for h in found.hits)}


def anchor_span(when: When) -> tuple[tuple[float, float], ...]:
    """The first place of the trigger, to listen to."""
    return tuple((a.start_s, a.end_s) for a in when.anchors[:1])
