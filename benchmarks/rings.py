"""Ring-back counting: python benchmarks/rings.py [TRUTH_DIR]

Without an argument, every cadence of the table is rendered at several levels, frequencies, speeds and noise levels.
With TRUTH_DIR, its NAME.truth.json (``ring: {count, start_s} or null``) are compared with the recordings beside them;
a channel of a call without a ring in its truth must have none. Exits with 1 when a count is wrong or a ring was
invented.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from voicemon.audio.cadences import CADENCES, RING, Cadence
from voicemon.audio.decode import Float32, decode
from voicemon.audio.tones import find_tones

RATE_HZ = 8000
GROUPS = 3
LEVELS_DBFS = (-40.0, -23.0, -6.0)
PITCHES, SPEEDS = (0.98, 1.0, 1.02), (0.9, 1.0, 1.1)
SNRS_DB = (10.0, 40.0)
START_TOLERANCE_S = 0.05


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path, nargs="?")
    args = parser.parse_args(argv)
    wrong, total, start_errors = [], 0, []
    for name, want, found, start_error_s in _recorded(args.truth_dir) if args.truth_dir else _rendered():
        total += 1
        if start_error_s is not None:
            start_errors.append(abs(start_error_s))
        if want != found:
            wrong.append(f"{name}: {found} ring(s), should be {want}")
    print("\n".join(wrong))
    if start_errors:
        median, largest = np.median(start_errors), max(start_errors)
        print(f"start of the first ring: median {median:.3f} s  max {largest:.3f} s  n={len(start_errors)}")
    print(f"{total - len(wrong)} of {total} right")
    return int(bool(wrong) or total == 0 or max(start_errors, default=0.0) > START_TOLERANCE_S)


def render(cadence: Cadence, groups: int, pitch: float = 1.0, speed: float = 1.0) -> Float32:
    """The cadence at full scale, 8 kHz; three lines are a modulated carrier, so the outer two are half as strong."""
    weights = (0.25, 0.5, 0.25) if len(cadence.lines_hz) == 3 else (1 / len(cadence.lines_hz),) * len(cadence.lines_hz)
    parts = []
    for on_s, off_s in list(zip(cadence.on_s, cadence.off_s, strict=True)) * groups:
        t = np.arange(int(on_s * speed * RATE_HZ)) / RATE_HZ
        lines = zip(weights, cadence.lines_hz, strict=True)
        parts.append(sum(w * np.sin(2 * np.pi * hz * pitch * t) for w, hz in lines))
        parts.append(np.zeros(int(off_s * speed * RATE_HZ)))
    return np.concatenate(parts).astype(np.float32)


def _rendered() -> Iterator[tuple[str, int, int, float | None]]:
    rng = np.random.default_rng(1)
    for cadence, level, pitch, speed, snr in itertools.product(CADENCES, LEVELS_DBFS, PITCHES, SPEEDS, SNRS_DB):
        clean = np.concatenate([np.zeros(RATE_HZ // 2, np.float32), render(cadence, GROUPS, pitch, speed)])
        noise_rms = 10 ** ((level - 3.01 - snr) / 20)
        x = clean * 10 ** (level / 20) + noise_rms * rng.standard_normal(len(clean))
        tones = find_tones(np.clip(x, -1.0, 1.0).astype(np.float32), RATE_HZ)
        name = f"{cadence.kind} {cadence.country} {cadence.lines_hz}: {level} dBFS, pitch {pitch}, {speed=}, SNR {snr}"
        yield name, GROUPS if cadence.kind == RING else 0, len(tones.rings), None


def _recorded(truth_dir: Path) -> Iterator[tuple[str, int, int, float | None]]:
    for truth_path in sorted(truth_dir.glob("*.truth.json")):
        truth = json.loads(truth_path.read_text(encoding="utf-8"))
        stem = truth_path.name.removesuffix(".truth.json")
        audio = next((p for p in (truth_path.with_name(stem + s) for s in (".flac", ".wav")) if p.exists()), None)
        if audio is None:
            continue
        recording = decode(audio)
        ring = truth.get("ring") or {}
        for index in range(recording.channels):
            tones = find_tones(recording.channel(index), recording.sample_rate_hz)
            start = tones.rings[0].start_s - ring["start_s"] if ring and tones.rings else None
            others = sorted({o.kind for o in tones.others})
            yield f"{stem} channel {index} (others: {others})", ring.get("count", 0), len(tones.rings), start
            if others:
                heard = [(o.kind, round(o.start_s, 2), round(o.end_s, 2)) for o in tones.others]
                print(f"{stem} channel {index}: also heard {heard}")


if __name__ == "__main__":
    sys.exit(main())
