"""Records to JSON and back, strictly: no NaN, no unknown outcome of a round trip."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import cattrs
import yaml
from cattrs.strategies import configure_union_passthrough

T = TypeVar("T")
FILE_MODE = 0o600  # recordings and what is said in them are their owner's, whatever the umask

on_one_line = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""JSON text of plain values as :func:`dumps`, but on one line."""
_CONVERTER = cattrs.Converter(forbid_extra_keys=True)
configure_union_passthrough(str | int | float | bool | None, _CONVERTER)


def to_plain(record: Any) -> Any:
    """Return ``record`` (a dataclass) as plain dicts, lists and scalars."""
    return _CONVERTER.unstructure(record)


def from_plain(plain: Mapping[str, Any], kind: type[T]) -> T:
    """Build a ``kind`` from what :func:`to_plain` gave. Raises ``cattrs.BaseValidationError`` on a foreign shape."""
    return _CONVERTER.structure(plain, kind)


def dumps(plain: Any) -> str:
    """JSON text in UTF-8 with Chinese as it is; raises ``ValueError`` on NaN or infinity."""
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1)


def dumps_by_line(plain: Any) -> str:
    """JSON text as :func:`dumps`, but a line for each value of an object and for each object of a list: a line tells what differs between
    two files, and Python writes it twice as fast as text indented throughout."""
    if not isinstance(plain, dict):
        return _objects_by_line(plain)
    return "{\n" + ",\n".join(f"{on_one_line(key)}: {_objects_by_line(value)}" for key, value in plain.items()) + "\n}"


def _objects_by_line(plain: Any) -> str:
    if isinstance(plain, list) and plain and all(isinstance(item, dict) for item in plain):
        return "[\n " + ",\n ".join(map(on_one_line, plain)) + "\n]"
    return on_one_line(plain)


def shipped_yaml(text: str) -> Any:
    """The values of a YAML file of this package: by libyaml where PyYAML was built with it, ten times as fast."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def pieces_of(content: str | bytes | Iterable[bytes]) -> Iterable[bytes]:
    """``content`` of a file as pieces of bytes."""
    if isinstance(content, str):
        return (content.encode("utf-8"),)
    return (content,) if isinstance(content, bytes) else content


def write_atomically(path: Path, content: str | bytes | Iterable[bytes]) -> None:
    """Write ``path`` whole or not at all: ``content`` goes to a temporary file beside it, flushed to disk, then renamed over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            os.chmod(temporary, FILE_MODE)
            for piece in pieces_of(content):
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
