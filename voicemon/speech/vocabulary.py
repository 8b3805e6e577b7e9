"""A Whisper model with fewer tokens: what a Chinese call can hold, without the words of the other languages.

Every token that the decoder writes is weighed against the whole vocabulary, in the small models half of the decoder's work. Kept are
Han characters and their parts, punctuation, digits, the first (most frequent) Latin pieces and all special tokens. A Latin word
whose own token is left out is spelt in shorter pieces.
"""

from __future__ import annotations

import json
import mmap
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LATIN_KEPT = 6000  # ids grow with rarity (merges of byte-pair encoding): below are all letters and the common pieces of words
FIRST_SPECIAL = "<|endoftext|>"
BINARY_VERSION = 6
EMBEDDINGS = "decoder/embeddings/weight"
LARGEST_BYTES = 1 << 30  # a larger model spends its time elsewhere, and its copy in memory would cost more than it saves
_HAN_AND_PUNCTUATION = (("\u2000", "\u206f"), ("\u3000", "\u303f"), ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uff00", "\uffef"))


@dataclass(frozen=True)
class SmallerModel:
    """``files`` as CTranslate2 loads them from memory; ``kept`` are the old ids of its tokens, in order."""

    files: dict[str, bytes]
    kept: tuple[int, ...]


def smaller_model(folder: Path) -> SmallerModel | None:
    """The model of ``folder`` with the kept tokens; ``None`` where its files are of another kind: then it is used whole."""
    try:
        return _smaller(folder)
    except (OSError, ValueError, LookupError, struct.error):
        return None  # not written as expected; whoever loads it whole tells what is wrong with it


def _smaller(folder: Path) -> SmallerModel | None:
    names, weights = folder / "vocabulary.txt", folder / "model.bin"
    if not names.is_file() or weights.stat().st_size > LARGEST_BYTES:
        return None
    tokens = names.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    kept = kept_tokens(tokens)
    model = _with_rows(weights, len(tokens), kept)
    if model is None:
        return None
    new = {old: i for i, old in enumerate(kept)}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for name in ("suppress_ids", "suppress_ids_begin", "lang_ids"):
        if name in config:
            config[name] = [new[old] for old in config[name] if old in new]
    vocabulary = "".join(f"{tokens[old]}\n" for old in kept)
    return SmallerModel({"model.bin": model, "config.json": json.dumps(config).encode(), "vocabulary.txt": vocabulary.encode()}, kept)


def kept_tokens(tokens: Sequence[str]) -> tuple[int, ...]:
    """Ids of the tokens that stay; ``tokens`` as the vocabulary writes them (GPT-2's letters for bytes)."""
    special = tokens.index(FIRST_SPECIAL)
    letters = _bytes_of_letters()
    return tuple(i for i, token in enumerate(tokens) if i >= special or _is_kept(i, bytes(letters[c] for c in token)))


def _is_kept(token: int, spelling: bytes) -> bool:
    try:
        text = spelling.decode("utf-8")
    except UnicodeDecodeError:
        return True  # part of a character
    if text.isascii():
        return token < LATIN_KEPT or not any(c.isalpha() for c in text)
    return all(c.isascii() or any(first <= c <= last for first, last in _HAN_AND_PUNCTUATION) for c in text)


def _bytes_of_letters() -> dict[str, int]:
    """The letters in which byte-pair vocabularies since GPT-2 write bytes: printable ones as themselves, the others from U+0100 on."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {**{chr(byte): byte for byte in plain}, **{chr(0x100 + i): byte for i, byte in enumerate(others)}}


def _with_rows(path: Path, rows: int, kept: Sequence[int]) -> bytes | None:
    """A CTranslate2 model file whose embeddings of tokens have only the ``kept`` rows; ``None`` if it is written otherwise."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for head, shape, start, size in _variables(data):
            if shape and shape[0] == rows:
                row = size // rows
                changed = struct.pack("<I", len(kept)) + data[head + 4 : start - 4] + struct.pack("<I", row * len(kept))
                cut = (data[start + row * i : start + row * (i + 1)] for i in kept)
                return b"".join((data[:head], changed, *cut, data[start + size :]))
    return None


def _variables(data: mmap.mmap) -> Iterator[tuple[int, tuple[int, ...], int, int]]:
    """Embeddings of tokens in a model file: where the shape is written, the shape, where the values start, their bytes."""
    if struct.unpack_from("<I", data, 0)[0] != BINARY_VERSION:
        return
    _, at = _text(data, 4)
    count, at = struct.unpack_from("<I", data, at + 4)[0], at + 8
    for _ in range(count):
        name, at = _text(data, at)
        rank, head = data[at], at + 1
        shape = struct.unpack_from(f"<{rank}I", data, head)
        at = head + 4 * rank + 1
        size, at = struct.unpack_from("<I", data, at)[0], at + 4
        if name == f"{EMBEDDINGS}_scale":
            return  # quantised on disk: its scales would have to be cut too
        if name == EMBEDDINGS:
            yield head, shape, at, size
        at += size


def _text(data: mmap.mmap, at: int) -> tuple[str, int]:
    """A text with its length before it and a zero behind, and where it ends."""
    length = struct.unpack_from("<H", data, at)[0]
    return data[at + 2 : at + 1 + length].decode("ascii"), at + 2 + length
