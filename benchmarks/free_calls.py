"""Whole calls that follow no recording, by writers who did not know the packs: python benchmarks/free_calls.py [STANDARD...] [--list]

``free_calls/STANDARD.txt`` holds calls in the language of the examples beside the rules (``voicemon/judge/examples.py``), a part a line,
calls parted by empty lines under a heading ``## N | broken: RULES | kept: RULES | maybe: RULES``. Their words are judged as if every
one had been understood. Prints for each standard how many of the broken rules are convicted, of the kept ones, and of neither.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from innocent import judged

from voicemon.judge.loader import load_standard
from voicemon.records import Verdict

CALLS = Path(__file__).parent / "free_calls"


@dataclass(frozen=True)
class FreeCall:
    """A call as one line of parts, and the rules that its writer holds to be broken, kept, or open to dispute."""

    number: str
    broken: frozenset[str]
    kept: frozenset[str]
    maybe: frozenset[str]
    line: str


def main() -> None:
    """Judge every call and print the tally of each standard."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("standards", nargs="*", default=sorted(p.stem for p in CALLS.glob("*.txt")))
    parser.add_argument("--list", action="store_true", help="every verdict that is not as the writer holds it")
    options = parser.parse_args()
    for name in options.standards:
        standard = load_standard(name)
        calls = [(call, {v.rule: v for v in judged(call.line, standard)}) for call in written(CALLS / f"{name}.txt")]
        if options.list:
            print("\n".join(f"{name} {call.number}: {told}" for call, verdicts in calls for told in differences(call, verdicts)))
        found, wrong, others = (sum(len(convicted(call, v)[i]) for call, v in calls) for i in range(3))
        broken, kept = sum(len(c.broken) for c, _ in calls), sum(len(c.kept) for c, _ in calls)
        print(f"{name:17s} {len(calls)} calls, found {found} of {broken}, kept convicted {wrong} of {kept}, neither {others}")


def written(path: Path) -> Iterator[FreeCall]:
    """The calls of a file."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        heading, *parts = block.splitlines()
        rules = {k: frozenset(v.split()) for k, v in re.findall(r"(broken|kept|maybe):([^|]*)", heading)}
        none: frozenset[str] = frozenset()
        number = heading.removeprefix("## ").split(" ", 1)[0]
        yield FreeCall(number, rules["broken"], rules["kept"], rules.get("maybe", none), " / ".join(parts))


def convicted(call: FreeCall, verdicts: Mapping[str, Verdict]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The rules that fail: of those broken, of those kept, and of those that the writer says nothing of."""
    fails = frozenset(rule for rule, verdict in verdicts.items() if verdict.outcome == "fail")
    return fails & call.broken, fails & call.kept, fails - call.broken - call.kept - call.maybe


def differences(call: FreeCall, verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    """A line for each rule that is missed or convicted although the writer does not hold it to be broken."""
    found, wrong, others = convicted(call, verdicts)
    for label, rules in (("missed", call.broken - found), ("WRONG", wrong), ("not listed", others)):
        for rule in sorted(rules):
            verdict = verdicts.get(rule)
            yield f"{label} {rule} {verdict.outcome} {verdict.reason} | {verdict.quote}" if verdict else f"{label} {rule}: no such rule"


if __name__ == "__main__":
    main()
