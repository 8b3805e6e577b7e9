"""Calls whose words were put otherwise by a writer who did not know the packs: what is found of them, by text alone.

usage: other_words.py TRUTH_DIR OUT TEXTS... [--list]    (OUT as written by `voicemon run` over the calls of TRUTH_DIR)

Each call keeps the times and measures of the recording; only its words are the text's, as if every one had been understood.
``spoken_anew.py`` makes recordings of the same texts, understood as well as a model can; ``retold.py`` says how a text is written.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from accuracy import PARTIES, RULES, print_verdicts, verdict_tally
from retold import read_texts, retold_truth

from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.phrase_limits import phrase_thresholds
from voicemon.records import Facts, Utterance
from voicemon.serial import to_plain
from voicemon.speech.text import normalise, numbers_as_read
from voicemon.store import existing

SAID, NOT_SAID = 15.0, -25.0  # log-ratios no limit doubts
SURE = 0.95


class Understood:
    """A verifier to whom every phrase was said that stands in the text, and no other."""

    def __init__(self, facts: Facts) -> None:
        self._said = [(u.speaker, u.start_s, u.end_s, normalise(numbers_as_read(u.text))) for u in facts.transcript]

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        if party not in PARTIES:
            return -float(len(phrase))
        spoken = (text for who, a, b, text in self._said if who == party and a < end_s and b > start_s)
        return SAID if phrase in "".join(spoken) else NOT_SAID


def verdicts_of(facts: Facts, truth: Mapping[str, Any]) -> list[Any]:
    """Verdicts on the facts of a recording, had the words of ``truth`` been said and understood."""
    words = tuple(Utterance(u["speaker"], u["start_s"], u["end_s"], u["text"], SURE) for u in truth["utterances"])
    told = replace(facts, transcript=words, audit=())
    return [to_plain(v) for v in judge(told, load_standard(truth["standard"]), Understood(told), "en", phrase_thresholds(facts))]


def main(argv: Sequence[str] | None = None) -> None:
    """Judge every text and print the verdict table of each file and of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--list", action="store_true", help="every verdict that is not as it should be")
    args = parser.parse_args(argv)
    store = existing(args.out)
    direct = {row["id"] for row in csv.DictReader(RULES.open(encoding="utf-8")) if row["evidence"] == "direct"}
    every = []
    for path in args.texts:
        calls = []
        for retold in read_texts(path):
            facts = store.load_facts(retold.call)
            if facts is None:
                raise SystemExit(f"{path}: {args.out} holds no facts of {retold.call}; run voicemon over TRUTH_DIR first")
            truth = retold_truth(json.loads((args.truth_dir / f"{retold.call}.truth.json").read_text(encoding="utf-8")), retold)
            calls.append((truth, {"verdicts": [v for v in verdicts_of(facts, truth) if v["rule"] not in retold.without]}))
        tally, wrong = verdict_tally(calls, direct)
        print(f"== {path.name}, {len(calls)} calls")
        print_verdicts(tally)
        print("\n".join(wrong) if args.list else "")
        every += calls
    print("== all")
    print_verdicts(verdict_tally(every, direct)[0])


if __name__ == "__main__":
    main()
