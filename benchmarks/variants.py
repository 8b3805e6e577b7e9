"""Lays a truth folder out as a recordings folder under a harder condition, with sidecars: run voicemon on it, then accuracy.py.

usage: variants.py TRUTH_DIR DEST [--condition clean|mp3|noise|swapped|mono|higher|lower|gsm] [--only NAME…]

``mp3`` is 24 kbit/s for both channels, ``noise`` white noise 15 dB below each channel's loud parts, ``swapped`` exchanges left and
right, ``mono`` is the sum of both. ``higher`` and ``lower`` move both voices by two semitones (ring tones with them: they are no ring
tones any more), ``gsm`` sends each channel through GSM 06.10; these three need the program sox. Noise is seeded by the call's name, so
that every run makes the same files.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import zlib
from pathlib import Path

import av
import numpy as np

from voicemon.audio.decode import decode

SNR_DB = 15.0
MP3_BITS_PER_S = 24_000
CENTS = {"higher": 200, "lower": -200}


def main() -> None:
    """Write every call of TRUTH_DIR to DEST under the condition."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("dest", type=Path)
    parser.add_argument("--condition", choices=("clean", "mp3", "noise", "swapped", "mono", *CENTS, "gsm"), default="clean")
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()
    args.dest.mkdir(parents=True, exist_ok=True)
    count = 0
    for path in sorted(args.truth_dir.glob("*.truth.json")):
        name = path.name.removesuffix(".truth.json")
        if args.only and not any(part in name for part in args.only):
            continue
        truth = json.loads(path.read_text(encoding="utf-8"))
        sidecar = {k: truth[k] for k in ("standard", "direction", "started_at") if truth.get(k)}
        (args.dest / f"{name}.json").write_text(json.dumps({**sidecar, **(truth.get("sidecar") or {})}, ensure_ascii=False))
        recording = decode(args.truth_dir / f"{name}.flac")
        samples = changed(recording.samples, args.condition, name)
        if args.condition in (*CENTS, "gsm"):
            samples = by_sox(samples, recording.sample_rate_hz, args.condition)
        encode(args.dest / f"{name}{'.mp3' if args.condition == 'mp3' else '.flac'}", samples, recording.sample_rate_hz)
        count += 1
    print(f"{count} recordings, {args.condition}")


def changed(samples: np.ndarray, condition: str, name: str) -> np.ndarray:
    """The samples, int16 ``(channels, n)``, under the condition."""
    if condition == "swapped":
        return samples[::-1]
    if condition == "mono":
        return np.clip(samples.astype(np.int32).sum(axis=0, keepdims=True), -32768, 32767).astype(np.int16)
    if condition == "noise":
        random = np.random.default_rng(zlib.crc32(name.encode()))
        x = samples.astype(np.float64)
        frames = x[:, : x.shape[1] // 160 * 160].reshape(len(x), -1, 160)
        loud = np.quantile(np.sqrt((frames**2).mean(axis=2)), 0.9, axis=1, keepdims=True)
        noise = random.standard_normal(x.shape) * loud * 10 ** (-SNR_DB / 20)
        return np.clip(x + noise, -32768, 32767).astype(np.int16)
    return samples


def by_sox(samples: np.ndarray, rate_hz: int, condition: str) -> np.ndarray:
    """The samples as sox gives them back, as many as there were."""
    parts = samples[:, np.newaxis] if condition == "gsm" else samples[np.newaxis]  # GSM knows one channel
    with tempfile.TemporaryDirectory() as folder:
        plain, coded, after = (Path(folder) / name for name in ("plain.flac", "coded.gsm", "after.flac"))
        steps = [[plain, coded], [coded, "-b16", after]] if condition == "gsm" else [[plain, after, "pitch", CENTS[condition]]]
        found = []
        for part in parts:
            encode(plain, part, rate_hz)
            for step in steps:
                subprocess.run(["sox", "-D", *map(str, step)], check=True, capture_output=True)
            changed_part = decode(after).samples[:, : samples.shape[1]]
            found.append(np.pad(changed_part, ((0, 0), (0, samples.shape[1] - changed_part.shape[1]))))
    return np.concatenate(found)


def encode(path: Path, samples: np.ndarray, rate_hz: int) -> None:
    """Write ``samples`` as FLAC, or as MP3 at 24 kbit/s if the name says so."""
    mp3 = path.suffix == ".mp3"
    layout = "stereo" if len(samples) == 2 else "mono"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libmp3lame" if mp3 else "flac", rate=rate_hz, layout=layout)
        if mp3:
            stream.bit_rate = MP3_BITS_PER_S
        step = rate_hz * 10
        for start in range(0, samples.shape[1], step):
            block = np.ascontiguousarray(samples[:, start : start + step])
            plain = block if mp3 else np.ascontiguousarray(block.T.reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(plain, format="s16p" if mp3 else "s16", layout=layout)
            frame.sample_rate = rate_hz
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


if __name__ == "__main__":
    main()
