"""``must_not_say``: none of the phrases may be said in the window. Only words in the text, or confirmed by the sound, convict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..answers import Answer, Occurrence, When
from ..context import Context
from ..exceptions import excepted
from ..finder import MAYBE, SAID, Found
from ..marks import in_doubt, repeats_other
from ..phrases import Phrase
from ..schema import Option
from ..windows import Window
from .base import PARTY, Check, heard, where_option

NEIGHBOURS = 2  # characters on either side


def judge(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail on a phrase that is surely said, unsure on one that perhaps is, else pass."""
    anchors: tuple[Occurrence | None, ...] = when.anchors or (None,)
    perhaps: Found | None = None
    sure: list[Found] = []
    alike: list[Found] = []
    for anchor in anchors:
        window = context.window(options["by"], options["where"], anchor)
        for found in _all(context, options, window) if window else ():
            state = _weighed(context, options, found)
            if state == SAID:
                sure.append(found)
            elif state == MAYBE and perhaps is None:
                perhaps = found
            if state == MAYBE and found.state == SAID and not _guessed(context, options, found):
                alike.append(found)
    if options["enough"] is not None and len(sure) + len(alike) >= options["enough"]:
        sure += alike
    if len({f.start_s for f in sure}) == 1 and not _clear_alone(context, options, sure[0]):  # each anchor may find the same
        perhaps, sure = sure[0], []
    if len(sure) >= options["times"]:
        first = min(sure, key=lambda f: f.start_s)
        spans = tuple(sorted({(f.start_s, f.end_s) for f in sure}))[:8]
        return Answer("fail", "forbidden_said", {"what": _wording(first)}, spans, heard(first)["quote"])
    if sure or perhaps:
        doubt = perhaps or sure[0]
        return Answer("unsure", "perhaps_forbidden", {"what": _wording(doubt)}, **heard(doubt))
    return Answer("pass", "forbidden_not_said", {"what": options["say"][0].first_wording()})


def _wording(found: Found) -> str:
    """What was said, for a reader: the quote may be misspelt (老子不好事 for 脑子不好使)."""
    return "…".join(dict.fromkeys(h.said for h in found.hits))


def _all(context: Context, options: Mapping[str, Any], window: Window) -> list[Found]:
    speaker, finder = options["by"], context.finder

    def said(phrase: Phrase) -> tuple[Found, ...]:
        return (finder.all_accusing if options["fuzzy"] else finder.all_nearly_written)(speaker, phrase, window)

    found = [f for p in options["say"] for f in said(p)]
    told = [f for f in found if not (options["news"] and repeats_other(context, speaker, f))]
    return [f for f in told if not excepted(context, speaker, f, options["unless"], options["unless_turn"])]


def _weighed(context: Context, options: Mapping[str, Any], found: Found) -> str:
    """The state of a finding after asking the sound whether the innocent twin (``instead``) was said in its place."""
    if found.state == SAID and in_doubt(context, options["by"], found):
        return MAYBE
    if found.state != SAID or not options["instead"]:
        return found.state
    if _among_guesses(context, options["by"], found):
        return MAYBE
    return SAID if _denied(context, options, found, options["instead_below"]) else MAYBE


def _denied(context: Context, options: Mapping[str, Any], found: Found, below: float) -> bool:
    """Whether the sound denies the innocent twin by a log-ratio of ``below`` at least."""
    hit = found.hits[0]
    ratio = context.finder.log_ratio(options["by"], (hit.start, hit.end), _literal(options["instead"][0]))
    return ratio is not None and ratio <= below


def _clear_alone(context: Context, options: Mapping[str, Any], found: Found) -> bool:
    """Whether one saying, with no other like it in the call, is told from its innocent twin clearly enough to accuse by itself."""
    if not options["instead"] or options["instead_alone_below"] is None:
        return True
    return _denied(context, options, found, options["instead_alone_below"])


def _guessed(context: Context, options: Mapping[str, Any], found: Found) -> bool:
    """Whether the recogniser was not sure of the words itself: many of them are no proof together either."""
    return any(context.finder.doubtful(options["by"], (hit.start, hit.end)) for hit in found.hits)


def _among_guesses(context: Context, speaker: str, found: Found) -> bool:
    """Whether it is one syllable whose neighbours are guesses: 你线 was 米线, and a syllable is sure of itself for little reason."""
    start, end = found.hits[0].start, found.hits[-1].end
    if end - start > 1:
        return False
    return any(context.finder.doubtful(speaker, place) for place in ((max(start - NEIGHBOURS, 0), end), (start, end + NEIGHBOURS)))


def _literal(phrase: Phrase) -> str:
    return phrase.elements[0][0].literal


CHECK = Check(
    {
        "by": PARTY,
        "say": Option("phrases", required=True),
        "where": where_option("call"),
        "unless": Option("phrases", default=()),
        "unless_turn": Option("phrases", default=()),
        "instead": Option("phrases", default=()),
        "instead_below": Option("number", default=-3.0),
        "instead_alone_below": Option("number"),
        "enough": Option("number"),
        "times": Option("number", default=1.0),
        "news": Option("flag", default=False),
        "fuzzy": Option("flag", default=True),
    },
    judge,
)
