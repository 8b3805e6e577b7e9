"""Voices on one channel against truth: how much speech goes to the wrong voice, and how often one voice is taken for two.

    python benchmarks/separation.py TRUTH_DIR... [--other-voice 0.8] [--one-voice] [--list]

TRUTH_DIR holds NAME.truth.json (``utterances`` with ``speaker``, ``start_s``, ``end_s``) beside NAME.flac or NAME.wav; two channels are
mixed to one. ``--other-voice F`` first moves pitch and formants of the right channel by the factor F, where both parties of a
synthetic call have the same voice; ``--one-voice`` says that they mostly do: then calls may stay untold, but none may be told wrongly.
Exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from voicemon.audio.decode import Recording, decode, resample
from voicemon.audio.speakers import Voices, separate_voices
from voicemon.audio.tones import find_tones
from voicemon.audio.vad import speech_spans
from voicemon.records import Span
from voicemon.spans import intersect, merge, subtract, total_s

CONFUSION_AT_MOST = 0.04  # of the speech of calls that are told apart
TOLD_AT_LEAST = 0.9


@dataclass(frozen=True)
class Result:
    """One call: seconds of speech of one party alone, of it wrong and marked doubtful; ``None`` where voices were not told apart."""

    name: str
    duration_s: float
    took_s: float
    margin: float
    speech_s: float = 0.0
    wrong_s: float | None = None
    doubtful_s: float = 0.0
    third_s: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dirs", type=Path, nargs="+")
    parser.add_argument("--other-voice", type=float, default=1.0)
    parser.add_argument("--one-voice", action="store_true")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    paths = [p for folder in args.truth_dirs for p in sorted(folder.glob("*.truth.json"))]
    results = [r for path in paths if (r := _result(path, args.other_voice)) is not None]
    if not results:
        print("no NAME.truth.json with a recording and two speakers beside it", file=sys.stderr)
        return 2
    if args.list:
        print("\n".join(_line(r) for r in results))
    return _report(results, args.one_voice)


def _result(truth_path: Path, other_voice: float) -> Result | None:
    truth: dict[str, Any] = json.loads(truth_path.read_text(encoding="utf-8"))
    stem = truth_path.name.removesuffix(".truth.json")
    audio = next((p for p in (truth_path.with_name(stem + s) for s in (".flac", ".wav")) if p.exists()), None)
    parties = sorted({u["speaker"] for u in truth["utterances"]})
    if audio is None or len(parties) != 2:
        return None
    recording = decode(audio)
    x, rate_hz = _mixed(recording, other_voice), recording.sample_rate_hz
    speech = speech_spans(x, rate_hz, find_tones(x, rate_hz).spans())
    began = perf_counter()
    voices = separate_voices(x, rate_hz, speech)
    took_s = perf_counter() - began
    true = [merge(Span(u["start_s"], u["end_s"]) for u in truth["utterances"] if u["speaker"] == party) for party in parties]
    return _compare(Result(stem, recording.duration_s, took_s, voices.margin), voices, true, speech)


def _mixed(recording: Recording, other_voice: float) -> np.ndarray:
    """One channel; ``other_voice`` moves pitch and formants of the right one, its times stay."""
    if recording.channels == 1:
        return recording.channel(0)
    left, right = recording.channel(0), recording.channel(1)
    if other_voice != 1.0:
        import librosa

        fast = resample(right, round(recording.sample_rate_hz * other_voice), recording.sample_rate_hz)
        slow = librosa.effects.time_stretch(fast, rate=len(fast) / len(right), n_fft=512)
        right = np.pad(slow, (0, max(0, len(right) - len(slow))))[: len(right)]
    return np.asarray(left + right, dtype=np.float32)


def _compare(result: Result, voices: Voices, true: Sequence[Sequence[Span]], speech: Sequence[Span]) -> Result:
    """Under the better of the two pairings; where both parties speak at once neither answer is wrong."""
    both = intersect(true[0], true[1])
    alone = [intersect(subtract(t, both), speech) for t in true]
    speech_s = total_s(alone[0]) + total_s(alone[1])
    if not voices.spans:
        return Result(result.name, result.duration_s, result.took_s, result.margin, speech_s)
    one, two = voices.spans["voice_1"], voices.spans["voice_2"]
    rights = [total_s(intersect(alone[0], a)) + total_s(intersect(alone[1], b)) for a, b in ((one, two), (two, one))]
    return Result(result.name, result.duration_s, result.took_s, result.margin, speech_s, speech_s - max(rights),
                  total_s(voices.doubtful), total_s(voices.others))


def _line(r: Result) -> str:
    if r.wrong_s is None:
        return f"{r.name:32s} margin {r.margin:.2f}  not told apart"
    told = f"confused {r.wrong_s / max(r.speech_s, 1e-9):6.3f}  doubtful {r.doubtful_s:5.1f} s"
    return f"{r.name:32s} margin {r.margin:.2f}  {told}" + (f"  third voice {r.third_s:.1f} s" if r.third_s else "")


def _report(results: Sequence[Result], one_voice: bool) -> int:
    told = [r for r in results if r.wrong_s is not None]
    shares = np.array([r.wrong_s / max(r.speech_s, 1e-9) for r in told if r.wrong_s is not None])
    share = sum(r.wrong_s or 0.0 for r in told) / max(sum(r.speech_s for r in told), 1e-9)
    per_minute_s = 60 * sum(r.took_s for r in results) / sum(r.duration_s for r in results)
    margins = np.quantile([r.margin for r in results], (0, 0.05, 0.5, 0.95, 1))
    third = sum(r.third_s > 0 for r in told)
    print(f"calls {len(results)}, told apart {len(told)}, with a third voice {third}, {per_minute_s:.2f} s per minute")
    print("margin: least, 5 %, median, 95 %, most ", np.round(margins, 2))
    if one_voice:
        wrong = int((shares > CONFUSION_AT_MOST).sum())
        print(f"one voice taken for two: {wrong} of {len(results)}  (tolerance 0)  {'OUTSIDE' if wrong else 'ok'}")
        return int(wrong > 0)
    if told:
        print(f"confusion per call: median {np.median(shares):.4f}  p90 {np.quantile(shares, 0.9):.4f}  max {shares.max():.4f}")
    good = len(told) >= TOLD_AT_LEAST * len(results) and share <= CONFUSION_AT_MOST
    print(f"confusion {share:.4f} of speech  (tolerance {CONFUSION_AT_MOST}), told apart {len(told) / len(results):.2f} ", end="")
    print(f"(at least {TOLD_AT_LEAST})  {'ok' if good else 'OUTSIDE'}")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
