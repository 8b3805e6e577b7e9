"""Limits of the phrase check for one call: those that were calibrated for the model that heard it."""

from __future__ import annotations

import math

from .judge.foretelling import Foretelling
from .judge.thresholds import Thresholds, Weights
from .records import Facts
from .speech.models import confusions
from .speech.verifier import PhraseLimits, limits_for

# Another model's log-ratios mean something else: what only sounds alike stays open, and is neither kept nor broken by it.
UNCALIBRATED = Thresholds(accept=math.inf, reject=-math.inf, accept_strictly=math.inf, last_accept=math.inf)


def phrase_thresholds(facts: Facts) -> Thresholds:
    """Limits of the phrase check as calibrated for the model that heard the call; of one that never was, the sound decides nothing."""
    model = str(facts.hearing.get("model"))
    limits, known = limits_for(model), confusions(model)
    if limits is None or (limits.misheard_weight and known is None):  # without its confusions all would count as understood
        return UNCALIBRATED
    return Thresholds(
        weights=Weights(limits.ratio_weight, limits.similarity_weight, limits.alone_weight, limits.bias, limits.misheard_weight,
                        limits.length_weight),
        confusions=known,
        foretelling=_foretelling(limits),
        accept=limits.accept,
        reject=limits.reject,
        accept_strictly=limits.accept_strictly,
        accept_surely=limits.accept_surely,
        accept_most_surely=limits.accept_most_surely,
        last_odds=limits.last,
        last_odds_said=limits.last_said,
        part_odds=limits.part,
        slot_odds=limits.slot,
        opening_odds=limits.opening,
    )


def _foretelling(limits: PhraseLimits) -> Foretelling | None:
    known = limits.foretold_bias, limits.foretold_misheard, limits.foretold_others, limits.foretold_margin
    return Foretelling(*known) if limits.foretold_margin else None
