"""Detectors' parts: speech by the sound, timed entries of sidecar lists, sayings, and whether words stand alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records import AGENT, CUSTOMER, PARTIES
from .answers import PERHAPS, UNKNOWN, YES, Occurrence, When
from .context import MISSING, Context, unknown
from .dialogue import TURN_BREAK
from .elements import DIGITS
from .finder import ABSENT, Found
from .phrases import Phrase
from .schema import Option, Where
from .windows import EDGE_S, Window

ONLY_ACCUSES = "only_accuses"
"""Option of a saying, set where the pack is read: to miss it can make no rule fail (:mod:`.accusing`)."""
REPEATED_RUN = 4
"""So many figures in a row that the other party has already said make a figure a repetition, not news (ours)."""


def detect_speech(context: Context, options: Mapping[str, Any]) -> When:
    """Stretches in which the party speaks, words recognised or not; with ``after`` only those after that first held."""
    if not context.speakers_known:
        return unknown("speakers_unknown")
    start_s, sure = 0.0, True
    if options["after"] is not None:
        earlier: When = context.holds(options["after"])
        if earlier.state not in (YES, PERHAPS) or not earlier.anchors:
            return earlier if earlier.state not in (YES, PERHAPS) else When("no")
        start_s, sure = earlier.anchors[0].end_s, earlier.state == YES
    spans = [s for s in context.facts.speech.get(options["by"], ()) if s.start_s >= start_s]
    longer_s = options["longer_s"]
    return When.of(tuple(Occurrence(s.start_s, s.end_s, sure) for s in spans if s.end_s - s.start_s > longer_s))


def detect_record(context: Context, options: Mapping[str, Any]) -> When:
    """Entries of a sidecar list that lie in the call (``start_s`` and ``duration_s``, or ``at_s``)."""
    entries = context.sidecar(options["field"])
    if entries is MISSING or not isinstance(entries, list | tuple):
        assumed = {"yes": True, "no": False}.get(options["if_missing"])
        return When.state_of(assumed, "sidecar_lacks", field=options["field"])
    start_s, sure = 0.0, True
    if options["after"] is not None:
        earlier: When = context.holds(options["after"])
        if not earlier.anchors:
            return earlier if earlier.state == UNKNOWN else When("no")
        start_s, sure = earlier.anchors[0].start_s, earlier.state == YES
    found = []
    for entry in entries:
        at_s = entry.get("start_s", entry.get("at_s")) if isinstance(entry, Mapping) else None
        if isinstance(at_s, int | float) and at_s >= start_s:
            found.append(Occurrence(float(at_s), float(at_s) + float(entry.get("duration_s") or 0.0), sure))
    return When.of(tuple(found))


def stands_alone(context: Context, speaker: str, found: Found, spare_characters: float) -> bool:
    """Whether the turn holds no more than ``spare_characters`` besides what was found."""
    turn = context.window(speaker, Where("turn"), Occurrence(found.start_s, found.end_s))
    if turn is None:
        return False
    stream = context.finder.stream(speaker)
    first, last = stream.between(*turn)
    said = last - first - stream.text.count(TURN_BREAK, first, last)
    return said - sum(h.end - h.start for h in found.hits) <= spare_characters


def repeats_other(context: Context, speaker: str, found: Found) -> bool:
    """Whether the figures found were said before by the other party (a read-back)."""
    other = CUSTOMER if speaker == AGENT else AGENT
    stream = context.finder.stream(other)
    first, last = stream.between(0.0, found.start_s)
    heard = _figures(stream.text[first:last])
    said = _figures("".join(h.quote for h in found.hits))
    runs = {heard[i : i + REPEATED_RUN] for i in range(len(heard) - REPEATED_RUN + 1)}
    return any(said[i : i + REPEATED_RUN] in runs for i in range(len(said) - REPEATED_RUN + 1))


def _figures(text: str) -> str:
    return "".join(c for c in text if c in DIGITS).replace("幺", "一").replace("两", "二")


SPEECH_OPTIONS = {
    "by": Option("choice", required=True, choices=PARTIES),
    "after": Option("condition"),
    "longer_s": Option("number", default=0.2),
}
RECORD_OPTIONS = {
    "field": Option("text", required=True),
    "after": Option("condition"),
    "if_missing": Option("choice", default="unknown", choices=("yes", "no", "unknown")),
}


def sayings(context: Context, options: Mapping[str, Any], phrase: Phrase, window: Window) -> tuple[Found, ...]:
    """Where ``phrase`` is said in the window; with ``in_one_turn`` only where its elements all lie in one turn of the party."""
    speaker, finder = options["by"], context.finder

    def within(place: Window) -> tuple[Found, ...]:
        if not options["fuzzy"]:
            return finder.all_surely(speaker, phrase, place)
        if options[ONLY_ACCUSES]:
            return finder.all_accusing(speaker, phrase, place)
        return finder.all_hits(speaker, phrase, place, strictly=True)

    hits = within(window)
    if not hits or not options["in_one_turn"] or len(phrase.elements) < 2:  # not in the call: in no turn either
        return hits
    turns = ((max(window[0], x.start_s - EDGE_S), min(window[1], x.end_s + EDGE_S)) for x in context.dialogue.of(speaker))
    return tuple(f for turn in turns if turn[0] < turn[1] for f in within(turn))


def in_doubt(context: Context, speaker: str, found: Found) -> bool:
    """Whether words that were found prove nothing: marked by the audit, or perhaps a misheard courtesy."""
    return context.untrusted(speaker, found.start_s, found.end_s) or context.finder.courtesy_instead(speaker, found) != ABSENT
