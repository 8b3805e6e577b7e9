"""Pitch and tone on known contours, and pitch against librosa's pyin: python benchmarks/pitch.py [TRUTH_DIR] [--every N]

By formula: voices of harmonics without a fundamental, steady and gliding, whose median pitch and range are known; tails two to five
times as long as the speaker's others; turns at known levels. With TRUTH_DIR also the median pitch of each party of every Nth call
against ``librosa.pyin`` on the same sound, and how many times as much processor time pyin needs. Exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time

import numpy as np
from tolerance import Limits, recordings, report, spoken

from voicemon.measures.level import concatenate, level_of
from voicemon.measures.pitch import pitch_track
from voicemon.measures.tone import tone_of
from voicemon.records import Level, Span

RATE_HZ = 8_000
FORMULA, RANGE, STEPS, TAILS = Limits(max_=0.02), Limits(max_=0.3), Limits(max_=0.5), Limits(max_=0.0)
PYIN_MEDIAN, PYIN_COST = Limits(p90=0.02), 0.1
LONGEST_S = 12.0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path, nargs="?")
    parser.add_argument("--every", type=int, default=10, help="only every so many calls [10]: pyin is slow")
    args = parser.parse_args(argv)
    glides = list(glide_errors())
    kept = [
        report("median pitch, known contours, relative", [m for m, _ in glides], FORMULA),
        report("pitch range, known contours, semitones", [r for _, r in glides], RANGE),
        report("level range of turns, dB", list(step_errors()), STEPS),
        report("long tails, count", list(tail_errors()), TAILS),
    ]
    if args.truth_dir:
        kept.append(_against_pyin(args.truth_dir, args.every))
    return 0 if all(kept) else 1


def voice(f0_hz: np.ndarray) -> np.ndarray:
    """Equal harmonics of a contour given sample by sample, 300 to 3400 Hz, on the idle noise of a line."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    lines = [np.where((k * f0_hz > 300) & (k * f0_hz < 3400), np.cos(k * phase + k * k), 0.0) for k in range(1, 40)]
    idle = 0.0003 * np.random.default_rng(0).standard_normal(f0_hz.size)
    return np.asarray(0.03 * np.sum(lines, axis=0) + idle, dtype=np.float32)


def glide_errors() -> Iterator[tuple[float, float]]:
    """Relative error of the median and error of the range (10-90 %) of contours that move evenly in semitones."""
    for middle_hz in (95.0, 130.0, 180.0, 240.0, 300.0):
        for semitones in (0.0, 2.0, 5.0, 8.0):
            contour = middle_hz * 2 ** (semitones * np.linspace(-0.5, 0.5, 4 * RATE_HZ) / 12)
            tone = tone_of(voice(contour), RATE_HZ, (Span(0.0, 4.0),), Level())
            if tone.median_pitch_hz is None or tone.pitch_range_semitones is None:
                yield np.inf, np.inf
            else:
                yield tone.median_pitch_hz / middle_hz - 1.0, tone.pitch_range_semitones - 0.8 * semitones


def step_errors() -> Iterator[float]:
    """Error of the range of levels of turns that are one quieter than the other by known steps."""
    for step_db in (3.0, 6.0, 12.0):
        loud = voice(np.full(2 * RATE_HZ, 180.0))
        x = np.concatenate([loud, np.zeros(RATE_HZ, np.float32), loud * np.float32(10 ** (-step_db / 20))])
        turns = (Span(0.0, 2.0), Span(3.0, 5.0))
        found = tone_of(x, RATE_HZ, turns, level_of(x, RATE_HZ, turns, turns)).level_range_db
        yield np.inf if found is None else found - step_db


def tail_errors() -> Iterator[float]:
    """Long tails found minus those that are there."""
    for usual_s, long_s, count in ((0.2, 0.6, 1), (0.2, 0.9, 2), (0.25, 0.35, 0), (0.3, 1.0, 2), (0.2, 0.2, 0)):
        rng, pieces, spans, at_s = np.random.default_rng(0), [], [], 0.0
        for tail_s in [usual_s] * 6 + [long_s] * max(count, 1):
            for seconds in (0.2, -0.1, tail_s, -0.6):  # voiced, or voiceless where negative
                size = round(abs(seconds) * RATE_HZ)
                level = 0.02 if seconds == -0.1 else 0.0002
                pieces.append(voice(np.full(size, 180.0)) if seconds > 0 else level * rng.standard_normal(size))
            spans.append(Span(at_s, at_s + 0.3 + tail_s))
            at_s += 0.9 + tail_s
        found = tone_of(np.concatenate(pieces).astype(np.float32), RATE_HZ, spans, Level()).long_tails
        yield np.inf if found is None else float(found - count)


def _against_pyin(truth_dir: Path, every: int) -> bool:
    import librosa

    errors, own_s, reference_s = [], 0.0, 0.0
    for truth, recording in recordings(truth_dir, every):
        rate_hz = recording.sample_rate_hz
        frame = 1 << int(np.log2(0.064 * rate_hz))
        for index, party in enumerate(truth["channels"][side] for side in ("left", "right")):
            x = concatenate(recording.channel(index), rate_hz, spoken(truth, party))[: round(LONGEST_S * rate_hz)]
            if x.size < 3 * rate_hz:
                continue
            start_s = process_time()
            track = pitch_track(x, rate_hz, (Span(0.0, x.size / rate_hz),))
            own_s += process_time() - start_s
            start_s = process_time()
            known, _, _ = librosa.pyin(x, fmin=65, fmax=450, sr=rate_hz, frame_length=frame, hop_length=rate_hz // 100)
            reference_s += process_time() - start_s if errors else 0.0  # the first call compiles
            own_s = own_s if errors else 0.0
            errors.append(float(np.median(track.f0_hz[track.voiced]) / np.nanmedian(known) - 1.0))
    kept = report("median pitch against pyin, relative", errors, PYIN_MEDIAN)
    if reference_s:
        print(f"cost: {own_s / reference_s:.4f} of pyin's (≤ {PYIN_COST})")
        kept &= own_s <= PYIN_COST * reference_s
    return kept


if __name__ == "__main__":
    sys.exit(main())
