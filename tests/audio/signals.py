"""Small builders of sound: 8 kHz float32 unless said otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf

RATE_HZ = 8000
DATA = Path(__file__).parent.parent / "data"
CLIP = DATA / "two-parties.flac"
"""A clip of a synthetic call (left = agent, right = customer): who speaks when, in seconds."""
CLIP_AGENT = ((0.5, 1.522), (4.07, 5.157))
CLIP_CUSTOMER = ((2.122, 3.47),)


def db(value_db: float) -> float:
    return float(10 ** (value_db / 20))


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), dtype=np.float32)


def tone(hz: float | tuple[float, ...], seconds: float, level_dbfs: float = -20.0) -> np.ndarray:
    """Sum of equally strong lines."""
    lines = (hz,) if isinstance(hz, (int, float)) else hz
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (db(level_dbfs) / len(lines) * sum(np.sin(2 * np.pi * f * t) for f in lines)).astype(np.float32)


def noise(seconds: float, level_dbov: float, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (db(level_dbov) * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def melody(seconds: float, seed: int = 1) -> np.ndarray:
    """Plucked notes with harmonics over a bass: hold music as telephone systems play it."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(int(seconds / 0.5) + 1):
        t = np.arange(RATE_HZ // 2) / RATE_HZ
        note = rng.choice([262, 294, 330, 392, 440, 523])
        partials = sum(np.sin(2 * np.pi * note * k * t) / k**1.5 for k in range(1, 5))
        parts.append(0.12 * np.exp(-2 * t) * partials + 0.05 * np.sin(2 * np.pi * note / 2 * t))
    return np.concatenate(parts)[: round(seconds * RATE_HZ)].astype(np.float32)


def clip(channel: int) -> np.ndarray:
    """One channel of the clip."""
    x, _ = sf.read(CLIP, dtype="float32")
    return np.ascontiguousarray(x[:, channel])


def over_line_noise(*parts: np.ndarray) -> np.ndarray:
    """The parts one after the other, with the idle noise of a telephone line."""
    x = np.concatenate(parts)
    return (x + noise(len(x) / RATE_HZ + 1, -63.0)[: len(x)]).clip(-1.0, 1.0).astype(np.float32)


def write(path: Path, x: np.ndarray, rate_hz: int = RATE_HZ, subtype: str | None = None) -> Path:
    """Write ``x`` of shape ``(n,)`` or ``(n, channels)``; the name's ending chooses the container."""
    sf.write(path, x, rate_hz, subtype=subtype)
    return path
