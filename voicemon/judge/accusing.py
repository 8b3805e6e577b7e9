"""Which events can only accuse: their occurrence triggers rules, and never keeps one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from .conditions import Condition
from .standard import EventSpec, Rule


def accusing_events(rules: Iterable[Rule], events: Mapping[str, EventSpec]) -> frozenset[str]:
    """The events that rules name only as what must have happened for them to hold, directly or through other events.

    One that stands after ``not`` anywhere, in ``kept_when`` or in an option of a check or of another event (but for what a
    ``condition`` says and what comes ``after``) may acquit: to miss it could make a rule fail.
    """
    triggers, acquitting = set[str](), set[str]()
    waiting = list(chain.from_iterable(map(_of_rule, rules)))
    while waiting:
        name, accuses = waiting.pop()
        seen = triggers if accuses else acquitting
        if name not in seen:
            seen.add(name)
            if name in events:
                waiting += [(n, accuses and further) for n, further in _of_event(events[name])]
    return frozenset(triggers - acquitting)


def _of_rule(rule: Rule) -> Iterator[tuple[str, bool]]:
    yield from _named(rule.when, True)
    for condition in (rule.kept_when, *rule.options.values()):
        yield from _named(condition, False)


def _of_event(event: EventSpec) -> Iterator[tuple[str, bool]]:
    for option, value in event.options.items():
        yield from _named(value, option in ("condition", "after"))


def _named(condition: object, accuses: bool) -> Iterator[tuple[str, bool]]:
    """The names in ``condition``, each with whether its occurrence makes the condition hold."""
    if not isinstance(condition, Condition):
        return
    if condition.op == "name":
        yield condition.name, accuses
    for part in condition.parts:
        yield from _named(part, accuses and condition.op != "not")
