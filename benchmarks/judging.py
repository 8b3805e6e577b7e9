#!/usr/bin/env python3
"""How fast kept facts are judged: calls per second, milliseconds of CPU per call, ratio to real time. Exits 1 above 100 ms.

usage: judging.py OUT [--standard NAME] [--most-ms 100]
OUT is the output folder of a run. Answers about the sound come from what was kept beside the facts, if anything; no model is loaded.
Standards are loaded before the clock starts; reading facts is told apart.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.judge.score import score
from voicemon.judge.standard import Standard
from voicemon.records import Facts
from voicemon.speech.verifier import SavedVerifier
from voicemon.store import existing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--standard", help="judge all calls by this one [each by the standard its sidecar names]")
    parser.add_argument("--most-ms", type=float, default=100.0, help="most CPU per call, reading included [100]")
    options = parser.parse_args()
    standards: dict[str, Standard] = {}
    calls, audio_s, read_s, judged_s = 0, 0.0, 0.0, 0.0
    start_s = process_time()
    for facts, verifier in kept(options.out):
        read_s += process_time() - start_s
        name = options.standard or facts.call.standard
        if not name:
            raise SystemExit(f"{facts.call.id}: names no standard; give one with --standard")
        if name not in standards:
            standards[name] = load_standard(name)
        start_s = process_time()
        score(judge(facts, standards[name], verifier), standards[name])
        judged_s += process_time() - start_s
        calls, audio_s = calls + 1, audio_s + facts.call.duration_s
        start_s = process_time()
    if not calls:
        raise SystemExit(f"{options.out}: there are no kept facts")
    per_call_ms = 1000 * (read_s + judged_s) / calls
    print(f"{calls} calls, {audio_s / 60:.1f} min, standards {', '.join(sorted(standards))}, CPU of one core")
    print(f"reading {1000 * read_s / calls:7.1f} ms a call")
    print(f"judging {1000 * judged_s / calls:7.1f} ms a call")
    print(f"both    {per_call_ms:7.1f} ms a call, {1000 / per_call_ms:.1f} calls a second, {audio_s / (read_s + judged_s):.0f} x real time")
    sys.exit(1 if per_call_ms > options.most_ms else 0)


def kept(out: Path) -> Iterator[tuple[Facts, SavedVerifier]]:
    """Facts of every call in OUT, with the kept answers about their sound."""
    store = existing(out)
    for call in store.known_calls():
        facts = store.load_facts(call.id)
        if facts is not None:
            yield facts, SavedVerifier(store.load_probes(call.id))


if __name__ == "__main__":
    main()
