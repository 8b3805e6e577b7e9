"""Answers of the acoustic phrase check, kept: judging again asks the sound only for what was never asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .speech.verifier import PhraseVerifier, PreparingVerifier, Question, probe_key

Answers = Mapping[str, float | None]


class KeptVerifier:
    """Answers from what is kept, else from a live verifier that is only made when it is needed, else ``None``.

    ``make_live`` returns ``None`` where the recording or the model is no longer there: judging goes on without, and ``unanswered``
    counts what nobody could be asked. One object serves one call; :meth:`answers` gives all it was ever told, to be kept with the facts.
    """

    def __init__(self, kept: Answers, make_live: Callable[[], PhraseVerifier | None]) -> None:
        self._answers = dict(kept)
        self._make_live = make_live
        self._live: PhraseVerifier | None = None
        self._tried = False
        self.unanswered = 0

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        """See :class:`voicemon.speech.verifier.PhraseVerifier`."""
        key = probe_key(party, start_s, end_s, before, heard, phrase, after)
        if key in self._answers:
            return self._answers[key]
        live = self._made_live()
        if live is None:
            self.unanswered += 1
            return None
        self._answers[key] = live.log_ratio(party, start_s, end_s, before, heard, phrase, after)
        return self._answers[key]

    def prepare(self, questions: Sequence[Question]) -> None:
        """Hand on what is not kept; see :class:`voicemon.speech.verifier.PreparingVerifier`.

        Their answers are kept although some may never be asked for: the next judging prepares the same, and would need the sound for it.
        """
        new = {key: q for q in questions if (key := probe_key(*q)) not in self._answers}
        live = self._made_live() if new else None
        if isinstance(live, PreparingVerifier):
            live.prepare(list(new.values()))
            self._answers.update((key, live.log_ratio(*q)) for key, q in new.items())

    def _made_live(self) -> PhraseVerifier | None:
        if not self._tried:
            self._live, self._tried = self._make_live(), True
        return self._live

    def answers(self) -> Answers:
        """Every answer, in an order that does not depend on the order of asking."""
        return dict(sorted(self._answers.items()))


class UsedAnswers:
    """Answers from what was asked before, and nothing else; remembers which were used."""

    def __init__(self, kept: Answers) -> None:
        self._kept = kept
        self.used: dict[str, float | None] = {}

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        """See :class:`voicemon.speech.verifier.PhraseVerifier`."""
        key = probe_key(party, start_s, end_s, before, heard, phrase, after)
        if key in self._kept:
            self.used[key] = self._kept[key]
        return self._kept.get(key)
