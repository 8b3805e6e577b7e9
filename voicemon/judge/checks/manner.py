"""``interruptions``: the agent does not cut in. ``count``: words said often enough. ``turn_start``: no turn begins with them.

``read_back``: the agent repeats the data the customer gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records import AGENT, CUSTOMER
from ..answers import Answer, When
from ..context import Context
from ..dialogue import TURN_BREAK
from ..elements import DIGITS
from ..finder import MAYBE, SAID
from ..schema import Option, Where
from ..windows import Window
from .base import PARTY, Check, where_option


def judge_interruptions(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail if ``by`` interrupts more often than ``most``; short acknowledgements do not count."""
    if context.one_channel:
        return Answer("not_checked", "one_channel_only", {})
    cuts = [i for i in context.facts.measures.interruptions if i.by == options["by"] and not i.backchannel]
    cuts = [i for i in cuts if i.end_s - i.start_s >= options["longer_s"]]
    if when.anchors and options["near_trigger_s"] is not None:
        near = options["near_trigger_s"]
        cuts = [i for i in cuts if any(a.start_s - near <= i.start_s <= a.end_s + near for a in when.anchors)]
    spans = tuple((i.start_s, i.end_s) for i in cuts[:5])
    if len(cuts) > options["most"]:
        return Answer("fail", "cut_in", {"count": len(cuts)}, spans)
    return Answer("pass", "no_cut_in", {}, spans)


def judge_count(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """The phrases are said at least ``least`` and at most ``most`` times in all."""
    anchor = when.anchors[0] if when.anchors else None
    window = context.window(options["by"], options["where"], anchor)
    if window and options["most"] is None and (written := _written(context, options, window)) is not None:
        return written
    found = [f for p in options["say"] for f in (context.finder.all_hits(options["by"], p, window) if window else ())]
    sure = len({f.start_s for f in found if f.state == SAID})
    perhaps = len({f.start_s for f in found if f.state == MAYBE})
    spans = tuple((f.start_s, f.end_s) for f in sorted(found, key=lambda f: f.start_s)[:5])
    args = {"count": sure, "least": options["least"], "most": options["most"], "what": options["say"][0].first_wording()}
    if options["most"] is not None and sure > options["most"]:
        trusted = {f.start_s for f in found if f.state == SAID and not context.untrusted(options["by"], f.start_s, f.end_s)}
        return Answer("fail" if len(trusted) > options["most"] else "unsure", "said_too_often", args, spans)
    if sure >= options["least"]:
        return Answer("pass", "said_often_enough", args, spans)
    if sure + perhaps >= options["least"]:
        return Answer("unsure", "perhaps_said", args, spans)
    doubtful = context.doubtful(options["by"], window) if window else None
    if doubtful:
        return Answer("unsure", "words_doubtful", args, (doubtful,))
    return Answer("fail", "said_too_seldom", args, spans, expected=options["say"][0].first_wording())


def _written(context: Context, options: Mapping[str, Any], window: Window) -> Answer | None:
    """The answer where the words are written often enough: how often they were said besides, misheard, need not be asked the sound."""
    found = [f for p in options["say"] for f in context.finder.all_hits(options["by"], p, window, fuzzy=False)]
    starts = {f.start_s for f in found if f.state == SAID}
    if len(starts) < options["least"]:
        return None
    spans = tuple((f.start_s, f.end_s) for f in sorted(found, key=lambda f: f.start_s)[:5])
    return Answer("pass", "written_often_enough", {"count": len(starts), "what": options["say"][0].first_wording()}, spans)


def judge_turn_start(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """No turn of the agent begins with one of the words; ``unless`` are innocent beginnings (那边, 那个单号)."""
    stream = context.finder.stream(AGENT)
    for line in context.dialogue.of(AGENT):
        for utterance in line.utterances[: 1 if options["first_of_turn"] else None]:
            first, last = stream.between(utterance.start_s - 0.05, utterance.end_s)
            first += stream.text[first:last].startswith(TURN_BREAK)
            text = stream.text[first:last]
            start = next((p for p in options["words"] if text.startswith(p)), None)
            if start is None or any(text.startswith(u) for u in options["unless"]):
                continue
            span = stream.span_s(first, first + len(start))
            sure = min(stream.confidence[first : first + len(start)]) >= options["least_confidence"]
            sure = sure and not context.untrusted(AGENT, *span)
            key = "turn_starts_with" if sure else "perhaps_forbidden"
            return Answer("fail" if sure else "unsure", key, {"what": start}, (span,), text[:12])
    return Answer("pass", "no_turn_starts_with", {"what": "、".join(options["words"])})


def judge_read_back(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """After the customer has given figures, the agent repeats a run of them (at least ``least`` digits in order)."""
    given = _digits(context, CUSTOMER, (0.0, 1e9))
    window = context.window(AGENT, Where("after"), when.anchors[0] if when.anchors else None)
    said = _digits(context, AGENT, window) if window else ""
    least = int(options["least_digits"])
    if len(given) < least:
        return Answer("not_applicable", "no_trigger", {})
    if _longest_common(given, said) >= least:
        return Answer("pass", "data_repeated", {"what": said[:20]})
    doubtful = context.doubtful(AGENT, window) if window else None
    if doubtful:
        return Answer("unsure", "words_doubtful", {"what": ""}, (doubtful,))
    close = len(said) >= least
    return Answer("unsure" if close else "fail", "data_not_repeated", {}, tuple((a.start_s, a.end_s) for a in when.anchors[:1]))


def _digits(context: Context, speaker: str, window: tuple[float, float]) -> str:
    stream = context.finder.stream(speaker)
    first, last = stream.between(*window)
    return "".join(c for c in stream.text[first:last] if c in DIGITS).replace("幺", "一").replace("两", "二")


def _longest_common(left: str, right: str) -> int:
    """Length of the longest common run."""
    best = 0
    for i in range(len(left)):
        while i + best < len(left) and left[i : i + best + 1] in right:
            best += 1
    return best


INTERRUPTIONS = Check(
    {
        "by": PARTY,
        "most": Option("number", default=0.0),
        "longer_s": Option("number", default=0.5),
        "near_trigger_s": Option("number"),
    },
    judge_interruptions,
)
COUNT = Check(
    {
        "by": PARTY,
        "say": Option("phrases", required=True),
        "least": Option("number", default=1.0),
        "most": Option("number"),
        "where": where_option("call"),
    },
    judge_count,
)
TURN_START = Check(
    {
        "words": Option("texts", required=True),
        "unless": Option("texts", default=()),
        "first_of_turn": Option("flag", default=True),
        "least_confidence": Option("number", default=0.5),
    },
    judge_turn_start,
)
READ_BACK = Check({"least_digits": Option("number", default=4.0)}, judge_read_back)
