"""What the gauges compare with: the numbers that a standard gives in the limits of its ``measure`` rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..judge.standard import Standard

Band = tuple[float | None, float | None]
# The project's default where a standard names none (docs/definitions.md, "Level"; nominal level −26 dBov).
DEFAULT_LEVEL_BAND_DBOV: Band = (-36.0, -16.0)
RATE_BASES = ("turns", "speech", "call")


@dataclass(frozen=True)
class Targets:
    """Bands (an open end is ``None``) and limits; ``None`` where the standard gives no number.

    ``rate_basis`` is the denominator that the standard holds its rate band against: ``turns``, ``speech`` or ``call``.
    """

    rate_per_minute: Band | None
    rate_basis: str
    level_dbov: Band
    ring_count: float | None
    ring_to_answer_s: float | None


def targets_of(standard: Standard) -> Targets:
    """Collect the numbers from the rules of the standard that are about these measures."""
    rate: Band | None = None
    basis = RATE_BASES[0]
    for candidate in RATE_BASES:
        rate = _limits(standard, "speaking_rate", f"per_minute_of_{candidate}")
        if rate is not None:
            basis = candidate
            break
    count = _limits(standard, "ring", "count")
    answer = _limits(standard, "ring", "ring_to_answer_s")
    return Targets(
        rate_per_minute=rate,
        rate_basis=basis,
        level_dbov=_limits(standard, "level", "active_level_dbov") or DEFAULT_LEVEL_BAND_DBOV,
        ring_count=count[1] if count else None,
        ring_to_answer_s=answer[1] if answer else None,
    )


def _limits(standard: Standard, measure: str, figure: str) -> Band | None:
    """``least`` and ``most`` of the first rule whose ``path`` leads to that figure of the agent (or of the call)."""
    for rule in standard.rules:
        path = str(rule.options.get("path", ""))
        if measure in path.split(".") and path.endswith(f".{figure}") and "customer" not in path:
            least, most = _number(rule.options.get("least")), _number(rule.options.get("most"))
            if least is not None or most is not None:
                return least, most
    return None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
