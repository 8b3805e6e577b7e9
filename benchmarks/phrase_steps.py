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

from voicemon.judge.finder import Thresholds
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.pipeline import phrase_thresholds
from voicemon.records import Facts
from voicemon.serial import from_plain, to_plain
from voicemon.speech.verifier import SavedVerifier

STEPS = ("text alone", "and sound-alikes (unverified)", "and the acoustic check")


def main() -> None:
    """Judge every call of OUT in the three ways and print the verdict table of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    direct = {row["id"] for row in csv.DictReader(RULES.open(encoding="utf-8")) if row["evidence"] == "direct"}
    reports: dict[str, list[Any]] = {step: [] for step in STEPS}
    for path in sorted(args.truth_dir.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        facts_path = args.out / "facts" / f"{truth['id']}.json"
        if not facts_path.exists():
            continue
        facts = from_plain(json.loads(facts_path.read_text(encoding="utf-8")), Facts)
        probes_path = facts_path.with_suffix(".probes.json")
        probes = json.loads(probes_path.read_text(encoding="utf-8")) if probes_path.exists() else {}
        standard = load_standard(truth["standard"])
        limits = phrase_thresholds(facts) or Thresholds()
        ways = (
            (None, Thresholds(propose=2.0, propose_short=2.0)),
            (None, limits),
            (SavedVerifier(probes), limits),
        )
        for step, (verifier, thresholds) in zip(STEPS, ways, strict=True):
            verdicts = judge(facts, standard, verifier, "en", thresholds)
            reports[step].append((truth, {"verdicts": [to_plain(v) for v in verdicts]}))
    for step in STEPS:
        print(f"== {step}")
        print_verdicts(verdict_tally(reports[step], direct)[0])


if __name__ == "__main__":
    main()
