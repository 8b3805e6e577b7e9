"""``pause``: enough silence after the words; ``hold_gap``: no stretch of a wait without a word of the agent is too long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records import AGENT
from ..answers import Answer, When
from ..context import MISSING, Context
from ..finder import SAID
from ..holds import longest_stretch_s
from ..schema import Option
from .base import Check, anchor_span, where_option


def judge_pause(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """After the ``nth`` saying of a phrase (or the trigger) nobody speaks for ``least_s``, to the next word or the release."""
    start_s = _said_end_s(context, options, when)
    if start_s is None:
        doubtful = _perhaps_said(context, options, when) if options["if_unsaid"] == "fail" else None
        if doubtful:
            return Answer("unsure", "words_doubtful", {"what": ""}, (doubtful,))
        return Answer(options["if_unsaid"], "phrase_before_pause_missing", {}, anchor_span(when))
    following = [s.start_s for spans in context.facts.speech.values() for s in spans if s.start_s > start_s + 0.2]
    args: dict[str, Any] = {"limit_s": options["least_s"]}
    if following and not options["to_release"]:
        return _held(options, min(following) - start_s, start_s, args)
    if following and min(following) - start_s < options["least_s"]:
        return _held(options, min(following) - start_s, start_s, args)
    return _to_release(context, options, start_s, args)


def _said_end_s(context: Context, options: Mapping[str, Any], when: When) -> float | None:
    if not options["after_words"]:
        return when.anchors[0].end_s if when.anchors else None
    window = context.window(AGENT, options["where"], when.anchors[0] if when.anchors else None)
    if window is None:
        return None
    hits = [f for p in options["after_words"] for f in context.finder.all_hits(AGENT, p, window) if f.state == SAID]
    hits.sort(key=lambda f: f.start_s)
    nth = int(options["nth"])
    if len(hits) < nth:
        return None
    said_s = hits[nth - 1].end_s
    return max([said_s, *(u.end_s for u in context.facts.transcript if u.speaker == AGENT and u.start_s < said_s <= u.end_s + 0.5)])


def _perhaps_said(context: Context, options: Mapping[str, Any], when: When) -> tuple[float, float] | None:
    """A place where the words before the pause only perhaps were said: alike in sound, or in a stretch that cannot be trusted."""
    window = context.window(AGENT, options["where"], when.anchors[0] if when.anchors else None)
    if window is None or not options["after_words"]:
        return None
    alike = [f for p in options["after_words"] for f in context.finder.all_hits(AGENT, p, window) if f.state != SAID]
    return (alike[0].start_s, alike[0].end_s) if alike else context.doubtful(AGENT, window)


def _to_release(context: Context, options: Mapping[str, Any], start_s: float, args: dict[str, Any]) -> Answer:
    """From the words to the release: by the sidecar, else at least what the recording still holds."""
    last_s = context.last_word_s() or start_s
    after_s = context.sidecar("released_after_s")
    if after_s is not MISSING:
        return _held(options, last_s - start_s + float(after_s), start_s, args)
    rest_s = context.facts.call.duration_s - start_s
    if rest_s >= options["least_s"]:
        return _held(options, rest_s, start_s, args)
    return Answer("not_checked", "release_time_unknown", {"field": "released_after_s"}, ((start_s, start_s + rest_s),))


def _held(options: Mapping[str, Any], pause_s: float, start_s: float, args: dict[str, Any]) -> Answer:
    span = ((start_s, start_s + max(0.1, pause_s)),)
    args = {**args, "pause_s": round(pause_s, 1)}
    if pause_s >= options["least_s"] - options["tolerance_s"]:
        return Answer("pass", "pause_kept", args, span)
    return Answer("fail", "pause_too_short", args, span)


def judge_hold_gap(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail if any triggering wait has a stretch without the agent's words longer than ``most_s``."""
    worst_s, span = 0.0, anchor_span(when)
    for episode in when.anchors:
        stretch_s = longest_stretch_s(context, episode)
        if stretch_s > worst_s:
            worst_s, span = stretch_s, ((episode.start_s, episode.end_s),)
    args = {"wait_s": round(worst_s), "limit_s": options["most_s"]}
    if worst_s <= options["most_s"] + options["tolerance_s"]:
        return Answer("pass", "wait_kept_short", args, span)
    return Answer(options["otherwise"], "wait_too_long", args, span)


PAUSE = Check(
    {
        "least_s": Option("number", required=True),
        "after_words": Option("phrases", default=()),
        "nth": Option("number", default=1.0),
        "where": where_option("call"),
        "to_release": Option("flag", default=False),
        "tolerance_s": Option("number", default=0.5),
        "if_unsaid": Option("choice", default="fail", choices=("fail", "not_applicable", "unsure")),
    },
    judge_pause,
)
HOLD_GAP = Check(
    {
        "most_s": Option("number", required=True),
        "tolerance_s": Option("number", default=1.0),
        "otherwise": Option("choice", default="fail", choices=("fail", "unsure")),
    },
    judge_hold_gap,
)
