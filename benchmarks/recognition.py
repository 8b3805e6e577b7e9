"""Character errors and speed of recognition on two-channel calls with known words.

usage: recognition.py TRUTH_DIR [--model base] [--every N] [--compare] [--keep DIR] [--beam N] [--window S] [--threads N]

TRUTH_DIR holds NAME.flac (left = agent, right = customer) and NAME.truth.json with ``utterances`` (read_calls.py makes such calls of
read speech). ``--compare`` also runs faster-whisper (beam 5, word times; plain with vad_filter, and batched) on the same calls, call
by call in turn. ``--keep`` writes the transcripts. Errors are counted on Han characters, digits read as characters, over all
utterances of a party joined.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicemon.audio.decode import decode, resample
from voicemon.audio.vad import speech_spans
from voicemon.records import PARTIES, Span, Utterance
from voicemon.speech.engine import Job, Recogniser, RecogniserSettings, Transcription
from voicemon.speech.models import find_model
from voicemon.speech.packing import RATE_HZ, PackingSettings
from voicemon.speech.text import simplify

DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


@dataclass(frozen=True)
class Call:
    """One call of the truth folder: each party at the file's own rate and at 16 kHz."""

    id: str
    truth: Mapping[str, Any]
    rate_hz: int
    channels: Mapping[str, np.ndarray]
    audio: Mapping[str, np.ndarray]

    def speech(self, party: str) -> tuple[Span, ...]:
        """Speech of a party, ring-back left out."""
        ring = self.truth.get("ring") or {}
        return speech_spans(self.channels[party], self.rate_hz, [Span(0.0, ring["answer_s"])] if ring else [])

    def reference(self, party: str) -> str:
        return "".join(u["text"] for u in self.truth["utterances"] if u["speaker"] == party)


def load_calls(folder: Path, every: int = 1) -> Iterable[Call]:
    """The calls of a truth folder, every N-th."""
    for path in sorted(folder.glob("*.truth.json"))[::every]:
        truth = json.loads(path.read_text(encoding="utf-8"))
        recording = decode(path.with_name(path.name.replace(".truth.json", ".flac")))
        channels = {party: recording.channel(i) for i, party in enumerate(PARTIES)}
        audio = {p: resample(x, recording.sample_rate_hz, RATE_HZ) for p, x in channels.items()}
        yield Call(truth["id"], truth, recording.sample_rate_hz, channels, audio)


def han(text: str) -> list[str]:
    """Han characters of a text, digits as characters."""
    return [c for c in simplify(text).translate(DIGITS) if "\u4e00" <= c <= "\u9fff"]


def errors(heard: str, said: str) -> tuple[int, int]:
    """Levenshtein distance and number of characters said."""
    a, b = han(heard), han(said)
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1], len(b)


def transcribe(recogniser: Recogniser, call: Call, speech: Mapping[str, tuple[Span, ...]]) -> dict[str, Transcription]:
    jobs = [Job(call.audio[p], speech[p], p) for p in PARTIES]
    return dict(zip(PARTIES, recogniser.transcribe_many(jobs), strict=True))


def peers_of(model: str, threads: int) -> dict[str, Callable[[np.ndarray], str]]:
    """What faster-whisper writes with its usual settings, plain and batched, by the whole model."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    plain = WhisperModel(str(find_model(model).folder), device="cpu", compute_type="int8", cpu_threads=threads)
    batched = BatchedInferencePipeline(plain)
    common: dict[str, Any] = {"language": "zh", "beam_size": 5, "word_timestamps": True}
    return {"plain": lambda x: "".join(s.text for s in plain.transcribe(x, vad_filter=True, **common)[0]),
            "batched": lambda x: "".join(s.text for s in batched.transcribe(x, batch_size=8, **common)[0])}


def said_in_place(call: Call, party: str, utterances: Iterable[Utterance]) -> tuple[int, int]:
    """Errors when only the words whose middle lies in an utterance of the truth count for it: are the times right?"""
    words = [w for u in utterances for w in u.words]
    wrong = total = 0
    for u in call.truth["utterances"]:
        if u["speaker"] == party:
            here = "".join(w.text for w in words if u["start_s"] - 0.1 <= (w.start_s + w.end_s) / 2 <= u["end_s"] + 0.1)
            e, n = errors(here, u["text"])
            wrong, total = wrong + e, total + n
    return wrong, total


def keep(folder: Path, call: Call, heard: Mapping[str, Transcription]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    plain: dict[str, Any] = {p: [asdict(u) for u in t.utterances] for p, t in heard.items()}
    plain["audit"] = [asdict(m) for t in heard.values() for m in t.audit]
    (folder / f"{call.id}.json").write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")


def measure(args: argparse.Namespace) -> Counter[str]:
    settings = RecogniserSettings(beam=args.beam, packing=PackingSettings(window_s=args.window))
    recogniser = Recogniser(find_model(args.model), threads=args.threads, settings=settings)
    peers = peers_of(args.model, args.threads) if args.compare else {}
    tally: Counter[str] = Counter()
    for call in load_calls(args.truth_dir, args.every):
        speech = {p: call.speech(p) for p in PARTIES}
        started, cpu = time.perf_counter(), time.process_time()
        heard = transcribe(recogniser, call, speech)
        tally["seconds"] += time.perf_counter() - started
        tally["cpu"] += time.process_time() - cpu
        tally["calls"] += 1
        tally["sound"] += len(call.audio["agent"]) / RATE_HZ
        for party in PARTIES:
            wrong = errors("".join(u.text for u in heard[party].utterances), call.reference(party))
            count(tally, party, wrong)
            count(tally, "voicemon", wrong)
            count(tally, "in place", said_in_place(call, party, heard[party].utterances))
            tally.update(f"mark {m.kind}" for m in heard[party].audit)
        if args.keep:
            keep(args.keep, call, heard)
            print(call.id, file=sys.stderr, flush=True)
        for name, write in peers.items():
            cpu = time.process_time()
            texts = {p: write(call.audio[p]) for p in PARTIES}
            tally[f"{name} cpu"] += time.process_time() - cpu
            for party in PARTIES:
                count(tally, name, errors(texts[party], call.reference(party)))
    return tally


def count(tally: Counter[str], name: str, found: tuple[int, int]) -> None:
    tally[f"{name} wrong"] += found[0]
    tally[f"{name} said"] += found[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--beam", type=int, default=RecogniserSettings().beam)
    parser.add_argument("--window", type=float, default=PackingSettings().window_s)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--keep", type=Path)
    tally = measure(parser.parse_args())
    print(f"{tally['calls']} calls, {tally['sound']:.0f} s of two-channel sound, recognised in {tally['seconds']:.1f} s "
          f"({tally['seconds'] / tally['sound']:.3f} of real time, {tally['cpu']:.1f} s of processor)")
    for name in (*PARTIES, "in place", "voicemon", "plain", "batched"):
        if tally[f"{name} said"]:
            print(f"character errors {name:16s} {tally[f'{name} wrong'] / tally[f'{name} said']:.4f}  ({tally[f'{name} said']} characters)")
    for name in ("plain", "batched"):
        if tally[f"{name} cpu"]:
            print(f"{name} faster-whisper takes {tally[f'{name} cpu'] / tally['cpu']:.2f} times the processor time of recognition")
    print("marks:", {k[5:]: n for k, n in tally.items() if k.startswith("mark ")})
    return 0


if __name__ == "__main__":
    sys.exit(main())
