"""Characters and speaking rate of finished reports against truth: python benchmarks/rates.py TRUTH_DIR OUT [--list] [--trim DB]

TRUTH_DIR holds NAME.truth.json with ``utterances`` (``characters`` as spoken) and ``speech`` (``characters_per_minute_of_turns``); OUT
is the output folder of a run over the same recordings. Only parties with 60 characters or more. ``--trim`` is for utterances that are
files laid out with the silence they begin and end with: the rate is held against turns pulled in to where the recording (NAME.flac beside
the truth, two channels) is within DB of the utterance's loud parts. Exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tolerance import Limits, recordings, report, spoken

from voicemon.measures.timing import turns
from voicemon.records import PARTIES, Span
from voicemon.spans import total_s

CHARACTERS, PER_MINUTE = Limits(max_=0.02), Limits(max_=0.03)
SYLLABLES = Limits(median=0.08)
MIN_CHARACTERS = 60
FRAME_S, LOUD_PERCENTILE = 0.01, 95.0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--list", action="store_true", help="print every party outside the tolerance")
    parser.add_argument("--trim", type=float, metavar="DB", help="pull the edges of the true utterances in to where there is sound")
    args = parser.parse_args(argv)
    found = errors(args.truth_dir, args.out, trimmed_rates(args.truth_dir, args.trim) if args.trim else {})
    if not found["characters"]:
        print(f"{args.out}: no report of a call of {args.truth_dir} with {MIN_CHARACTERS} characters of a known party", file=sys.stderr)
        return 2
    kept = []
    for key, name, limits in (("characters", "characters, relative", CHARACTERS),
                              ("per_minute", "characters per minute of turns, relative", PER_MINUTE),
                              ("syllables", "syllables in the sound, relative", SYLLABLES)):
        values = [error for error, _ in found[key]]
        kept.append(report(name, values, limits))
        if values and limits.max_ < 1:
            within = sum(abs(v) <= limits.max_ for v in values)
            print(f"{'':44s} within {limits.max_:.0%}: {within} of {len(values)} ({within / len(values):.1%})")
        if args.list:
            print("\n".join(f"  {e:+.4f} {where}" for e, where in sorted(found[key], key=lambda v: -abs(v[0])) if abs(e) > limits.max_))
    return 0 if all(kept) else 1


def trimmed_rates(truth_dir: Path, within_db: float) -> dict[str, float]:
    """Characters per minute of turns of each ``ID PARTY``, the utterances pulled in to where there is sound."""
    rates = {}
    for truth, recording in recordings(truth_dir):
        sides = [truth["channels"][side] for side in ("left", "right")]
        rate_hz = recording.sample_rate_hz
        own = {p: [pulled_in(recording.channel(i), rate_hz, s, within_db) for s in spoken(truth, p)] for i, p in enumerate(sides)}
        for party, other in (sides, sides[::-1]):
            characters = sum(u["characters"] for u in truth["utterances"] if u["speaker"] == party)
            if own[party]:
                rates[f"{truth['id']} {party}"] = 60.0 * characters / total_s(turns(own[party], own[other]))
    return rates


def pulled_in(x: np.ndarray, rate_hz: int, span: Span, within_db: float) -> Span:
    """``span`` without the start and end that lie more than ``within_db`` under its loud parts, by level alone."""
    first, frame = round(span.start_s * rate_hz), round(FRAME_S * rate_hz)
    part = np.asarray(x[first : round(span.end_s * rate_hz)], dtype=np.float64)
    power = np.mean(part[: part.size // frame * frame].reshape(-1, frame) ** 2, axis=1)
    sound = np.flatnonzero(power > np.percentile(power, LOUD_PERCENTILE) * 10 ** (-within_db / 10))
    return Span(span.start_s + sound[0] * FRAME_S, span.start_s + (sound[-1] + 1) * FRAME_S)


def errors(truth_dir: Path, out: Path, trimmed: Mapping[str, float]) -> dict[str, list[tuple[float, str]]]:
    """Relative errors with the party they belong to; ``trimmed`` rates are held against in place of the truth's."""
    found: dict[str, list[tuple[float, str]]] = {"characters": [], "per_minute": [], "syllables": []}
    for path in sorted(truth_dir.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        told = out / "calls" / (path.name.removesuffix(".truth.json") + ".json")
        if not told.is_file():
            continue
        rates = json.loads(told.read_text(encoding="utf-8"))["measures"]["speaking_rate"]
        for party in PARTIES:
            due = sum(u["characters"] for u in truth["utterances"] if u["speaker"] == party)
            rate, due_rate = rates.get(party) or {}, (truth["speech"].get(party) or {}).get("characters_per_minute_of_turns")
            if due < MIN_CHARACTERS or rate.get("characters") is None:
                continue
            where = f"{told.stem} {party}"
            due_rate = trimmed.get(where, due_rate)
            found["characters"].append((rate["characters"] / due - 1.0, where))
            if due_rate and rate.get("per_minute_of_turns"):
                found["per_minute"].append((rate["per_minute_of_turns"] / due_rate - 1.0, where))
            if rate.get("syllables") is not None:
                found["syllables"].append((rate["syllables"] / due - 1.0, where))
    return found


if __name__ == "__main__":
    sys.exit(main())
