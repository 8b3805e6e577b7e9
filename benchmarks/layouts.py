"""Waits and talk-over on laid-out calls: python benchmarks/layouts.py [TRUTH_DIR]

Waits: calls of spans with one wait of each kind, placed at many lengths; the kind must be right and the edges within 0.1 s. Talk-over:
one party's words laid over the other's for 0.3 to 3 s, with acknowledgements and echo (a copy 15 to 25 dB down, 3 to 25 ms late) between
them. Without TRUTH_DIR the voices are formulas and their spans are given; with it, utterances of its recordings are laid out and go
through the detectors. Prints errors and F1 of each kind; exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tolerance import Limits, recordings, report

from voicemon.audio.channels import compare_channels, drop_bleed
from voicemon.audio.vad import speech_spans
from voicemon.measures.timing import find_interruptions
from voicemon.measures.waits import WaitContext, find_waits
from voicemon.records import AGENT, CUSTOMER, Ring, Span, Utterance

EDGES, F1_LEAST = Limits(median=0.1, max_=0.1), 0.95
RATE_HZ = 8_000
OVERLAPS_S = (0.3, 0.35, 0.6, 0.7, 1.0, 1.5, 2.0, 3.0)
"""Half a second makes a talk-over; what lies within the error of a detector's edge of that is not laid out."""
DUE_OVERLAP_S, ACKNOWLEDGED_S = 0.5, 0.8
ECHO_DB, ECHO_S = (-15.0, -20.0, -25.0), (0.003, 0.012, 0.025)
NEAR_S = 0.3
IDLE_DBOV = -65.0
CALLS, PER_CALL = 48, 6


@dataclass(frozen=True)
class Layout:
    """A wait that is laid out: spans of both parties, what was said, what else is known, and the kind that is due."""

    kind: str
    speech: dict[str, tuple[Span, ...]]
    words: tuple[Utterance, ...]
    context: WaitContext
    wait: Span
    end_s: float


@dataclass(frozen=True, eq=False)
class TalkOver:
    """Both channels of a laid-out call with the events that are due: time, kind (``interruption`` or ``backchannel``)."""

    left: np.ndarray
    right: np.ndarray
    due: tuple[tuple[float, str], ...]
    echoes: bool


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path, nargs="?")
    args = parser.parse_args(argv)
    edges, wrong = wait_errors()
    kept = report("edges of laid-out waits, s", edges, EDGES) and not wrong
    print("\n".join(f"wait {due} taken for {found}" for due, found in wrong) or "kind of every laid-out wait: right")
    if args.truth_dir:
        kept &= show_f1("talk-over", talk_over_tally(laid_out(args.truth_dir)))
    else:
        kept &= show_f1("talk-over of spans", span_tally())
    return 0 if kept else 1


def layouts(length_s: float) -> Iterator[Layout]:
    """One wait of each kind, ``length_s`` long, in the middle of a call."""
    a, c, start_s, end_s = AGENT, CUSTOMER, 10.0, 10.0 + length_s
    wait, last = Span(start_s, end_s), end_s + 6.0
    before, after, early = Span(7.0, start_s), Span(end_s, last), Span(1.0, 4.0)

    def call(kind: str, agent: tuple[Span, ...], customer: tuple[Span, ...], text: str = "好的", **known: object) -> Layout:
        words = tuple(Utterance(p, s.start_s, s.end_s, text if p == a else "我想问一下", 1.0)
                      for p, spans in ((a, agent), (c, customer)) for s in spans)
        stop_s = end_s if kind == "closing" else last
        return Layout(kind, {a: agent, c: customer}, words, WaitContext(**known), wait, stop_s)  # type: ignore[arg-type]

    yield call("response", (early, after), (before,))
    yield call("dead_air", (early, before, after), (Span(4.5, 6.0),))
    yield call("hold", (early, before, after), (Span(4.5, 6.0),), "请您稍等")
    yield call("hold", (early, before, after), (Span(4.5, 6.0),), sounds=(Span(start_s + 0.3, end_s - 0.2),))
    yield call("hold", (early, before, after), (Span(4.5, 6.0),), muted=(Span(start_s + 0.1, end_s - 0.1),))
    yield call("silent_line", (early, before, after), (Span(last - 1.0, last),))
    yield call("closing", (early, before), (Span(4.5, 6.0),), "再见")
    yield call("ring", (Span(end_s, last),), (), ring=Ring(2, start_s, end_s, length_s, "recording"))


def wait_errors() -> tuple[list[float], list[tuple[str, str]]]:
    """Errors of the edges in s, and every kind that was taken for another."""
    edges, wrong = [], []
    for length_s in (2.1, 3.0, 5.0, 12.0, 30.0, 65.0):
        for layout in layouts(length_s):
            found = find_waits(layout.speech, layout.end_s, layout.words, layout.context)
            start_s = 0.0 if layout.kind == "ring" else layout.wait.start_s
            nearest = min(found, key=lambda w: abs(w.start_s - start_s), default=None)  # noqa: B023
            if nearest is None or nearest.kind != layout.kind:
                wrong.append((layout.kind, nearest.kind if nearest else "nothing"))
            else:
                edges += [nearest.start_s - start_s, nearest.end_s - layout.wait.end_s]
    return edges, wrong


