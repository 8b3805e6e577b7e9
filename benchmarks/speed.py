#!/usr/bin/env python3
"""The whole of voicemon, reports included, against plain faster-whisper on the same calls: a ratio, and the share of each stage.

usage: speed.py TRUTH_DIR [--calls N] [--threads N] [--compute-type int8] [--model base]
Plain faster-whisper is `WhisperModel.transcribe` with beam 5, `vad_filter=True`, word times, on each channel; the same model,
compute type and threads. Both run once, one after the other, in this process, after their models are loaded: run it on an idle machine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from voicemon.audio.decode import decode, resample
from voicemon.ear import WhisperEar
from voicemon.folder import run
from voicemon.settings import Settings, usable_cores
from voicemon.speech.models import find_model

RECOGNITION_HZ = 16_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--calls", type=int, default=0, help="take only so many, spread over the folder [all]")
    parser.add_argument("--threads", type=int, default=usable_cores())
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--model", default="base")
    options = parser.parse_args()
    settings = Settings(model=options.model, agent_channel="left", threads=options.threads, compute_type=options.compute_type)
    paths = sorted(options.truth_dir.glob("*.truth.json"))
    paths = paths[:: max(1, len(paths) // options.calls)][: options.calls] if options.calls else paths
    with tempfile.TemporaryDirectory() as temporary:
        folder = lay_out(paths, Path(temporary) / "calls")
        audio_s = sum(decode(path).duration_s for path in sorted(folder.glob("*.flac")))
        ours_s, stages_s = time_voicemon(folder, Path(temporary) / "out", settings)
        plain_s = time_plain(sorted(folder.glob("*.flac")), settings)
    print(f"{len(paths)} calls, {audio_s / 60:.1f} min, {options.threads} threads, {options.compute_type}, model {options.model}, "
          f"faster-whisper {version('faster-whisper')}, ctranslate2 {version('ctranslate2')}")
    print(f"plain faster-whisper {plain_s:8.1f} s  {audio_s / plain_s:6.1f} x real time")
    print(f"voicemon             {ours_s:8.1f} s  {audio_s / ours_s:6.1f} x real time")
    print(f"ratio                {ours_s / plain_s:8.3f}")
    for stage, seconds in sorted(stages_s.items(), key=lambda item: -item[1]):
        print(f"  {stage:18s} {seconds:8.1f} s  {seconds / ours_s:6.1%}")
    print(f"  {'other':18s} {ours_s - sum(stages_s.values()):8.1f} s  {1 - sum(stages_s.values()) / ours_s:6.1%}")


def lay_out(truths: Sequence[Path], folder: Path) -> Path:
    """Recordings with their sidecars, as a telephone system would leave them."""
    folder.mkdir(parents=True)
    for path in truths:
        truth = json.loads(path.read_text(encoding="utf-8"))
        name = path.name[: -len(".truth.json")]
        shutil.copyfile(path.with_name(f"{name}.flac"), folder / f"{name}.flac")
        known = {key: truth[key] for key in ("standard", "direction", "started_at") if truth.get(key)}
        (folder / f"{name}.json").write_text(json.dumps({**known, **(truth.get("sidecar") or {})}, ensure_ascii=False), encoding="utf-8")
    return folder


def time_voicemon(folder: Path, out: Path, settings: Settings) -> tuple[float, dict[str, float]]:
    """Seconds of a whole run with the model loaded, and of each stage. Stops when a call failed: it would look fast."""
    ear = WhisperEar(settings)
    start = perf_counter()
    result = run([folder], out, settings, lambda: ear, lambda *_: None)
    elapsed_s = perf_counter() - start
    if result.failed:
        raise SystemExit(f"{len(result.failed)} calls failed, e.g. {result.failed[0].reason}")
    return elapsed_s, dict(result.stages_s)


def time_plain(recordings: Sequence[Path], settings: Settings) -> float:
    """Seconds of plain faster-whisper on both channels of every recording, decoding included."""
    from faster_whisper import WhisperModel

    files = find_model(settings.model)
    model = WhisperModel(str(files.folder), device="cpu", compute_type=settings.compute_type, cpu_threads=settings.threads)
    start = perf_counter()
    for path in recordings:
        recording = decode(path)
        for channel in range(recording.channels):
            x = resample(recording.channel(channel), recording.sample_rate_hz, RECOGNITION_HZ)
            segments, _ = model.transcribe(x, language="zh", beam_size=settings.beam_size, vad_filter=True, word_timestamps=True)
            for _ in segments:
                pass  # the work is done while the segments are read
    return perf_counter() - start


if __name__ == "__main__":
    main()
