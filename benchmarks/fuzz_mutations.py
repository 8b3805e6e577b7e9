"""Mutations for ``fuzz.py``: of bytes, of JSON, of YAML and of tables. The same ``Random`` gives the same mutation."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

HEAD_BYTES = 128  # where containers keep what they claim
ODD_NUMBERS = (0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x00FFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
ODD_TEXTS = (
    "", " ", "\0", "\x1b[2J\x1b]0;x\x07", "\u202e", "\ud800", "\uffff", "=1+1", "@SUM(A1)", "<script>alert(1)</script>", "]]>", "{{7*7}}",
    "../../etc/passwd", "/etc/passwd", "C:\\x", "\\\\host\\x", "%00", "NaN", "1e999", "-0", "x" * 5000, "您好" * 3000, "é" * 200, "…" * 500,
    "+" * 300, "|" * 2000, "{any:0-40}" * 7, "{any:9999999999999}", "{digits:0-0}", "{" * 200, "(" * 200, "not " * 200, "a and " * 500,
    "$limit", "$", "&a", "*a", "!!python/object/apply:os.system [x]", "- - - -", "9" * 40, "0x1F", "1:30", "2026-02-30", "2026-03-12T25:00",
    "true", "always", "inbound", "0000-00-00", "9999-12-31T23:59:59+23:59", "0001-01-01T00:00:00+14:00",
)
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**40, -(10**40), 0.5, -0.0, 1e308, 1e-320, [], {}, [[]], [{}], [None], {"": None},
    {"start_s": 0, "duration_s": 1e9}, [{"start_s": 1e9, "duration_s": 1e9}], [{"at_s": None}], *ODD_TEXTS,
)


def mutate_bytes(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """One to four changes of ``data``; ``others`` are files whose parts may be spliced in."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        changed = rng.choice(_BYTE_CHANGES)(changed, others, rng)
    return bytes(changed)


def _cut(data: bytearray, others: Sequence[bytes], rng: Random) -> bytearray:
    return data[: rng.randrange(min(len(data), HEAD_BYTES) + 1 if rng.random() < 0.3 else len(data) + 1)]


def _flip(data: bytearray, others: Sequence[bytes], rng: Random) -> bytearray:
    where = min(len(data), HEAD_BYTES) if rng.random() < 0.5 else len(data)
    for _ in range(rng.choice((1, 2, 8, 64, 400)) if where else 0):
        data[rng.randrange(where)] ^= 1 << rng.randrange(8)
    return data


def _lie(data: bytearray, others: Sequence[bytes], rng: Random) -> bytearray:
    """A number of the header says something else."""
    width, order = rng.choice((1, 2, 4, 8)), rng.choice(("little", "big"))
    number = rng.choice(ODD_NUMBERS) if rng.random() < 0.7 else rng.getrandbits(8 * width)
    at = rng.randrange(min(len(data), HEAD_BYTES) + 1)
    data[at : at + width] = (number & ((1 << 8 * width) - 1)).to_bytes(width, order)  # type: ignore[arg-type]
    return data


def _remove(data: bytearray, others: Sequence[bytes], rng: Random) -> bytearray:
    at = rng.randrange(len(data) + 1)
    del data[at : at + rng.choice((1, 3, 16, 500, 5000))]
    return data


def _repeat(data: bytearray, others: Sequence[bytes], rng: Random) -> bytearray:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.choice((1, 16, 500, 5000))]
    data[at:at] = piece * rng.choice((1, 2, 20))
    return data


def _noise(data: bytearray, others: Sequence[bytes], rng: Random) -> bytearray:
    at = rng.randrange(len(data) + 1)
    noise = rng.randbytes(rng.choice((1, 8, 300))) if rng.random() < 0.7 else bytes([rng.choice((0, 0xFF))]) * 4000
    data[at : at + (len(noise) if rng.random() < 0.5 else 0)] = noise
    return data


def _splice(data: bytearray, others: Sequence[bytes], rng: Random) -> bytearray:
    """The head of one file and the rest of another."""
    other = rng.choice(others)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


_ByteChange = Callable[[bytearray, Sequence[bytes], Random], bytearray]
_BYTE_CHANGES: tuple[_ByteChange, ...] = (_cut, _flip, _flip, _lie, _lie, _lie, _remove, _repeat, _noise, _splice)


def mutate_plain(plain: Any, names: Sequence[str], rng: Random) -> Any:
    """``plain`` (dicts, lists, scalars) with one to four nodes changed; ``names`` are keys that a key may become."""
    changed = copy.deepcopy(plain)
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = list(_places(changed))
        if not places:
            return rng.choice(ODD_VALUES)
        parent, key = rng.choice(places)
        _change_node(parent, key, names, rng)
    return changed


def _places(node: Any) -> Any:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield node, key
        yield from _places(value)


def _change_node(parent: Any, key: Any, names: Sequence[str], rng: Random) -> None:
    how = rng.randrange(6)
    if how == 0:
        del parent[key]
    elif how == 1 and isinstance(parent, dict):
        parent[rng.choice(names) if rng.random() < 0.8 else rng.choice(ODD_TEXTS)] = parent.pop(key)
    elif how == 1:
        parent[key:key] = [copy.deepcopy(parent[key])] * rng.choice((1, 3, 200))
    elif how == 2 and isinstance(parent[key], str):
        parent[key] = _change_text(parent[key], rng)
    elif how == 3:
        deep: Any = parent[key]
        for _ in range(rng.choice((1, 5, 30))):
            deep = [deep] if rng.random() < 0.5 else {"x": deep}
        parent[key] = deep
    else:
        parent[key] = rng.choice(ODD_VALUES)


def _change_text(text: str, rng: Random) -> str:
    at = rng.randrange(len(text) + 1)
    if rng.random() < 0.3:
        return text[:at] + text[at + 1 + rng.randrange(4) :]
    return text[:at] + rng.choice(ODD_TEXTS) + text[at:]


def mutate_lines(text: str, rng: Random) -> str:
    """Text whose lines are removed, doubled, swapped, indented or changed: for YAML and tables."""
    lines = text.split("\n")
    for _ in range(rng.choice((1, 1, 2, 4))):
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        how = rng.randrange(6)
        if how == 0 and len(lines) > 1:
            del lines[i]
        elif how == 1:
            lines[i:i] = [lines[i]] * rng.choice((1, 2, 50))
        elif how == 2:
            lines[i], lines[j] = lines[j], lines[i]
        elif how == 3:
            lines[i] = rng.choice(("  ", " ", "\t", "- ", "? ", "# ", "- - - ")) + lines[i]
        else:
            lines[i] = _change_text(lines[i], rng)
    return "\n".join(lines)


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def json_bytes(plain: Any, rng: Random) -> bytes:
    """JSON as other programs write it: with or without escapes, now and then with NaN."""
    return as_bytes(json.dumps(plain, ensure_ascii=rng.random() < 0.5, allow_nan=True))
