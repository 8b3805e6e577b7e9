"""The four gauges of a call page: rate against its band, level against its band, ring to answer, longest wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..records import PARTIES, Facts, Wait
from .render import number
from .rows import TELEPHONE_WAITS
from .targets import RATE_BASES, Band, Targets

RATE_AXIS = (40.0, 260.0)
LEVEL_AXIS = (-56.0, -6.0)
PLAIN_RATE_MARKS = (100.0, 150.0, 200.0)
MOST_PIPS = 8


@dataclass(frozen=True)
class Pointer:
    """One value on an axis. ``at`` in per cent (``None``: not known, then ``reason`` says why); ``state`` is in, below or above."""

    party: str
    label: str
    value: float | None
    at: float | None
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Axis:
    """A scale with its target band in per cent, ``None`` where there is no target."""

    low: float
    high: float
    band: Band | None
    band_at: tuple[float, float] | None
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Gauge:
    """An axis and what is on it; ``facts`` are short lines below. ``told`` is what the verdict about it says ("" for none):
    only a verdict accuses, a gauge shows."""

    axis: Axis
    pointers: tuple[Pointer, ...]
    facts: tuple[str, ...] = ()
    told: str = ""


@dataclass(frozen=True)
class Dot:
    """Level of one turn: ``left`` and ``bottom`` in per cent."""

    left: float
    bottom: float
    start_s: float
    state: str
    tip: str


def _axis(low: float, high: float, band: Band | None, marks: tuple[float, ...] = ()) -> Axis:
    if band is None:
        return Axis(low, high, None, None, tuple((percent_of(m, low, high), number(m)) for m in marks))
    left = 0.0 if band.low is None else percent_of(band.low, low, high)
    right = 100.0 if band.high is None else percent_of(band.high, low, high)
    edges = tuple((percent_of(m, low, high), number(m)) for m in (band.low, band.high) if m is not None)
    return Axis(low, high, band, (left, round(right - left, 2)), edges)


def percent_of(value: float, low: float, high: float) -> float:
    """Where ``value`` lies between ``low`` and ``high``, 0–100, two decimals."""
    return round(100 * min(1.0, max(0.0, (value - low) / (high - low))), 2)


def _state(value: float | None, band: Band | None) -> str:
    return "plain" if band is None else band.state(value)


def _pointer(party: str, label: str, value: float | None, axis: Axis, reason: str) -> Pointer:
    at = None if value is None else percent_of(value, axis.low, axis.high)
    return Pointer(party, label, value, at, _state(value, axis.band), "" if value is not None else reason)


def told_by(outcomes: Mapping[str, str], band: Band | None) -> str:
    """The outcome of the rule that the band comes from."""
    return outcomes.get(band.rule, "") if band is not None else ""


def rate_gauges(facts: Facts, targets: Targets, outcomes: Mapping[str, str], t: Mapping[str, str]) -> dict[str, Gauge]:
    """Per party: the rate over its three denominators on one axis, the one the band is held against first."""
    gauges = {}
    bases = sorted(RATE_BASES, key=lambda base: base != targets.rate_basis)
    for party in PARTIES:
        rate = facts.measures.speaking_rate.get(party)
        values = [getattr(rate, f"per_minute_of_{base}", None) for base in bases]
        high = max([RATE_AXIS[1], *(v + 20 for v in values if v is not None)])
        band = targets.rate_per_minute
        axis = _axis(RATE_AXIS[0], high, band, PLAIN_RATE_MARKS)
        reason = (rate.reason if rate else None) or t["not_measured"]
        pointers = tuple(_pointer(party, t[f"rate_of_{b}"], v, axis, reason) for b, v in zip(bases, values, strict=True))
        lines = []
        if rate and rate.characters is not None and rate.turns_s is not None:
            lines.append(t["characters_in"].format(characters=rate.characters, seconds=number(rate.turns_s)))
        if rate and rate.syllables is not None:
            lines.append(t["syllables_heard"].format(n=rate.syllables))
        gauges[party] = Gauge(axis, pointers, tuple(lines), told_by(outcomes, band))
    return gauges


def level_gauge(facts: Facts, targets: Targets, outcomes: Mapping[str, str], t: Mapping[str, str]) -> Gauge:
    """Active level of both parties on one axis."""
    axis = _axis(*LEVEL_AXIS, targets.level_dbov)
    pointers = []
    for party in PARTIES:
        level = facts.measures.level.get(party)
        reason = (level.reason if level else None) or t["not_measured"]
        pointers.append(_pointer(party, t[party], level.active_level_dbov if level else None, axis, reason))
    agent = facts.measures.level.get(PARTIES[0])
    lines = []
    if agent and agent.loudness_lufs is not None:
        lines.append(f"{t['loudness']} {number(agent.loudness_lufs)} LUFS")
    if agent and agent.snr_db is not None:
        lines.append(f"{t['snr']} {number(agent.snr_db)} dB")
    return Gauge(axis, tuple(pointers), tuple(lines), told_by(outcomes, targets.level_dbov))


def quality_rows(facts: Facts, t: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Line quality of each party in words, or why it is not known."""
    rows = []
    for party in PARTIES:
        quality = facts.measures.line_quality.get(party)
        if quality is None or quality.overall_mos is None:
            rows.append((party, (quality.reason if quality else None) or t["not_measured"]))
            continue
        overall, signal, background = (number(v) for v in (quality.overall_mos, quality.signal_mos, quality.background_mos))
        rows.append((party, t["line_quality_of"].format(overall=overall, signal=signal, background=background)))
    return tuple(rows)


