"""Voice activity against known utterances: python benchmarks/voice_activity.py TRUTH_DIR [--every N] [--list]

TRUTH_DIR holds NAME.flac (or .wav) and NAME.truth.json with ``channels`` and ``utterances`` (``speaker, start_s, end_s``). Compares
WebRTC's detector alone, Silero's alone and the combination that is used, clean and with white noise 10 dB under the speech, and counts
seconds of made hold music that became speech. Exits with 1 where the combination is outside the tolerance.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tolerance import recordings, spoken, with_noise

from voicemon.audio import vad
from voicemon.audio.tones import find_tones
from voicemon.measures.level import active_level_dbov, concatenate
from voicemon.records import Span
from voicemon.spans import intersect, merge, subtract, total_s

TOLERANCE = {"median": 0.060, "p90": 0.150}
SHARES = {"clean": 0.02, "SNR 10 dB": 0.05}
SNR_DB = 10.0
PAUSE_S = 0.7
"""An utterance of the truth holds its own pauses at punctuation; pauses up to this long are no miss."""
COMBINATION = "combination"
SILERO_MOST = 0.5  # Silero's own default


@dataclass
class Tally:
    """Edge errors, and seconds: true, found, true but not found, found but not true."""

    edges: list[tuple[float, str]] = field(default_factory=list)
    seconds: np.ndarray = field(default_factory=lambda: np.zeros(4))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every so many calls")
    parser.add_argument("--list", action="store_true", help="also print the worst edges of the combination")
    args = parser.parse_args(argv)
    tallies = measure(args.truth_dir, args.every)
    if not tallies:
        print(f"{args.truth_dir}: no NAME.truth.json with a recording beside it", file=sys.stderr)
        return 2
    if args.list:
        worst = sorted(tallies[COMBINATION, "clean"].edges, key=lambda e: -abs(e[0]))[:60]
        print("\n".join(f"{error:+.3f} {where}" for error, where in worst))
    outside = report(tallies)
    music_s = music_as_speech_s()
    print(f"hold music that became speech: {music_s:.2f} s of 120 (tolerance 0)")
    return int(outside or music_s > 0)


def measure(truth_dir: Path, every: int) -> dict[tuple[str, str], Tally]:
    """A tally for each detector and condition."""
    tallies: dict[tuple[str, str], Tally] = {}
    for truth, recording in recordings(truth_dir, every):
        rate_hz = recording.sample_rate_hz
        for index, party in enumerate(truth["channels"][side] for side in ("left", "right")):
            x, own = recording.channel(index), spoken(truth, party)
            level_dbov = active_level_dbov(concatenate(x, rate_hz, own), rate_hz)
            sounds = {"clean": x}
            if level_dbov is not None:
                sounds["SNR 10 dB"] = with_noise(x, level_dbov - SNR_DB)
            for condition, sound in sounds.items():
                for detector, found in detect(sound, rate_hz).items():
                    tally = tallies.setdefault((detector, condition), Tally())
                    tally.edges += edge_errors(f"{truth['id']} {party}", own, found)
                    tally.seconds += overlap(own, found)
    return tallies


def detect(x: np.ndarray, rate_hz: int) -> dict[str, tuple[Span, ...]]:
    """Speech by each detector: its own decisions over half, and gaps and shortest speech as the combination has them."""
    settings = vad.DEFAULT_SETTINGS
    hops = int(len(x) / rate_hz / vad.HOP_S)
    prepared = vad._prepare(x, rate_hz, settings)
    if prepared is None:
        return dict.fromkeys(("webrtcvad alone", "Silero alone", COMBINATION), ())
    _, decisions = vad._power_and_webrtc(prepared, settings)
    likely = {
        "webrtcvad alone": vad._fit(decisions, hops) > 0,
        "Silero alone": vad._silero(prepared, np.ones(hops, dtype=bool)) >= SILERO_MOST,
    }
    found = {name: merge(vad._runs(speech), gap_s=settings.gap_s) for name, speech in likely.items()}
    found = {name: tuple(s for s in spans if s.duration_s >= settings.min_speech_s) for name, spans in found.items()}
    return {**found, COMBINATION: vad.speech_spans(x, rate_hz, exclude=find_tones(x, rate_hz).spans())}


def edge_errors(name: str, truth: Sequence[Span], found: Sequence[Span]) -> list[tuple[float, str]]:
    """Error of the outer edges of what was found around each utterance; an utterance that was missed counts whole."""
    errors = []
    for span in truth:
        inside = [f for f in found if min(f.end_s, span.end_s) - max(f.start_s, span.start_s) > 0]
        start = inside[0].start_s if inside else span.end_s
        end = inside[-1].end_s if inside else span.start_s
        errors += [
            (start - span.start_s, f"{name} start {span.start_s:.3f}"),
            (end - span.end_s, f"{name} end {span.end_s:.3f}"),
        ]
    return errors


def overlap(truth: Sequence[Span], found: Sequence[Span]) -> np.ndarray:
    """Seconds: true, found, true but not found (pauses aside), found but not true."""
    bridged = intersect(merge(found, gap_s=PAUSE_S), truth)
    missed, invented = subtract(truth, bridged), subtract(found, truth)
    return np.array([total_s(truth), total_s(found), total_s(missed), total_s(invented)])


def report(tallies: Mapping[tuple[str, str], Tally]) -> bool:
    """Print the table; True if the combination is outside the tolerance."""
    outside = False
    print(f"{'detector':18s}{'condition':12s}{'median s':>9s}{'p90 s':>8s}{'missed':>9s}{'false':>9s}")
    for (detector, condition), tally in sorted(tallies.items(), key=lambda t: (t[0][1], t[0][0])):
        size = np.abs([error for error, _ in tally.edges])
        true_s, found_s, missed_s, false_s = tally.seconds
        median, ninety = np.quantile(size, (0.5, 0.9))
        missed, false = missed_s / true_s, false_s / max(found_s, 1e-9)
        most = SHARES[condition]
        kept = missed <= most and false <= most and median <= TOLERANCE["median"] and ninety <= TOLERANCE["p90"]
        verdict = ("ok" if kept else "OUTSIDE") if detector == COMBINATION else ""
        outside |= verdict == "OUTSIDE"
        print(f"{detector:18s}{condition:12s}{median:9.3f}{ninety:8.3f}{missed:9.2%}{false:9.2%}  {verdict}")
    return outside


def music_as_speech_s(seeds: Sequence[int] = range(6), seconds: float = 20.0) -> float:
    """Seconds of speech found in plucked notes over a bass, 8 kHz, as telephone systems play them."""
    return sum(total_s(detect(melody(seconds, seed), 8_000)[COMBINATION]) for seed in seeds)


def melody(seconds: float, seed: int) -> np.ndarray:
    """Notes of half a second with four partials over a bass, on the idle noise of a line; 32-bit floats at 8 kHz."""
    rng, t = np.random.default_rng(seed), np.arange(4_000) / 8_000
    notes = []
    for note_hz in rng.choice([262, 294, 330, 392, 440, 523], int(2 * seconds)):
        partials = sum(np.sin(2 * np.pi * note_hz * k * t) / k**1.5 for k in range(1, 5))
        notes.append(0.12 * np.exp(-2 * t) * partials + 0.05 * np.sin(np.pi * note_hz * t))
    x = np.concatenate(notes)
    return (x + 0.0007 * rng.standard_normal(x.size)).astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
