"""Call-progress tones (first shape; the detector follows)."""

from __future__ import annotations

from dataclasses import dataclass

from ..records import Span
from ..spans import merge
from .decode import Float32


@dataclass(frozen=True)
class RingGroup:
    """One ring as the caller counts it (a double ring is one): from the first burst's start to the last burst's end."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class ToneSpan:
    """Another tone: ``busy``, ``congestion``, ``call_waiting``, ``dtmf``, ``fax``, ``music`` or ``unknown``."""

    kind: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Tones:
    """Tones of a channel. ``country`` is that of the ring cadence, None without one or when several fit."""

    rings: tuple[RingGroup, ...] = ()
    country: str | None = None
    others: tuple[ToneSpan, ...] = ()

    def spans(self) -> tuple[Span, ...]:
        """Every stretch that is a tone and therefore never speech."""
        return merge(Span(t.start_s, t.end_s) for t in (*self.rings, *self.others))


def find_tones(x: Float32, rate_hz: int) -> Tones:
    return Tones()