def level_dots(facts: Facts, targets: Targets) -> tuple[Dot, ...]:
    """The agent's level turn by turn, over the time of the call."""
    level = facts.measures.level.get(PARTIES[0])
    duration_s = max(facts.call.duration_s, 0.001)
    return tuple(
        Dot(
            percent_of(turn.start_s, 0.0, duration_s), percent_of(turn.level_dbov, *LEVEL_AXIS), turn.start_s,
            _state(turn.level_dbov, targets.level_dbov), f"{number(turn.level_dbov)} dBov",
        )
        for turn in (level.turns if level else ())
    )


def ring_pips(facts: Facts, targets: Targets) -> tuple[str, ...]:
    """One pip per ring: ``in`` up to the standard's limit, ``above`` after it; none where the count is not known or long."""
    count = facts.measures.ring.count
    if count is None or count > MOST_PIPS:
        return ()
    limit = targets.ring_count.high if targets.ring_count is not None and targets.ring_count.high is not None else count
    return tuple("in" if i < limit else "above" for i in range(count))


def longest_wait(facts: Facts) -> Wait | None:
    """The longest wait after the answer; ring and the wait for the release are the telephone's, not the agent's."""
    waits = [w for w in facts.measures.waits if w.kind not in TELEPHONE_WAITS]
    return max(waits, key=lambda w: w.end_s - w.start_s, default=None)


def waits_line(facts: Facts, t: Mapping[str, str]) -> str:
    """How many waits after the answer, how long in all, and their share of the call."""
    waits = [w for w in facts.measures.waits if w.kind not in TELEPHONE_WAITS]
    if not waits:
        return t["no_waits"]
    total_s = sum(w.end_s - w.start_s for w in waits)
    share = f"{100 * total_s / max(facts.call.duration_s, 0.001):.0f} %"
    return t["waits_total"].format(n=len(waits), seconds=number(total_s), share=share)


def band_words(band: Band | None, unit: str, t: Mapping[str, str]) -> str:
    """A band in words, also where one end is open."""
    if band is None or (band.low is None and band.high is None):
        return t["no_target"]
    low, high = number(band.low), number(band.high)
    if band.low is None:
        return t["target_most"].format(high=high) + unit
    return (t["target_least"].format(low=low) if band.high is None else t["target_band"].format(low=low, high=high)) + unit
