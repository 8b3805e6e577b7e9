"""Paths of measures that a pack may name, read off the records: only those that lead to a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, get_args, get_origin, get_type_hints

from ..records import PARTIES, Measures


@lru_cache(maxsize=1)
def measure_paths() -> tuple[str, ...]:
    """Every path such as ``level.agent.active_level_dbov``, sorted."""
    return tuple(sorted(_below(Measures, "")))


def _below(kind: Any, path: str) -> Iterator[str]:
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        for field in fields(kind):
            yield from _below(hints[field.name], f"{path}.{field.name}" if path else field.name)
    elif get_origin(kind) in (Mapping, dict):
        for party in PARTIES:
            yield from _below(get_args(kind)[1], f"{path}.{party}")
    elif {int, float} & {kind, *get_args(kind)}:
        yield path
