"""``pace``: how fast the agent speaks at the trigger, where the call's mean would hide it (a dictated number)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records import AGENT
from ..answers import Answer, When
from ..context import Context
from ..schema import Option
from .base import Check

LEAST_CHARACTERS = 8


def judge(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Characters a minute of the utterances of the triggers; the fastest counts, a little over the limit is unsure."""
    paces = [p for p in (_pace(context, a.start_s, a.end_s) for a in when.anchors) if p]
    if not paces:
        return Answer("not_checked", "no_place", {})
    value, span = max(paces)
    args = {"value": round(value), "least": None, "most": options["most"], "unit": "/min"}
    if value <= options["most"]:
        return Answer("pass", "within_limits", args, (span,))
    if context.untrusted(AGENT, *span):  # words that were not all said make any speech fast
        return Answer("unsure", "words_doubtful", {"what": ""}, (span,))
    near = value <= options["most"] * (1.0 + options["error_share"])
    return Answer("unsure" if near else "fail", "near_limit" if near else "beyond_limits", args, (span,))


def _pace(context: Context, start_s: float, end_s: float) -> tuple[float, tuple[float, float]] | None:
    within = [u for u in context.said_by(AGENT).near(start_s, end_s) if u.start_s < end_s and u.end_s > start_s]
    if not within:
        return None
    span = (min(u.start_s for u in within), max(u.end_s for u in within))
    spoken_s = sum(u.end_s - u.start_s for u in within)
    first, last = context.finder.stream(AGENT).between(span[0] - 0.01, span[1])
    if last - first < LEAST_CHARACTERS or spoken_s <= 0.0:
        return None
    return 60.0 * (last - first) / spoken_s, span


CHECK = Check(
    {"most": Option("number", required=True), "error_share": Option("number", default=0.1)},
    judge,
)

