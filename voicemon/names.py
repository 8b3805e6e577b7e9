"""Ids of calls: from file names that anybody may have chosen to names that are safe in a path, a page and a terminal."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import PurePath

# 60 characters are at most 240 bytes of UTF-8 only in scripts of four bytes; with the hash and the longest ending it stays under 255.
MAX_CHARACTERS = 60
# What OUT/facts keeps beside <id>.json; an id must not end in one of them.
SIDE_FILES = (".probes", ".media", ".verdicts")
_UNSAFE = re.compile(r"[^\w.\-]+")
_HASH_CHARACTERS = 8
# Endings of sound files that browsers play: those that the copies of recordings in OUT may have.
PLAYED_ENDINGS = frozenset({".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".wav", ".wave", ".webm"})


def safe_id(name: str) -> str:
    """Return ``name`` as one path component that is safe everywhere; the same name always gives the same id.

    What is not a letter, digit, ``-``, ``_`` or ``.`` becomes ``_``. Where that lost more than blanks, a short hash of the whole
    name keeps ids of different names apart.
    """
    plain = unicodedata.normalize("NFC", name)
    cleaned = _UNSAFE.sub("_", plain).strip("._")
    kept = cleaned != "" and cleaned == plain.replace(" ", "_") and len(cleaned) <= MAX_CHARACTERS
    if kept and not cleaned.casefold().endswith(SIDE_FILES):
        return cleaned
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_CHARACTERS]
    return f"{cleaned[:MAX_CHARACTERS] or 'call'}-{digest}"


def printable(text: object) -> str:
    """``text`` for one line of a terminal: control characters (escape sequences, newlines) are shown, not obeyed."""
    shown = (c if unicodedata.category(c)[0] not in "CZ" or c == " " else repr(c)[1:-1] for c in str(text))
    return "".join(shown)


def shown_path(path: PurePath) -> str:
    """``path`` as text that JSON can hold: bytes of a name that are not UTF-8 are replaced."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def assign_ids(paths: Iterable[PurePath], taken: Collection[str] = ()) -> dict[PurePath, str]:
    """Give each path (relative to the searched folder) an id that no other has, also where case is not told apart.

    The id is the file's stem; where several share it, the folders before it are added, then the ending, then a number. It does
    not depend on the order of ``paths``. ``taken`` are ids in use already.
    """
    ordered = sorted(set(paths), key=str)
    used = {name.casefold() for name in taken}
    ids: dict[PurePath, str] = {}
    waiting = ordered
    for propose in (_stem, _sub_path, _whole):
        proposals = {path: propose(path) for path in waiting}
        seen = Counter(name.casefold() for name in proposals.values())
        for path, name in proposals.items():
            if seen[name.casefold()] == 1 and name.casefold() not in used:
                ids[path] = name
        used |= {ids[path].casefold() for path in proposals if path in ids}
        waiting = [path for path in waiting if path not in ids]
    for path in waiting:
        ids[path] = _numbered(_whole(path), used)
        used.add(ids[path].casefold())
    return ids


def _stem(path: PurePath) -> str:
    return safe_id(path.stem)


def _sub_path(path: PurePath) -> str:
    return safe_id("-".join([*path.parent.parts, path.stem]).lstrip("/"))


def _whole(path: PurePath) -> str:
    return safe_id("-".join([*path.parent.parts, path.name]).lstrip("/"))


def _numbered(name: str, used: Collection[str]) -> str:
    number = 2
    while f"{name}-{number}".casefold() in used:
        number += 1
    return f"{name}-{number}"
