"""Where the processor time of a run goes: the stages that voicemon tells of, with recognition taken apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from time import process_time
from typing import Any

from voicemon import listening
from voicemon.audio.decode import Recording
from voicemon.ear import WhisperEar
from voicemon.records import Facts
from voicemon.settings import Settings
from voicemon.speech.engine import Job, Transcription
from voicemon.speech.verifier import PhraseVerifier

HEARING, ASKING = "recognition", "phrase check"
PARTS = {"encode": "encoder", "decode": "decoder", "align": "alignment", "token_log_probs": "forced decoding"}
LISTENING = ("channels", "tones", "vad", "voices")
REPORTING = ("report", "write")
LINE_QUALITY = "line quality (extra mos)"
RECOGNISING = ("features", "encoder", "decoder", "alignment", "packing, text", "judging: phrase check")


class TimedEar(WhisperEar):
    """An ear that notes the processor time of features, encoder, decoder and alignment, and of all else that its verifiers do; the rest
    of voicemon is left as it is."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.parts_s: dict[tuple[str, str], float] = defaultdict(float)
        self._phase, self._inner_s = ASKING, 0.0
        whisper = self._recogniser.whisper
        for method, part in PARTS.items():
            setattr(whisper, method, self._timed(getattr(whisper, method), part))
        whisper.faster_whisper.feature_extractor = self._timed(whisper.faster_whisper.feature_extractor, "features")

    def _timed(self, call: Callable[..., Any], part: str) -> Callable[..., Any]:
        def timed(*args: Any, **options: Any) -> Any:
            before_s, outer_s, self._inner_s = process_time(), self._inner_s, 0.0
            try:
                return call(*args, **options)
            finally:
                elapsed_s = process_time() - before_s
                self.parts_s[self._phase, part] += elapsed_s - self._inner_s
                self._inner_s = outer_s + elapsed_s
        return timed

    def verifier(self, recording: Recording, facts: Facts) -> PhraseVerifier | None:
        made = self._timed(super().verifier, "questions")(recording, facts)
        for method in ("prepare", "log_ratio"):
            if made is not None:
                setattr(made, method, self._timed(getattr(made, method), "questions"))
        return made

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        self._phase = HEARING
        try:
            return super().transcribe_many(jobs)
        finally:
            self._phase = ASKING


def all_but_recognition_s(rows: Mapping[str, float]) -> float:
    """What :func:`sum_of_stages` gave without recognition and the phrase check."""
    return sum(seconds for stage, seconds in rows.items() if stage not in RECOGNISING)


def in_processor_time() -> None:
    """From now on voicemon's own stopwatch counts processor time, which a busy machine falsifies less than the clock on the wall."""
    listening.perf_counter = process_time  # type: ignore[attr-defined]


def sum_of_stages(stages_s: Mapping[str, float], parts_s: Mapping[tuple[str, str], float], total_s: float) -> dict[str, float]:
    """Seconds by stage in the order of the work; they add up to ``total_s``."""
    heard_s = {part: seconds for (phase, part), seconds in parts_s.items() if phase == HEARING}
    asked_s = sum(seconds for (phase, _), seconds in parts_s.items() if phase == ASKING)
    rows = {"decode": stages_s.get("decode", 0.0), "tones and VAD": sum(stages_s.get(s, 0.0) for s in LISTENING)}
    rows |= {part: heard_s.get(part, 0.0) for part in ("features", "encoder", "decoder", "alignment")}
    rows["packing, text"] = stages_s.get("recognise", 0.0) - sum(heard_s.values())
    rows["measures"] = stages_s.get("measures", 0.0)
    rows[LINE_QUALITY] = stages_s.get("line quality", 0.0)
    rows["judging: phrase check"] = asked_s
    rows["judging: the rest"] = stages_s.get("judge", 0.0) - asked_s
    rows["reports"] = sum(stages_s.get(s, 0.0) for s in REPORTING)
    rows["store, pages, other"] = total_s - sum(rows.values())
    return rows
