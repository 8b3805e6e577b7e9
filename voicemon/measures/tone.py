"""Tone of voice, indications only: pitch, its range, how much the level moves, drawn-out tails, long hesitations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..records import Level, Span, Tone


def tone_of(x: np.ndarray, rate_hz: int, speech: Sequence[Span], level: Level) -> Tone:
    """Indications of one party's tone; ``x`` is its channel (mono floats), ``level`` gives the level of each turn."""
    return Tone(reason="not measured yet")


def receiver_bang(x: np.ndarray, rate_hz: int) -> float | None:
    """Peak level in dBov of an impulse in the last second of the agent's channel; ``None`` where there is none."""
    return None
