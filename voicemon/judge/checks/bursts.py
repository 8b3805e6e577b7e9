"""``burst_gap``: enough silence between one burst of speech and the next, by the sound alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..answers import Answer, When
from ..bursts import BURST_GAP_S, bursts
from ..context import Context
from ..schema import Option
from .base import PARTY, Check


def judge_burst_gap(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Between burst ``nth`` and the next there are at least ``least_s`` of silence."""
    found, nth = bursts(context, options["by"], options["gap_s"]), int(options["nth"])
    if len(found) <= nth:
        return Answer("fail", "phrase_before_pause_missing", {}, found[-1:])
    start_s, end_s = found[nth - 1][1], found[nth][0]
    args = {"pause_s": round(end_s - start_s, 1), "limit_s": options["least_s"]}
    if end_s - start_s >= options["least_s"] - options["tolerance_s"]:
        return Answer("pass", "pause_kept", args, ((start_s, end_s),))
    return Answer("fail", "pause_too_short", args, ((start_s, end_s),))


BURST_GAP = Check(
    {
        "by": PARTY,
        "nth": Option("number", default=1.0),
        "least_s": Option("number", required=True),
        "gap_s": Option("number", default=BURST_GAP_S),
        "tolerance_s": Option("number", default=0.5),
    },
    judge_burst_gap,
)
