"""``drawl``: no drawn-out answers (好～～). One or two syllables that stand alone and last far longer than people take for them.

The tails of connected speech are the business of ``tone.long_tails``; an answer that is nothing but a drawl has no other
syllable to compare with, so its length is held against what a lone syllable takes at all (about half a second) and against
the party's own pace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..answers import Answer, When
from ..bursts import bursts
from ..context import Context
from ..schema import Option
from .base import PARTY, Check

PART_S = 0.5  # silence that sets a lone answer apart; inside a sentence whose words were missed pauses are shorter
EDGE_S = 0.25  # word times against edges of speech
WEAK_LEAST_S = 1.1  # two recognised syllables in this long may be one drawn out: recognisers stumble over a drawl
WEAK_SHARE = 0.6  # of the limits, for such a stretch and for one whose words cannot be trusted
OWN_PACE_TIMES = 2.5


def judge(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail if one answer is surely drawn and ``times`` are at least probably; one sure one alone is unsure, doubtful ones pass."""
    speaker = options["by"]
    stream = context.finder.stream(speaker)
    least_s = max(options["least_s"], OWN_PACE_TIMES * _own_pace_s(context, speaker))
    sure, weak, quote = [], [], ""
    for start_s, end_s in bursts(context, speaker, PART_S):
        first, last = stream.between(start_s - EDGE_S, end_s + EDGE_S)
        text = "".join(stream.text[first:last].split())  # without marks between turns
        count, long_s = len(text), end_s - start_s
        if not 0 < count <= options["most_characters"]:
            continue
        if long_s / count >= least_s and not _marked(context, speaker, start_s, end_s):
            sure.append((start_s, end_s))
            quote = quote or text
        elif long_s >= WEAK_LEAST_S and long_s / count >= WEAK_SHARE * least_s:
            weak.append((start_s, end_s))
    drawn = tuple(sorted((*sure, *weak)))
    args = {"count": len(drawn), "what": quote}
    if not sure:
        return Answer("pass", "no_drawl", {})
    return Answer("fail" if len(drawn) >= options["times"] else "unsure", "drawl", args, drawn[:5], quote)


def _marked(context: Context, speaker: str, start_s: float, end_s: float) -> bool:
    """Whether the transcript audit doubts the words there. Few words for so much sound are no doubt here but the point."""
    marks = [m for m in context.facts.audit if m.speaker in (speaker, "unknown")]
    return any(m.start_s < end_s and start_s < m.end_s for m in marks)


def _own_pace_s(context: Context, speaker: str) -> float:
    """Seconds a character of that party's utterances of at least five characters; 0 if there are none."""
    long = [u for u in context.facts.transcript if u.speaker == speaker and len(u.text) >= 5]
    return sum(u.end_s - u.start_s for u in long) / sum(len(u.text) for u in long) if long else 0.0


CHECK = Check(
    {
        "by": PARTY,
        "least_s": Option("number", default=0.75),
        "most_characters": Option("number", default=2.0),
        "times": Option("number", default=2.0),
    },
    judge,
)
