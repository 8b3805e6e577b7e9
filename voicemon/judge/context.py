"""What a check is handed: the facts of one call laid out for judging, the standard, and ways to look things up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from ..records import AGENT, CUSTOMER, AuditMark, Facts, Span, Utterance, Wait
from .answers import NO, UNKNOWN, Occurrence, When
from .asking import Counting, WouldAsk
from .calendar import has_clock, is_utc, local_time
from .conditions import Condition
from .dialogue import Dialogue, lay_out
from .finder import Finder, PhraseVerifier
from .schema import Where
from .standard import Standard
from .stretches import Stretches
from .thresholds import HARDLY_UNDERSTOOD, Thresholds
from .trust import is_doubted
from .windows import Window, window

MISSING = object()
NOISY_SNR_DB = 17.0
"""Below this the recogniser's error doubles on the development calls with white noise (benchmarks/variants.py)."""
ONE_SYLLABLE_S = 0.4
"""A shorter stretch of speech by itself holds one syllable: an answer (嗯), but nothing that a rule asks for. In the development calls
the shortest turn of two syllables lasts 0.475 s (56 of them)."""


class Context:
    """One call before one standard. Events are evaluated once and kept for the call."""

    def __init__(
        self,
        facts: Facts,
        standard: Standard,
        verifier: PhraseVerifier | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self.facts = facts
        self.standard = standard
        self.dialogue: Dialogue = lay_out(facts)
        self._noisy = frozenset(p for p, level in facts.measures.level.items() if level.snr_db is not None and level.snr_db < NOISY_SNR_DB)
        self.finder = Finder(self.dialogue, thresholds or Thresholds(), verifier, self._noisy)
        self._events: dict[str, When] = {}
        self._counting = verifier if isinstance(verifier, Counting) else None
        self._wanting: set[str] = set()
        """Events found to need the sound: not looked at again without it, which could take very long where events name each other."""
        self._unanswered_by_event: dict[str, int] = {}
        self._unanswered_again = 0
        self._speech: dict[str, Stretches[Span]] = {}
        self._said_by: dict[str, Stretches[Utterance]] = {}
        self._doubted: dict[str, Stretches[Utterance]] = {}

    @property
    def speakers_known(self) -> bool:
        """Whether words can be laid at the door of one party."""
        return self.facts.roles.agent is not None and self.facts.roles.customer is not None

    @property
    def one_channel(self) -> bool:
        """Whether both parties are on the same channel: who speaks is known there only where one speaks at a time."""
        return self.speakers_known and self.facts.roles.agent == self.facts.roles.customer

    @property
    def told_by_words(self) -> bool:
        """Whether both parties are on the same channel with voices too alike, and only what is said tells whose it is."""
        return self.facts.roles.method == "words"

    @property
    def answered_by_machine(self) -> bool:
        """Whether only a machine answered, by the record, and nobody spoke with it: its words are no agent's."""
        return self.sidecar("answered_by") == "machine" and not self.spoke(CUSTOMER)

    def event(self, name: str) -> When:
        """Whether the event of that name occurred in this call. An event that asks for itself does not occur."""
        if name not in self._events:
            if self.finder.quiet and name in self._wanting:
                raise WouldAsk
            before = self.unanswered
            self._events[name] = When(NO)
            try:
                self._events[name] = self._detect(name)
            except WouldAsk:
                del self._events[name]
                self._wanting.add(name)
                raise
            self._unanswered_by_event[name] = self.unanswered - before
        else:
            self._unanswered_again += self._unanswered_by_event.get(name, 0)
        return self._events[name]

    def holds(self, condition: Condition) -> When:
        """Whether ``condition`` holds in this call."""
        return condition.evaluate(self.event, None if self.finder.quiet else self.finder.quietly)

    @property
    def unanswered(self) -> int:
        """Questions so far for which there was no sound left to ask; those of an event count again for every rule that looks at it."""
        return self._unanswered_again + (self._counting.unanswered if self._counting is not None else 0)

    def _detect(self, name: str) -> When:
        from .built_in_events import BUILT_IN
        from .events import DETECTORS

        if name in BUILT_IN:
            return BUILT_IN[name](self)
        spec = self.standard.events[name]
        return DETECTORS[spec.kind].detect(self, spec.options)

    def window(self, speaker: str, where: Where, anchor: Occurrence | None = None) -> Window | None:
        """The window ``where`` for words of ``speaker``, relative to ``anchor``."""
        return window(self.dialogue, speaker, where, anchor)

    def setting(self, name: str, default: Any) -> Any:
        """A setting of the pack."""
        return self.standard.settings.get(name, default)

    def sidecar(self, field: str) -> Any:
        """A sidecar field by its dotted path (``callback_of.result``); :data:`MISSING` if it is not given, or ``null``: not known.

        A path through a list of records (``parcels.status``) gives the list of their values.
        """
        value: Any = self.facts.sidecar
        for part in field.split("."):
            if isinstance(value, list | tuple):
                value = [v[part] for v in value if isinstance(v, Mapping) and v.get(part) is not None] or MISSING
            elif not isinstance(value, Mapping) or value.get(part) is None:
                return MISSING
            else:
                value = value[part]
        return value

    def local_start(self, by_clock: bool = False) -> datetime | When:
        """When the call began by the calendar (``by_clock``: and the clock) of where it was taken, or why that is not known."""
        started_at = self.facts.call.started_at
        moment = local_time(started_at)
        if moment is None or (by_clock and not has_clock(started_at or "")):
            return unknown("sidecar_lacks", field="started_at")
        return unknown("local_time_unknown") if is_utc(moment) else moment

    def measure(self, path: str) -> tuple[Any, str]:
        """A measure by its dotted path (``level.agent.active_level_dbov``) and, where it is ``None``, the reason."""
        value: Any = self.facts.measures
        reason = ""
        for part in path.split("."):
            if is_dataclass(value):
                reason = getattr(value, "reason", None) or reason
                value = getattr(value, part)
            else:
                value = value.get(part) if isinstance(value, Mapping) else None
            if value is None:
                return None, reason
        return value, reason

    def doubtful(self, speaker: str, within: Window, least_s: float = 0.3) -> tuple[float, float] | None:
        """A stretch of ``speaker`` inside the window whose words must not be trusted (at least ``least_s``).

        That is what the transcript audit marks, and utterances with far fewer or more words than the sound holds or guessed in another
        script; of a party of whom hardly anything was understood, all. Speech by itself that is too short for two syllables hides nothing.
        """
        for mark in self._marks.near(*within):
            overlap = min(mark.end_s, within[1]) - max(mark.start_s, within[0])
            alone = mark.speaker == speaker and mark.end_s - mark.start_s < ONE_SYLLABLE_S
            if mark.speaker in (speaker, "unknown") and overlap >= least_s and not alone:
                return mark.start_s, mark.end_s
        for said in self._doubted_of(speaker).near(*within):
            if min(said.end_s, within[1]) - max(said.start_s, within[0]) >= least_s:
                return said.start_s, said.end_s
        return None

    def _doubted_of(self, speaker: str) -> Stretches[Utterance]:
        """Utterances of ``speaker`` whose words must not be trusted."""
        if speaker not in self._doubted:
            hardly, noisy = self.finder.stream(speaker).mean_confidence < HARDLY_UNDERSTOOD, speaker in self._noisy
            long = (u for u in self.said_by(speaker) if u.end_s - u.start_s >= ONE_SYLLABLE_S)
            self._doubted[speaker] = Stretches([u for u in long if hardly or is_doubted(u, noisy)])
        return self._doubted[speaker]

    def untrusted(self, speaker: str, start_s: float, end_s: float) -> bool:
        """Whether words at that time lie in a stretch that the transcript audit marks: they convict nobody."""
        return any(
            m.speaker in (speaker, "unknown") and m.start_s < end_s and start_s < m.end_s for m in self._marks.near(start_s, end_s)
        )

    def speech(self, party: str) -> Stretches[Span]:
        """Speech of that party by the sound, in order of time."""
        if party not in self._speech:
            self._speech[party] = Stretches(sorted(self.facts.speech.get(party, ()), key=lambda s: s.start_s))
        return self._speech[party]

    def said_by(self, speaker: str) -> Stretches[Utterance]:
        """Utterances of that party, in the order of the transcript."""
        if speaker not in self._said_by:
            self._said_by[speaker] = Stretches([u for u in self.facts.transcript if u.speaker == speaker])
        return self._said_by[speaker]

    @cached_property
    def waits(self) -> Stretches[Wait]:
        """Silences of both parties."""
        return Stretches(self.facts.measures.waits)

    @cached_property
    def _marks(self) -> Stretches[AuditMark]:
        return Stretches(self.facts.audit)

    def spoke(self, speaker: str) -> bool:
        """Whether that party says any word."""
        return bool(self.dialogue.of(speaker))

    def last_word_s(self) -> float | None:
        """End of the last word of the call, whoever says it."""
        return max((line.end_s for line in self.dialogue.lines), default=None)

    def pauses(self, least_s: float) -> tuple[tuple[float, float], ...]:
        """Stretches after the agent's first word, at least so long, in which nobody says a word (up to the end of the file)."""
        own = self.dialogue.of(AGENT)
        if not own:
            return ()
        speech = sorted((s.start_s, s.end_s) for spans in self.facts.speech.values() for s in spans)
        speech += [(self.facts.call.duration_s, self.facts.call.duration_s)]
        found, reached = [], own[0].end_s
        for start_s, end_s in speech:
            if start_s - reached >= least_s:
                found.append((reached, start_s))
            reached = max(reached, end_s)
        return tuple(found)


def unknown(reason: str, **args: Any) -> When:
    """A trigger that cannot be told, with the key of the reason."""
    return When(UNKNOWN, reason=reason, args=args)
