"""The faults of a pack, collected with file and line so that all are told at once, and options read with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .lines import Line, Lines
from .schema import Option, OptionError, Vocabulary, read_option


class Problems:
    """What is wrong in the pack at ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.found: list[str] = []

    def add(self, line: int, what: str) -> None:
        """One more fault, in the file of that line."""
        path = line.path if isinstance(line, Line) else self._path
        self.found.append(f"{path}:{line}: {what}")

    def refuse_unknown(self, found: Lines, allowed: Collection[str], what: str) -> None:
        """Every key of ``found`` that is not allowed is a fault."""
        for key in found:
            if key not in allowed:
                self.add(found.line_of[key], f"{what}: unknown option {key!r}{did_you_mean(key, allowed)}")

    def options(self, what: str, found: Lines, options: Mapping[str, Option], known: Vocabulary, also: frozenset[str]) -> dict[str, Any]:
        """Options in the form that checks use, as written in ``found`` or by default; keys of ``also`` are none of them."""
        self.refuse_unknown(found, frozenset(options) | also, what)
        read: dict[str, Any] = {}
        for name, option in options.items():
            if name not in found and option.kind != "words":
                read[name] = option.default
                if option.required:
                    self.add(found.line, f"{what}: {name} is missing")
                continue
            try:
                read[name] = read_option(name, option, found.get(name, f"{{{name}}}"), known)
            except OptionError as error:
                self.add(found.line_of.get(name, found.line), f"{what}: {error}")
                continue
            if option.required and option.kind == "phrases" and not read[name]:
                self.add(found.line_of[name], f"{what}: {name} is empty")
        return read


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that was probably meant; empty where none is near."""
    close = get_close_matches(name, list(known), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def is_one_of(value: Any, names: Collection[str]) -> bool:
    """Whether a value of a pack, whatever it is, is one of ``names``."""
    return isinstance(value, str) and value in names
