"""``measure``: a measure lies within limits. ``level_change``: the agent's level after the trigger against before it."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from ...records import AGENT
from ..answers import PERHAPS, YES, Answer, When
from ..context import Context
from ..schema import Option
from .base import PARTY, Check, anchor_span

RATE, RATE_BY_WORDS_ERROR = "speaking_rate.", 0.12
"""Where only the words tell whose speech it is, a party's rate was off by so much at most (``docs/accuracy.md``)."""


def judge_measure(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Within the limits pass; beyond them by more than the tolerance and the measure's own error fail; between unsure."""
    value, why = context.measure(options["path"])
    args: dict[str, Any] = {"measure": options["path"], "least": options["least"], "most": options["most"], "unit": options["unit"]}
    if value is None and options["none_passes"] and context.speakers_known and not context.one_channel:
        return Answer("pass", "nothing_of_the_kind")
    if value is None:
        return Answer("not_checked", "measure_unknown", {**args, "why": why})
    args["value"] = round(float(value), 1)
    doubt = _doubt(context, options, value)
    beyond = max(
        (options["least"] - value) if options["least"] is not None else 0.0,
        (value - options["most"]) if options["most"] is not None else 0.0,
    )
    allowed = options["tolerance"] + abs(value) * options["tolerance_share"]
    if beyond <= allowed:
        stricter = _stricter(context, options, value)
        if stricter:
            return stricter
        if doubt:
            return Answer("unsure", doubt, args, anchor_span(when))
        return Answer("pass", "within_limits", args)
    error_share = options["error_share"] + (RATE_BY_WORDS_ERROR if context.told_by_words and options["path"].startswith(RATE) else 0.0)
    if doubt or beyond <= allowed + options["error"] + abs(value) * error_share:
        return Answer("unsure", doubt or "near_limit", args)
    return Answer("fail", "beyond_limits", args)


def _doubt(context: Context, options: Mapping[str, Any], value: float) -> str:
    """The key of a reason to doubt the figure: a condition of the pack, or a second count that differs too much."""
    if options["unsure_when"] is not None and context.holds(options["unsure_when"]).state in (YES, PERHAPS):
        return "customer_complains"
    if options["second_path"]:
        second, _ = context.measure(options["second_path"])
        first, _ = context.measure(options["second_of"])
        if first and second and abs(second - first) > options["second_differs_share"] * first:
            return "counts_differ"
    return ""


def _stricter(context: Context, options: Mapping[str, Any], value: float) -> Answer | None:
    """A narrower limit that holds once the customer has complained."""
    if options["strict_when"] is None or context.holds(options["strict_when"]).state != YES:
        return None
    if options["strict_least"] is not None and value < options["strict_least"]:
        args = {"value": round(value, 1), "least": options["strict_least"], "unit": options["unit"]}
        return Answer("fail", "beyond_limits_complained", args)
    return None


def judge_level_change(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Difference of the median turn levels after and before the trigger, in dB, within limits."""
    level = context.facts.measures.level.get(options["by"])
    if level is None or not level.turns or not when.anchors:
        return Answer("not_checked", "measure_unknown", {"measure": "level.turns", "why": level.reason if level else ""})
    at_s = when.anchors[0].end_s
    before = [t.level_dbov for t in level.turns if t.end_s <= at_s + 0.3]
    after = [t.level_dbov for t in level.turns if t.start_s >= at_s - 0.3]
    if options["until_turns"]:
        after = after[: int(options["until_turns"])]
    if not before or not after:
        return Answer("not_checked", "no_turns_to_compare", {}, anchor_span(when))
    change_db = median(after) - median(before)
    args = {"value": round(change_db, 1), "least": options["least_db"], "most": options["most_db"], "unit": " dB"}
    low = options["least_db"] is not None and change_db < options["least_db"]
    high = options["most_db"] is not None and change_db > options["most_db"]
    if not low and not high:
        return Answer("pass", "within_limits", args, anchor_span(when))
    slack = min(abs(change_db - x) for x in (options["least_db"], options["most_db"]) if x is not None)
    return Answer("unsure" if slack < options["error_db"] else "fail", "beyond_limits", args, anchor_span(when))


MEASURE = Check(
    {
        "path": Option("measure", required=True),
        "least": Option("number"),
        "most": Option("number"),
        "tolerance": Option("number", default=0.0),
        "tolerance_share": Option("number", default=0.0),
        "error": Option("number", default=0.0),
        "error_share": Option("number", default=0.0),
        "unit": Option("text", default=""),
        "unsure_when": Option("condition"),
        "strict_when": Option("condition"),
        "strict_least": Option("number"),
        "none_passes": Option("flag", default=False),
        "second_path": Option("text", default=""),
        "second_of": Option("text", default=""),
        "second_differs_share": Option("number", default=0.2),
    },
    judge_measure,
    by_words=False,
)
LEVEL_CHANGE = Check(
    {
        "by": Option("choice", default=AGENT, choices=PARTY.choices),
        "least_db": Option("number"),
        "most_db": Option("number"),
        "error_db": Option("number", default=0.3),
        "until_turns": Option("number"),
    },
    judge_level_change,
)
