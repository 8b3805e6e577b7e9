"""Which recordings in a watched folder are completely written: nothing about them changed for a while, and they hold what they announce."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .audio.headers import header_claim
from .call_table import TABLE_NAME
from .finding import Found, Unreadable

# Endings that programs give a file while they write it, before the last ending.
PARTIAL = frozenset((".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".incomplete"))
HEAD_BYTES = 4096

Item = Found | Unreadable


@dataclass(frozen=True)
class Pace:
    """How a folder is watched, in seconds: looked at every ``poll_s``; a recording is taken when it did not change for ``settle_s``.

    ``sidecar_s``: how long a recording without ``NAME.json`` waits for one. ``unfinished_s``: how long one waits whose header announces
    more than there is, or that cannot be read. ``retry_s``: the pause after something went wrong that may go well later.
    """

    poll_s: float = 5.0
    settle_s: float = 10.0
    sidecar_s: float = 30.0
    unfinished_s: float = 600.0
    retry_s: float = 60.0


@dataclass(frozen=True)
class _Seen:
    """``recording`` and ``sidecar`` as they were since ``since_s``, ``table`` at the last look; ``taken``: handed over as such."""

    recording: str
    sidecar: str
    table: str
    since_s: float
    taken: bool = False


class Arrivals:
    """What was seen in a folder so far. Times are of a clock that never jumps (``time.monotonic``)."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._seen: dict[Path, _Seen] = {}

    def ready(self, found: Sequence[Item], now_s: float) -> list[Item]:
        """Those of ``found`` that are complete and were not taken as they are; what is found no longer is not remembered."""
        tables: dict[str, str] = {}
        self._seen = {item.path: self._look(item, tables, now_s) for item in found
                      if item.path in self._seen or not is_partial(item.path)}
        return [item for item in found if item.path in self._seen and self._is_ready(item, self._seen[item.path], now_s)]

    def take(self, items: Sequence[Item]) -> None:
        """These are dealt with, as long as they stay as they are."""
        self._seen |= {item.path: replace(self._seen[item.path], taken=True) for item in items if item.path in self._seen}

    def _look(self, item: Item, tables: dict[str, str], now_s: float) -> _Seen:
        """``tables``: stamps of this look by folder. Thousands of files are looked at every few seconds, so names are text here."""
        name = os.fspath(item.path)
        folder = os.path.dirname(name)
        recording = item.reason if isinstance(item, Unreadable) else _stamp(name)
        sidecar = _stamp(os.path.splitext(name)[0] + ".json")
        table = tables[folder] if folder in tables else tables.setdefault(folder, _stamp(os.path.join(folder, TABLE_NAME)))
        before = self._seen.get(item.path)
        if before is None or (before.recording, before.sidecar) != (recording, sidecar):
            return _Seen(recording, sidecar, table, now_s)
        # A table may grow all day: it is read again, but nothing waits until it rests.
        return before if before.table == table else replace(before, table=table, taken=False)

    def _is_ready(self, item: Item, seen: _Seen, now_s: float) -> bool:
        quiet_s = now_s - seen.since_s
        if seen.taken or quiet_s < self.pace.settle_s:
            return False
        if isinstance(item, Unreadable) or not is_whole(item.path):
            return quiet_s >= self.pace.unfinished_s
        return bool(seen.sidecar) or quiet_s >= self.pace.sidecar_s


def is_partial(path: Path) -> bool:
    """Whether the name says that the file is being written (``call.part.wav``, ``call.wav.tmp``)."""
    return any(ending.lower() in PARTIAL for ending in path.suffixes)


def is_whole(path: Path) -> bool:
    """Whether a file can be read, is not empty, and is as long as its header announces (where that says anything)."""
    try:
        size = path.stat().st_size
        claim = header_claim(path)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, struct.error):
        return False
    form = head.find(b"fmt ")
    if claim.duration_s is not None and 0 < form <= len(head) - 20:
        (bytes_per_s,) = struct.unpack_from("<I", head, form + 16)
        begin = max(0, head.find(b"data", form) + 8)
        return bool(begin + round(claim.duration_s * bytes_per_s) <= size)
    return size > 0 and claim.complete


def _stamp(name: str) -> str:
    try:
        status = os.stat(name)
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"
