"""What was heard, written as its timing says it was spoken: for counting alone, no rule is held against it.

Two habits of the recogniser make a count too high. It ends an utterance with a character more than was said (再见者), of which it is unsure
and for which there was hardly time. And it writes a number in digits, which have more than one reading (888: 八百八十八 or 八百八).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from ..records import Utterance, Word
from .counting import count_characters
from .text import QUANTITY_UNITS, read_digits

PAUSE_S = 0.2
SURE = 0.75
NO_TIME = 0.5  # times of the speaker's own pace: a word shorter than this was not placed well, and its length says nothing
_DIGIT = re.compile(r"\d")
_THREE_DIGITS = re.compile(r"(?<!\d)(?<!\d[-,.: ])\d{3}(?![-,.: ]?\d|%)")
_COUNTED = QUANTITY_UNITS | frozenset("号")


def as_spoken(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """The utterances of one party without last characters that were hardly said, three digits as their length tells them.

    Utterances without word times stay as they are.
    """
    pace_s = _pace_s(utterances)
    return tuple(_rewritten(u, pace_s) if u.words and pace_s else u for u in utterances)


def _pace_s(utterances: Sequence[Utterance]) -> float | None:
    """Median time of a character, numerals aside; ``None`` where no word has a time."""
    words = ((w, count_characters(w.text)) for u in utterances for w in u.words if not _DIGIT.search(w.text))
    paces_s = [(w.end_s - w.start_s) / n for w, n in words if n]
    return median(paces_s) if paces_s else None


def _rewritten(utterance: Utterance, pace_s: float) -> Utterance:
    kept = utterance.words[:-1] if _hardly_said(utterance, pace_s) else utterance.words
    words = _with_figures(kept, pace_s)
    return utterance if words == utterance.words else replace(utterance, text="".join(w.text for w in words), words=words)


def _hardly_said(utterance: Utterance, pace_s: float) -> bool:
    """Whether the last word is one character, unsure and short: the last syllable before a pause is drawn out, not cut.

    The less sure, the longer it may be. A character that stands alone is all that was said there.
    """
    *before, last = utterance.words
    if not before or last.start_s - before[-1].end_s >= PAUSE_S or last.confidence >= SURE or count_characters(last.text) != 1:
        return False
    paces = (utterance.end_s - last.start_s) / pace_s
    return NO_TIME < paces < 1.5 - 0.5 * last.confidence


def _with_figures(words: tuple[Word, ...], pace_s: float) -> tuple[Word, ...]:
    """Three digits that count nothing are written digit by digit where that many syllables fit the time they took better.

    八百八 is as long as 八八八.
    """
    text, out = "".join(w.text for w in words), list(words)
    for match in _THREE_DIGITS.finditer(text):
        begin, end = match.span()
        more = count_characters(text) - count_characters(text[:begin] + read_digits(match.group()) + text[end:])
        if more <= 0 or text[end : end + 1] in _COUNTED:
            continue
        own = list(_words_in(words, begin, end))
        if words[own[-1]].end_s - words[own[0]].start_s < pace_s * (len(match.group()) + more / 2):
            for i in own:
                out[i] = replace(out[i], text=_DIGIT.sub(lambda d: read_digits(d.group()), out[i].text))
    return tuple(out)


def _words_in(words: Sequence[Word], begin: int, end: int) -> Iterator[int]:
    """Which words hold the characters from ``begin`` to ``end`` of their joined text."""
    at = 0
    for i, word in enumerate(words):
        if at < end and at + len(word.text) > begin:
            yield i
        at += len(word.text)
