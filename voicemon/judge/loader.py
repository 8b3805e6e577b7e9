"""Load a standard from YAML, strictly: whatever is not understood is refused with file and line, and all problems at once.

A pack is a mapping with the keys of :data:`PACK_KEYS`; ``docs/packs.md`` tells how to write one.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import PackError
from .accusing import accusing_events
from .built_in_events import BUILT_IN
from .checks import CHECKS
from .events import DETECTORS
from .extending import id_of, merge_packs
from .lines import SHIPPED, Lines, load_lines
from .marks import ONLY_ACCUSES
from .problems import Problems, is_one_of
from .rule_reader import RuleReader
from .schema import Vocabulary
from .standard import EventSpec, Rule, Standard, Unobservable

PACK_KEYS = frozenset((
    "name", "title", "version", "source", "extends", "catalogue", "company", "cues",
    "words", "settings", "events", "rules", "drop", "unobservable",
))  # fmt: skip
KIND = frozenset(("kind",))


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
    return _Builder(Path(str(files("voicemon.standards").joinpath(f"{name}.yaml"))), is_right=True).build()


@lru_cache(maxsize=1)
def _words_of_checks() -> Mapping[str, str]:
    """The word lists of ``_common.yaml`` that checks use of themselves: packs that do not extend it have them too."""
    words = load_lines(SHIPPED / "_common.yaml")["words"]
    return {name: words[name] for check in CHECKS.values() for name, option in check.options.items() if option.kind == "words"}


def _marked(events: Mapping[str, EventSpec], rules: list[Rule]) -> dict[str, EventSpec]:
    """``events``, each told whether it can only accuse."""
    accusing = accusing_events(rules, events)
    return {n: replace(e, options={**e.options, ONLY_ACCUSES: n in accusing}) for n, e in events.items()}


class _Builder:
    """Reads one pack (and those it extends), collecting every problem before it gives up.

    ``is_right``: a pack of ours, whose phrases the tests have looked through.
    """

    def __init__(self, path: Path, is_right: bool = False) -> None:
        self._path = path
        self._is_right = is_right
        self._problems = Problems(path)

    def build(self) -> Standard:
        pack = self._merged(self._path, ())
        self._problems.refuse_unknown(pack, PACK_KEYS, "pack")
        words = self._words(pack)
        self._known = Vocabulary({**_words_of_checks(), **words}, self._section(pack, "settings"), self._is_right)
        events = {n: e for n, e in ((n, self._event(n, s)) for n, s in self._section(pack, "events").items()) if e}
        rules = self._rules(pack, events)
        unobservable = self._unobservable(pack)
        for field in ("name", "title", "version"):
            if not isinstance(pack.get(field), str):
                self._problems.add(pack.line_of.get(field, 1), f"{field} is missing or not a text (quote it)")
        if self._problems.found:
            raise PackError("\n".join(self._problems.found))
        return Standard(
            name=pack["name"],
            version=pack["version"],
            title=pack["title"],
            company=tuple(self._texts(pack, "company")),
            rules=tuple(rules),
            unobservable=tuple(unobservable),
            events=_marked(events, rules),
            words=words,
            settings=self._known.settings,
            cues=tuple(self._texts(pack, "cues")),
            source=str(pack.get("source") or ""),
        )

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
            self._problems.add(pack.line_of[name], f"{name} must be a mapping")
            return {}
        return section

    def _words(self, pack: Lines) -> dict[str, str]:
        words = {"company": "|".join(self._texts(pack, "company"))} if pack.get("company") else {}
        for name, text in self._section(pack, "words").items():
            if isinstance(text, list):
                text = "|".join(str(t) for t in text)
            if not isinstance(text, str):
                self._problems.add(pack["words"].line_of[name], f'words: {name}: not a text; quote it ("...")')
                continue
            words[name] = text
        return words

    def _texts(self, pack: Lines, name: str) -> list[str]:
        value = pack.get(name) or []
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(t, str) for t in texts):
            self._problems.add(pack.line_of[name], f"{name}: every entry must be a text; quote it")
        return [t for t in texts if isinstance(t, str)]

    def _event(self, name: str, spec: Any) -> EventSpec | None:
        if not isinstance(spec, Lines) or not is_one_of(spec.get("kind"), DETECTORS):
            line = spec.line if isinstance(spec, Lines) else 1
            self._problems.add(line, f'event "{name}": kind must be one of {", ".join(DETECTORS)}')
            return None
        if name in BUILT_IN:
            self._problems.add(spec.line, f'event "{name}" is built in; choose another name')
        return EventSpec(spec["kind"], self._problems.options(f'event "{name}"', spec, DETECTORS[spec["kind"]].options, self._known, KIND))

    def _rules(self, pack: Lines, events: Mapping[str, EventSpec]) -> list[Rule]:
        rules: list[Rule] = []
        reader = RuleReader(self._problems, self._known, events)
        rows = catalogue() if pack.get("catalogue") else {}
        for name, spec in self._section(pack, "events").items():
            if name in events:
                reader.check_names(f'event "{name}"', spec.line, events[name].options)
        listed = pack.get("rules") or []
        dropped = set(self._texts(pack, "drop"))
        if not isinstance(listed, list):
            self._problems.add(pack.line_of["rules"], "rules must be a list")
            return []
        seen: dict[str, int] = {}
        for spec in listed:
            if not isinstance(spec, Lines) or not isinstance(spec.get("id"), str):
                self._problems.add(getattr(spec, "line", pack.line_of["rules"]), "every rule is a mapping with an id (a text)")
                continue
            if spec["id"] in seen:
                self._problems.add(spec.line, f'rule "{spec["id"]}" stands already in line {seen[spec["id"]]}')
            seen[spec["id"]] = spec.line
            rule = reader.rule(spec, rows.get(spec["id"], {}))
            if rule.id not in dropped:
                rules.append(rule)
        for name in sorted(dropped - set(seen)):
            self._problems.add(pack.line_of["drop"], f"drop: there is no rule {name!r}")
        return rules

    def _unobservable(self, pack: Lines) -> list[Unobservable]:
        rows = catalogue()
        listed = []
        for rule_id, reason in self._section(pack, "unobservable").items():
            if not isinstance(reason, str) or not reason:
                self._problems.add(pack["unobservable"].line_of[rule_id], f"unobservable: {rule_id}: say why, as a text")
                continue
            listed.append(Unobservable(rule_id, rows.get(rule_id, {}).get("quote", ""), reason))
        return listed
