"""Waits, ring to answer and turns against truth: python benchmarks/timing.py TRUTH_DIR [--list] [--from-truth]

TRUTH_DIR holds NAME.flac (or .wav) and NAME.truth.json with ``channels``, ``utterances``, ``ring``, ``silences_over_2s``. The
recordings go through the detectors of tones and speech; ``--from-truth`` takes the utterances of the truth instead (no sound is
opened), which shows the arithmetic alone. Prints error quantiles; exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voicemon.measures.ring import ring_to_answer
from voicemon.measures.timing import WaitContext, find_interruptions, find_waits, turns
from voicemon.records import AGENT, CUSTOMER, PARTIES, Ring, Span, Utterance, Wait
from voicemon.spans import total_s

EDGE_P90_S, RING_P90_S, TURNS_P90 = 0.15, 0.15, 0.02
MIN_TRUTH_S = 2.3  # a silence of just 2 s may lawfully be found a little shorter, and is then no wait
MIN_CHARACTERS = 30

Speech = Mapping[str, tuple[Span, ...]]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--list", action="store_true", help="print every wait and talk-over that was found")
    parser.add_argument("--from-truth", action="store_true", help="spans of the truth instead of those of the detectors")
    args = parser.parse_args(argv)
    errors: dict[str, list[float]] = {"edges": [], "ring": [], "turns": []}
    tally: Counter[str] = Counter()
    for path in sorted(args.truth_dir.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if set(truth.get("channels", {}).values()) != set(PARTIES) or "silences_over_2s" not in truth:
            continue
        speech, ring = _from_truth(truth) if args.from_truth else _from_sound(path, truth)
        words = tuple(Utterance(u["speaker"], u["start_s"], u["end_s"], u["text"], 1.0) for u in truth["utterances"])
        waits = find_waits(speech, truth["duration_s"], words, WaitContext(ring=ring))
        overs = find_interruptions(speech[AGENT], speech[CUSTOMER], words)
        _compare(truth, speech, ring, waits, (errors, tally))
        tally["talk-overs found"] += len(overs)
        if args.list:
            for item in (*waits, *overs):
                print(f"{truth['id']:22s} {item}")
    return _report(errors, tally)


def _from_truth(truth: Mapping[str, Any]) -> tuple[Speech, Ring]:
    speech = {p: tuple(Span(u["start_s"], u["end_s"]) for u in truth["utterances"] if u["speaker"] == p) for p in PARTIES}
    ring = truth.get("ring")
    if not ring:
        return speech, Ring()
    return speech, Ring(ring["count"], ring["start_s"], ring["answer_s"], ring["ring_to_answer_s"], "recording")


def _from_sound(path: Path, truth: Mapping[str, Any]) -> tuple[Speech, Ring]:
    from voicemon.audio.decode import decode
    from voicemon.audio.tones import Tones, find_tones
    from voicemon.audio.vad import speech_spans

    stem = path.name.removesuffix(".truth.json")
    recording = decode(next(p for p in (path.with_name(stem + s) for s in (".flac", ".wav")) if p.exists()))
    speech, rings, country = {}, [], None
    for index, party in enumerate(truth["channels"][side] for side in ("left", "right")):
        x, rate_hz = recording.channel(index), recording.sample_rate_hz
        tones = find_tones(x, rate_hz)
        speech[party] = speech_spans(x, rate_hz, exclude=tones.spans())
        if tones.rings and not rings:
            rings, country = list(tones.rings), tones.country
    return speech, ring_to_answer(Tones(tuple(rings), country), speech, {"direction": truth["direction"]})


def _compare(truth: Mapping[str, Any], speech: Speech, ring: Ring, waits: Sequence[Wait], into: tuple[Any, Any]) -> None:
    errors, tally = into
    for start_s, end_s in truth["silences_over_2s"]:
        if end_s - start_s >= MIN_TRUTH_S:
            found = [max(abs(w.start_s - start_s), abs(w.end_s - end_s)) for w in waits]
            errors["edges"].append(min(found, default=99.0))
    tally.update(f"wait {w.kind}{' announced' if w.announced else ''}" for w in waits)
    known = [Span(s - 0.5, e + 0.5) for s, e in truth["silences_over_2s"]]
    invented = [w for w in waits if w.kind != "ring" and not any(k.start_s <= w.start_s and w.end_s <= k.end_s for k in known)]
    tally["waits the truth does not know"] += len(invented)
    if truth["ring"] and ring.source == "recording" and ring.ring_to_answer_s is not None:
        errors["ring"].append(abs(ring.ring_to_answer_s - truth["ring"]["ring_to_answer_s"]))
        tally["ring miscounted"] += ring.count != truth["ring"]["count"]
    else:
        tally["ring missed"] += bool(truth["ring"])
        tally["ring invented"] += ring.source == "recording" and not truth["ring"]
    for party, other in ((AGENT, CUSTOMER), (CUSTOMER, AGENT)):
        told = truth["speech"].get(party) or {}
        if (told.get("characters") or 0) >= MIN_CHARACTERS:
            want_s = 60.0 * told["characters"] / told["characters_per_minute_of_turns"]
            errors["turns"].append(abs(total_s(turns(speech[party], speech[other])) / want_s - 1.0))


def _report(errors: Mapping[str, Sequence[float]], tally: Counter[str]) -> int:
    limits = {"edges": EDGE_P90_S, "ring": RING_P90_S, "turns": TURNS_P90}
    names = {"edges": "edges of waits, s", "ring": "ring to answer, s", "turns": "seconds of turns, relative"}
    if not any(errors.values()):
        print("no NAME.truth.json with a recording beside it", file=sys.stderr)
        return 2
    kept = tally["ring invented"] == 0
    for key, values in errors.items():
        if values:
            median, ninety, worst = np.percentile(values, (50, 90, 100))
            kept &= bool(ninety <= limits[key])
            print(f"{names[key]:28s} median {median:.4f}  p90 {ninety:.4f} (limit {limits[key]})  max {worst:.4f}  (n={len(values)})")
    for name, count in sorted(tally.items()):
        print(f"{count:5d} {name}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
