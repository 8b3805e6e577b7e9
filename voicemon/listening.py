"""What hearing is given, and the watch that times it: apart from hearing, whose libraries of sound a run that only judges does not load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

from .speech.engine import Job, Transcription

RECOGNITION_HZ = 16_000
UNKNOWN, MONO, VOICES, BY_WORDS = "unknown", "mono", "voices", "words"


class Recogniser(Protocol):
    """What hearing needs of a recogniser; :class:`voicemon.speech.engine.Recogniser` is one."""

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]: ...

    def describe(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class CallInput:
    """What is known before a call is heard: its id, its checked sidecar, phrases that only an agent says, its key in the store."""

    id: str
    sidecar: Mapping[str, Any] = field(default_factory=dict)
    cues: tuple[str, ...] = ()
    key: str | None = None


class Stopwatch:
    """Seconds spent per stage. Kept beside the facts, never in them: the same call must give the same facts."""

    def __init__(self) -> None:
        self.stages_s: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.stages_s[stage] = self.stages_s.get(stage, 0.0) + perf_counter() - start
