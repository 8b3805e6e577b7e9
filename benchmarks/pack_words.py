"""The wordings that the shipped standards listen for, by whose words they are: texts from which ``word_speakers.py`` learns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

from voicemon.judge.phrases import Phrase
from voicemon.known_standards import shipped_standards
from voicemon.records import AGENT, CUSTOMER

LISTENING = {"says": "says", "must_say": "say", "must_not_say": "say"}
"""Events and checks that listen for wordings, and their option that holds these."""
LEAST_CHARACTERS = 2
MOST_WORDINGS = 200
"""Of one part of a phrase: word lists multiplied out say little more than so many of them."""


def wordings() -> dict[str, str]:
    """Each wording, between its gaps, and the party it is listened for of; what is listened for of both is left out."""
    of_party: dict[str, set[str]] = {AGENT: set(), CUSTOMER: set()}
    for kind, options in _listening():
        party = options.get("by")
        if party in of_party:
            of_party[party].update(text for phrase in options.get(LISTENING[kind]) or () for text in literals(phrase))
    return {text: party for party, texts in of_party.items() for text in sorted(texts) if not all(text in t for t in of_party.values())}


def _listening() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Kind and options of what listens for wordings."""
    for standard in shipped_standards():
        for event in standard.events.values():
            if event.kind in LISTENING:
                yield event.kind, event.options
        for rule in standard.rules:
            if rule.check in LISTENING:
                yield rule.check, rule.options


def literals(phrase: Phrase) -> Iterable[str]:
    """The characters of ``phrase`` that stand together, of at most :data:`MOST_WORDINGS` alternatives for each of its parts."""
    for element in phrase.elements:
        alternatives = list(element)
        if len(alternatives) > MOST_WORDINGS:
            alternatives = Random(0).sample(alternatives, MOST_WORDINGS)
        for alternative in alternatives:
            yield from (atom for atom in alternative.atoms if isinstance(atom, str) and len(atom) >= LEAST_CHARACTERS)
