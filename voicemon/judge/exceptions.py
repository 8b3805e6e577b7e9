"""What is found but is part of something else: 不知道 in 不知道您喜欢哪种 is no answer that the agent does not know.

An exception counts by its text, by the text with the finding spelt right, and where the recogniser wrote other characters of the
same sound (不识投诉 for 不是投诉): it cannot tell them apart, and an exception mostly saves from an accusation.
"""

from __future__ import annotations

from ..speech.text import normalise
from .answers import Occurrence
from .context import Context
from .dialogue import TURN_BREAK
from .elements import Alternative
from .finder import SAID, Found
from .phrases import Phrase
from .schema import Where

LONGEST_S = 6.0
"""An exception with a wildcard (朋友{any:0-16}投诉) reaches that far before or after the words that it excepts (ours)."""
LONGEST_CHARACTERS = 40
"""The same in characters: a wildcard has at most so many."""
SUBJECT_CHARACTERS = 20
"""Whom words are about stands at most so many characters before them (ours: 前一家的师傅上门态度特别差,我都投诉他们去了)."""
SAME_SYLLABLE = 0.16
"""A syllable sounds the same up to its tone, zh/z, n/l and in/ing (costs of ``voicemon.speech.pinyin``).
Of two syllables both must be the very same, with their tones: 赵总 is not 找总."""


def excepted(context: Context, speaker: str, found: Found, unless: tuple[Phrase, ...], unless_turn: tuple[Phrase, ...]) -> bool:
    """Whether what was found is part of an ``unless`` phrase (是否清楚 is not 清楚), or has one of ``unless_turn`` in its turn."""
    if exception_written(context, speaker, found, unless):
        return True
    text = context.finder.stream(speaker).text
    if any(_put_right(text, found, phrase) or _sounds_written(context, speaker, found, phrase) for phrase in unless):
        return True
    return bool(unless_turn) and in_its_turn(context, speaker, found, unless_turn)


def in_its_turn(context: Context, speaker: str, found: Found, phrases: tuple[Phrase, ...]) -> bool:
    """Whether one of ``phrases`` is written in the turn in which something was found."""
    turn = context.window(speaker, Where("turn"), Occurrence(found.start_s, found.end_s))
    return turn is not None and context.finder.best_of(speaker, phrases, turn, fuzzy=False).state == SAID


def exception_written(context: Context, speaker: str, found: Found, unless: tuple[Phrase, ...]) -> bool:
    """Whether what was found is part of an ``unless`` phrase as it is written: where that accuses, its sound is not enough."""
    return any(_written(context, speaker, found, phrase) for phrase in unless)


def about_others(context: Context, speaker: str, found: Found, others: tuple[Phrase, ...], ours: tuple[Phrase, ...]) -> bool:
    """Whether the nearest mention before the words, in the same breath, is one of ``others`` (别家的师傅) and none of ``ours`` (你们)."""
    text, first = context.finder.stream(speaker).text, min(h.start for h in found.hits)
    before = text[max(0, first - SUBJECT_CHARACTERS) : first].rpartition(TURN_BREAK)[2]
    other = _last_mention(before, others)
    return other >= 0 and other > _last_mention(before, ours)


def _last_mention(text: str, phrases: tuple[Phrase, ...]) -> int:
    """Where the last mention of any of the phrases (one element each) ends; -1 where there is none."""
    alternatives = (a for phrase in phrases for a in phrase.elements[0])
    return max((_last_end(text, a) for a in alternatives), default=-1)


def _last_end(text: str, alternative: Alternative) -> int:
    if len(alternative.atoms) == 1 and alternative.literal:
        at = text.rfind(alternative.literal)
        return at + len(alternative.literal) if at >= 0 else -1
    return max((m.end() for m in alternative.regex().finditer(text)), default=-1)


def _written(context: Context, speaker: str, found: Found, phrase: Phrase) -> bool:
    around = (found.start_s - LONGEST_S, found.end_s + LONGEST_S)
    for other in context.finder.all_hits(speaker, phrase, around, fuzzy=False):
        overlap = any(o.start < h.end and h.start < o.end for o in other.hits for h in found.hits)
        if overlap and not _spoken_into(context, speaker, other):
            return True
    return False


def _spoken_into(context: Context, speaker: str, found: Found) -> bool:
    """Whether the other party's turn lies inside what was found (帮我续上 – 好了 – 谢谢): then it is no one phrase."""
    near = context.dialogue.timed.near(found.start_s, found.end_s)
    return any(x.speaker != speaker and found.start_s <= x.start_s and x.end_s <= found.end_s for x in near)


def _put_right(text: str, found: Found, other: Phrase) -> bool:
    """Whether words found by their sound, spelt right in ``text``, are part of ``other`` (不自道您喜欢哪种 is 不知道您)."""
    for hit in found.hits:
        wording = normalise(hit.wording)
        if "{" in hit.wording or wording == hit.quote or len(other.elements) != 1:
            continue
        before, after = text[max(0, hit.start - LONGEST_CHARACTERS) : hit.start], text[hit.end : hit.end + LONGEST_CHARACTERS]
        right, first, last = before + wording + after, len(before), len(before) + len(wording)
        if any(start < last and first < end for start, end in other.elements[0].places_in(right)):
            return True
    return False


def _sounds_written(context: Context, speaker: str, found: Found, other: Phrase) -> bool:
    """Whether words of the same sound as ``other`` (one element, no wildcards) are written over what was found."""
    if len(other.elements) != 1:
        return False
    element, sounds = other.elements[0], context.finder.sounds(speaker)
    for hit in found.hits:
        for literal in (element.told(n).literal for n in sounds.touched(element.wordings, (hit.start, hit.end), SAME_SYLLABLE)):
            spare, most = len(literal) - 1, SAME_SYLLABLE if len(literal) > 2 else 0.0
            if sounds.same(literal, (max(0, hit.start - spare), min(len(sounds), hit.end + spare)), most):
                return True
    return False
