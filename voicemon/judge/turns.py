"""Two detectors about who answers whom: whole turns of a party, and turns that the other party leaves without an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..records import AGENT, CUSTOMER, PARTIES
from .answers import Occurrence, When
from .context import Context, unknown
from .dialogue import Line
from .finder import SAID
from .phrases import Phrase
from .schema import Option

ASKED_WITHIN_S = 8.0
"""A question that lies further back than this is not what the silence left unanswered (ours)."""
ASKS_AGAIN_WITHIN_S = 3.0
HEARD_S = 0.3
LAST_WORDS_S = 2.5
END_SILENCE_S = 3.0
"""A call that ends sooner after a question may have been ended by the one who asked (ours)."""


def detect_turns(context: Context, options: Mapping[str, Any]) -> When:
    """Turns of the party with ``says`` in them; ``not_after``: not right after a turn of the other party with these words.

    ``not_ending``: not turns whose last words say this, as 等一下,我找找 asks for a moment and not for an answer.
    ``first``: only the party's first turn, and of that only what lies before the other party makes itself heard.
    """
    if not context.speakers_known:
        return unknown("speakers_unknown")
    lines = context.dialogue.lines
    found = []
    for index, line in enumerate(lines):
        if line.speaker != options["by"] or _length(context, line, options["first"]) < options["least_characters"]:
            continue
        if options["first"] and line is not context.dialogue.of(line.speaker)[0]:
            break
        if options["answered"] and index + 1 == len(lines):
            continue
        if options["says"] and not _says(context, line.speaker, options["says"], (line.start_s - 0.05, line.end_s)):
            continue
        if index and _says_in(context, lines[index - 1], options["not_after"]):
            continue
        if _says(context, line.speaker, options["not_ending"], (max(line.start_s, line.end_s - LAST_WORDS_S) - 0.05, line.end_s)):
            continue
        found.append(Occurrence(line.start_s, line.end_s))
    return When.of(tuple(found))


def detect_ignored(context: Context, options: Mapping[str, Any]) -> When:
    """Questions of the party that the other leaves unanswered: silence, and then the same party speaks again or the call ends."""
    if not context.speakers_known:
        return unknown("speakers_unknown")
    party, other = options["by"], AGENT if options["by"] == CUSTOMER else CUSTOMER
    found = []
    for start_s, end_s, last in _gaps(context, party):
        silent = end_s - start_s >= (END_SILENCE_S if last else options["least_s"])
        if not silent or _heard(context, other, start_s, end_s) or _announced(context, other, start_s, options["not_after"]):
            continue
        asked = _says(context, party, options["asks"], (start_s - ASKED_WITHIN_S, start_s))
        again = not last and _says(context, party, options["again"], (end_s - 0.1, end_s + ASKS_AGAIN_WITHIN_S))
        if asked and _still_open(context, other, start_s) or again:
            found.append(Occurrence(start_s - 0.5, start_s))
    return When.of(tuple(found))


def _length(context: Context, line: Line, undisturbed: bool) -> int:
    """Characters of a turn; ``undisturbed``: up to the first sound of the other party, whose words may have been missed."""
    if not undisturbed:
        return len(line.text)
    other = AGENT if line.speaker == CUSTOMER else CUSTOMER
    later = context.speech(other).near(line.start_s, line.end_s)
    sounds = [s.start_s for s in later if s.end_s > line.start_s and s.end_s - s.start_s >= HEARD_S]
    first, last = context.finder.stream(line.speaker).between(line.start_s - 0.05, min([line.end_s, *sounds]))
    return last - first


def _gaps(context: Context, party: str) -> Iterator[tuple[float, float, bool]]:
    """Stretches between the party's words (and from its last one to the end of the call)."""
    stream = context.finder.stream(party)
    for index in range(1, len(stream.text)):
        yield stream.end_s[index - 1], stream.start_s[index], False
    if stream.text:
        yield stream.end_s[-1], context.facts.call.duration_s, True


def _still_open(context: Context, other: str, at_s: float) -> bool:
    """Whether the other party has not spoken since the words before the silence began (a backchannel may lie in them)."""
    line = next((x for x in context.dialogue.timed.last_near(to_s=at_s) if x.start_s < at_s), None)
    return line is not None and line.speaker != other


def _heard(context: Context, party: str, start_s: float, end_s: float) -> bool:
    """Whether the party speaks in the stretch, by its words or by the sound alone."""
    heard = (context.speech(party), context.said_by(party))
    return any(x.start_s < end_s - 0.1 and x.end_s > start_s + 0.1 for spoken in heard for x in spoken.near(start_s, end_s))


def _announced(context: Context, other: str, at_s: float, phrases: tuple[Phrase, ...]) -> bool:
    earlier = (x for x in context.dialogue.timed.last_near(to_s=at_s) if x.speaker == other and x.start_s < at_s)
    line = next(earlier, None)
    return line is not None and _says_in(context, line, phrases)


def _says_in(context: Context, line: Line, phrases: tuple[Phrase, ...]) -> bool:
    return _says(context, line.speaker, phrases, (line.start_s - 0.05, line.end_s))


def _says(context: Context, party: str, phrases: tuple[Phrase, ...], window_s: tuple[float, float]) -> bool:
    return any(context.finder.find(party, p, window_s, fuzzy=False).state == SAID for p in phrases)


TURN_OPTIONS = {
    "by": Option("choice", required=True, choices=PARTIES),
    "says": Option("phrases", default=()),
    "least_characters": Option("number", default=3.0),
    "not_after": Option("phrases", default=()),
    "not_ending": Option("phrases", default=()),
    "answered": Option("flag", default=False),
    "first": Option("flag", default=False),
}
IGNORED_OPTIONS = {
    "by": Option("choice", required=True, choices=PARTIES),
    "asks": Option("phrases", required=True),
    "again": Option("phrases", required=True),
    "least_s": Option("number", default=4.0),
    "not_after": Option("phrases", default=()),
}
