"""A call's part of OUT, away from OUT: what is kept of the call is sent along, and what is to be written comes back as a list.

Workers on other machines have no OUT, and the record has one writer: it does what they list, in their order, so that OUT is
written as a worker beside it would have written it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .records import Facts, ReviewEntry
from .serial import dumps_by_line, pieces_of
from .store import Judged, Store


@dataclass(frozen=True)
class Kept:
    """What OUT holds of one call before it is done (again). ``out`` only names OUT, which may not be there."""

    out: Path
    facts: Facts | None = None
    judged: Judged | None = None
    probes: Mapping[str, float | None] | None = None
    media: Mapping[str, Any] | None = None
    reviews: tuple[ReviewEntry, ...] = ()


@dataclass(frozen=True)
class Write:
    """One call of a method of :class:`Store`, to be done later."""

    method: str
    values: tuple[Any, ...]


def kept_of(store: Store, call_id: str) -> Kept:
    """All that doing a call may ask of OUT. Raises :class:`OutputError`."""
    facts = store.load_facts(call_id)
    if facts is None:
        return Kept(store.out, reviews=store.reviews(call_id))
    return Kept(store.out, facts, store.load_judged(call_id), store.load_probes(call_id), store.load_media(call_id), store.reviews(call_id))


def write_down(store: Store, writes: tuple[Write, ...]) -> None:
    """Do in OUT what a ledger lists. Raises :class:`OutputError`."""
    for write in writes:
        getattr(store, write.method)(*write.values)


class Ledger:
    """Answers from a :class:`Kept` and lists what is to be written; stands in for a :class:`Store` for the time of one call."""

    def __init__(self, kept: Kept) -> None:
        self.out = kept.out
        self._facts, self._judged = kept.facts, kept.judged
        self._probes, self._media = dict(kept.probes or {}), dict(kept.media or {})
        self._reviews = kept.reviews
        self._writes: list[Write] = []

    @property
    def writes(self) -> tuple[Write, ...]:
        """What is to be done in OUT, in order."""
        return tuple(self._writes)

    def load_facts(self, call_id: str) -> Facts | None:
        return self._facts

    def load_judged(self, call_id: str) -> Judged | None:
        return self._judged

    def load_probes(self, call_id: str) -> dict[str, float | None]:
        return dict(self._probes)

    def load_media(self, call_id: str) -> dict[str, Any]:
        return dict(self._media)

    def reviews(self, call_id: str) -> tuple[ReviewEntry, ...]:
        return self._reviews

    def save_facts(self, facts: Facts, media: Mapping[str, Any] | None = None) -> None:
        self._facts = facts
        if media is not None:
            self._media = dict(media)
        self._list("save_facts", facts, media)

    def save_judged(self, call_id: str, judged: Judged) -> None:
        self._judged = judged
        self._list("save_judged", call_id, judged)

    def save_probes(self, call_id: str, answers: Mapping[str, float | None]) -> None:
        self._probes = dict(answers)
        self._list("save_probes", call_id, dict(answers))

    def save_report(self, call_id: str, report: Mapping[str, Any] | str, reviews: int = 0, part: Mapping[str, Any] | None = None) -> None:
        self._list("save_report", call_id, report, reviews, part)

    def write(self, relative: str, content: str | bytes | Iterable[bytes]) -> None:
        self._list("write", relative, content if isinstance(content, str) else b"".join(pieces_of(content)))

    def write_json(self, relative: str, content: Any) -> None:
        # As text: that is what the writer has less work with.
        self._list("write", relative, dumps_by_line(content) + "\n")

    def drop_reports(self, call_id: str) -> None:
        self._judged = None
        self._list("drop_reports", call_id)

    def drop_audio(self, call_id: str, but: str) -> None:
        self._list("drop_audio", call_id, but)

    def _list(self, method: str, *values: Any) -> None:
        self._writes.append(Write(method, values))
