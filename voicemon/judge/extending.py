"""A pack that ``extends`` another: its YAML laid over the other one's, each line still known by its file and number."""

from __future__ import annotations

from typing import Any

from .lines import Lines


def merge_packs(base: Lines, pack: Lines) -> Lines:
    """``pack`` over ``base``: mappings are merged key by key, rules with the same id are replaced field by field."""
    merged = Lines(pack.line)
    for source in (base, pack):
        for key, value in source.items():
            if key == "rules" and key in merged:
                value = _merge_rules(merged[key], value)
            elif key in ("words", "settings", "events", "unobservable") and isinstance(merged.get(key), Lines):
                value = _update(merged[key], value)
            merged[key] = value
            merged.line_of[key] = source.line_of[key]
    return merged


def _merge_rules(base: Any, rules: Any) -> Any:
    if not isinstance(base, list) or not isinstance(rules, list):
        return rules
    own = {id_of(r): r for r in rules if id_of(r)}
    kept = [_update(r, own.pop(id_of(r))) if id_of(r) in own else r for r in base]
    return kept + [r for r in rules if not id_of(r) or id_of(r) in own]


def id_of(rule: Any) -> str:
    """The id of a rule; empty where there is none, which is told later with its line."""
    found = rule.get("id") if isinstance(rule, Lines) else None
    return found if isinstance(found, str) else ""


def _update(base: Lines, over: Any) -> Any:
    if not isinstance(over, Lines):
        return over
    merged = Lines(over.line)
    for source in (base, over):
        for key, value in source.items():
            merged[key] = value
            merged.line_of[key] = source.line_of[key]
    return merged
