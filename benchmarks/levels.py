"""Level and syllable count against truth: python benchmarks/levels.py TRUTH_DIR [--every N]

TRUTH_DIR holds NAME.flac (or .wav) and NAME.truth.json with ``channels``, ``utterances`` and ``speech`` (``active_level_dbov`` as the
ITU's own P.56 tool measures it on the utterances of a party, one after the other). The level is also measured at 16, 44.1 and 48 kHz
(resampled), with white noise 15 dB under the speech, and as a report has it: over the turns that were found. Prints error quantiles;
exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tolerance import Limits, recordings, report, spoken, with_noise

from voicemon.audio.decode import resample
from voicemon.audio.tones import find_tones
from voicemon.audio.vad import speech_spans
from voicemon.measures.level import active_level_dbov, concatenate, level_of
from voicemon.measures.syllables import count_syllables
from voicemon.measures.timing import turns
from voicemon.records import Span

LEVEL = Limits(median=0.3, max_=0.5)
SYLLABLES = Limits(median=0.08, max_=0.2)
RATES_HZ = (8_000, 16_000, 44_100, 48_000)
SNR_DB = 15.0
MIN_CHARACTERS = 30


@dataclass(frozen=True, eq=False)
class Party:
    """One channel of one call with what the truth says about it."""

    x: np.ndarray
    rate_hz: int
    spans: tuple[Span, ...]
    characters: int
    active_level_dbov: float | None
    other: np.ndarray | None = None


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every so many calls")
    args = parser.parse_args(argv)
    levels: dict[str, list[float]] = {}
    syllables = []
    for party in _parties(args.truth_dir, args.every):
        for name, error_db in level_errors(party):
            levels.setdefault(name, []).append(error_db)
        if party.characters >= MIN_CHARACTERS:
            syllables.append(count_syllables(party.x, party.rate_hz, party.spans) / party.characters - 1.0)
    if not levels and not syllables:
        print(f"{args.truth_dir}: no NAME.truth.json with a recording beside it", file=sys.stderr)
        return 2
    kept = [report(f"active level, {name}, dB", errors, LEVEL) for name, errors in levels.items()]
    kept.append(report("syllable count, relative", syllables, SYLLABLES))
    return 0 if all(kept) else 1


def level_errors(party: Party) -> Iterator[tuple[str, float]]:
    """Measured minus true active level of one party, at each rate, clean and with noise."""
    if party.active_level_dbov is None:
        return
    own = concatenate(party.x, party.rate_hz, party.spans)
    for rate_hz in RATES_HZ:
        x = resample(own, party.rate_hz, rate_hz)
        noisy = resample(with_noise(own, party.active_level_dbov - SNR_DB), party.rate_hz, rate_hz)
        for name, sound in ((f"{rate_hz} Hz clean", x), (f"{rate_hz} Hz, SNR {SNR_DB:g} dB", noisy)):
            measured = active_level_dbov(sound, rate_hz)
            yield name, np.inf if measured is None else measured - party.active_level_dbov
    for name, over_db in (("as found", None), (f"as found, SNR {SNR_DB:g} dB", party.active_level_dbov - SNR_DB)):
        yield name, _as_found(party, over_db) - party.active_level_dbov


def _as_found(party: Party, noise_dbov: float | None) -> float:
    """Active level over the turns that are found, with noise of a level on the line; infinite where none is found."""
    other = np.zeros_like(party.x) if party.other is None else party.other
    x = party.x if noise_dbov is None else with_noise(party.x, noise_dbov)
    speech, others = (speech_spans(sound, party.rate_hz, find_tones(sound, party.rate_hz).spans()) for sound in (x, other))
    found = level_of(x, party.rate_hz, speech, turns(speech, others)).active_level_dbov
    return np.inf if found is None else found


def _parties(truth_dir: Path, every: int) -> Iterator[Party]:
    for truth, recording in recordings(truth_dir, every):
        for index, name in enumerate(truth["channels"][side] for side in ("left", "right")):
            spans = spoken(truth, name)
            level_dbov = (truth.get("speech", {}).get(name) or {}).get("active_level_dbov")
            characters = sum(u["characters"] for u in truth["utterances"] if u["speaker"] == name)
            if spans:
                yield Party(recording.channel(index), recording.sample_rate_hz, spans, characters, level_dbov, recording.channel(1 - index))


if __name__ == "__main__":
    sys.exit(main())
