"""Lays read speech end to end as two-channel calls at 8 kHz, for recognition.py and speed.py: real voices with known words.

usage: read_calls.py UTTERANCES_DIR OUT_DIR [--each 10]

UTTERANCES_DIR holds recordings and transcripts.tsv (file or its stem, then the words, by tabs). The first half of the files speaks
on the left channel, the second on the right, in turns with half a second between; ``--each`` utterances of each side make a call.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from recognition import han

from voicemon.audio.decode import decode, resample
from voicemon.records import PARTIES

RATE_HZ = 8000
PAUSE_S = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("utterances_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--each", type=int, default=10)
    args = parser.parse_args()
    args.out_dir.mkdir(parents=True, exist_ok=True)
    rows = [line.split("\t") for line in (args.utterances_dir / "transcripts.tsv").read_text(encoding="utf-8").splitlines()]
    known = sorted((args.utterances_dir / f"{Path(row[0]).stem}.flac", row[-1]) for row in rows)
    known = [(path, text) for path, text in known if path.is_file() and han(text)]
    half = len(known) // 2
    for number, at in enumerate(range(0, half, args.each)):
        sides = (known[at : min(at + args.each, half)], known[half + at : half + at + args.each])
        write_call(args.out_dir, f"read-{number:02d}", [u for pair in zip(*sides, strict=False) for u in pair])


def write_call(out: Path, name: str, turns: Sequence[tuple[Path, str]]) -> None:
    """One call of utterances in turn, left and right, with its truth."""
    said, at, parts = [], PAUSE_S, []
    for i, (path, text) in enumerate(turns):
        recording = decode(path)
        x = resample(recording.channel(0), recording.sample_rate_hz, RATE_HZ)
        said.append({"speaker": PARTIES[i % 2], "start_s": at, "end_s": at + len(x) / RATE_HZ, "text": "".join(text.split())})
        parts.append((i % 2, round(at * RATE_HZ), x))
        at += len(x) / RATE_HZ + PAUSE_S
    y = np.zeros((round(at * RATE_HZ) + 1, 2), dtype=np.float32)
    for channel, start, x in parts:
        y[start : start + len(x), channel] = x
    soundfile.write(out / f"{name}.flac", y, RATE_HZ)
    (out / f"{name}.truth.json").write_text(json.dumps({"id": name, "utterances": said}, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
