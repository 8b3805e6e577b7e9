"""YAML with line numbers, strictly: no duplicate keys, no aliases, no tags, and words like ``yes`` or ``1:30`` stay text."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from ..errors import PackError

MOST_BYTES = 5_000_000
"""A larger file is no standard; YAML takes long to read and a pack may be somebody else's (ours)."""

MOST_DIGITS = 30
PLAIN_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
MOST_NESTED = 20
SHIPPED = Path(str(files("voicemon.standards")))


class Line(int):
    """The number of a line that knows its file: what a pack takes from another keeps saying where it stands."""

    path: Path

    def __new__(cls, number: int, path: Path) -> Line:
        line = super().__new__(cls, number)
        line.path = path
        return line

    def __reduce__(self) -> tuple[type[Line], tuple[int, Path]]:  # standards are sent to other processes
        return Line, (int(self), self.path)


class Lines(dict[str, Any]):
    """A mapping that knows the line of each of its keys."""

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line_of: dict[str, int] = {}
        self.line = line


class _Loader(yaml.SafeLoader):
    """YAML 1.2 scalars only: true/false, whole and decimal numbers; everything else is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same by libyaml, ten times as fast, where PyYAML was built with it. For shipped packs only: it takes a little more than PyYAML
    does, and whether a pack loads must not depend on the machine."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+$"), list("-+0123456789")
)


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def load_lines(path: Path, text: str | None = None) -> Lines:
    """Parse a YAML file into :class:`Lines`. Raises :class:`PackError` naming file, line and what is wrong."""
    try:
        if text is None and path.stat().st_size > MOST_BYTES:
            raise PackError(f"{path}: larger than {MOST_BYTES // 1_000_000} MB; a standard is far smaller, check the file")
        source = path.read_text(encoding="utf-8") if text is None else text
        node = yaml.compose(source, Loader=_FastLoader) if text is None and path.parent == SHIPPED else _composed(path, source)
    except OSError as error:
        raise PackError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise PackError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    except (yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise PackError(f"{path}:{line}: not valid YAML: {getattr(error, 'problem', error)}") from error
    if not isinstance(node, yaml.MappingNode):
        raise PackError(f"{path}:1: a pack is a mapping (name: …, rules: …)")
    return _mapping(path, node)


def _composed(path: Path, source: str) -> yaml.Node | None:
    """The node of the only document in ``source``; raises :class:`PackError` for what is YAML and still refused."""
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_NESTED:  # found here, before composing: YAML's own time grows with the square of the depth
            raise PackError(f"{path}:{_line_of(event)}: nested too deeply")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise PackError(f"{path}:{_line_of(event)}: anchors and aliases are not allowed; write it out")
    return yaml.compose(source, Loader=_Loader)


def _value(path: Path, node: yaml.Node) -> Any:
    if isinstance(node, yaml.CollectionNode) and node.tag not in PLAIN_TAGS:
        raise PackError(f"{path}:{node.start_mark.line + 1}: the tag {node.tag!r} is not allowed")
    if isinstance(node, yaml.MappingNode):
        return _mapping(path, node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, item) for item in node.value]
    return _scalar(path, node)


def _mapping(path: Path, node: yaml.MappingNode) -> Lines:
    lines = Lines(Line(node.start_mark.line + 1, path))
    for key_node, value_node in node.value:
        line = Line(key_node.start_mark.line + 1, path)
        key = key_node.value
        if not isinstance(key, str):
            raise PackError(f"{path}:{line}: a key must be a plain word")
        if key in lines:
            raise PackError(f"{path}:{line}: {key!r} is given twice (first in line {lines.line_of[key]})")
        lines[key] = _value(path, value_node)
        lines.line_of[key] = line
    return lines


def _scalar(path: Path, node: yaml.Node) -> Any:
    kind, text = node.tag.rsplit(":", 1)[-1], node.value
    if kind == "bool":
        return text == "true"
    if kind == "null":
        return None
    if kind in ("int", "float"):
        if len(text) > MOST_DIGITS:
            raise PackError(f"{path}:{node.start_mark.line + 1}: a number of {len(text)} characters; quote it if it is a text")
        return int(text) if kind == "int" else float(text)
    if kind == "str":
        return text
    raise PackError(f"{path}:{node.start_mark.line + 1}: the tag {node.tag!r} is not allowed")
