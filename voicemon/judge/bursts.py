"""Two detectors: bursts of one party's speech, by the sound alone; and dates ordered by a notice in the sidecar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..records import AGENT, PARTIES
from .answers import Occurrence, When
from .context import MISSING, Context, unknown
from .schema import Option

BURST_GAP_S = 1.5
"""Silence that parts two utterances of a silent-line procedure; pauses inside a scripted sentence stay below it (ours)."""


def bursts(context: Context, speaker: str, gap_s: float) -> tuple[tuple[float, float], ...]:
    """Start and end in seconds of each burst of ``speaker``'s speech, parted by at least ``gap_s`` of silence."""
    found: list[tuple[float, float]] = []
    for span in sorted(context.facts.speech.get(speaker, ()), key=lambda s: s.start_s):
        if found and span.start_s - found[-1][1] < gap_s:
            found[-1] = (found[-1][0], max(found[-1][1], span.end_s))
        else:
            found.append((span.start_s, span.end_s))
    return tuple(found)


def detect_bursts(context: Context, options: Mapping[str, Any]) -> When:
    """Whether the party speaks in at least so many bursts; the anchor is the last of those."""
    if not context.speakers_known:
        return unknown("speakers_unknown")
    found = bursts(context, options["by"], options["gap_s"])
    least = int(options["least"])
    return When.of(tuple(Occurrence(*b) for b in found[least - 1 : least]))


def detect_notice(context: Context, options: Mapping[str, Any]) -> When:
    """Whether the call's date lies in a range of the sidecar list ``field`` (entries with ``name``, ``from``, ``to``)."""
    ranges, moment = context.sidecar(options["field"]), context.local_start()
    if ranges is MISSING or not isinstance(ranges, list | tuple):
        assumed = {"yes": True, "no": False}.get(options["if_missing"])
        return When.state_of(assumed, "sidecar_lacks", field=options["field"])
    if isinstance(moment, When):
        return moment
    named = [r for r in ranges if isinstance(r, Mapping) and (not options["names"] or r.get("name") in options["names"])]
    return When.state_of(any(_within(moment.date(), r) for r in named))


def _within(day: date, entry: Mapping[str, Any]) -> bool:
    first, last = str(entry.get("from", ""))[:10], str(entry.get("to", ""))[:10]
    return bool(first) and first <= day.isoformat() <= (last or first)


BURSTS_OPTIONS = {
    "by": Option("choice", default=AGENT, choices=PARTIES),
    "least": Option("number", required=True),
    "gap_s": Option("number", default=BURST_GAP_S),
}
NOTICE_OPTIONS = {
    "field": Option("text", required=True),
    "names": Option("texts", default=()),
    "if_missing": Option("choice", default="unknown", choices=("yes", "no", "unknown")),
}
