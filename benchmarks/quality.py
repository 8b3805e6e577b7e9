"""Line quality against the reference: python benchmarks/quality.py TRUTH_DIR [--every N]

TRUTH_DIR holds NAME.flac (or .wav) and NAME.truth.json with ``channels`` and ``utterances``. Compares the scores with those of
``speechmos.dnsmos.run`` on the same speech (one window per second; it wants librosa and requests), and how white noise 15 and 5 dB
under the speech moves them. Prints error quantiles and the processor time; exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tolerance import Limits, recordings, report, spoken, with_noise

from voicemon.audio.decode import resample
from voicemon.measures.level import active_level_dbov, concatenate
from voicemon.measures.mos import MIN_SPEECH_S, MODEL_HZ, line_quality
from voicemon.records import LineQuality
from voicemon.spans import total_s

MOS = Limits(median=0.1, p90=0.2, max_=0.4)
SCORES = {"signal_mos": "sig_mos", "background_mos": "bak_mos", "overall_mos": "ovrl_mos"}
SNRS_DB = (15.0, 5.0)
FALLING_SHARE = 0.95  # a model trained on opinions, not a formula


@dataclass
class Found:
    """Errors per score over ``parties``; of how many the overall score ``falling`` with the noise; processor time and speech in seconds."""

    errors: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SCORES})
    parties: int = 0
    falling: int = 0
    processor_s: float = 0.0
    speech_s: float = 0.0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every so many calls")
    args = parser.parse_args(argv)
    try:
        found = measure(args.truth_dir, args.every)
    except ImportError as error:
        print(f"{error}: pip install '.[mos,bench]' requests", file=sys.stderr)
        return 2
    if not found.parties:
        print(f"{args.truth_dir}: no NAME.truth.json with a recording beside it", file=sys.stderr)
        return 2
    kept = [report(f"{name}, against speechmos", errors, MOS) for name, errors in found.errors.items()]
    print(f"overall falls as the noise rises: {found.falling} of {found.parties} parties")
    per_party_s, per_second_s = found.processor_s / found.parties, found.processor_s / found.speech_s
    print(f"processor time {per_party_s:.2f} s a party, {per_second_s:.3f} s per second of speech")
    return 0 if all(kept) and found.falling >= FALLING_SHARE * found.parties else 1


def measure(truth_dir: Path, every: int) -> Found:
    """Errors against the package's own scores over all parties of a folder. Raises ``ImportError`` without the package or librosa."""
    from speechmos import dnsmos

    found = Found()
    for truth, recording in recordings(truth_dir, every):
        for index, party in enumerate(truth["channels"][side] for side in ("left", "right")):
            x, spans, rate_hz = recording.channel(index), spoken(truth, party), recording.sample_rate_hz
            own = concatenate(x, rate_hz, spans)
            level_dbov = active_level_dbov(own, rate_hz)
            if total_s(spans) < MIN_SPEECH_S or level_dbov is None:
                continue
            begin = time.process_time()
            quality = line_quality(x, rate_hz, spans)
            found.processor_s += time.process_time() - begin
            wanted = dnsmos.run(np.clip(resample(own, rate_hz, MODEL_HZ), -1.0, 1.0), MODEL_HZ)
            for name, theirs in SCORES.items():
                found.errors[name].append(getattr(quality, name) - float(wanted[theirs]))
            noisy = [line_quality(with_noise(x, level_dbov - snr_db), rate_hz, spans) for snr_db in SNRS_DB]
            found.falling += falls([quality, *noisy])
            found.parties += 1
            found.speech_s += total_s(spans)
    return found


def falls(qualities: Sequence[LineQuality]) -> bool:
    """Whether the overall score falls from each to the next."""
    scores = [q.overall_mos for q in qualities]
    return all(a is not None and b is not None and a > b for a, b in zip(scores, scores[1:], strict=False))


if __name__ == "__main__":
    sys.exit(main())
