"""Texts of calls in other words, and what is expected of them. Needs only the standard library.

A text is ``@CALL [-RULE] [+RULE]`` (rules that are no longer expected, and that are broken besides) and a line for each utterance:
``A words`` or ``C words``, by the same speakers one after the other as in the call. Lines that begin with ``#`` are passed over.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

PARTY_OF = {"A": "agent", "C": "customer"}
TEXTS = Path(__file__).parent / "other_words"


def fitting_arguments(doc: str) -> argparse.ArgumentParser:
    """Arguments of a program that fits weights to the words of calls: TRUTH_DIR, texts, what runs heard, whether to store them."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("texts", type=Path, nargs="*", default=sorted(TEXTS.glob("*.txt")))
    parser.add_argument("--heard", type=Path, nargs=2, action="append", default=[], metavar=("DIR", "OUT"))
    parser.add_argument("--write", action="store_true")
    return parser


@dataclass(frozen=True)
class Retold:
    """A call in other words: ``lines`` are ``(party, words)``; rules that are expected no longer, and those broken besides."""

    call: str
    without: frozenset[str]
    broken: frozenset[str]
    lines: tuple[tuple[str, str], ...]


def read_texts(path: Path) -> list[Retold]:
    """The calls of a file of texts. Raises :class:`SystemExit` for a line that is none."""
    found: list[Retold] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        head, _, rest = line.partition(" ")
        if line.startswith("@"):
            marks = rest.split()
            without, broken = (frozenset(m[1:] for m in marks if m[0] == sign) for sign in "-+")
            found.append(Retold(head[1:], without, broken, ()))
        elif head in PARTY_OF and found:
            found[-1] = replace(found[-1], lines=(*found[-1].lines, (PARTY_OF[head], rest)))
        elif line.strip() and not line.startswith("#"):
            raise SystemExit(f"{path}:{number}: begins with neither @CALL, A nor C: {line[:20]}")
    return found


def retold_truth(truth: Mapping[str, Any], retold: Retold) -> dict[str, Any]:
    """What is known of a call, with other words and what these are expected to keep and break."""
    said = [u["speaker"] for u in truth["utterances"]]
    if said != [party for party, _ in retold.lines]:
        raise SystemExit(f"{retold.call}: the text has other speakers than the call, one after the other: {' '.join(said)}")
    expected = truth["expected"]
    kept = [r for r in expected.get("kept") or () if r not in retold.without | retold.broken]
    broken = [r for r in expected.get("broken") or () if r not in retold.without]
    utterances = [{**u, "text": words} for u, (_, words) in zip(truth["utterances"], retold.lines, strict=True)]
    return {**truth, "utterances": utterances, "expected": {"kept": kept, "broken": sorted({*broken, *retold.broken})}}
