"""Level, syllable count and pitch against truth: python benchmarks/levels.py TRUTH_DIR [--pitch]

TRUTH_DIR holds NAME.flac (or .wav) and NAME.truth.json with ``channels``, ``utterances`` and ``speech`` (``active_level_dbov`` as the
ITU's own P.56 tool measures it on the utterances of a party, one after the other). Prints error quantiles; exits with 1 outside the
tolerance. ``--pitch`` also compares the pitch with librosa's pyin on a tenth of the calls (slow).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicemon.audio.decode import decode
from voicemon.measures.level import active_level_dbov, concatenate
from voicemon.measures.pitch import pitch_track
from voicemon.measures.rate import count_syllables
from voicemon.records import PARTIES, Span

LEVEL_MAX_DB = 0.5
SYLLABLES_P90, SYLLABLES_MAX = 0.1, 0.2
PITCH_P90 = 0.02
MIN_CHARACTERS = 30
PITCH_EVERY, PITCH_S = 10, 12.0


@dataclass(frozen=True)
class Party:
    """One channel of one call with what the truth says about it."""

    name: str
    x: np.ndarray
    rate_hz: int
    spans: tuple[Span, ...]
    characters: int
    active_level_dbov: float | None


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--pitch", action="store_true", help="also compare the pitch with librosa's pyin")
    args = parser.parse_args(argv)
    level, syllables, pitch = [], [], []
    for number, party in enumerate(_parties(args.truth_dir)):
        measured = active_level_dbov(concatenate(party.x, party.rate_hz, party.spans), party.rate_hz)
        if party.active_level_dbov is not None and measured is not None:
            level.append(abs(measured - party.active_level_dbov))
        if party.characters >= MIN_CHARACTERS:
            syllables.append(abs(count_syllables(party.x, party.rate_hz, party.spans) / party.characters - 1.0))
        if args.pitch and number % PITCH_EVERY == 0:
            pitch.append(_pitch_error(party))
    if not level and not syllables:
        print(f"{args.truth_dir}: no NAME.truth.json with a recording beside it", file=sys.stderr)
        return 2
    kept = [
        _report("active level, dB", level, max_=LEVEL_MAX_DB),
        _report("syllable count, relative", syllables, p90=SYLLABLES_P90, max_=SYLLABLES_MAX),
        _report("median pitch against pyin, relative", pitch, p90=PITCH_P90),
    ]
    return 0 if all(kept) else 1


def _parties(truth_dir: Path) -> Iterator[Party]:
    for path in sorted(truth_dir.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        stem = path.name.removesuffix(".truth.json")
        audio = next((p for p in (path.with_name(stem + s) for s in (".flac", ".wav")) if p.exists()), None)
        if audio is None or set(truth.get("channels", {}).values()) != set(PARTIES):
            continue
        recording = decode(audio)
        for index, party in enumerate(truth["channels"][side] for side in ("left", "right")):
            spoken = [u for u in truth["utterances"] if u["speaker"] == party]
            spans = tuple(Span(u["start_s"], u["end_s"]) for u in spoken)
            level_dbov = (truth.get("speech", {}).get(party) or {}).get("active_level_dbov")
            characters = sum(u["characters"] for u in spoken)
            if spans:
                yield Party(f"{stem} {party}", recording.channel(index), recording.sample_rate_hz, spans, characters, level_dbov)


def _pitch_error(party: Party) -> float:
    import librosa

    x = concatenate(party.x, party.rate_hz, party.spans)[: round(PITCH_S * party.rate_hz)]
    track = pitch_track(x, party.rate_hz, (Span(0.0, x.size / party.rate_hz),))
    frame = 1 << int(np.log2(0.064 * party.rate_hz))
    reference, _, _ = librosa.pyin(x, fmin=65, fmax=450, sr=party.rate_hz, frame_length=frame, hop_length=party.rate_hz // 100)
    return float(abs(np.median(track.f0_hz[track.voiced]) / np.nanmedian(reference) - 1.0))


def _report(name: str, errors: Sequence[float], p90: float = np.inf, max_: float = np.inf) -> bool:
    if not errors:
        return True
    median, ninety, worst = np.percentile(errors, (50, 90, 100))
    kept = bool(ninety <= p90 and worst <= max_)
    verdict = "ok" if kept else f"OUTSIDE p90 {p90} max {max_}"
    print(f"{name:38s} median {median:.4f}  p90 {ninety:.4f}  max {worst:.4f}  (n={len(errors)})  {verdict}")
    return kept


if __name__ == "__main__":
    sys.exit(main())
