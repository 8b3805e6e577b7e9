#!/usr/bin/env python3
"""Inputs that grow by what code they reach: python benchmarks/fuzz_atheris.py KIND [FOLDER] [-max_total_time=300] [libFuzzer's options]

KIND is one of ``fuzz.py``'s. Beginning with inputs of its making, libFuzzer keeps in FOLDER [thrown away] what reached new code of
voicemon, and changes that on. As there, anything but a result or a named error is a fault: it is printed with its place, and libFuzzer
keeps the input as ``crash-…``. Needs ``pip install atheris``, which has wheels for Linux and Python 3.11 to 3.13.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

SEEDS = 40
LONGEST_BYTES = 200_000

# What reads each kind: told of every branch of all voicemon, libFuzzer would spend its time on what no byte of the input changes.
WATCHED = {
    "recordings": ["voicemon.audio", "voicemon.playable"], "sidecars": ["voicemon.sidecar", "voicemon.judge.calendar"],
    "tables": ["voicemon.sidecar", "voicemon.call_table"], "packs": ["voicemon.judge"], "appeals": ["voicemon.review"],
    "reports": ["voicemon.report"]}

with atheris.instrument_imports(include=WATCHED.get(sys.argv[1] if len(sys.argv) > 1 else "", [])):
    from fuzz_targets import TARGETS, Target

    from voicemon.errors import VoicemonError


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(__doc__)
    kind = sys.argv.pop(1)
    target = TARGETS[kind]
    with tempfile.TemporaryDirectory(prefix="voicemon-atheris-") as temporary:
        folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
        corpus = Path(folders[0] if folders else temporary)
        corpus.mkdir(exist_ok=True)
        name = seeded(target, corpus, kind)
        path = Path(temporary) / "input" / name
        path.parent.mkdir()
        options = [argument for argument in sys.argv[1:] if argument.startswith("-")]
        atheris.Setup([sys.argv[0], str(corpus), f"-max_len={LONGEST_BYTES}", "-rss_limit_mb=2048", "-timeout=60", *options],
                      lambda data: feed(target, path, data))
        atheris.Fuzz()


def seeded(target: Target, corpus: Path, kind: str) -> str:
    """Put inputs into the folder; the name that such a file has."""
    name = ""
    for number in range(SEEDS):
        made = target.make(Random(f"{kind} atheris {number}"))
        # A report of which only texts were changed must give pages; what libFuzzer makes of one need not.
        content = made.content.replace(b'"how": "texts"', b'"how": "any"')
        (corpus / f"seed-{number}").write_bytes(content[:LONGEST_BYTES])
        name = name or made.name
    return name


def feed(target: Target, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        target.feed(path)
    except VoicemonError as err:
        if not str(err).strip():
            raise AssertionError("an error without words") from err


if __name__ == "__main__":
    main()
