"""``drawl``: no drawn-out answers (好～～). One or two syllables that stand alone and last far longer than people take for them.

The tails of connected speech are the business of ``tone.long_tails``; an answer that is nothing but a drawl has no other
syllable to compare with, so its length is held against what a lone syllable takes at all: about half a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..answers import Answer, When
from ..bursts import bursts
from ..context import Context
from ..schema import Option
from .base import PARTY, Check

PART_S = 0.35  # silence that sets a lone answer apart from the next words
EDGE_S = 0.25  # word times against edges of speech


def judge(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Fail from ``times`` drawn answers on; a single one is unsure, since a misheard word looks the same."""
    speaker = options["by"]
    stream = context.finder.stream(speaker)
    drawn, quote = [], ""
    for start_s, end_s in bursts(context, speaker, PART_S):
        first, last = stream.between(start_s - EDGE_S, end_s + EDGE_S)
        count = last - first
        if not 0 < count <= options["most_characters"] or context.doubtful(speaker, (start_s, end_s)):
            continue
        if (end_s - start_s) / count >= options["least_s"]:
            drawn.append((start_s, end_s))
            quote = quote or stream.text[first:last]
    args = {"count": len(drawn), "what": quote}
    if not drawn:
        return Answer("pass", "no_drawl", args)
    return Answer("fail" if len(drawn) >= options["times"] else "unsure", "drawl", args, tuple(drawn[:5]), quote)


CHECK = Check(
    {
        "by": PARTY,
        "least_s": Option("number", default=0.9),
        "most_characters": Option("number", default=2.0),
        "times": Option("number", default=2.0),
    },
    judge,
)
