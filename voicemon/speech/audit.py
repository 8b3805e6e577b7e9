"""What in a transcript must not be trusted: loops, ghost sentences, speech that got too few words."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Sequence
from functools import lru_cache
from statistics import median

import yaml

from .text import normalise

LOOP_MIN_CHARACTERS = 8
LOOP_MIN_TIMES = 4
LOOP_UNIT_CHARACTERS = 12
SLOWEST_CHARACTERS_PER_S = 1.0  # slower than anyone speaks without a pause; below this words are missing
FASTEST_CHARACTERS_PER_S = 12.0
SPARSE_SHARE, SPARSE_MISSING = 0.6, 3.0  # under this share of the speaker's own pace, and at least so many characters short of it
WORDLESS_S = 1.1
"""So much speech before the first word or after the last is words that were dropped: of 13 such places in 10,200 utterances 10 were."""
_STUTTER = re.compile(r"([^\W\d_a-z零一二三四五六七八九幺谢])\1{3}")
"""People do say 对对对对, but of 15 runs of four and more that were heard in 10,000 utterances (quiet, coded, noisy) one was said so; asked
for alone, 11 became what was said or nearly. 谢谢谢谢 is thanks, twice."""
PACE_FROM_S, PACE_FROM_STRETCHES = 1.0, 3  # stretches that tell a pace, and how many are needed


@lru_cache(maxsize=1)
def ghost_sentences() -> tuple[str, ...]:
    """Normalised pieces of sentences that Whisper models invent, from ``ghosts.yaml``."""
    data = importlib.resources.files("voicemon.speech").joinpath("ghosts.yaml").read_text(encoding="utf-8")
    return tuple(normalise(str(line)) for line in yaml.safe_load(data))


def is_ghost(text: str) -> bool:
    """Whether a text holds a known invented sentence."""
    plain = normalise(text)
    return any(ghost in plain for ghost in ghost_sentences())


def find_loop(text: str) -> tuple[int, int] | None:
    """Range of the first repetition that nobody says: a unit of up to 12 characters at least 4 times, 8 characters together.

    A single character must come 8 times: 七七七七 is a telephone number.
    """
    for unit in range(1, LOOP_UNIT_CHARACTERS + 1):
        wanted = max(LOOP_MIN_TIMES, LOOP_MIN_CHARACTERS // unit) * unit - unit
        run = 0
        for i in range(unit, len(text)):
            run = run + 1 if text[i] == text[i - unit] else 0
            if run >= wanted:
                start, end = i - run - unit + 1, i + 1
                while end < len(text) and text[end] == text[end - unit]:
                    end += 1
                return start, end
    return None


def is_stutter(text: str) -> bool:
    """Whether a text has one character, no numeral, four times in a row and more: most often one that the model fell into."""
    return bool(_STUTTER.search(text))


def has_too_few_words(characters: int, speech_s: float) -> bool:
    """Whether speech of this length must hold more than these characters."""
    return characters == 0 or characters < SLOWEST_CHARACTERS_PER_S * (speech_s - 1.0)


def has_too_many_words(characters: int, speech_s: float) -> bool:
    """Whether nobody can say these characters in this time."""
    return characters > FASTEST_CHARACTERS_PER_S * (speech_s + 0.5)


def pace(stretches: Sequence[tuple[int, float]]) -> float:
    """A speaker's own characters per second: the median over ``(characters, speech_s)`` of stretches; 0 where too few tell it."""
    rates = [characters / speech_s for characters, speech_s in stretches if characters and speech_s >= PACE_FROM_S]
    return median(rates) if len(rates) >= PACE_FROM_STRETCHES else 0.0


def is_sparse(characters: int, speech_s: float, pace_per_s: float) -> bool:
    """Whether words may have been dropped: far fewer characters than this speaker says in such a time. Slow words are sparse too."""
    due = pace_per_s * speech_s
    return characters < SPARSE_SHARE * due and due - characters >= SPARSE_MISSING
