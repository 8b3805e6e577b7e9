"""One rule of a pack: its check with options, its condition, its texts, its examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .built_in_events import BUILT_IN
from .checks import CHECKS
from .conditions import Condition, ConditionError, parse_condition
from .lines import Lines
from .problems import Problems, did_you_mean, is_one_of
from .schema import Vocabulary
from .standard import EventSpec, Rule

CATALOGUE_FIELDS = ("quote", "kind", "evidence", "trigger", "satisfied_by", "broken_by")
RULE_KEYS = frozenset((
    "id", "title", "when", "kept_when", "check", "why", "weight", "fatal", "section", "say_instead", "examples", *CATALOGUE_FIELDS,
))  # fmt: skip
EXAMPLE_KEYS = frozenset(("fires", "quiet"))


class RuleReader:
    """Reads the rules of a pack with these words, settings and events; what is wrong goes to ``problems``."""

    def __init__(self, problems: Problems, known: Vocabulary, events: Mapping[str, EventSpec]) -> None:
        self._problems = problems
        self._known = known
        self._events = events

    def rule(self, spec: Lines, row: Mapping[str, str]) -> Rule:
        """The rule written in ``spec``; ``row`` of the catalogue stands for texts that it does not write itself."""
        what = f'rule "{spec["id"]}"'
        known = is_one_of(spec.get("check"), CHECKS)
        if not known:
            hint = did_you_mean(str(spec.get("check")), CHECKS)
            self._problems.add(spec.line_of.get("check", spec.line), f"{what}: check must be one of {', '.join(CHECKS)}{hint}")
        # What else is wrong is told at once; options can only be read where it is known which there are.
        options = self._problems.options(what, spec, CHECKS[spec["check"]].options, self._known, RULE_KEYS) if known else {}
        texts = {f: spec.get(f, row.get(f)) for f in CATALOGUE_FIELDS}
        for field in ("quote", "evidence"):
            if not texts[field]:
                self._problems.add(spec.line, f"{what}: {field} is missing (and the catalogue has no such rule)")
        if texts["evidence"] not in ("direct", "proxy"):
            self._problems.add(spec.line, f"{what}: evidence must be direct or proxy")
        when = self._when(what, spec, "when", "always")
        kept_when = self._when(what, spec, "kept_when", "always") if "kept_when" in spec else None
        self.check_names(what, spec.line, {**options, "when": when, "kept_when": kept_when})
        self._check_examples(what, spec)
        return Rule(
            id=spec["id"],
            title=self._required_text(what, spec, "title"),
            check=str(spec.get("check")),
            options=options,
            when=when,
            kept_when=kept_when,
            why=str(spec.get("why") or ""),
            say_instead=str(spec.get("say_instead") or ""),
            weight=self._weight(what, spec, texts["evidence"]),
            fatal=self._fatal(what, spec),
            section=str(spec.get("section") or ""),
            examples=spec.get("examples") or {},
            line=int(spec.line),
            **{f: str(texts[f] or "") for f in CATALOGUE_FIELDS},
        )

    def _required_text(self, what: str, spec: Lines, field: str) -> str:
        if not isinstance(spec.get(field), str) or not spec[field]:
            self._problems.add(spec.line, f"{what}: {field} is missing or not a text")
            return ""
        return str(spec[field])

    def _weight(self, what: str, spec: Lines, evidence: str | None) -> float:
        weight = spec.get("weight", 0 if evidence == "proxy" else 1)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or weight < 0:
            self._problems.add(spec.line_of.get("weight", spec.line), f"{what}: weight must be a number, 0 or more")
            return 0.0
        return float(weight)

    def _fatal(self, what: str, spec: Lines) -> bool:
        if not isinstance(spec.get("fatal", False), bool):
            self._problems.add(spec.line_of["fatal"], f"{what}: fatal must be true or false")
        return spec.get("fatal") is True

    def _when(self, what: str, spec: Lines, key: str, default: str) -> Condition:
        text = spec.get(key, default)
        try:
            return parse_condition(text if isinstance(text, str) else "")
        except ConditionError as error:
            self._problems.add(spec.line_of.get(key, spec.line), f"{what}: {key}: {error}")
            return parse_condition("always")

    def check_names(self, what: str, line: int, options: Mapping[str, Any]) -> None:
        """Every event that a condition names must be there."""
        for option in options.values():
            if isinstance(option, Condition):
                for name in sorted(option.names() - set(self._events) - set(BUILT_IN)):
                    self._problems.add(line, f"{what}: unknown event {name!r}{did_you_mean(name, [*self._events, *BUILT_IN])}")

    def _check_examples(self, what: str, spec: Lines) -> None:
        examples = spec.get("examples")
        if not isinstance(examples, Lines) or set(examples) != EXAMPLE_KEYS:
            self._problems.add(spec.line, f"{what}: examples must have fires: […] and quiet: […]")
            return
        if not all(isinstance(v, list) and all(isinstance(x, str) for x in v) for v in examples.values()):
            self._problems.add(spec.line, f"{what}: examples: every line must be a text; quote it")
        elif not examples["quiet"]:
            self._problems.add(spec.line, f"{what}: examples: at least one quiet line is needed")
