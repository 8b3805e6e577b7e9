"""What the gauges compare with: the numbers that a standard gives in the limits of its ``measure`` rules."""

from __future__ import annotations

from dataclasses import dataclass

from ..judge.standard import Rule, Standard

RATE_BASES = ("turns", "speech", "call")


@dataclass(frozen=True)
class Band:
    """Limits of a measure (an open end is ``None``), the tolerance the standard's pack allows, and the rule they come from."""

    low: float | None
    high: float | None
    tolerance: float = 0.0
    tolerance_share: float = 0.0
    rule: str = ""

    def state(self, value: float | None) -> str:
        """``in``, ``below`` or ``above``, tolerance allowed for; ``plain`` where there is no value."""
        if value is None:
            return "plain"
        allowed = self.tolerance + abs(value) * self.tolerance_share
        if self.low is not None and value < self.low - allowed:
            return "below"
        return "above" if self.high is not None and value > self.high + allowed else "in"


# The project's default where a standard names none (docs/definitions.md, "Level": nominal −26 dBov, instrument error 0.5 dB).
DEFAULT_LEVEL_BAND_DBOV = Band(-36.0, -16.0, tolerance=0.5)


@dataclass(frozen=True)
class Targets:
    """Bands; ``None`` where the standard gives no number.

    ``rate_basis`` is the denominator that the standard holds its rate band against: ``turns``, ``speech`` or ``call``.
    """

    rate_per_minute: Band | None
    rate_basis: str
    level_dbov: Band
    ring_count: Band | None
    ring_to_answer_s: Band | None


def targets_of(standard: Standard) -> Targets:
    """Collect the numbers from the rules of the standard that are about these measures."""
    found = [(base, _band(standard, "speaking_rate", f"per_minute_of_{base}")) for base in RATE_BASES]
    basis, rate = next(((base, band) for base, band in found if band is not None), (RATE_BASES[0], None))
    return Targets(
        rate_per_minute=rate,
        rate_basis=basis,
        level_dbov=_band(standard, "level", "active_level_dbov") or DEFAULT_LEVEL_BAND_DBOV,
        ring_count=_band(standard, "ring", "count"),
        ring_to_answer_s=_band(standard, "ring", "ring_to_answer_s"),
    )


def _band(standard: Standard, measure: str, figure: str) -> Band | None:
    """The limits of the rule whose ``path`` leads to that figure of the agent or of the call; direct rules before indications."""
    for rule in sorted(standard.rules, key=lambda r: r.evidence != "direct"):
        path = str(rule.options.get("path", "")).split(".")
        if measure in path and path[-1] == figure and "customer" not in path:
            tolerances = (_number(rule, "tolerance") or 0.0, _number(rule, "tolerance_share") or 0.0)
            band = Band(_number(rule, "least"), _number(rule, "most"), *tolerances, rule.id)
            if band.low is not None or band.high is not None:
                return band
    return None


def _number(rule: Rule, option: str) -> float | None:
    value = rule.options.get(option)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
