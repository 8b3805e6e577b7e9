"""Other ways to transcribe a two-channel call with the same model: what voicemon's time is held against."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from multiprocessing.managers import BaseManager
from pathlib import Path
from time import process_time
from typing import Any

import soundfile

from voicemon.audio.decode import decode, resample
from voicemon.settings import Settings
from voicemon.speech.models import find_model

RECOGNITION_HZ = 16_000
AS_STARTED = dict(os.environ)  # before voicemon chooses kernels in it
BATCH = 8
COMMAND = "whisper-ctranslate2"


class Peers:
    """Plain faster-whisper and its batched pipeline on one loaded model. Each call gives processor seconds, decoding included.

    Make it in a process of its own (:class:`PeerProcess`): there it runs as it comes, without what voicemon does to its own process.
    """

    def __init__(self, settings: Settings) -> None:
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        self.settings = settings
        self._plain = WhisperModel(str(find_model(settings.model).folder), device="cpu", compute_type=settings.compute_type,
                                   cpu_threads=settings.threads)
        self._batched = BatchedInferencePipeline(self._plain)

    def plain_s(self, path: Path) -> float:
        """``WhisperModel.transcribe``: beam 5, ``vad_filter``, word times, each channel."""
        return self._timed_s(path, self._plain.transcribe, {"vad_filter": True})

    def batched_s(self, path: Path) -> float:
        """``BatchedInferencePipeline.transcribe``: batch 8, beam 5, word times, each channel (it always filters by VAD)."""
        return self._timed_s(path, self._batched.transcribe, {"batch_size": BATCH})

    def _timed_s(self, path: Path, transcribe: Any, options: dict[str, Any]) -> float:
        start_s = process_time()
        recording = decode(path)
        for channel in range(recording.channels):
            x = resample(recording.channel(channel), recording.sample_rate_hz, RECOGNITION_HZ)
            segments, _ = transcribe(x, language="zh", beam_size=self.settings.beam_size, word_timestamps=True, **options)
            for _ in segments:
                pass  # the work is done while the segments are read
        return process_time() - start_s


class PeerProcess(BaseManager):
    """``with PeerProcess(ctx=get_context("spawn")) as process: process.Peers(settings)``"""


PeerProcess.register("Peers", Peers)


def command_s(recordings: Sequence[Path], settings: Settings) -> float | None:
    """Processor seconds of the whisper-ctranslate2 command on every channel of ``recordings``; ``None`` where it is not installed.

    Its start and the loading of the model (one run on a second of silence) are taken off.
    """
    if shutil.which(COMMAND) is None:
        return None
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        silence = folder / "silence.wav"
        soundfile.write(silence, [0.0] * RECOGNITION_HZ, RECOGNITION_HZ)
        channels = []
        for path in recordings:
            recording = decode(path)
            for channel in range(recording.channels):
                channels.append(folder / f"{path.stem}-{channel}.wav")
                soundfile.write(channels[-1], recording.channel(channel), recording.sample_rate_hz)
        return _run_s(channels, folder, settings) - _run_s([silence], folder, settings)


def _run_s(sounds: Sequence[Path], out: Path, settings: Settings) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [COMMAND, *map(str, sounds), "--model_directory", str(find_model(settings.model).folder), "--language", "zh", "--device", "cpu",
         "--compute_type", settings.compute_type, "--threads", str(settings.threads), "--beam_size", str(settings.beam_size),
         "--vad_filter", "True", "--word_timestamps", "True", "--output_format", "json", "--output_dir", str(out), "--verbose", "False"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**AS_STARTED, "OMP_NUM_THREADS": str(settings.threads)})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def versions() -> str:
    """What was compared, for the record."""
    return ", ".join(f"{name} {version(name)}" for name in ("faster-whisper", "ctranslate2"))
