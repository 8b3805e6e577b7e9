"""Triggers as a pack writes them: ``inbound and customer_thanks and not silent_line``. Three-valued, with anchors.

Names are events of the pack or built-in ones. ``and`` keeps the anchors of its first side that has any; ``or`` joins them.
An unknown side (the sidecar lacks the field) makes the whole unknown unless the other side already decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from .answers import NO, PERHAPS, UNKNOWN, YES, When
from .asking import WouldAsk

_TOKENS = re.compile(r"\s*(\(|\)|[A-Za-z_][\w.]*)")

Quietly = Callable[[], AbstractContextManager[None]]

MOST_NESTED = 50
"""Brackets and ``not`` in one condition: more is no trigger that anybody can read, and would exhaust the parser (ours)."""


class ConditionError(ValueError):
    """A ``when`` of a pack cannot be understood."""


@dataclass(frozen=True)
class Condition:
    """A parsed trigger: ``op`` is ``name``, ``not``, ``and`` or ``or``."""

    op: str
    name: str = ""
    parts: tuple[Condition, ...] = ()

    def names(self) -> frozenset[str]:
        """All event names it mentions."""
        return frozenset((self.name,)) if self.op == "name" else frozenset().union(*(p.names() for p in self.parts))

    def evaluate(self, event: Callable[[str], When], quietly: Quietly | None = None) -> When:
        """Evaluate with ``event(name)``, which in a block of ``quietly`` asks the sound nothing: it raises :class:`.asking.WouldAsk`.

        Within such a block (then ``quietly`` is ``None``) that is raised where no part is ruled out without the sound.
        """
        if self.op == "name":
            return event(self.name)
        if self.op == "not":
            return _negate(self.parts[0].evaluate(event, quietly))
        if self.op == "and":
            return When(NO) if quietly and self._ruled_out(event, quietly) else self._all_of(event, quietly)
        return _either([part.evaluate(event, quietly) for part in self.parts])

    def _all_of(self, event: Callable[[str], When], quietly: Quietly | None) -> When:
        answers, wanting = [], False
        for part in self.parts:
            try:
                answers.append(part.evaluate(event, quietly))
            except WouldAsk:
                wanting = True
                continue
            if answers[-1].state == NO:
                return When(NO)  # whatever the others are: what is not evaluated asks the sound nothing
        if wanting:
            raise WouldAsk
        return _both(answers)

    def _ruled_out(self, event: Callable[[str], When], quietly: Quietly) -> bool:
        """Whether it does not hold whatever the sound says."""
        with quietly():
            try:
                return self.evaluate(event).state == NO
            except WouldAsk:
                return False


def _negate(answer: When) -> When:
    flipped = {YES: NO, NO: YES, PERHAPS: PERHAPS, UNKNOWN: UNKNOWN}[answer.state]
    return When(flipped, (), answer.reason, answer.args)


def _both(answers: list[When]) -> When:
    """What holds where none of ``answers`` is no."""
    anchors = next((a.anchors for a in answers if a.anchors), ())
    for state in (UNKNOWN, PERHAPS):
        for answer in answers:
            if answer.state == state:
                return When(state, anchors, answer.reason, answer.args)
    return When(YES, anchors)


def _either(answers: list[When]) -> When:
    for state in (YES, PERHAPS):
        matching = [a for a in answers if a.state == state]
        if matching:
            return When(state, tuple(sorted((x for a in matching for x in a.anchors), key=lambda o: o.start_s)))
    unknown = [a for a in answers if a.state == UNKNOWN]
    return unknown[0] if unknown else When(NO)


def parse_condition(text: str) -> Condition:
    """Parse a trigger. Raises :class:`ConditionError` saying what is wrong."""
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKENS.match(text, position)
        if not match:
            raise ConditionError(f"cannot read {text[position:].strip()!r}: only names, and, or, not and ( ) may stand here")
        tokens.append(match.group(1))
        position = match.end()
    if sum(token in ("(", "not") for token in tokens) > MOST_NESTED:
        raise ConditionError(f"more than {MOST_NESTED} brackets and nots; name parts of it as events")
    condition, rest = _or(tokens)
    if rest:
        raise ConditionError(f"unexpected {rest[0]!r}")
    return condition


def _or(tokens: list[str]) -> tuple[Condition, list[str]]:
    return _chain(tokens, "or", _and)


def _and(tokens: list[str]) -> tuple[Condition, list[str]]:
    return _chain(tokens, "and", _atom)


def _chain(
    tokens: list[str], word: str, inner: Callable[[list[str]], tuple[Condition, list[str]]]
) -> tuple[Condition, list[str]]:
    first, rest = inner(tokens)
    parts = [first]
    while rest and rest[0] == word:
        following, rest = inner(rest[1:])
        parts.append(following)
    return (parts[0] if len(parts) == 1 else Condition(word, parts=tuple(parts))), rest


def _atom(tokens: list[str]) -> tuple[Condition, list[str]]:
    if not tokens:
        raise ConditionError("ends where a name should follow")
    head, rest = tokens[0], tokens[1:]
    if head == "not":
        inner, rest = _atom(rest)
        return Condition("not", parts=(inner,)), rest
    if head == "(":
        inner, rest = _or(rest)
        if not rest or rest[0] != ")":
            raise ConditionError("a ( is not closed")
        return inner, rest[1:]
    if head in (")", "and", "or"):
        raise ConditionError(f"unexpected {head!r}")
    return Condition("name", head), rest
