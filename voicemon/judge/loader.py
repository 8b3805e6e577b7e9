"""Load a standard from YAML, strictly: whatever is not understood is refused with file and line, and all problems at once.

A pack is a mapping with the keys of :data:`PACK_KEYS`; ``docs/packs.md`` tells how to write one.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import PackError
from .built_in_events import BUILT_IN
from .checks import CHECKS
from .conditions import Condition, ConditionError, parse_condition
from .events import DETECTORS
from .extending import id_of, merge_packs
from .lines import Lines, load_lines
from .schema import Option, OptionError, Vocabulary, read_option
from .standard import EventSpec, Rule, Standard, Unobservable

PACK_KEYS = frozenset((
    "name", "title", "version", "source", "extends", "catalogue", "company", "cues",
    "words", "settings", "events", "rules", "drop", "unobservable",
))  # fmt: skip
CATALOGUE_FIELDS = ("quote", "kind", "evidence", "trigger", "satisfied_by", "broken_by")
RULE_KEYS = frozenset((
    "id", "title", "when", "kept_when", "check", "why", "weight", "fatal", "section", "say_instead", "examples", *CATALOGUE_FIELDS,
))  # fmt: skip
EXAMPLE_KEYS = frozenset(("fires", "quiet"))


def list_standards() -> tuple[str, ...]:
    """Names of the shipped standards, sorted."""
    shipped = files("voicemon.standards").iterdir()
    return tuple(sorted(p.name[:-5] for p in shipped if p.name.endswith(".yaml") and not p.name.startswith("_")))


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """The catalogue ``rules.csv`` by rule id."""
    text = files("voicemon.standards").joinpath("rules.csv").read_text(encoding="utf-8")
    return {row["id"]: row for row in csv.DictReader(text.splitlines())}


def load_standard(name_or_path: str | Path) -> Standard:
    """Load a shipped standard by name or a pack by path. Raises :class:`PackError` listing every problem."""
    if str(name_or_path) in list_standards():
        return _shipped(str(name_or_path))
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        raise PackError(f"there is no standard {name_or_path!s}; choose one of {', '.join(list_standards())} or give a .yaml file")
    return _Builder(path).build()


def own_rules(path: Path) -> frozenset[str]:
    """Ids of the rules that a pack writes itself, and does not only take from the one it extends. Raises :class:`PackError`."""
    listed = load_lines(path).get("rules")
    return frozenset(filter(None, map(id_of, listed if isinstance(listed, list) else ())))


@lru_cache(maxsize=16)
def _shipped(name: str) -> Standard:
    return _Builder(Path(str(files("voicemon.standards").joinpath(f"{name}.yaml")))).build()


class _Builder:
    """Reads one pack (and those it extends), collecting every problem before it gives up."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._problems: list[str] = []

    def build(self) -> Standard:
        pack = self._merged(self._path, ())
        self._refuse_unknown(pack, PACK_KEYS, "pack")
        self._known = Vocabulary(self._words(pack), self._section(pack, "settings"))
        events = {n: e for n, e in ((n, self._event(n, s)) for n, s in self._section(pack, "events").items()) if e}
        rules = self._rules(pack, events)
        unobservable = self._unobservable(pack)
        for field in ("name", "title", "version"):
            if not isinstance(pack.get(field), str):
                self._problem(pack.line_of.get(field, 1), f"{field} is missing or not a text (quote it)")
        if self._problems:
            raise PackError("\n".join(self._problems))
        return Standard(
            name=pack["name"],
            version=pack["version"],
            title=pack["title"],
            company=tuple(self._texts(pack, "company")),
            rules=tuple(rules),
            unobservable=tuple(unobservable),
            events=events,
            words=self._known.words,
            settings=self._known.settings,
            cues=tuple(self._texts(pack, "cues")),
            source=str(pack.get("source") or ""),
        )

    def _problem(self, line: int, what: str) -> None:
        self._problems.append(f"{self._path}:{line}: {what}")

    def _merged(self, path: Path, seen: tuple[Path, ...]) -> Lines:
        pack = load_lines(path)
        base_name = pack.get("extends")
        if base_name is None:
            return pack
        if not isinstance(base_name, str):
            raise PackError(f"{path}:{pack.line_of['extends']}: extends must be one name or path")
        base_path = self._base_path(path, base_name)
        if base_path in seen or base_path == path:
            raise PackError(f"{path}:{pack.line_of['extends']}: {base_name!r} extends this pack in turn")
        return merge_packs(self._merged(base_path, (*seen, path)), pack)

    @staticmethod
    def _base_path(path: Path, name: str) -> Path:
        shipped = files("voicemon.standards").joinpath(f"{name}.yaml")
        return Path(str(shipped)) if shipped.is_file() and "/" not in name else (path.parent / name)

    def _section(self, pack: Lines, name: str) -> Mapping[str, Any]:
        section = pack.get(name)
        if section is None:
            return {}
        if not isinstance(section, Mapping):
            self._problem(pack.line_of[name], f"{name} must be a mapping")
            return {}
        return section

    def _words(self, pack: Lines) -> dict[str, str]:
        words = {"company": "|".join(self._texts(pack, "company"))} if pack.get("company") else {}
        for name, text in self._section(pack, "words").items():
            if isinstance(text, list):
                text = "|".join(str(t) for t in text)
            if not isinstance(text, str):
                self._problem(pack["words"].line_of[name], f'words: {name}: not a text; quote it ("...")')
                continue
            words[name] = text
        return words

    def _texts(self, pack: Lines, name: str) -> list[str]:
        value = pack.get(name) or []
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(t, str) for t in texts):
            self._problem(pack.line_of[name], f"{name}: every entry must be a text; quote it")
        return [t for t in texts if isinstance(t, str)]

    def _refuse_unknown(self, found: Lines, allowed: frozenset[str], what: str) -> None:
        for key in found:
            if key not in allowed:
                close = get_close_matches(key, allowed, 1)
                hint = f" (did you mean {close[0]!r}?)" if close else ""
                self._problem(found.line_of[key], f"{what}: unknown option {key!r}{hint}")

    def _event(self, name: str, spec: Any) -> EventSpec | None:
        if not isinstance(spec, Lines) or not _is_one_of(spec.get("kind"), DETECTORS):
            line = spec.line if isinstance(spec, Lines) else 1
            self._problem(line, f'event "{name}": kind must be one of {", ".join(DETECTORS)}')
            return None
        if name in BUILT_IN:
            self._problem(spec.line, f'event "{name}" is built in; choose another name')
        return EventSpec(spec["kind"], self._options(f'event "{name}"', spec, DETECTORS[spec["kind"]].options, {"kind"}))

    def _options(
        self, what: str, found: Lines, options: Mapping[str, Option], also: frozenset[str] | set[str]
    ) -> dict[str, Any]:
        self._refuse_unknown(found, frozenset(options) | also, what)
        read: dict[str, Any] = {}
        for name, option in options.items():
            if name not in found:
                read[name] = option.default
                if option.required:
                    self._problem(found.line, f"{what}: {name} is missing")
                continue
            try:
                read[name] = read_option(name, option, found[name], self._known)
            except OptionError as error:
                self._problem(found.line_of[name], f"{what}: {error}")
                continue
            if option.required and option.kind == "phrases" and not read[name]:
                self._problem(found.line_of[name], f"{what}: {name} is empty")
        return read

    def _rules(self, pack: Lines, events: Mapping[str, EventSpec]) -> list[Rule]:
        rules: list[Rule] = []
        for name, spec in self._section(pack, "events").items():
            if name in events:
                self._check_names(f'event "{name}"', spec.line, events[name].options, events)
        listed = pack.get("rules") or []
        dropped = set(self._texts(pack, "drop"))
        if not isinstance(listed, list):
            self._problem(pack.line_of["rules"], "rules must be a list")
            return []
        seen: dict[str, int] = {}
        for spec in listed:
            if not isinstance(spec, Lines) or not isinstance(spec.get("id"), str):
                self._problem(getattr(spec, "line", pack.line_of["rules"]), "every rule is a mapping with an id (a text)")
                continue
            if spec["id"] in seen:
                self._problem(spec.line, f'rule "{spec["id"]}" stands already in line {seen[spec["id"]]}')
            seen[spec["id"]] = spec.line
            rule = self._rule(pack, spec, events)
            if rule and rule.id not in dropped:
                rules.append(rule)
        for name in sorted(dropped - set(seen)):
            self._problem(pack.line_of["drop"], f"drop: there is no rule {name!r}")
        return rules

    def _rule(self, pack: Lines, spec: Lines, events: Mapping[str, EventSpec]) -> Rule | None:
        what = f'rule "{spec["id"]}"'
        known = _is_one_of(spec.get("check"), CHECKS)
        if not known:
            close = get_close_matches(str(spec.get("check")), CHECKS, 1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            self._problem(spec.line_of.get("check", spec.line), f"{what}: check must be one of {', '.join(CHECKS)}{hint}")
        # What else is wrong is told at once; options can only be read where it is known which there are.
        options = self._options(what, spec, CHECKS[spec["check"]].options, RULE_KEYS) if known else {}
        row = catalogue().get(spec["id"], {}) if pack.get("catalogue") else {}
        texts = {f: spec.get(f, row.get(f)) for f in CATALOGUE_FIELDS}
        for field in ("quote", "evidence"):
            if not texts[field]:
                self._problem(spec.line, f"{what}: {field} is missing (and the catalogue has no such rule)")
        if texts["evidence"] not in ("direct", "proxy"):
            self._problem(spec.line, f"{what}: evidence must be direct or proxy")
        when = self._when(what, spec, "when", "always")
        kept_when = self._when(what, spec, "kept_when", "always") if "kept_when" in spec else None
        self._check_names(what, spec.line, {**options, "when": when, "kept_when": kept_when}, events)
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
            line=spec.line,
            **{f: str(texts[f] or "") for f in CATALOGUE_FIELDS},
        )

    def _required_text(self, what: str, spec: Lines, field: str) -> str:
        if not isinstance(spec.get(field), str) or not spec[field]:
            self._problem(spec.line, f"{what}: {field} is missing or not a text")
            return ""
        return str(spec[field])

    def _weight(self, what: str, spec: Lines, evidence: str | None) -> float:
        weight = spec.get("weight", 0 if evidence == "proxy" else 1)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or weight < 0:
            self._problem(spec.line_of.get("weight", spec.line), f"{what}: weight must be a number, 0 or more")
            return 0.0
        return float(weight)

    def _fatal(self, what: str, spec: Lines) -> bool:
        if not isinstance(spec.get("fatal", False), bool):
            self._problem(spec.line_of["fatal"], f"{what}: fatal must be true or false")
        return spec.get("fatal") is True

    def _when(self, what: str, spec: Lines, key: str, default: str) -> Condition:
        text = spec.get(key, default)
        try:
            return parse_condition(text if isinstance(text, str) else "")
        except ConditionError as error:
            self._problem(spec.line_of.get(key, spec.line), f"{what}: {key}: {error}")
            return parse_condition("always")

    def _check_names(self, what: str, line: int, options: Mapping[str, Any], events: Mapping[str, EventSpec]) -> None:
        for option in options.values():
            if isinstance(option, Condition):
                for name in sorted(option.names() - set(events) - set(BUILT_IN)):
                    close = get_close_matches(name, [*events, *BUILT_IN], 1)
                    self._problem(line, f"{what}: unknown event {name!r}" + (f" (did you mean {close[0]!r}?)" if close else ""))

    def _check_examples(self, what: str, spec: Lines) -> None:
        examples = spec.get("examples")
        if not isinstance(examples, Lines) or set(examples) != EXAMPLE_KEYS:
            self._problem(spec.line, f"{what}: examples must have fires: […] and quiet: […]")
            return
        if not all(isinstance(v, list) and all(isinstance(x, str) for x in v) for v in examples.values()):
            self._problem(spec.line, f"{what}: examples: every line must be a text; quote it")
        elif not examples["quiet"]:
            self._problem(spec.line, f"{what}: examples: at least one quiet line is needed")

    def _unobservable(self, pack: Lines) -> list[Unobservable]:
        rows = catalogue()
        listed = []
        for rule_id, reason in self._section(pack, "unobservable").items():
            if not isinstance(reason, str) or not reason:
                self._problem(pack["unobservable"].line_of[rule_id], f"unobservable: {rule_id}: say why, as a text")
                continue
            listed.append(Unobservable(rule_id, rows.get(rule_id, {}).get("quote", ""), reason))
        return listed


def _is_one_of(value: Any, names: Collection[str]) -> bool:
    return isinstance(value, str) and value in names
