"""Answers of the acoustic phrase check, kept: judging again asks the sound only for what was never asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

Answers = Mapping[str, float | None]


class PhraseVerifier(Protocol):
    """Whatever can say how much likelier the sound is under ``phrase`` than under ``heard``; ``None``: it cannot tell."""

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str) -> float | None:
        """Natural-log likelihood ratio, larger for ``phrase``; times in seconds of the file."""


class KeptVerifier:
    """Answers from what is kept, else from a live verifier that is only made when it is needed, else ``None``.

    ``make_live`` returns ``None`` where the recording or the model is no longer there: judging goes on without. One object
    serves one call; :meth:`answers` gives all it was ever told, to be kept with the facts.
    """

    def __init__(self, kept: Answers, make_live: Callable[[], PhraseVerifier | None]) -> None:
        self._answers = dict(kept)
        self._make_live = make_live
        self._live: PhraseVerifier | None = None
        self._tried = False
        self.asked_live = 0

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str) -> float | None:
        key = "\t".join((party, f"{start_s:.3f}", f"{end_s:.3f}", before, heard, phrase))
        if key in self._answers:
            return self._answers[key]
        live = self._live_verifier()
        if live is None:
            return None
        self.asked_live += 1
        self._answers[key] = live.log_ratio(party, start_s, end_s, before, heard, phrase)
        return self._answers[key]

    def answers(self) -> Answers:
        """Every answer, in an order that does not depend on the order of asking."""
        return dict(sorted(self._answers.items()))

    def _live_verifier(self) -> PhraseVerifier | None:
        if not self._tried:
            self._live, self._tried = self._make_live(), True
        return self._live
