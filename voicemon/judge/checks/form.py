"""``turn_end``: the answering turn ends in certain words (a question). ``meets``: a condition of the pack holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records import AGENT
from ..answers import PERHAPS, UNKNOWN, YES, Answer, Occurrence, When
from ..context import Context
from ..dialogue import Line
from ..schema import Option, Where
from .base import PARTY, Check, anchor_span, where_option


def judge_turn_end(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """The party's turn after every trigger ends in one of ``ends`` (last characters) or has one of ``near_end`` close by."""
    perhaps: Answer | None = None
    for anchor in when.anchors:
        line = _reply(context, options["by"], anchor)
        if line is None:
            continue
        tail, span = line.text[-int(options["near_end_characters"]) :], ((line.start_s, line.end_s),)
        if _ends_so(tail, options):
            perhaps = perhaps or Answer("pass", "turn_ends_so", {"what": tail}, span, tail)
            continue
        doubtful = context.doubtful(options["by"], (line.end_s - 2.0, line.end_s))
        if doubtful:
            return Answer("unsure", "words_doubtful", {"what": options["ends"][0]}, (doubtful,))
        return Answer("fail", "turn_ends_otherwise", {"what": tail}, span, tail)
    return perhaps or Answer("not_checked", "no_place", {})


def _ends_so(tail: str, options: Mapping[str, Any]) -> bool:
    """Whether the end of a turn asks; words of ``unless`` hold no ending (这么多 asks nothing, although 么 may)."""
    for word in options["unless"]:
        tail = tail.replace(word, "·" * len(word))
    last = tail[-int(options["end_characters"]) :]
    return any(e in last for e in options["ends"]) or any(e in tail for e in options["near_end"])


def _reply(context: Context, speaker: str, anchor: Occurrence) -> Line | None:
    window = context.window(speaker, Where("reply"), anchor)
    if window is None:
        return None
    near = context.dialogue.timed.last_near(*window)
    return next((x for x in near if x.speaker == speaker and window[0] <= x.end_s and x.start_s < window[1]), None)


def judge_meets(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """The condition holds: pass; it does not: fail, unless words in the window cannot be trusted."""
    state = context.holds(options["condition"])
    if state.state == YES:
        return Answer("pass", "condition_met", {}, anchor_span(state))
    if state.state == UNKNOWN:
        return Answer("not_checked", state.reason, state.args)
    window = context.window(AGENT, options["where"], when.anchors[0] if when.anchors else None)
    doubtful = context.doubtful(AGENT, window) if window and options["by_words"] else None
    if state.state == PERHAPS or doubtful:
        return Answer("unsure", "words_doubtful", {"what": ""}, (doubtful,) if doubtful else anchor_span(state))
    return Answer("fail", "condition_not_met", {}, (window,) if window and window[1] < 1e8 else anchor_span(when))


TURN_END = Check(
    {
        "by": PARTY,
        "ends": Option("texts", required=True),
        "near_end": Option("texts", default=()),
        "unless": Option("texts", default=()),
        "end_characters": Option("number", default=3.0),
        "near_end_characters": Option("number", default=12.0),
    },
    judge_turn_end,
)
MEETS = Check(
    {
        "condition": Option("condition", required=True),
        "where": where_option("opening"),
        "by_words": Option("flag", default=True),
    },
    judge_meets,
)
