"""What looking for a phrase asks and answers: how to look, a place found, the answer about a whole phrase."""

from __future__ import annotations

from dataclasses import dataclass

from .dialogue import Stream
from .elements import Alternative


@dataclass(frozen=True)
class How:
    """How to look: by sound too, strictly, whether an earlier misspelt place wins over a later exact one, and whether this is
    the last hearing before the phrase counts as missing (then doubtful words are asked about that do not even sound alike).

    ``sparing``: the sound is asked only where it may well speak for the phrase (:meth:`.Asker.worth_accusing`).
    ``misspelt``: by its text, and where it is nearly written and the sound surely agrees (:mod:`.misspelt`); never a ``maybe``.
    ``nearly``: by its text, and where words sound nearly the same and the sound surely agrees; never a ``maybe``.
    """

    fuzzy: bool
    strictly: bool = False
    earliest: bool = False
    last_hearing: bool = False
    nearly: bool = False
    sparing: bool = False
    misspelt: bool = False


@dataclass(frozen=True)
class Hit:
    """A place found: character indices in the party's stream, its time, how it was found and what was written there."""

    start: int
    end: int
    span_s: tuple[float, float]
    state: str
    wording: str
    quote: str

    @property
    def said(self) -> str:
        """What was said, for a reader: the wording where the sound confirmed it, else the words as written."""
        return self.quote if "{" in self.wording else self.wording


@dataclass(frozen=True)
class Found:
    """The answer about a phrase: ``state`` and the hits of its elements; ``missing`` the wordings not found."""

    state: str
    hits: tuple[Hit, ...]
    missing: tuple[str, ...] = ()

    @property
    def start_s(self) -> float:
        return min(h.span_s[0] for h in self.hits)

    @property
    def end_s(self) -> float:
        return max(h.span_s[1] for h in self.hits)


def hit_at(stream: Stream, place: tuple[int, int], state: str, alternative: Alternative) -> Hit:
    """``alternative`` found in that state at ``place``, the indices ``[i, j)`` of the stream."""
    return Hit(place[0], place[1], stream.span_s(*place), state, alternative.written, stream.text[slice(*place)])
