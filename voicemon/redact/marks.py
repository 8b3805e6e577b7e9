"""What redaction passes around: a piece of an utterance to be masked, and the placeholders that stand in its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PHONE, ID_CARD, BANK_CARD, NUMBER = "phone", "id_card", "bank_card", "number"
EMAIL, ADDRESS, SURNAME, NAME = "email", "address", "surname", "name"
PLACEHOLDERS = {
    PHONE: "【电话】", ID_CARD: "【证件号】", BANK_CARD: "【银行卡】", NUMBER: "【号码】",
    EMAIL: "【邮箱】", ADDRESS: "【地址】", SURNAME: "【姓】", NAME: "【姓名】",
}


@dataclass(frozen=True)
class Piece:
    """Characters ``[start, end)`` of the text of utterance number ``utterance`` of a transcript."""

    kind: str
    utterance: int
    start: int
    end: int


def covered(pieces: Iterable[Piece], utterance: int) -> set[int]:
    """Indices of the characters of an utterance that are masked."""
    return {i for p in pieces if p.utterance == utterance for i in range(p.start, p.end)}


def joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same characters without overlap, in order; where pieces overlap or touch they are one, of the kind of the longest."""
    out: list[Piece] = []
    longest = 0
    for piece in sorted(pieces, key=lambda p: (p.utterance, p.start, -p.end)):
        size = piece.end - piece.start
        last = out[-1] if out else None
        touches = last is not None and piece.start == last.end and piece.kind == last.kind
        if last is not None and last.utterance == piece.utterance and (piece.start < last.end or touches):
            kind = piece.kind if size > longest else last.kind
            out[-1] = Piece(kind, last.utterance, last.start, max(last.end, piece.end))
            longest = max(longest, size)
        else:
            out.append(piece)
            longest = size
    return tuple(out)


def masked(text: str, pieces: Iterable[Piece]) -> str:
    """``text`` with each of ``pieces`` (of one utterance, without overlap) replaced by its placeholder."""
    for piece in sorted(pieces, key=lambda p: -p.start):
        text = text[: piece.start] + PLACEHOLDERS[piece.kind] + text[piece.end :]
    return text
