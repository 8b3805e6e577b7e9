"""What a file's header claims about its length: only to notice that the end is missing, never to reserve memory.

FFmpeg hides this for some containers: it takes the length of a PCM WAV from the file's size, and guesses that of MP3
and AMR from the bit rate, so a claim is read here where the format has one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

UNKNOWN_LENGTHS = (0, 0x7FFFF000)
"""Recorders that write to a pipe leave 0, or something near the largest number, as the length."""
MAX_CHUNKS = 64
HEAD_BYTES, TAIL_BYTES = 4096, 1 << 17
OGG_END_OF_STREAM = 0x04


@dataclass(frozen=True)
class HeaderClaim:
    """``duration_s``: claimed length, None when there is no claim of our own. ``exact``: FFmpeg's figure is a real
    claim, not a guess from the bit rate. ``complete``: False when the file visibly lacks its end."""

    duration_s: float | None = None
    exact: bool = True
    complete: bool = True


def header_claim(path: Path) -> HeaderClaim:
    """The claim of the file at ``path``; unknown containers claim nothing of their own."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
            return _riff(file)
        if head[:4] == b"OggS":
            return HeaderClaim(complete=_ogg_is_complete(file))
    if head[:4] in (b"fLaC", b"FORM", b"caff") or head[4:8] == b"ftyp":
        return HeaderClaim()
    return HeaderClaim(exact=b"Xing" in head or b"Info" in head)


def _riff(file: BinaryIO) -> HeaderClaim:
    """Length by the ``data`` chunk and the ``fmt`` chunk's bytes per second."""
    file.seek(12)
    bytes_per_s = 0
    for _ in range(MAX_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            break
        name, size = struct.unpack("<4sI", header)
        if name == b"data":
            unknown = size == UNKNOWN_LENGTHS[0] or size >= UNKNOWN_LENGTHS[1] or not bytes_per_s
            return HeaderClaim(exact=False) if unknown else HeaderClaim(size / bytes_per_s)
        start = file.tell()
        if name == b"fmt ":
            body = file.read(16)
            bytes_per_s = struct.unpack("<I", body[8:12])[0] if len(body) == 16 else 0
        file.seek(start + size + size % 2)
    return HeaderClaim(exact=False)


def _ogg_is_complete(file: BinaryIO) -> bool:
    """The last page of a finished stream carries the end-of-stream flag (RFC 3533)."""
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read()
    at = tail.rfind(b"OggS")
    return at >= 0 and len(tail) > at + 5 and bool(tail[at + 5] & OGG_END_OF_STREAM)
