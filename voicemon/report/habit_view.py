"""An agent's habits in numbers: the rate and the level of every own call against the band that call was judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ..judge.standard import Standard
from .gauges import band_words, percent_of
from .render import day, number
from .rows import CallRow
from .targets import Band, Targets, targets_of

# Room beside the outermost value, as a share of the width.
MARGIN = 0.1


@dataclass(frozen=True)
class HabitDot:
    """One call on the strip: ``left`` in per cent; ``state`` is in, below, above or plain."""

    left: float
    state: str
    href: str
    tip: str


@dataclass(frozen=True)
class HabitStrip:
    """One measure over all own calls. ``band_at`` is (left, width) in per cent, ``None`` where the calls have no band or not the same."""

    label: str
    unit: str
    middle: float | None
    range: str
    target: str
    share: str
    dots: tuple[HabitDot, ...]
    band_at: tuple[float, float] | None


def habit_strips(rows: Sequence[CallRow], standards: Mapping[str, Standard], t: Mapping[str, str]) -> tuple[HabitStrip, ...]:
    """Rate (characters per minute over turns) and level (dBov), oldest call first."""
    targets = {name: targets_of(standards[name]) for name in {row.standard for row in rows} if name in standards}

    def bands(of: Callable[[Targets], Band | None]) -> list[Band | None]:
        return [of(targets[row.standard]) if row.standard in targets else None for row in rows]

    rate = bands(lambda x: x.rate_per_minute if x.rate_basis == "turns" else None)
    level = bands(lambda x: x.level_dbov)
    return (
        _strip((t["rate"], t["rate_unit"]), rows, [r.rate_per_minute for r in rows], rate, t),
        _strip((t["level"], "dBov"), rows, [r.level_dbov for r in rows], level, t),
    )


def _strip(
    names: tuple[str, str], rows: Sequence[CallRow], values: Sequence[float | None], bands: Sequence[Band | None], t: Mapping[str, str]
) -> HabitStrip:
    known = [(row, value, band) for row, value, band in zip(rows, values, bands, strict=True) if value is not None]
    if not known:
        return HabitStrip(*names, None, t["not_known"], "", "", (), None)
    only = _only([band for _, _, band in known])
    held = [(value, band) for _, value, band in known if band is not None]
    found = [value for _, value, _ in known]
    low, high = _ends([*found, *(x for x in (only.low, only.high) if x is not None)] if only else found)
    dots = tuple(
        HabitDot(percent_of(value, low, high), "plain" if band is None else band.state(value), f"../{row.href}",
                 f"{day(row.started_at) or row.id} · {number(value)} {names[1]}")
        for row, value, band in known
    )
    inside = sum(band.state(value) == "in" for value, band in held)
    return HabitStrip(
        *names, median(found), t["habit_range"].format(low=number(min(found)), high=number(max(found))),
        band_words(only, "", t) if only else "", t["habit_in_band"].format(n=len(held), kept=inside) if held else "", dots,
        _band_at(only, low, high),
    )


def _only(bands: Sequence[Band | None]) -> Band | None:
    """The band that all calls share, whichever rule it comes from."""
    plain = {replace(band, rule="") if band else None for band in bands}
    return bands[0] if len(plain) == 1 else None


def _ends(values: Sequence[float]) -> tuple[float, float]:
    room = max(1.0, MARGIN * (max(values) - min(values)))
    return min(values) - room, max(values) + room


def _band_at(band: Band | None, low: float, high: float) -> tuple[float, float] | None:
    if band is None:
        return None
    left = 0.0 if band.low is None else percent_of(band.low, low, high)
    right = 100.0 if band.high is None else percent_of(band.high, low, high)
    return left, round(right - left, 2)
