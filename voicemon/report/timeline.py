"""The picture of a call: two lanes with waveforms, ring, waits, holds, talk-over and rule hits, placed in per cent of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..records import AGENT, PARTIES, CallReport, Facts, Span
from .media import Media, Peaks
from .render import clock, number
from .verdict_view import VerdictView

TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
MOST_TICKS = 10
LANE_HALF_HEIGHT = 50.0
# One marker takes about this share of the width; closer ones go to the next row.
MARK_WIDTH_PERCENT = 2.4
MOST_PLACES = 6
MARKED_OUTCOMES = ("fail", "unsure", "hint")
MIN_BLOCK_PERCENT = 0.25
# More points than a screen is wide only make the page larger.
OUTLINE_POINTS = 1200


@dataclass(frozen=True)
class Block:
    """Something that lasts: a wait or talk-over. ``left`` and ``width`` in per cent of the call."""

    kind: str
    left: float
    width: float
    start_s: float
    label: str
    tip: str


@dataclass(frozen=True)
class Mark:
    """A place where a rule was missed or is doubtful; ``row`` keeps neighbours apart; ``sign`` is a miss's number."""

    outcome: str
    sign: str
    left: float
    row: int
    start_s: float
    anchor: str
    tip: str


@dataclass(frozen=True)
class Lane:
    """One party: the outline of its sound as an SVG path in a box of ``units`` × 100, and where it speaks.

    ``peaks`` are the same sound for the player, finer, 0–255; negative where the party does not speak. Empty: no envelope is known.
    """

    party: str
    label: str
    path: str
    units: int
    speech: tuple[tuple[float, float], ...]
    peaks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """The whole picture."""

    duration_s: float
    ticks: tuple[tuple[float, str], ...]
    lanes: tuple[Lane, ...]
    waits: tuple[Block, ...]
    overlaps: tuple[Block, ...]
    marks: tuple[Mark, ...]
    rows: int
    kinds: tuple[str, ...]


def timeline_of(report: CallReport, verdicts: Sequence[VerdictView], media: Media, t: Mapping[str, str]) -> Timeline:
    """Place everything that happened in the call."""
    facts = report.facts
    duration_s = max(facts.call.duration_s, 0.001)
    marks = _marks(verdicts, duration_s)
    waits = tuple(
        _block(w.kind, (w.start_s, w.end_s), duration_s, t[f"wait_{w.kind}"], _wait_tip(w.kind, w.announced, t))
        for w in facts.measures.waits
    )
    overlaps = tuple(
        _block(i.by, (i.start_s, i.end_s), duration_s, t[f"interruption_{i.by}"], "")
        for i in facts.measures.interruptions
        if not i.backchannel
    )
    return Timeline(
        duration_s=duration_s,
        ticks=_ticks(duration_s),
        lanes=_lanes(facts, media, t),
        waits=waits,
        overlaps=overlaps,
        marks=marks,
        rows=max((m.row for m in marks), default=-1) + 1,
        kinds=tuple(dict.fromkeys(w.kind for w in waits)),
    )


def _lanes(facts: Facts, media: Media, t: Mapping[str, str]) -> tuple[Lane, ...]:
    """Agent and customer; where it is not known who is who, the channels as they are, or the one voice of a mono call."""
    if facts.roles.agent is None and facts.roles.customer is None and len(media.peaks) > 1:
        return tuple(_channel_lane(channel, media, t) for channel in media.peaks)
    known = tuple(p for p in PARTIES if getattr(facts.roles, p) is not None or facts.speech.get(p))
    others = tuple(p for p in facts.speech if p not in PARTIES and facts.speech[p])
    return tuple(_lane(party, facts, media, t) for party in (known + others) or (AGENT,))


def _percent(time_s: float, duration_s: float) -> float:
    return round(min(100.0, max(0.0, 100.0 * time_s / duration_s)), 3)


def _wait_tip(kind: str, announced: bool, t: Mapping[str, str]) -> str:
    return (t["announced"] if announced else t["not_announced"]) if kind in ("hold", "response", "dead_air") else ""


def _block(kind: str, span: tuple[float, float], duration_s: float, label: str, note: str) -> Block:
    left, right = _percent(span[0], duration_s), _percent(span[1], duration_s)
    tip = f"{label} {clock(span[0])}–{clock(span[1])} · {number(span[1] - span[0])} s" + (f" · {note}" if note else "")
    return Block(kind, left, max(MIN_BLOCK_PERCENT, round(right - left, 3)), span[0], label, tip)


def _ticks(duration_s: float) -> tuple[tuple[float, str], ...]:
    step = next((s for s in TICK_STEPS_S if duration_s / s <= MOST_TICKS), TICK_STEPS_S[-1])
    return tuple((_percent(at, duration_s), clock(at)) for at in range(0, int(duration_s) + 1, step))


