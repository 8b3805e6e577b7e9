"""Characters and speaking rate of finished reports against truth: python benchmarks/rates.py TRUTH_DIR OUT [--list]

TRUTH_DIR holds NAME.truth.json with ``utterances`` (``characters`` as spoken) and ``speech`` (``characters_per_minute_of_turns``); OUT
is the output folder of a run over the same recordings. Only parties with 60 characters or more. Exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tolerance import Limits, report

from voicemon.records import PARTIES

CHARACTERS, PER_MINUTE = Limits(max_=0.02), Limits(max_=0.03)
SYLLABLES = Limits(median=0.08)
MIN_CHARACTERS = 60


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--list", action="store_true", help="print every party outside the tolerance")
    args = parser.parse_args(argv)
    found = errors(args.truth_dir, args.out)
    if not found["characters"]:
        print(f"{args.out}: no report of a call of {args.truth_dir} with {MIN_CHARACTERS} characters of a known party", file=sys.stderr)
        return 2
    kept = []
    for key, name, limits in (("characters", "characters, relative", CHARACTERS),
                              ("per_minute", "characters per minute of turns, relative", PER_MINUTE),
                              ("syllables", "syllables in the sound, relative", SYLLABLES)):
        values = [error for error, _ in found[key]]
        kept.append(report(name, values, limits))
        if limits.max_ < 1:
            within = sum(abs(v) <= limits.max_ for v in values)
            print(f"{'':44s} within {limits.max_:.0%}: {within} of {len(values)} ({within / len(values):.1%})")
        if args.list:
            print("\n".join(f"  {e:+.4f} {where}" for e, where in sorted(found[key], key=lambda v: -abs(v[0])) if abs(e) > limits.max_))
    return 0 if all(kept) else 1


def errors(truth_dir: Path, out: Path) -> dict[str, list[tuple[float, str]]]:
    """Relative errors with the party they belong to."""
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
            found["characters"].append((rate["characters"] / due - 1.0, where))
            if due_rate and rate.get("per_minute_of_turns"):
                found["per_minute"].append((rate["per_minute_of_turns"] / due_rate - 1.0, where))
            if rate.get("syllables") is not None:
                found["syllables"].append((rate["syllables"] / due - 1.0, where))
    return found


if __name__ == "__main__":
    sys.exit(main())
