"""A service standard as loaded: its rules, events, words and settings. Made by :mod:`voicemon.judge.loader` from YAML."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class EventSpec:
    """An event of the pack: its detector type and that type's options, as read."""

    kind: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One rule. ``quote`` is the source's own words; ``trigger``, ``satisfied_by``, ``broken_by`` are the catalogue's English.

    ``evidence`` is ``direct`` or ``proxy`` (a proxy rule never fails, it hints). ``check`` names a check type with ``options``;
    ``kept_when`` is a condition (a record, another phrase) that keeps the rule whatever the check says. ``say_instead`` is
    the standard's phrase to say, shown where the rule was missed. ``line`` is its line in the pack.
    """

    id: str
    title: str
    quote: str
    kind: str
    evidence: str
    trigger: str
    satisfied_by: str
    broken_by: str
    check: str
    options: Mapping[str, Any]
    when: Any = None
    kept_when: Any = None
    why: str = ""
    say_instead: str = ""
    weight: float = 1.0
    fatal: bool = False
    section: str = ""
    examples: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True)
class Unobservable:
    """A row of the standard that no call can show, with the reason it cannot."""

    id: str
    quote: str
    reason: str


@dataclass(frozen=True)
class Standard:
    """A pack: everything judging needs to know about one service standard."""

    name: str
    version: str
    title: str
    company: tuple[str, ...]
    rules: tuple[Rule, ...]
    unobservable: tuple[Unobservable, ...]
    events: Mapping[str, EventSpec]
    words: Mapping[str, Any]
    settings: Mapping[str, Any]
    cues: tuple[str, ...] = ()
    source: str = ""

    @cached_property
    def digest(self) -> str:
        """A hash of all that the pack says: an edited pack judges again even when its version was forgotten."""
        return hashlib.sha256(repr(self).encode("utf-8")).hexdigest()

    def rule(self, rule_id: str) -> Rule:
        """Return the rule with that id; raises ``KeyError``."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