def _marks(verdicts: Sequence[VerdictView], duration_s: float) -> tuple[Mark, ...]:
    """One marker per verdict and place, the worst outcome on top; each goes to the first row where it does not cover its neighbour."""
    wanted = sorted(
        (
            (start_s, MARKED_OUTCOMES.index(v.standing), v)
            for v in verdicts if v.standing in MARKED_OUTCOMES for start_s in v.starts_s[:MOST_PLACES]
        ),
        key=lambda item: (*item[:2], item[2].number),
    )
    row_ends: list[float] = []
    marks = []
    for start_s, _, verdict in wanted:
        left = _percent(start_s, duration_s)
        row = next((i for i, end in enumerate(row_ends) if end <= left), len(row_ends))
        row_ends[row : row + 1] = [left + MARK_WIDTH_PERCENT]
        tip = f"{verdict.outcome_label}: {verdict.title} · {clock(start_s)}"
        marks.append(Mark(verdict.standing, verdict.sign, left, row, start_s, verdict.anchor, tip))
    return tuple(marks)


def _lane(party: str, facts: Facts, media: Media, t: Mapping[str, str]) -> Lane:
    channel = getattr(facts.roles, party, None) or "mono"
    peaks = media.peaks.get(channel, ())
    loudest = _loudest(media)
    spans = facts.speech.get(party, ())
    shape = coarse(peaks)
    path = outline(shape, loudest) if shape else _bars(spans, facts.call.duration_s)
    duration_s = max(facts.call.duration_s, 0.001)
    ends = [(_percent(s.start_s, duration_s), _percent(s.end_s, duration_s)) for s in spans]
    speech = tuple((left, round(right - left, 3)) for left, right in ends)
    return Lane(party, t.get(party, t["unknown"]), path, len(shape) or 1000, speech, signed(peaks, spans, duration_s))


def _channel_lane(channel: str, media: Media, t: Mapping[str, str]) -> Lane:
    """A channel whose speaker is not known: its sound, without a claim where in it is speech."""
    peaks = media.peaks[channel]
    shape = coarse(peaks)
    label = t.get(f"channel_{channel}", channel)
    return Lane(channel, label, outline(shape, _loudest(media)), len(shape) or 1, ((0.0, 100.0),), tuple(_plain(peaks)))


def _loudest(media: Media) -> int:
    return max((int(np.max(peaks)) for peaks in media.peaks.values() if len(peaks)), default=0)


def _plain(peaks: Peaks) -> list[int]:
    found: list[int] = np.asarray(peaks, dtype=np.int64).tolist()
    return found


def coarse(peaks: Peaks, most: int = OUTLINE_POINTS) -> list[int]:
    """``peaks`` in at most ``most`` equal stretches, the largest of each."""
    if len(peaks) <= most:
        return _plain(peaks)
    edges = np.rint(np.arange(most) * len(peaks) / most).astype(np.int64)
    return _plain(np.maximum.reduceat(np.asarray(peaks), edges))


def signed(peaks: Peaks, spans: Sequence[Span], duration_s: float) -> tuple[int, ...]:
    """``peaks`` with a minus wherever no span is; a silent one is 1, so that it can have a sign."""
    heard = np.maximum(1, np.asarray(peaks, dtype=np.int64))
    sign = np.full(len(peaks), -1)
    for span in spans:
        first, last = (round(at_s / duration_s * len(peaks)) for at_s in (span.start_s, span.end_s))
        sign[max(0, first) : max(0, last, first + 1)] = 1
    return tuple((sign * heard).tolist())


def outline(peaks: Sequence[int], loudest: int) -> str:
    """SVG path of a symmetrical waveform, one unit wide per peak, 100 high; ``loudest`` fills the height."""
    scale = LANE_HALF_HEIGHT / max(1, loudest)
    heights = {p: max(0.6, p * scale) for p in set(peaks)}  # of thousands of peaks there are at most 256 heights
    above, below = ({p: f" {LANE_HALF_HEIGHT + side * h:.0f}" for p, h in heights.items()} for side in (-1, 1))
    places = _places(len(peaks))
    top = " ".join([place + above[p] for place, p in zip(places, peaks, strict=True)])
    bottom = " ".join([place + below[p] for place, p in zip(reversed(places), reversed(peaks), strict=True)])
    return f"M{top} {bottom}Z"


@lru_cache(maxsize=4)
def _places(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def _bars(spans: Sequence[Span], duration_s: float) -> str:
    """Where there is no envelope, speech as plain bars."""
    if duration_s <= 0:
        return ""
    at = [(round(1000 * s.start_s / duration_s, 1), round(1000 * s.end_s / duration_s, 1)) for s in spans]
    return "".join(f"M{a} 25H{b}V75H{a}Z" for a, b in at)
