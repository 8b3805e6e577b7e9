"""What the programs here share: quantiles held against a tolerance, and recordings with their truth."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicemon.audio.decode import Recording, decode
from voicemon.records import PARTIES, Span


@dataclass(frozen=True)
class Limits:
    """The largest median, 90th percentile and maximum of the absolute errors that are within tolerance."""

    median: float = np.inf
    p90: float = np.inf
    max_: float = np.inf


def report(name: str, errors: Sequence[float], limits: Limits) -> bool:
    """Print the quantiles of the absolute ``errors``; True if they keep ``limits``. Nothing measured is no failure, and is said."""
    if not len(errors):
        print(f"{name:44s} nothing to measure")
        return True
    found = np.percentile(np.abs(errors), (50, 90, 100))
    wanted = (limits.median, limits.p90, limits.max_)
    kept = bool(np.all(found <= np.array(wanted) + 1e-12))
    labels = [f"{label} {value:.4f}" + (f" (≤ {most:g})" if np.isfinite(most) else "")
              for label, value, most in zip(("median", "p90", "max"), found, wanted, strict=True)]
    print(f"{name:44s} {'  '.join(labels)}  n={len(errors)}  {'ok' if kept else 'OUTSIDE'}")
    return kept


def recordings(truth_dir: Path, every: int = 1) -> Iterator[tuple[dict[str, Any], Recording]]:
    """Truth and recording of each two-channel NAME.truth.json with NAME.flac or NAME.wav beside it, every so many."""
    for path in sorted(truth_dir.glob("*.truth.json"))[::every]:
        truth = json.loads(path.read_text(encoding="utf-8"))
        stem = path.name.removesuffix(".truth.json")
        audio = next((p for p in (path.with_name(stem + s) for s in (".flac", ".wav")) if p.exists()), None)
        sides = truth.get("channels")
        if audio is not None and isinstance(sides, dict) and set(sides.values()) == set(PARTIES):
            yield {**truth, "id": truth.get("id", stem)}, decode(audio)


def spoken(truth: dict[str, Any], party: str) -> tuple[Span, ...]:
    """The utterances of one party as the truth has them."""
    return tuple(Span(u["start_s"], u["end_s"]) for u in truth["utterances"] if u["speaker"] == party)


def with_noise(x: np.ndarray, level_dbov: float, seed: int = 0) -> np.ndarray:
    """``x`` with white noise of ``level_dbov`` over it, as 32-bit floats within [-1, 1]."""
    rng = np.random.default_rng(seed)
    return np.clip(x + 10 ** (level_dbov / 20) * rng.standard_normal(x.size), -1.0, 1.0).astype(np.float32)
