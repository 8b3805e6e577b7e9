"""Voice activity against known utterances: python benchmarks/voice_activity.py TRUTH_DIR

TRUTH_DIR holds NAME.flac (or .wav) and NAME.truth.json with ``channels`` and ``utterances`` (``speaker, start_s,
end_s``). Prints the quantiles of the edge errors and the shares of missed and invented speech; exits with 1 outside
the tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voicemon.audio.decode import decode
from voicemon.audio.tones import find_tones
from voicemon.audio.vad import speech_spans
from voicemon.records import Span
from voicemon.spans import intersect, merge, subtract, total_s

TOLERANCE = {"edge median": 0.060, "edge p90": 0.150, "missed": 0.02, "false": 0.02}
PAUSE_S = 0.7
"""An utterance of the truth holds its own pauses at punctuation; pauses up to this long are no miss."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--list", action="store_true", help="also print the worst edges")
    args = parser.parse_args(argv)
    edges: list[tuple[float, str]] = []
    seconds = np.zeros(4)
    for truth_path in sorted(args.truth_dir.glob("*.truth.json")):
        for name, truth, found in _channels(truth_path):
            edges += _edges(name, truth, found)
            seconds += _overlap(truth, found)
    if not edges:
        print(f"{args.truth_dir}: no NAME.truth.json with a recording beside it", file=sys.stderr)
        return 2
    if args.list:
        print("\n".join(f"{error:+.3f} {where}" for error, where in sorted(edges, key=lambda e: -abs(e[0]))[:60]))
    return _report(np.array([e for e, _ in edges]), seconds)


def _channels(truth_path: Path) -> list[tuple[str, tuple[Span, ...], tuple[Span, ...]]]:
    truth: dict[str, Any] = json.loads(truth_path.read_text(encoding="utf-8"))
    stem = truth_path.name.removesuffix(".truth.json")
    audio = next((p for p in (truth_path.with_name(stem + s) for s in (".flac", ".wav")) if p.exists()), None)
    if audio is None:
        return []
    recording = decode(audio)
    parties = [truth["channels"][side] for side in ("left", "right")] if recording.channels == 2 else [None]
    result = []
    for index, party in enumerate(parties):
        x, rate_hz = recording.channel(index), recording.sample_rate_hz
        found = speech_spans(x, rate_hz, exclude=find_tones(x, rate_hz).spans())
        spoken = [u for u in truth["utterances"] if party in (None, u["speaker"])]
        result.append((f"{stem} {party or 'mono'}", merge(Span(u["start_s"], u["end_s"]) for u in spoken), found))
    return result


def _edges(name: str, truth: Sequence[Span], found: Sequence[Span]) -> list[tuple[float, str]]:
    """Error of the outer edges of what was found around each utterance; an utterance that was missed counts whole."""
    errors = []
    for span in truth:
        inside = [f for f in found if min(f.end_s, span.end_s) - max(f.start_s, span.start_s) > 0]
        start = inside[0].start_s if inside else span.end_s
        end = inside[-1].end_s if inside else span.start_s
        errors += [
            (start - span.start_s, f"{name} start {span.start_s:.3f}"),
            (end - span.end_s, f"{name} end {span.end_s:.3f}"),
        ]
    return errors


def _overlap(truth: Sequence[Span], found: Sequence[Span]) -> np.ndarray:
    """Seconds: true, found, true but not found (pauses aside), found but not true."""
    bridged = intersect(merge(found, gap_s=PAUSE_S), truth)
    missed, invented = subtract(truth, bridged), subtract(found, truth)
    return np.array([total_s(truth), total_s(found), total_s(missed), total_s(invented)])


def _report(edges: np.ndarray, seconds: np.ndarray) -> int:
    size = np.abs(edges)
    true_s, found_s, missed_s, false_s = seconds
    values = {
        "edge median": float(np.median(size)),
        "edge p90": float(np.quantile(size, 0.9)),
        "missed": missed_s / true_s,
        "false": false_s / max(found_s, 1e-9),
    }
    p99, bias = np.quantile(size, 0.99), np.median(edges)
    print(f"edges n={len(edges)}  p99 {p99:.3f} s  max {size.max():.3f} s  bias {bias:+.3f} s")
    for name, value in values.items():
        verdict = "ok" if value <= TOLERANCE[name] else "OUTSIDE"
        print(f"{name:12s} {value:.4f}  (tolerance {TOLERANCE[name]})  {verdict}")
    return int(any(value > TOLERANCE[name] for name, value in values.items()))


if __name__ == "__main__":
    sys.exit(main())
