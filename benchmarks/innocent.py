"""Innocent calls written with the packs in sight, to be wrongly accused if they can: python benchmarks/innocent.py [STANDARD...] [--list]

``innocent/STANDARD.txt`` holds calls in the language of the examples beside the rules (``voicemon/judge/examples.py``), a part a line,
calls parted by empty lines under a heading ``## N``. Their words are judged as if every one had been understood. Prints how many calls of
each standard are convicted of anything, and with ``--list`` of what: some of it rightly, where the writer left out what is wanted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from other_words import Understood

from voicemon.judge.examples import example_facts
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.judge.standard import Standard
from voicemon.phrase_limits import phrase_thresholds
from voicemon.records import Verdict

CALLS = Path(__file__).parent / "innocent"
MODEL = "base"  # whose limits hold; without a model what sounds alike would be left open


def main() -> None:
    """Judge every call and print the tally of each standard."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("standards", nargs="*", default=sorted(p.stem for p in CALLS.glob("*.txt")))
    parser.add_argument("--list", action="store_true", help="every fail with its reason")
    options = parser.parse_args()
    for name in options.standards:
        standard = load_standard(name)
        found = {heading: list(fails(line, standard)) for heading, line in written(CALLS / f"{name}.txt")}
        if options.list:
            print("\n".join(f"{name} {heading}: {told}" for heading, told_of in found.items() for told in told_of))
        print(f"{name:10s} {len(found)} calls, {sum(map(bool, found.values()))} convicted, {sum(map(len, found.values()))} fails")


def written(path: Path) -> Iterator[tuple[str, str]]:
    """Heading and parts of each call, as one line."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        heading, *parts = block.splitlines()
        yield heading.removeprefix("## "), " / ".join(parts)


def fails(line: str, standard: Standard) -> Iterator[str]:
    """What a call is convicted of: rule, reason and words."""
    for verdict in judged(line, standard):
        if verdict.outcome == "fail":
            yield f"{verdict.rule} {verdict.reason} | {verdict.quote}"


def judged(line: str, standard: Standard) -> Sequence[Verdict]:
    """The verdicts on a call, its words understood as they are written and judged by the limits of ``MODEL``."""
    facts = replace(example_facts(line), hearing={"model": MODEL})
    return judge(facts, standard, Understood(facts), "en", phrase_thresholds(facts))


if __name__ == "__main__":
    main()
