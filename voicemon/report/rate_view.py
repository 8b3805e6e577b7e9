"""The agent's speaking rate over the call, turn by turn, over each of the three denominators of ``docs/definitions.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..measures.rate import TurnRate, turn_rates
from ..measures.timing import turns
from ..records import AGENT, CUSTOMER, Facts, Span, Utterance
from ..spans import intersect, total_s
from ..speech.as_spoken import as_spoken
from ..speech.counting import count_characters
from .gauges import RATE_AXIS, percent_of
from .render import clock, number
from .targets import RATE_BASES, Band, Targets

CHART_HIGH = 300.0
MIN_WIDTH_PERCENT = 1.0


@dataclass(frozen=True)
class RateBar:
    """One turn: ``left``, ``width`` and ``bottom`` in per cent of the chart; ``state`` is in, below, above or plain."""

    left: float
    width: float
    bottom: float
    start_s: float
    state: str
    tip: str


@dataclass(frozen=True)
class RateSeries:
    """The turns over one denominator (``basis``: turns, speech or call); ``value`` is the call's own figure, characters per minute."""

    basis: str
    label: str
    value: float | None
    bars: tuple[RateBar, ...]


@dataclass(frozen=True)
class RateChart:
    """All series, the one that the standard's band is held against first; ``band_at`` is (bottom, height) in per cent."""

    series: tuple[RateSeries, ...]
    band_at: tuple[float, float] | None


def rate_chart(facts: Facts, targets: Targets, t: Mapping[str, str]) -> RateChart:
    """Place the agent's turns of at least 3 s and 8 characters. Over the whole call the figure is what was said since the answer,
    divided by the time since the answer, at the end of each turn."""
    rate = facts.measures.speaking_rate.get(AGENT)
    speech = facts.speech.get(AGENT, ())
    own = [u for u in facts.transcript if u.speaker == AGENT]
    spoken = turn_rates(own, turns(speech, facts.speech.get(CUSTOMER, ())))
    values = {
        "turns": [turn.per_minute for turn in spoken],
        "speech": [60.0 * turn.characters / max(0.1, total_s(intersect(speech, [Span(turn.start_s, turn.end_s)]))) for turn in spoken],
        "call": _running(own, spoken, facts.measures.ring.answer_s or 0.0),
    }
    band = targets.rate_per_minute
    series = tuple(
        RateSeries(basis, t[f"rate_of_{basis}"], getattr(rate, f"per_minute_of_{basis}", None),
                   _bars(spoken, values[basis], band if basis == targets.rate_basis else None, facts, t))
        for basis in sorted(RATE_BASES, key=lambda base: base != targets.rate_basis)
    )
    return RateChart(series, _band_at(band))


def _running(own: Sequence[Utterance], spoken: Sequence[TurnRate], answer_s: float) -> list[float]:
    """Characters said up to the end of each turn, in short turns too, per minute since the answer."""
    words = [piece for u in as_spoken(own) for piece in (u.words or (u,))]
    values, characters, before_s = [], 0, 0.0
    for turn in spoken:
        characters += count_characters("".join(w.text for w in words if before_s <= (w.start_s + w.end_s) / 2 < turn.end_s))
        values.append(60.0 * characters / max(1.0, turn.end_s - answer_s))
        before_s = turn.end_s
    return values


def _bars(
    spoken: Sequence[TurnRate], values: Sequence[float], band: Band | None, facts: Facts, t: Mapping[str, str]
) -> tuple[RateBar, ...]:
    duration_s = max(facts.call.duration_s, 0.001)
    bars = []
    for turn, value in zip(spoken, values, strict=True):
        left, right = (percent_of(at_s, 0.0, duration_s) for at_s in (turn.start_s, turn.end_s))
        tip = f"{clock(turn.start_s)} · {number(value, 0)} {t['rate_unit']}"
        bars.append(RateBar(left, max(MIN_WIDTH_PERCENT, round(right - left, 2)), percent_of(value, RATE_AXIS[0], CHART_HIGH),
                            turn.start_s, "plain" if band is None else band.state(value), tip))
    return tuple(bars)


def _band_at(band: Band | None) -> tuple[float, float] | None:
    if band is None:
        return None
    bottom = 0.0 if band.low is None else percent_of(band.low, RATE_AXIS[0], CHART_HIGH)
    top = 100.0 if band.high is None else percent_of(band.high, RATE_AXIS[0], CHART_HIGH)
    return bottom, round(top - bottom, 2)
