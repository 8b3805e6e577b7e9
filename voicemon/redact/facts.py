"""Facts of a call without what is personal in them: placeholders in the transcript and the sidecar, and the stretches to silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from ..records import CUSTOMER, Facts, Redaction, Utterance, Word
from .addresses import addresses
from .emails import emails
from .marks import ADDRESS, EMAIL, NAME, NUMBER, PHONE, PLACEHOLDERS, SURNAME, Piece, joined, masked
from .names import names
from .numbers import personal_numbers

MARGIN_S = 0.3  # word times are good to about a third of a second
WHOLE_SHARE = 0.7  # so much of an utterance masked, and all of it is silenced
LEAST_DIGITS = 7
# Fields of a sidecar (at any depth) that are personal whatever is in them, and those that never are.
PERSONAL_FIELDS = {
    "caller_number": PHONE, "phone": PHONE, "mobile": PHONE, "tel": PHONE, "telephone": PHONE, "contact": PHONE, "callee_number": PHONE,
    "customer_name": NAME, "surname": SURNAME, "full_name": NAME, "address": ADDRESS, "email": EMAIL, "id_card": NUMBER,
    "bank_card": NUMBER,
}
NAME_IN = ("register", "known_customer", "customer")
OTHER_FIELDS = frozenset({"agent_id", "agent_name", "handled_by", "standard", "direction", "started_at", "agent_channel", "complaint_class",
                          "festival_notice", "title"})
_STAMP = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{3})?)?)?")
_IN_A_NAME = re.compile(r"(?<!\d)(?:\+?86[-_ ]?)?1[3-9]\d[-_ ]?\d{4}[-_ ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[-_ ]\d{7,8}(?!\d)"
                        r"|(?P<unique>1[4-9]\d{8}\.\d+)|(?P<long>\d{7,}[Xx]?)")
FILE_MARK = "号码"


def redact(facts: Facts) -> Facts:
    """``facts`` with every personal word masked, in words, sidecar and file name; ``redactions`` says where and what kind.

    Measures, waits and times stay as they were heard. Facts that are redacted already are returned as they are.
    """
    if facts.redactions is not None:
        return facts
    known = known_names(facts.sidecar)
    pieces = find_pieces(facts.transcript, known)
    transcript = tuple(_masked(u, [p for p in pieces if p.utterance == i]) for i, u in enumerate(facts.transcript))
    marks = tuple(_redaction(facts, facts.transcript[p.utterance], p) for p in pieces)
    call = replace(facts.call, path=mask_path(facts.call.path))
    return replace(facts, call=call, transcript=transcript, sidecar=mask_sidecar(facts.sidecar), notes=tuple(map(mask_text, facts.notes)),
                   redactions=tuple(sorted(marks, key=lambda m: (m.start_s, m.end_s))))


def find_pieces(transcript: Sequence[Utterance], known: Iterable[str] = ()) -> tuple[Piece, ...]:
    """All that is personal in a transcript, without overlap; ``known``: names on record."""
    return joined((*personal_numbers(transcript), *emails(transcript), *addresses(transcript), *names(transcript, known)))


def known_names(sidecar: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the customer that are on record."""
    found: list[str] = []

    def walk(value: Any, above: str) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if isinstance(inner, str) and _kind_of(key, above) in (NAME, SURNAME):
                    found.append(inner.strip())
                walk(inner, key)
        elif isinstance(value, list | tuple):
            for inner in value:
                walk(inner, above)

    walk(sidecar, "")
    return tuple(dict.fromkeys(n for n in found if n))


