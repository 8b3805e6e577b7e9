"""``turn_only``: a turn may not consist of nothing but the given words (喂 alone as an opening, 再见 alone as a closing)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records import AGENT
from ..answers import Answer, When
from ..context import Context
from ..dialogue import TURN_BREAK
from ..finder import ABSENT, MAYBE, SAID
from ..phrases import Phrase
from ..schema import Option
from .base import Check, where_option

LONE_CHARACTERS = 2
NEARLY, PREFERRED = -1.0, 1.0
"""Log-ratios: what was not said at a lone opening was at most at -2.7 (36 calls, quiet, noisy and coded), what was said at 2.5."""
FILLERS = TURN_BREAK + "嗯啊哦呃哎好的那行就这样了吧吗呢"


def judge(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail if the words in the window are only ``only`` and fillers.

    Where only the sound tells, it must prefer them to ``rivals`` too: 您好 and 喂 may both be likelier than a doubtful 嗯好.
    """
    anchor = when.anchors[0] if when.anchors else None
    window = context.window(AGENT, options["where"], anchor)
    if window is None:
        return Answer("not_checked", "nothing_said", {"what": ""})
    stream = context.finder.stream(AGENT)
    first, last = stream.between(*window)
    if last <= first:
        return Answer("unsure", "words_doubtful", {"what": ""}, (window,))
    text, span = stream.text[first:last].strip(), stream.span_s(first, last)
    found = context.finder.best_of(AGENT, options["only"], window)
    allowed = context.finder.best_of(AGENT, options["unless"], window) if options["unless"] else None
    if found.state == ABSENT:
        place = (first, first + len(stream.text[first:last].rstrip(TURN_BREAK)))
        alike = _alike(context, options["only"], place)
        ahead = alike - max(0.0, _alike(context, options["rivals"], place)) if alike >= NEARLY else alike
        if ahead >= NEARLY:
            sure = ahead >= PREFERRED and not context.untrusted(AGENT, span[0] - 0.5, span[1] + 1.5)
            return Answer("fail" if sure else "unsure", "only_that" if sure else "perhaps_only", {"what": text}, (span,), text)
    if found.state not in (SAID, MAYBE) or (allowed and allowed.state == SAID):
        return Answer("pass", "more_than_that", {"what": text[:30]}, (span,), text[:30])
    taken = _said_again(stream.text, (found.hits[0].start, found.hits[-1].end), (first, last))
    rest = [stream.text[i] for i in range(first, last) if i not in taken and stream.text[i] not in FILLERS]
    if len(rest) > options["spare_characters"]:
        return Answer("pass", "more_than_that", {"what": text[:30]}, (span,), text[:30])
    doubtful = context.doubtful(AGENT, (span[0] - 0.5, span[1] + 1.5)) or (allowed and allowed.state == MAYBE)
    if found.state == MAYBE or doubtful:
        return Answer("unsure", "perhaps_only", {"what": text}, (span,), text)
    return Answer("fail", "only_that", {"what": text}, (span,), text)


def _said_again(text: str, place: tuple[int, int], within: tuple[int, int]) -> set[int]:
    """Characters of what stands at ``place`` and of every repetition of it: 说话,说话 is nothing but 说话 either."""
    said = text[slice(*place)]
    return {at + i for at in range(*within) if text.startswith(said, at, within[1]) for i in range(len(said))} | set(range(*place))


def _alike(context: Context, only: tuple[Phrase, ...], place: tuple[int, int]) -> float:
    """How much the sound prefers one of the words to a doubtful syllable or two (log-ratio): no lone syllable is found by likeness."""
    finder = context.finder
    if not 0 < place[1] - place[0] <= LONE_CHARACTERS or not finder.doubtful(AGENT, place):
        return float("-inf")
    wordings = {a.literal for phrase in only for element in phrase.elements for a in element if len(a.literal) <= LONE_CHARACTERS}
    ratios = (finder.log_ratio(AGENT, place, literal) for literal in sorted(wordings) if literal)
    return max((ratio for ratio in ratios if ratio is not None), default=float("-inf"))


CHECK = Check(
    {
        "only": Option("phrases", required=True),
        "where": where_option("opening"),
        "unless": Option("phrases", default=()),
        "rivals": Option("phrases", default=()),
        "spare_characters": Option("number", default=1.0),
    },
    judge,
)
