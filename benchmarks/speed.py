#!/usr/bin/env python3
"""The whole of voicemon, reports included, against other ways to transcribe the same calls: ratios, the sum of its stages, the floor.

usage: speed.py CALLS_DIR [--calls N] [--no-peers] [--threads N] [--compute-type int8] [--model base]

CALLS_DIR holds recordings with NAME.truth.json (sidecars are made from it) or with NAME.json (sidecars). Peers, with the same model,
compute type, threads and beam: plain faster-whisper (`vad_filter`, word times), its `BatchedInferencePipeline` (batch 8, word times),
and the whisper-ctranslate2 command when it is installed; each on each channel. The floor is the encoder and the decoder alone on
the speech of the calls; ``--no-peers`` takes only that, in a quarter of the time. Call by call in turn, in processor time (user +
system, models loaded; the peers in a process of their own): with one thread other work on the machine moves the ratios little. The
wall-clock time of voicemon is told beside it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

from peers import BATCH, COMMAND, PeerProcess, Peers, command_s, versions
from stages import HEARING, LINE_QUALITY, TimedEar, all_but_recognition_s, in_processor_time, sum_of_stages

from voicemon.audio.decode import decode, resample
from voicemon.audio.tones import find_tones
from voicemon.audio.vad import speech_spans
from voicemon.collector import collect_rarely
from voicemon.folder import run
from voicemon.settings import Settings
from voicemon.speech.engine import Job

RECOGNITION_HZ = 16_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("calls_dir", type=Path)
    parser.add_argument("--calls", type=int, default=0, help="take only so many, spread over the folder [all]")
    parser.add_argument("--no-peers", action="store_true", help="voicemon, its stages and the floor only")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--model", default="base")
    options = parser.parse_args()
    settings = Settings(model=options.model, agent_channel="left", threads=options.threads, compute_type=options.compute_type)
    paths = sorted(options.calls_dir.glob("*.flac"))
    paths = paths[:: max(1, len(paths) // options.calls)][: options.calls] if options.calls else paths
    in_processor_time()
    collect_rarely()  # as the command does
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers = None if options.no_peers else make_peers(stack, settings)
        totals, rows = measure([lay_out(path, temporary / "calls") for path in paths], temporary / "out", settings, peers)
    print(f"{len(paths)} calls, {totals['sound'] / 60:.1f} min, {options.threads} threads, {options.compute_type}, model {options.model}, "
          f"beam {settings.beam_size}, {versions()}")
    show(totals, rows)


def make_peers(stack: ExitStack, settings: Settings) -> Peers:
    """The peers in a process of their own that ends with ``stack``."""
    process = stack.enter_context(PeerProcess(ctx=get_context("spawn")))
    peers: Peers = process.Peers(settings)  # type: ignore[attr-defined]  # registered by name
    return peers


def lay_out(path: Path, folder: Path) -> Path:
    """A recording with its sidecar, as a telephone system would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / path.name)
    if path.with_suffix(".json").is_file():
        shutil.copyfile(path.with_suffix(".json"), folder / f"{path.stem}.json")
    elif (told := path.with_suffix(".truth.json")).is_file():
        truth = json.loads(told.read_text(encoding="utf-8"))
        known = {key: truth[key] for key in ("standard", "direction", "started_at") if truth.get(key)}
        known.update(truth.get("sidecar") or {})
        (folder / f"{path.stem}.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    return folder / path.name


def measure(paths: Sequence[Path], out: Path, settings: Settings, peers: Peers | None) -> tuple[Counter[str], dict[str, float]]:
    """Seconds of everything, summed over the calls, and of voicemon's stages. Stops when a call failed: it would look fast.

    The peers take each call when voicemon has finished it, inside its run, and their time is taken off.
    """
    ear, floor = TimedEar(settings), TimedEar(settings)
    totals: Counter[str] = Counter()

    def others(call_id: str, *_: int) -> None:
        path = next(p for p in paths if p.stem == call_id)
        start_s, wall_s = process_time(), perf_counter()
        totals["sound"] += decode(path).duration_s
        if peers is not None:
            totals.update({"plain": peers.plain_s(path), "batched": peers.batched_s(path)})
        recognise_alone(floor, path)
        totals.update({"voicemon": start_s - process_time(), "wall": wall_s - perf_counter()})

    start_s, wall_s = process_time(), perf_counter()
    result = run([paths[0].parent], out, settings, lambda: ear, others)
    totals.update({"voicemon": process_time() - start_s, "wall": perf_counter() - wall_s})
    if result.failed:
        raise SystemExit(f"{len(result.failed)} calls failed, e.g. {result.failed[0].reason}")
    totals["floor"] = sum(floor.parts_s[HEARING, part] for part in ("encoder", "decoder"))
    command = command_s(paths, settings) if peers is not None else None
    if command is not None:
        totals["command"] = command
    return totals, sum_of_stages(result.stages_s, ear.parts_s, totals["voicemon"])


def recognise_alone(ear: TimedEar, path: Path) -> None:
    """The speech of a call through encoder and decoder, which ``ear`` times."""
    recording = decode(path)
    rate_hz = recording.sample_rate_hz
    jobs = []
    for i in range(recording.channels):
        x = recording.channel(i)
        speech = speech_spans(x, rate_hz, find_tones(x, rate_hz).spans())
        jobs.append(Job(resample(x, rate_hz, RECOGNITION_HZ), speech, str(i)))
    ear.transcribe_many(jobs)


def show(totals: Counter[str], rows: dict[str, float]) -> None:
    ours_s, sound_s = totals["voicemon"], totals["sound"]
    print(f"{'voicemon, reports included':36s} {ours_s:8.1f} s  {sound_s / ours_s:6.1f} x real time  ({totals['wall']:.1f} s on the wall)")
    names = {"plain": "plain faster-whisper", "batched": f"BatchedInferencePipeline, batch {BATCH}", "command": COMMAND,
             "floor": "floor: encoder and decoder alone"}
    for key, name in names.items():
        if totals[key]:
            print(f"{name:36s} {totals[key]:8.1f} s  voicemon takes {ours_s / totals[key]:.3f} of it")
    for stage, seconds in rows.items():
        print(f"  {stage:24s} {seconds:8.2f} s  {seconds / ours_s:6.1%}")
    rest_s, extra_s = all_but_recognition_s(rows), rows[LINE_QUALITY]
    print(f"everything but recognition and the phrase check {rest_s:.2f} s, {rest_s / ours_s:.1%} of the run")
    if extra_s:
        share = (rest_s - extra_s) / (ours_s - extra_s)
        print(f"the same without the extra mos {rest_s - extra_s:.2f} s, {share:.1%} of the run without it")


if __name__ == "__main__":
    main()
