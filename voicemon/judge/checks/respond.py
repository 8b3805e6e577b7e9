"""``respond``: after the trigger the party must say something, in time, and not only the given words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..answers import Answer, Occurrence, When
from ..context import Context
from ..dialogue import TURN_BREAK
from ..finder import SAID
from ..schema import Option, Where
from ..windows import EDGE_S
from .base import PARTY, Check

TURN_PAUSE_S = 1.0
"""Shorter pauses of a party that talks on belong to its turn (docs/definitions.md)."""


def judge(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail if after a trigger the call goes on or ends without an answer; the worst trigger decides."""
    answers = [_at(context, options, anchor) for anchor in when.anchors]
    if not answers:
        return Answer("not_checked", "no_place", {})
    worst = {"fail": 0, "unsure": 1, "pass": 2}
    return min(answers, key=lambda a: worst[a.outcome])


def _at(context: Context, options: Mapping[str, Any], anchor: Occurrence) -> Answer:
    speaker, span = options["by"], ((anchor.start_s, anchor.end_s),)
    window = context.window(speaker, Where("reply"), anchor)
    if window is None:
        doubtful = context.doubtful(speaker, (anchor.end_s, anchor.end_s + 10.0))
        if doubtful:
            return Answer("unsure", "words_doubtful", {"what": ""}, (doubtful,))
        return Answer("fail", "no_answer", {}, span)
    wait_s = max(0.0, window[0] + EDGE_S - _asked_until_s(context, options, anchor))
    if options["within_s"] is not None and wait_s > options["within_s"]:
        doubtful = context.doubtful(speaker, (anchor.end_s, window[0] + EDGE_S))
        if doubtful:
            return Answer("unsure", "words_doubtful", {"what": ""}, (doubtful,))
        return Answer("fail", "late_answer", {"wait_s": round(wait_s, 1), "limit_s": options["within_s"]}, span)
    stream = context.finder.stream(speaker)
    first, last = stream.between(*window)
    text = stream.text[first:last].strip()
    if options["not_only"] and _only(context, options, window, first, last):
        doubtful = context.doubtful(speaker, window)
        if doubtful:
            return Answer("unsure", "words_doubtful", {"what": ""}, (doubtful,))
        return Answer("fail", "only_that", {"what": text[:30]}, ((window[0], stream.end_s[last - 1]),), text[:30])
    return Answer("pass", "answered", {"what": text[:30]}, ((window[0], window[0] + 1.0),), text[:30])


def _asked_until_s(context: Context, options: Mapping[str, Any], anchor: Occurrence) -> float:
    """When the turn of the other party that holds the trigger ends: while it talks on, nobody waits for an answer."""
    end_s = anchor.end_s
    for party in context.facts.speech:
        for span in context.speech(party).near(end_s) if party != options["by"] else ():
            if span.start_s > end_s + TURN_PAUSE_S:
                break
            end_s = max(end_s, span.end_s)
    return end_s


def _only(context: Context, options: Mapping[str, Any], window: tuple[float, float], first: int, last: int) -> bool:
    covered: set[int] = set()
    for phrase in options["not_only"]:
        for found in context.finder.all_hits(options["by"], phrase, window):
            if found.state == SAID:
                covered |= {i for h in found.hits for i in range(h.start, h.end)}
    text = context.finder.stream(options["by"]).text
    return len([i for i in range(first, last) if i not in covered and text[i] != TURN_BREAK]) <= options["spare_characters"]


CHECK = Check(
    {
        "by": PARTY,
        "within_s": Option("number"),
        "not_only": Option("phrases", default=()),
        "spare_characters": Option("number", default=3.0),
    },
    judge,
)
