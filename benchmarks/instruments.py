"""Loudness, clipping, noise and SNR on signals made by formula: python benchmarks/instruments.py

Loudness: signals 1 to 5 of EBU Tech 3341 (1000 Hz sines; the others need programmes or five channels). They are stereo; one channel
that carries the power of both is 3.01 dB stronger. Clipping: sines driven over full scale and cut there: every run of three or more
samples at full scale counts. Noise and SNR: voiced syllables over white and pink noise of known level. Prints error quantiles; exits
with 1 outside the tolerance.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator

import numpy as np
from tolerance import Limits, report

from voicemon.measures.level import active_level_dbov, level_of, loudness_lufs
from voicemon.records import Level, Span

RATES_HZ = (8_000, 16_000, 44_100, 48_000)
LOUDNESS, CLIPPING, NOISE = Limits(max_=0.1), Limits(max_=0.0), Limits(max_=1.0)
STEREO_IN_ONE_DB = 10 * np.log10(2)
# EBU Tech 3341 (2016), table 1: seconds at dBFS (peak of the sine, per channel), and the integrated loudness to be shown.
EBU_3341 = {
    1: (((20.0, -23.0),), -23.0),
    2: (((20.0, -33.0),), -33.0),
    3: (((10.0, -36.0), (60.0, -23.0), (10.0, -36.0)), -23.0),
    4: (((10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0)), -23.0),
    5: (((20.0, -26.0), (20.1, -20.0), (20.0, -26.0)), -23.0),
}
SNRS_DB = (10.0, 15.0, 20.0, 30.0, 40.0)
SPEECH_DBOV = -22.0


def main() -> int:
    mixtures = list(noise_errors())
    kept = [
        report("loudness, EBU Tech 3341 signals 1-5, LU", list(loudness_errors()), LOUDNESS),
        report("clipped share, sines over full scale", list(clipping_errors()), CLIPPING),
        report("noise of mixtures, dB", [n for n, _ in mixtures], NOISE),
        report("SNR of mixtures, dB", [s for _, s in mixtures], NOISE),
    ]
    return 0 if all(kept) else 1


def loudness_errors(rates_hz: tuple[int, ...] = RATES_HZ) -> Iterator[float]:
    """Shown minus due loudness of each signal at each rate."""
    for (parts, due_lufs), rate_hz in itertools.product(EBU_3341.values(), rates_hz):
        x = np.concatenate([_sine(seconds, dbfs + STEREO_IN_ONE_DB, rate_hz) for seconds, dbfs in parts])
        shown = loudness_lufs(x, rate_hz)
        yield np.inf if shown is None else shown - due_lufs


def clipping_errors() -> Iterator[float]:
    """Measured share minus the share of samples that were cut, as 16-bit samples; the first two are loud and not clipped."""
    for rate_hz, hz, gain in itertools.product(RATES_HZ, (137.0, 440.0), (0.9, 0.9999, 1.02, 1.5, 4.0)):
        x = gain * np.sin(2 * np.pi * hz * np.arange(2 * rate_hz) / rate_hz)
        cut = np.clip(np.rint(x * 32768), -32768, 32767)
        wide = _in_runs((cut == 32767) | (cut == -32768), 3)
        span = (Span(0.0, 2.0),)
        measured = level_of((cut / 32768).astype(np.float32), rate_hz, span, span).clipped_share
        yield np.inf if measured is None else measured - float(np.mean(wide))


def noise_errors(snrs_db: tuple[float, ...] = SNRS_DB) -> Iterator[tuple[float, float]]:
    """Errors of noise and of SNR in dB: 10 s of syllables in 30 s of noise."""
    for rate_hz, snr_db, pink in itertools.product((8_000, 16_000), snrs_db, (False, True)):
        rng = np.random.default_rng(round(snr_db) + pink)
        noise = _pink(rng, 30 * rate_hz) if pink else rng.standard_normal(30 * rate_hz)
        voice = syllables(10.0, rate_hz)
        level_dbov = active_level_dbov(voice, rate_hz)
        assert level_dbov is not None
        voice = voice * 10 ** ((SPEECH_DBOV - level_dbov) / 20)
        x = 10 ** ((SPEECH_DBOV - snr_db) / 20) * noise / np.std(noise)
        x[10 * rate_hz : 20 * rate_hz] += voice
        span = (Span(10.0, 20.0),)
        found: Level = level_of(x.astype(np.float32), rate_hz, span, span)
        if found.noise_dbov is None or found.snr_db is None:
            yield np.inf, np.inf
        else:
            yield found.noise_dbov - (SPEECH_DBOV - snr_db), found.snr_db - snr_db


def syllables(seconds: float, rate_hz: int, f0_hz: float = 180.0, per_s: float = 4.0) -> np.ndarray:
    """Voiced syllables without pauses, harmonics from 300 to 3400 Hz; doubles of shape ``(n,)``."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    lines = [np.cos(2 * np.pi * f0_hz * k * t + k * k) for k in range(2, int(3400 // f0_hz) + 1)]
    return np.asarray(0.03 * np.sum(lines, axis=0) * (0.1 + 0.9 * np.sin(np.pi * per_s * t) ** 2))


def _sine(seconds: float, dbfs: float, rate_hz: int) -> np.ndarray:
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.asarray(10 ** (dbfs / 20) * np.sin(2 * np.pi * 1000.0 * t))


def _in_runs(mask: np.ndarray, at_least: int) -> np.ndarray:
    """``mask`` without its runs shorter than ``at_least``: one or two samples at full scale are no clipping by definition."""
    kept = np.zeros_like(mask)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        kept[first:last] = last - first >= at_least
    return kept


def _pink(rng: np.random.Generator, size: int) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
    spectrum[: size // 1000] = 0.0  # nothing below what a telephone passes would be heard
    return np.asarray(np.fft.irfft(spectrum, size))


if __name__ == "__main__":
    sys.exit(main())