def span_tally() -> Counter[str]:
    """Talk-overs of given spans: each overlap by each party, as a sentence and as an acknowledgement of 0.4 to 0.8 s."""
    tally: Counter[str] = Counter()
    for overlap_s in np.arange(0.3, 3.01, 0.05):
        for said_s, text in ((4.0, "不是这样的先生"), (0.75, "好的"), (1.2, "好的")):
            start_s = 10.0 - overlap_s
            spans, holder = (Span(start_s, start_s + max(said_s, overlap_s)),), (Span(4.0, 10.0),)
            words = (Utterance(AGENT, start_s, spans[0].end_s, text, 1.0),)
            found = [(i.start_s, _kind(i.backchannel)) for i in find_interruptions(spans, holder, words)]
            short = len(text) <= 2 or spans[0].duration_s <= ACKNOWLEDGED_S
            due = ((start_s, _kind(short)),) if overlap_s >= DUE_OVERLAP_S - 1e-9 else ()
            _count(tally, due, found)
    return tally


def talk_over_tally(calls: Iterator[TalkOver]) -> Counter[str]:
    """Right, missed and invented events of laid-out calls, by kind."""
    tally: Counter[str] = Counter()
    for call in calls:
        lines = [call.left, call.right]
        speech = [speech_spans(x, RATE_HZ) for x in lines]
        if compare_channels(call.left, call.right, RATE_HZ).bleed_db is not None:
            speech = [drop_bleed(speech[i], lines[i], lines[1 - i], RATE_HZ) for i in (0, 1)]
        found = [(i.start_s, _kind(i.backchannel)) for i in find_interruptions(speech[0], speech[1])]
        _count(tally, call.due, found)
        if call.echoes:
            tally["calls with echo"] += 1
    return tally


def laid_out(truth_dir: Path) -> Iterator[TalkOver]:
    """Calls of customer utterances, each broken into by the agent; every other call has an echo of the customer on the agent's side."""
    pieces: dict[str, list[np.ndarray]] = {AGENT: [], CUSTOMER: []}
    for truth, recording in recordings(truth_dir, 10):
        if recording.sample_rate_hz != RATE_HZ:
            continue
        for index, party in enumerate(truth["channels"][side] for side in ("left", "right")):
            for u in truth["utterances"]:
                if u["speaker"] == party:
                    x = recording.channel(index)[round(u["start_s"] * RATE_HZ) : round(u["end_s"] * RATE_HZ)]
                    pieces[party] += _without_pauses(x)
    rng = np.random.default_rng(0)
    held = [x for x in pieces[CUSTOMER] if len(x) >= 1.0 * RATE_HZ]
    said = [x for x in pieces[AGENT] if len(x) >= 1.0 * RATE_HZ]
    for number in range(CALLS):
        echo = None if number % 2 else (ECHO_DB[number // 2 % 3], ECHO_S[number // 6 % 3])
        yield _lay_out(rng, held, said, echo)


def _lay_out(rng: np.random.Generator, held: list[np.ndarray], said: list[np.ndarray], echo: tuple[float, float] | None) -> TalkOver:
    size = PER_CALL * 12 * RATE_HZ
    left, right = np.zeros(size), np.zeros(size)
    due = []
    for slot in range(PER_CALL):
        at = slot * 12 * RATE_HZ + RATE_HZ
        words = _long(rng, held, 4.5)
        right[at : at + words.size] = words
        overlap_s = float(rng.choice(OVERLAPS_S))
        acknowledges = overlap_s in (0.6, 0.7)
        answer = _long(rng, said, overlap_s if acknowledges else max(overlap_s + 1.0, 1.5))
        start = at + (round(1.5 * RATE_HZ) if acknowledges else words.size - round(overlap_s * RATE_HZ))
        left[start : start + answer.size] = answer
        if overlap_s >= DUE_OVERLAP_S:
            due.append((start / RATE_HZ, _kind(acknowledges)))
    if echo is not None:
        gain_db, delay_s = echo
        left += 10 ** (gain_db / 20) * np.roll(right, round(delay_s * RATE_HZ))
    idle = 10 ** (IDLE_DBOV / 20)
    left, right = (np.clip(x + idle * rng.standard_normal(size), -1, 1).astype(np.float32) for x in (left, right))
    return TalkOver(left, right, tuple(due), echo is not None)


def _long(rng: np.random.Generator, pieces: list[np.ndarray], seconds: float) -> np.ndarray:
    """Speech without pauses of exactly ``seconds``, from as many pieces as it takes."""
    size, parts = round(seconds * RATE_HZ), []
    while sum(p.size for p in parts) < size:
        parts.append(pieces[int(rng.integers(len(pieces)))])
    return np.concatenate(parts)[:size]


def _without_pauses(x: np.ndarray) -> list[np.ndarray]:
    """The stretches of ``x`` that hold speech, so that what is laid over each other is speech and not a pause."""
    return [x[round(s.start_s * RATE_HZ) : round(s.end_s * RATE_HZ)] for s in speech_spans(np.ascontiguousarray(x), RATE_HZ)]


def _kind(backchannel: bool) -> str:
    return "backchannel" if backchannel else "interruption"


def _count(tally: Counter[str], due: Sequence[tuple[float, str]], found: Sequence[tuple[float, str]]) -> None:
    left = list(found)
    for at_s, kind in due:
        match = next((f for f in left if f[1] == kind and abs(f[0] - at_s) <= NEAR_S), None)
        tally[f"{kind} {'right' if match else 'missed'}"] += 1
        if match:
            left.remove(match)
    tally.update(f"{kind} invented" for _, kind in left)


def show_f1(name: str, tally: Counter[str]) -> bool:
    """Print F1 of each kind; True if all are enough."""
    kept = True
    for kind in ("interruption", "backchannel"):
        right, missed, invented = (tally[f"{kind} {what}"] for what in ("right", "missed", "invented"))
        f1 = 2 * right / max(1, 2 * right + missed + invented)
        kept &= f1 >= F1_LEAST
        print(f"{name}, {kind}: F1 {f1:.3f} (≥ {F1_LEAST})  right {right}  missed {missed}  invented {invented}")
    return kept


if __name__ == "__main__":
    sys.exit(main())
