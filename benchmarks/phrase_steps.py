"""What each step of finding a phrase gains: the same kept facts judged by text alone, with sound-alikes, with the acoustic check.

usage: phrase_steps.py TRUTH_DIR OUT    (OUT as written by `voicemon run` over the calls of TRUTH_DIR)
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

from accuracy import RULES, print_verdicts, verdict_tally

from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.judge.thresholds import Thresholds
from voicemon.phrase_limits import phrase_thresholds
from voicemon.serial import to_plain
from voicemon.speech.verifier import SavedVerifier
from voicemon.store import existing

STEPS = ("text alone", "and sound-alikes (unverified)", "and the acoustic check")


def main() -> None:
    """Judge every call of OUT in the three ways and print the verdict table of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    store = existing(args.out)
    direct = {row["id"] for row in csv.DictReader(RULES.open(encoding="utf-8")) if row["evidence"] == "direct"}
    reports: dict[str, list[Any]] = {step: [] for step in STEPS}
    for path in sorted(args.truth_dir.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        facts = store.load_facts(truth["id"])
        if facts is None:
            continue
        standard = load_standard(truth["standard"])
        limits = phrase_thresholds(facts) or Thresholds()
        ways = (
            (None, Thresholds(propose=2.0, propose_short=2.0)),
            (None, limits),
            (SavedVerifier(store.load_probes(truth["id"])), limits),
        )
        for step, (verifier, thresholds) in zip(STEPS, ways, strict=True):
            verdicts = judge(facts, standard, verifier, "en", thresholds)
            reports[step].append((truth, {"verdicts": [to_plain(v) for v in verdicts]}))
    for step in STEPS:
        print(f"== {step}")
        print_verdicts(verdict_tally(reports[step], direct)[0])


if __name__ == "__main__":
    main()
