"""``must_say``: one of the phrases has to be said in the window after (before, around) the trigger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..answers import YES, Answer, Occurrence, When
from ..context import Context
from ..exceptions import excepted, exception_written
from ..finder import ABSENT, MAYBE, SAID, Found
from ..phrases import Phrase
from ..schema import Option
from ..windows import Window
from .base import PARTY, Check, anchor_span, heard, where_option

FASTEST_CHARACTER_S = 0.12
"""Nobody speaks more than about eight characters a second."""


def judge(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Pass if said after any trigger (after each with ``each``), fail if surely absent, else unsure."""
    if not context.dialogue.of(options["by"]):  # not one word of that party in the call: nobody can tell what it left out
        return Answer("not_checked", "nothing_said", {"what": options["say"][0].first_wording()})
    anchors: tuple[Occurrence | None, ...] = when.anchors or (None,)
    answers = [_at(context, options, when, anchor) for anchor in (anchors if options["each"] else anchors[:1])]
    if not options["each"] and answers[0].outcome != "pass":
        return next((a for x in anchors[1:] if (a := _said(context, options, x))), answers[0])
    worst = {"fail": 0, "unsure": 1, "not_applicable": 2, "pass": 3}
    return min(answers, key=lambda a: worst[a.outcome])


def _at(context: Context, options: Mapping[str, Any], when: When, anchor: Occurrence | None) -> Answer:
    speaker, expected = options["by"], options["say"][0].first_wording()
    window = _window(context, options, anchor)
    spans = ((anchor.start_s, anchor.end_s),) if anchor else anchor_span(when)
    if window is None:
        return Answer(options["otherwise"], "nothing_said", {"what": expected}, spans, expected=expected)
    found = _count(context, options, window)
    if found.state == SAID:
        return _passed(found)
    if found.state == MAYBE:
        return Answer("unsure", "perhaps_said", {"what": "、".join(found.missing)}, **heard(found), expected=expected)
    doubtful = context.doubtful(speaker, window, _least_s(options["say"], found))
    if doubtful:
        return Answer("unsure", "words_doubtful", {"what": expected}, (doubtful,), expected=expected)
    args = {"what": "、".join(found.missing) or expected}
    key = "part_missing" if found.hits else "not_said"
    return Answer(options["otherwise"], key, args, heard(found).get("spans", spans) or spans, expected=expected)


def _said(context: Context, options: Mapping[str, Any], anchor: Occurrence | None) -> Answer | None:
    """The answer where one of the phrases was surely said after that trigger."""
    window = _window(context, options, anchor)
    found = _count(context, options, window) if window else None
    return _passed(found) if found and found.state == SAID else None


def _passed(found: Found) -> Answer:
    return Answer("pass", "said", {"what": "…".join(dict.fromkeys(h.said for h in found.hits))}, **heard(found))


def _least_s(phrases: tuple[Phrase, ...], found: Found) -> float:
    """The least time in which what is missing can be said: a shorter doubtful stretch cannot hide it."""
    shortest = min(sum(element.least_characters for element in p.elements) for p in phrases)
    if found.hits and found.missing:
        shortest = min(shortest, sum(len(wording) for wording in found.missing))
    return max(0.3, FASTEST_CHARACTER_S * shortest)


def _count(context: Context, options: Mapping[str, Any], window: Window) -> Found:
    """The best answer, or with ``times`` the answer of the last of that many sayings."""
    speaker, times = options["by"], int(options["times"])
    if times <= 1:
        found = context.finder.best_of(speaker, options["say"], window, options["fuzzy"])
        if found.state == SAID and options["unless"]:
            return _unexcepted(context, options, window)
        if found.state != ABSENT or not options["fuzzy"]:
            return found
        return context.finder.best_of(speaker, options["say"], window, last_hearing=True)
    hits = [f for p in options["say"] for f in context.finder.all_hits(speaker, p, window, options["fuzzy"])]
    hits = sorted({f.start_s: f for f in hits}.values(), key=lambda f: f.start_s)
    sure = [f for f in hits if f.state == SAID]
    if len(sure) >= times:
        return sure[times - 1]
    doubtful = [f for f in hits if f.state != SAID]
    return doubtful[-1] if len(hits) >= times else Found(ABSENT, hits[-1].hits if hits else (), (options["say"][0].first_wording(),))


def _unexcepted(context: Context, options: Mapping[str, Any], window: Window) -> Found:
    """The first saying, else what may be one, that is no part of an ``unless`` phrase: 经理没空 offers no superior.

    One that only sounds like part of such a phrase may be one. Where all are parts, what is before, between and after them is heard a
    last time: they hide nothing that was said besides.
    """
    unless = options["unless"]
    hits = [f for p in options["say"] for f in context.finder.all_hits(options["by"], p, window, options["fuzzy"])]
    hits = sorted((f for f in hits if f.state != ABSENT), key=lambda f: f.start_s)
    written = [f for f in hits if exception_written(context, options["by"], f, unless)]
    kept = [_doubted(f) if excepted(context, options["by"], f, unless, ()) else f for f in hits if f not in written]
    nothing = Found(ABSENT, (), (options["say"][0].first_wording(),))
    if kept or not options["fuzzy"]:
        return min(kept, key=lambda f: (f.state != SAID, f.start_s), default=nothing)
    edges = [window[0], *(s for f in hits for s in (f.start_s, f.end_s)), window[1]]
    rest = [(start_s, end_s) for start_s, end_s in zip(edges[::2], edges[1::2], strict=True) if start_s < end_s]
    answers = [context.finder.best_of(options["by"], options["say"], part, last_hearing=True) for part in rest]
    return min(answers, key=lambda f: (SAID, MAYBE, ABSENT).index(f.state), default=nothing)


def _doubted(found: Found) -> Found:
    """The same saying, as one that may be another."""
    return replace(found, state=MAYBE, missing=tuple(h.said for h in found.hits))


def _window(context: Context, options: Mapping[str, Any], anchor: Occurrence | None) -> Window | None:
    """The window after a trigger, up to the first occurrence of ``before``."""
    window = context.window(options["by"], options["where"], anchor)
    if window is None or options["before"] is None:
        return window
    limit = context.holds(options["before"])
    if limit.state != YES or not limit.anchors:
        return window
    end_s = limit.anchors[0].start_s + 0.3
    return (window[0], min(window[1], end_s)) if end_s > window[0] else None


CHECK = Check(
    {
        "by": PARTY,
        "say": Option("phrases", required=True),
        "unless": Option("phrases", default=()),
        "where": where_option("after"),
        "before": Option("condition"),
        "each": Option("flag", default=False),
        "times": Option("number", default=1.0),
        "fuzzy": Option("flag", default=True),
        "otherwise": Option("choice", default="fail", choices=("fail", "unsure", "not_applicable")),
    },
    judge,
)
