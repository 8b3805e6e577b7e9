"""``said_first``: the words come before anything else. ``asks_and_waits``: after the words the agent lets the other answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records import AGENT
from ..answers import Answer, When
from ..context import Context
from ..dialogue import Stream
from ..finder import MAYBE, SAID
from ..schema import Option
from ..windows import ENDLESS_S, Window
from .base import Check, anchor_span, heard, where_option

WAITED_S = 2.0
"""A silence from which it counts as a wait (docs/definitions.md)."""


def judge_said_first(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail if the words are missing, or if more than ``spare_characters`` besides ``besides`` are said before them."""
    window = context.window(AGENT, options["where"], when.anchors[0] if when.anchors else None)
    found, missing = _found(context, options, window, when)
    if missing or found is None or window is None:
        return missing or Answer("fail", "not_said", {"what": options["say"][0].first_wording()}, anchor_span(when))
    first, _ = context.finder.stream(AGENT).between(*window)
    before = _uncovered(context, options["besides"], (first, found.hits[0].start))
    args = {"what": before[:30], "then": found.hits[0].quote}
    if len(before) > options["spare_characters"]:
        span = (window[0], found.start_s)
        doubtful = context.untrusted(AGENT, *span)  # words that may never have been said come before nothing
        return Answer("unsure" if doubtful else "fail", "words_doubtful" if doubtful else "other_words_first", args, (span,), before[:30])
    return Answer("pass", "said", {"what": found.hits[0].quote}, **heard(found))


def judge_asks_and_waits(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail if the words are missing, or if the agent goes on after them before the other party has said anything."""
    window = context.window(AGENT, options["where"], when.anchors[0] if when.anchors else None)
    found, missing = _found(context, options, window, when)
    if missing or found is None:
        return missing or Answer("fail", "not_said", {"what": options["say"][0].first_wording()}, anchor_span(when))
    others = [x.start_s for x in context.dialogue.lines if x.speaker != AGENT and x.start_s > found.start_s]
    end_s = min(others, default=ENDLESS_S)
    stream = context.finder.stream(AGENT)
    first, last = stream.between(found.end_s - 0.01, end_s)
    last = _before_a_pause(stream, max(first, found.hits[-1].end), last)
    more = _uncovered(context, options["besides"], (max(first, found.hits[-1].end), last))
    if len(more) > options["spare_characters"]:
        doubtful = context.untrusted(AGENT, found.end_s, min(end_s, stream.end_s[last - 1]))
        outcome, reason = ("unsure", "words_doubtful") if doubtful else ("fail", "did_not_wait")
        return Answer(outcome, reason, {"what": more[:30]}, ((found.start_s, found.end_s),), more[:30])
    return Answer("pass", "said", {"what": found.hits[-1].quote}, **heard(found))


def _before_a_pause(stream: Stream, first: int, last: int) -> int:
    """Where the agent's words end that come before a pause of :data:`WAITED_S`: who is silent so long has waited for an answer."""
    edges = range(max(1, first), last)
    return next((i for i in edges if stream.start_s[i] - stream.end_s[i - 1] >= WAITED_S), last)


def _found(context: Context, options: Mapping[str, Any], window: Window | None, when: When) -> tuple[Any, Answer | None]:
    """What was found of the words, or the answer where they are missing or doubtful."""
    expected = options["say"][0].first_wording()
    if window is None:
        return None, Answer("fail", "nothing_said", {"what": expected}, anchor_span(when), expected=expected)
    found = context.finder.best_of(AGENT, options["say"], window)
    if found.state == SAID:
        return found, None
    if found.state == MAYBE:
        return None, Answer("unsure", "perhaps_said", {"what": expected}, **heard(found), expected=expected)
    doubtful = context.doubtful(AGENT, window)
    if doubtful:
        return None, Answer("unsure", "words_doubtful", {"what": expected}, (doubtful,), expected=expected)
    return None, Answer("fail", "not_said", {"what": expected}, anchor_span(when), expected=expected)


def _uncovered(context: Context, besides: tuple[Any, ...], span: tuple[int, int]) -> str:
    """The agent's characters in the range that none of the phrases ``besides`` covers."""
    stream = context.finder.stream(AGENT)
    first, last = span
    if last <= first:
        return ""
    covered: set[int] = set()
    around = (stream.start_s[first] - 0.01, stream.end_s[last - 1] + 0.01)
    for phrase in besides:
        for hit in context.finder.all_hits(AGENT, phrase, around, fuzzy=False):
            covered |= {i for h in hit.hits for i in range(h.start, h.end)}
    return "".join(stream.text[i] for i in range(first, last) if i not in covered).strip()


_OPTIONS = {
    "say": Option("phrases", required=True),
    "besides": Option("phrases", default=()),
    "spare_characters": Option("number", default=8.0),
}
SAID_FIRST = Check({**_OPTIONS, "where": where_option("call")}, judge_said_first)
ASKS_AND_WAITS = Check({**_OPTIONS, "where": where_option("reply")}, judge_asks_and_waits)
