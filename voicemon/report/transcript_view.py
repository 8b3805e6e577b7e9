"""The transcript as a page shows it: words with their times, doubt and rule hits, and the waits between the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..records import AuditMark, CallReport, Utterance, Wait
from .render import number
from .verdict_view import VerdictView

# Below this the recogniser itself thinks the word more likely wrong than right.
LOW_CONFIDENCE = 0.5
# A verdict about a longer stretch is about the call, not about these words.
LONGEST_HIGHLIGHT_S = 20.0
SHOWN_WAIT_KINDS = ("ring", "response", "dead_air", "hold", "silent_line", "closing", "unknown_wait")
HIGHLIGHTED = ("fail", "unsure", "hint")


@dataclass(frozen=True)
class Piece:
    """Some words: ``doubt`` says why they must not be relied on, ``hit`` is the worst verdict about them."""

    text: str
    doubt: str = ""
    hit: str = ""


@dataclass(frozen=True)
class Line:
    """One utterance, or (``kind`` other than ``utterance``) a wait or a stretch without words."""

    kind: str
    start_s: float
    end_s: float
    speaker: str = ""
    pieces: tuple[Piece, ...] = ()
    hits: tuple[VerdictView, ...] = ()
    label: str = ""


def lines_of(report: CallReport, verdicts: Sequence[VerdictView], t: Mapping[str, str]) -> tuple[Line, ...]:
    """Utterances, waits and words that are missing, in order of time."""
    facts = report.facts
    hits = [v for v in verdicts if v.standing in HIGHLIGHTED]
    tagged = _first_lines(facts.transcript, hits)
    said = [
        Line("utterance", u.start_s, u.end_s, u.speaker, _pieces(u, facts.audit, hits, t), tuple(tagged.get(i, ())))
        for i, u in enumerate(facts.transcript)
    ]
    waits = [_wait_line(w, t) for w in facts.measures.waits if w.kind in SHOWN_WAIT_KINDS]
    lost = [
        Line("lost", m.start_s, m.end_s, m.speaker, label=t["audit_speech_without_words"])
        for m in facts.audit
        if m.kind == "speech_without_words"
    ]
    return tuple(sorted((*said, *waits, *lost), key=lambda line: (line.start_s, line.end_s)))


def _wait_line(wait: Wait, t: Mapping[str, str]) -> Line:
    length = t["seconds"].format(n=number(wait.end_s - wait.start_s))
    label = f"{t['wait_' + wait.kind]} · {length}"
    if wait.kind == "hold":
        label += f" · {t['announced'] if wait.announced else t['not_announced']}"
    return Line(f"wait-{wait.kind}", wait.start_s, wait.end_s, label=label)


def _first_lines(transcript: Sequence[Utterance], hits: Sequence[VerdictView]) -> dict[int, list[VerdictView]]:
    """Each verdict is named once, at the first line that its first span is about."""
    tagged: dict[int, list[VerdictView]] = {}
    for verdict in hits:
        if not verdict.spans:
            continue
        overlaps = [_overlap_s(u, verdict.spans[0]) for u in transcript]
        if max(overlaps, default=0.0) > 0:
            about = next(i for i, u in enumerate(transcript) if overlaps[i] > 0 and _is_about(u, verdict.spans[0], max(overlaps)))
            tagged.setdefault(about, []).append(verdict)
    return tagged


def _overlap_s(line: Utterance, span: tuple[float, float]) -> float:
    return min(line.end_s, max(span[1], span[0] + 0.01)) - max(line.start_s, span[0])


def _is_about(line: Utterance, span: tuple[float, float], most_s: float = 0.0) -> bool:
    """Whether a span means this line: it holds half of the one or of the other. A line that it only grazes is another's."""
    overlap_s = _overlap_s(line, span)
    return overlap_s >= 0.5 * min(line.end_s - line.start_s, span[1] - span[0]) or 0 < most_s <= overlap_s


def _pieces(line: Utterance, audit: Sequence[AuditMark], hits: Sequence[VerdictView], t: Mapping[str, str]) -> tuple[Piece, ...]:
    """The text of the line in pieces. Where its words cannot be found in the text in order, the text stays in one piece."""
    pieces: list[Piece] = []
    spans = [(v.standing, span) for v in hits for span in v.spans if span[1] - span[0] <= LONGEST_HIGHLIGHT_S and _is_about(line, span)]
    at = 0
    for word in line.words:
        text = word.text.strip()
        found = line.text.find(text, at) if text else -1
        if found < 0:
            continue
        if found > at:
            pieces.append(Piece(line.text[at:found]))
        doubt = _doubt(line.speaker, word.start_s, word.end_s, audit, t)
        if not doubt and word.confidence < LOW_CONFIDENCE:
            doubt = t["doubtful_word"].format(share=f"{100 * word.confidence:.0f} %")
        pieces.append(Piece(text, doubt, _hit(word.start_s, word.end_s, spans)))
        at = found + len(text)
    if at < len(line.text):
        whole = not pieces
        doubt = _doubt(line.speaker, line.start_s, line.end_s, audit, t) if whole else ""
        pieces.append(Piece(line.text[at:], doubt, _hit(line.start_s, line.end_s, spans) if whole else ""))
    return _joined(pieces)


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Neighbours that look alike become one; punctuation between two alike pieces goes with them."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        bare = not piece.doubt and not piece.hit and not any(c.isalnum() for c in piece.text)
        if last and ((last.doubt, last.hit) == (piece.doubt, piece.hit) or (last.hit and bare)):
            joined[-1] = Piece(last.text + piece.text, last.doubt, last.hit)
        else:
            joined.append(piece)
    return tuple(joined)


def _doubt(speaker: str, start_s: float, end_s: float, audit: Sequence[AuditMark], t: Mapping[str, str]) -> str:
    for mark in audit:
        if mark.speaker == speaker and mark.kind != "speech_without_words" and mark.start_s < end_s and mark.end_s > start_s:
            return t.get(f"audit_{mark.kind}", mark.kind)
    return ""


def _hit(start_s: float, end_s: float, spans: Sequence[tuple[str, tuple[float, float]]]) -> str:
    """The worst outcome of a verdict whose span holds the middle of these words."""
    middle = (start_s + end_s) / 2
    held = {outcome for outcome, (a, b) in spans if a <= middle < b}
    return next((outcome for outcome in HIGHLIGHTED if outcome in held), "")
