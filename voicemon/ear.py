"""The recogniser of a run: the model loaded once, with the phrase check on a recording of its own calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .audio.decode import Recording
from .audio.sound import Samples, at_rate
from .listening import MONO, RECOGNITION_HZ, UNKNOWN
from .records import AGENT, CUSTOMER, Facts
from .settings import Settings
from .speech.engine import Job, Recogniser, RecogniserSettings, Transcription
from .speech.models import find_model
from .speech.verifier import PhraseVerifier, Verifier

CHANNELS = {MONO: 0, "left": 0, "right": 1}


class WhisperEar:
    """Recognition and phrase check by one loaded Whisper model. Raises :class:`ModelError` when it cannot be loaded."""

    def __init__(self, settings: Settings) -> None:
        tuned = RecogniserSettings(beam=settings.beam_size)
        self._recogniser = Recogniser(find_model(settings.model), settings.threads_per_worker, settings.compute_type, tuned,
                                      settings.device)

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        return self._recogniser.transcribe_many(jobs)

    def describe(self) -> Mapping[str, Any]:
        return self._recogniser.describe()

    def verifier(self, recording: Recording, facts: Facts) -> PhraseVerifier | None:
        """A verifier on ``recording``; ``None`` where it is not known which channel is whose."""
        roles = facts.roles
        places = {AGENT: roles.agent, CUSTOMER: roles.customer, UNKNOWN: MONO if recording.channels == 1 else None}
        audio = {party: _at_16k(recording, CHANNELS[place]) for party, place in places.items() if place in CHANNELS}
        return Verifier(self._recogniser, audio) if audio else None


@dataclass(frozen=True)
class WhisperEarFactory:
    """Makes the ear of a process; can be sent to a worker."""

    settings: Settings

    def __reduce__(self) -> tuple[Any, ...]:
        # The address of the record may hold a password; an ear needs neither.
        return WhisperEarFactory, (replace(self.settings, store=None),)

    def among(self, workers: int) -> WhisperEarFactory:
        """The factory of each of so many workers, which share the threads."""
        return replace(self, settings=replace(self.settings, workers=workers))

    def __call__(self) -> WhisperEar:
        return WhisperEar(self.settings)


def _at_16k(recording: Recording, channel: int) -> Samples:
    return at_rate(recording.line(channel), recording.sample_rate_hz, RECOGNITION_HZ)