def mask_sidecar(sidecar: Mapping[str, Any]) -> dict[str, Any]:
    """A sidecar whose personal fields hold placeholders, and whose other texts are searched as if they had been said."""
    known = known_names(sidecar)

    def inside(value: Any, key: str, above: str) -> Any:
        kind = _kind_of(key, above)
        if key in OTHER_FIELDS or value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, Mapping):
            return {name: inside(inner, name, key) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [inside(inner, key, above) for inner in value]
        if isinstance(value, int):
            return value if len(str(value)) < LEAST_DIGITS and kind is None else PLACEHOLDERS[kind or NUMBER]
        if kind is not None:
            return PLACEHOLDERS[kind] if value.strip() else value
        return value if _is_moment(value) else mask_text(value, known)

    return {name: inside(value, name, "") for name, value in sidecar.items()}


def _kind_of(key: str, above: str) -> str | None:
    return NAME if key == "name" and above in NAME_IN else PERSONAL_FIELDS.get(key)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return not text.isdecimal()


def mask_text(text: str, known: Iterable[str] = ()) -> str:
    """A written text (a note, an entry of the register) with what is personal masked; ``known``: names on record."""
    pieces = find_pieces([Utterance(CUSTOMER, 0.0, 1.0, text, 1.0)], known)
    return masked(text, pieces)


def mask_path(path: str) -> str:
    """A file name or path whose long numbers and names of customers are masked; times and a telephone system's own ids stay."""
    def number(match: re.Match[str]) -> str:
        kept = match["unique"] or (match["long"] and _STAMP.fullmatch(match["long"]))
        return match.group() if kept else FILE_MARK

    plain = _IN_A_NAME.sub(number, path)
    pieces = [p for p in find_pieces([Utterance(CUSTOMER, 0.0, 1.0, plain, 1.0)]) if p.kind in (NAME, SURNAME, EMAIL)]
    return masked(plain, pieces).replace("【", "").replace("】", "") if pieces else plain


def masked_paths(paths: Iterable[PurePath]) -> dict[PurePath, PurePath]:
    """Each path with its name masked; where two become the same, a number keeps them apart. In order of the paths."""
    taken: set[str] = set()
    out: dict[PurePath, PurePath] = {}
    for path in sorted(set(paths), key=str):
        plain = PurePath(mask_path(str(path)))
        new, number = plain, 2
        while str(new).casefold() in taken:
            new, number = plain.with_name(f"{plain.stem}-{number}{plain.suffix}"), number + 1
        taken.add(str(new).casefold())
        out[path] = new
    return out


def _masked(said: Utterance, pieces: Sequence[Piece]) -> Utterance:
    if not pieces:
        return said
    return replace(said, text=masked(said.text, pieces), words=_masked_words(said, pieces))


def _masked_words(said: Utterance, pieces: Sequence[Piece]) -> tuple[Word, ...]:
    """The words with placeholders; words that a placeholder reaches across become one."""
    if "".join(w.text for w in said.words) != said.text:
        return ()
    words: list[Word] = []
    at, open_until = 0, 0  # characters done, and the end of the piece that is being written
    for word in said.words:
        end = at + len(word.text)
        inside = [p for p in pieces if at <= p.start < end]
        shown = masked(word.text[max(0, open_until - at) :], [
            Piece(p.kind, p.utterance, p.start - max(at, open_until), min(p.end, end) - max(at, open_until)) for p in inside])
        if at < open_until and words:
            last = words[-1]
            words[-1] = Word(last.text + shown, last.start_s, word.end_s, min(last.confidence, word.confidence))
        else:
            words.append(replace(word, text=shown))
        open_until = max([open_until, *(p.end for p in inside)])
        at = end
    return tuple(words)


def _redaction(facts: Facts, said: Utterance, piece: Piece) -> Redaction:
    """Where a piece is said: by the times of its words, with a margin; the whole utterance where little else is in it."""
    times = character_times(said)
    start_s, end_s = times[piece.start][0], times[piece.end - 1][1]
    if piece.end - piece.start >= WHOLE_SHARE * len(said.text):
        start_s, end_s = min(start_s, said.start_s), max(end_s, said.end_s)
    return Redaction(piece.kind, max(0.0, start_s - MARGIN_S), min(facts.call.duration_s, end_s + MARGIN_S), said.speaker)


def character_times(said: Utterance) -> list[tuple[float, float]]:
    """Start and end of each character: its share of its word's time, of the utterance's where the words do not fit."""
    words = said.words if "".join(w.text for w in said.words) == said.text else ()
    spread = []
    for text, start_s, end_s in [(w.text, w.start_s, w.end_s) for w in words] or [(said.text, said.start_s, said.end_s)]:
        step_s = (end_s - start_s) / max(1, len(text))
        spread += [(start_s + i * step_s, start_s + (i + 1) * step_s) for i in range(len(text))]
    return spread
