"""``address``: once the customer's surname is known, the agent uses it with a title (王先生), and no other title."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...records import AGENT
from ...speech.pinyin import syllables
from ..answers import Answer, When
from ..context import Context
from ..elements import Alternative, Element, Gap
from ..finder import ABSENT, MAYBE, SAID, Found
from ..phrases import Phrase
from ..schema import Option, Where
from .base import Check, anchor_span

SENTENCE_GAP_S = 0.3  # between a surname and its title there is no pause (ours)


def judge(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Pass if a title of ``titles`` follows a surname after the trigger, fail if never, with the wrong title named."""
    window = context.window(AGENT, Where("after"), when.anchors[0] if when.anchors else None)
    titles = "、".join(options["titles"])
    if window is None or not context.dialogue.of(AGENT):
        return Answer("not_checked", "nothing_said", {"what": titles})
    asked = context.finder.best_of(AGENT, options["asks_again"], window, fuzzy=False) if options["asks_again"] else None
    if asked and asked.state == SAID:
        return _accused(context, "asks_name_again", asked, titles)
    used = _titles_used(context, options, options["titles"], window)
    if len(used) >= options["times"]:
        return Answer("pass", "title_used", {"what": used[0].hits[0].quote}, ((used[0].start_s, used[0].end_s),), used[0].hits[0].quote)
    wrong = _titles_used(context, options, options["wrong_titles"], window) if options["wrong_titles"] else []
    if wrong:
        return _accused(context, "wrong_title", wrong[0], titles)
    named = _by_record(context, options, window)
    if named and named.state == SAID:
        return Answer("pass", "title_used", {"what": named.hits[0].wording}, ((named.start_s, named.end_s),), named.hits[0].quote)
    phrases = tuple(map(_phrase, options["titles"]))
    alike = context.finder.best_of(AGENT, phrases, window, last_hearing=True)
    if alike.state != SAID:
        alike = min((alike, *_by_sound(context, options, window)), key=lambda f: (SAID, MAYBE, ABSENT).index(f.state))
    if alike.state == SAID and alike.hits[0].quote not in options["titles"] and options["times"] <= 1:
        return Answer("pass", "title_used", {"what": alike.hits[0].wording}, ((alike.start_s, alike.end_s),), alike.hits[0].quote)
    if alike.hits:
        return Answer("unsure", "perhaps_said", {"what": titles}, ((alike.start_s, alike.end_s),), alike.hits[0].quote, titles)
    doubtful = context.doubtful(AGENT, window)
    if doubtful:
        return Answer("unsure", "words_doubtful", {"what": titles}, (doubtful,), "", titles)
    return Answer("fail", "title_not_used", {"what": titles}, anchor_span(when), "", titles)


def _accused(context: Context, reason: str, found: Found, titles: str) -> Answer:
    """What was said convicts, unless the transcript audit doubts the words."""
    quote, span = found.hits[0].quote, (found.start_s, found.end_s)
    sure = not context.untrusted(AGENT, *span)
    return Answer("fail" if sure else "unsure", reason if sure else "perhaps_forbidden", {"what": quote}, (span,), quote, titles)


def _by_record(context: Context, options: Mapping[str, Any], window: tuple[float, float]) -> Found | None:
    """The surname on record with a title, also by its sound (郝先生 may be written 好先生)."""
    surname = context.sidecar(options["surname_field"]) if options["surname_field"] else None
    if not isinstance(surname, str) or not syllables(surname):
        return None  # not given, or nothing that could be said
    spelt_otherwise = _same_sound(context, options, window, surname)
    if spelt_otherwise:
        return spelt_otherwise
    phrases = tuple(_phrase(surname + title) for title in options["titles"])
    return context.finder.best_of(AGENT, phrases, window)


def _same_sound(context: Context, options: Mapping[str, Any], window: tuple[float, float], surname: str) -> Found | None:
    """A title after a character that is read as the surname is (not 好先生 in 您好,先生)."""
    sounds, text = context.finder.stream(AGENT).sounds, context.finder.stream(AGENT).text
    wanted = syllables(surname)[-1]
    for title in options["titles"]:
        for found in context.finder.all_hits(AGENT, _phrase(title), window, fuzzy=False):
            at = found.hits[0].start - 1
            alike = at >= 0 and (sounds[at].initial, sounds[at].final) == (wanted.initial, wanted.final)
            if alike and not _ends_with(text, at + 1, options["greets_before_title"]):
                return found
    return None


def _by_sound(context: Context, options: Mapping[str, Any], window: tuple[float, float]) -> list[Found]:
    """Titles that sound alike after what may be a surname (葛女士 may be written 隔一世)."""
    never, others = options["no_surnames"], options["no_titles"]
    return [context.finder.after_one(AGENT, title, window, never, others) for title in options["titles"]]


def _titles_used(context: Context, options: Mapping[str, Any], titles: tuple[str, ...], window: tuple[float, float]) -> list[Found]:
    """Titles with a surname (one or two characters that are not part of a greeting) before them."""
    found = []
    for title in titles:
        found += [f for f in context.finder.all_hits(AGENT, _phrase(title, Gap(1, 1)), window, fuzzy=False) if f.state == SAID]
    return sorted((f for f in found if _is_surname(context, options, f)), key=lambda f: f.start_s)


@lru_cache(maxsize=256)
def _phrase(word: str, *before: Gap) -> Phrase:
    """A phrase of one word, with wildcards before it."""
    return Phrase((Element((Alternative((*before, word), word),)),), word)


def _is_surname(context: Context, options: Mapping[str, Any], found: Found) -> bool:
    """Whether the character before the title may be a surname: no particle, and no other sentence's last word."""
    stream, at = context.finder.stream(AGENT), found.hits[0].start
    if _ends_with(stream.text, at + 1, (*options["no_surnames"], *options["ends_before_title"])):
        return False
    return stream.utterance[at] == stream.utterance[at + 1] or stream.start_s[at + 1] - stream.end_s[at] < SENTENCE_GAP_S


def _ends_with(text: str, end: int, words: tuple[str, ...]) -> bool:
    """Whether one of ``words`` stands in ``text`` just before ``end``."""
    return any(text.startswith(word, end - len(word)) for word in words if len(word) <= end)


CHECK = Check(
    {
        "titles": Option("texts", required=True),
        "wrong_titles": Option("texts", default=()),
        "times": Option("number", default=1.0),
        "asks_again": Option("phrases", default=()),
        "surname_field": Option("text", default=""),
        "no_surnames": Option("words"),
        "ends_before_title": Option("words"),
        "greets_before_title": Option("words"),
        "no_titles": Option("words"),
    },
    judge,
)
