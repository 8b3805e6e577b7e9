"""What the sound will say of a phrase, foretold by what is written: where that is clear enough, the sound need not be asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_CONFIDENCE = 1e-4
MOST_SURE = 1e-3
"""A recogniser that leaves less than this to all other words is not taken for surer."""


@dataclass(frozen=True)
class Foretelling:
    """A line through the log-odds that the questions of the calibration got (:class:`.thresholds.Weights`).

    ``misheard``: per unit of :meth:`.Confusions.log_likelihood`; ``others``: per unit and syllable of :func:`log_odds_of_others`;
    ``margin``: so far under a limit the log-odds must be foretold for the sound to be spared.
    """

    bias: float
    misheard: float
    others: float
    margin: float

    def log_odds(self, syllables: int, misheard: float, confidence: Sequence[float]) -> float:
        """The log-odds to be expected of a phrase of so many syllables; ``confidence`` of the characters written there, 0 to 1."""
        return self.bias + self.misheard * misheard + self.others * log_odds_of_others(confidence) / syllables

    def below(self, limit: float, syllables: int, misheard: float, confidence: Sequence[float]) -> bool:
        """Whether the sound will hardly give ``limit``."""
        return self.log_odds(syllables, misheard, confidence) <= limit - self.margin


def log_odds_of_others(confidence: Sequence[float]) -> float:
    """Natural log-odds, by the recogniser's own confidence in each character, that other words were said than all of those written."""
    written = math.prod(max(c, LEAST_CONFIDENCE) for c in confidence)
    return math.log(max(1.0 - written, MOST_SURE) / written)
