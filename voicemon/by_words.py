"""One channel whose voices are too alike: its words and speech shared between agent and customer by what is said, doubts kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .audio.speakers import Voices
from .listening import UNKNOWN
from .records import AGENT, CUSTOMER, Measures, Reading, Span, SpeakingRate, Utterance
from .spans import intersect, merge, subtract, total_s
from .speech.attribution import breath_groups, changes_party, unclear_marks
from .speech.engine import Transcription
from .speech.silent_line import nobody_answers
from .speech.text import normalise
from .speech.word_speakers import one_speakers_odds, tell_speakers

SURE = 0.9
"""Chance from which an utterance is shown, timed and counted as its party's; words of a doubtful one are judged by every reading."""
LEAST_KNOWN = 0.31
"""Share of pairs of characters that the model must know: of calls to the five kinds of service it knows 0.34 and more, scenarios left
out, of read news at most 0.28, where its chances would be guesses."""
LEAST_CHARACTERS = 20  # of a call; the first words of every call are likely an agent's, and tell nothing by themselves
ONE_SIDED_PAUSE_S, ONE_SIDED_SHARE = 1.5, 0.4
"""Where more than that share of its pauses are that long, a channel may hold one party only, who listens to the other in them."""
RATE_DOUBT, RATE_CHANGE = 0.15, 0.05
"""Share of the speech that may be nobody's for speaking rates to be told: what is in doubt is no fair sample of how a party speaks. Beyond
it that of a party is told of whom more is sure than is in doubt, where it would change by no more than that share were all of it his."""
LONGEST_S = 12.0
"""One party hardly ever speaks that long without a pause; where nothing tells words apart for so long, they may be both parties'."""
SOMEBODY_S = 0.6  # of speech without words on an otherwise silent line: the customer's, whom nothing is heard of
REACH_S = 0.3  # speech without words is somebody's only so near to his words


@dataclass(frozen=True)
class SharedOut:
    """``heard`` and ``speech`` by party, ``unknown`` for what is not sure; ``readings`` of all utterances in order of time."""

    heard: dict[str, Transcription]
    speech: dict[str, tuple[Span, ...]]
    readings: tuple[Reading, ...]
    margin: float

    @property
    def voices(self) -> Voices:
        """The parties as voices of the line; what is not sure is nobody's, as a third voice's speech is."""
        return Voices({party: self.speech[party] for party in (AGENT, CUSTOMER)}, self.speech[UNKNOWN], margin=self.margin)

    @property
    def doubtful(self) -> float:
        """Share of the speech that is nobody's."""
        return total_s(self.speech[UNKNOWN]) / max(1e-9, sum(total_s(spans) for spans in self.speech.values()))

    @property
    def note(self) -> str:
        """What a reader should know."""
        if not self.heard[CUSTOMER].utterances:
            return "one channel on which only the agent speaks, who says that he hears nobody: taken for a call whose customer is silent"
        return f"one channel with voices too alike: who speaks is told by the words, not surely for {self.doubtful:.0%} of the speech"

    def without_doubtful_rates(self, measures: Measures) -> Measures:
        """``measures`` without the speaking rates that hang on speech which is nobody's."""
        reason = f"who speaks is not certain for {self.doubtful:.0%} of the speech"
        rates = {party: rate if self._rate_is_certain(party) else SpeakingRate(reason=reason)
                 for party, rate in measures.speaking_rate.items()}
        return replace(measures, speaking_rate=rates)

    def _rate_is_certain(self, party: str) -> bool:
        if self.doubtful <= RATE_DOUBT:
            return True
        sure, doubtful = (sum(len(normalise(u.text)) for u in self.heard[whose].utterances) for whose in (party, UNKNOWN))
        sure_s, doubtful_s = (total_s(self.speech[whose]) for whose in (party, UNKNOWN))
        if sure <= doubtful or not sure_s:
            return False
        return abs((sure + doubtful) / (sure_s + doubtful_s) / (sure / sure_s) - 1) <= RATE_CHANGE


def share_out(heard: Transcription, speech: Sequence[Span]) -> SharedOut | None:
    """Who says what of ``heard`` on a line with ``speech``; ``None`` where the words do not tell."""
    return _silent_customer(heard, speech) or _both(heard, speech)


def _silent_customer(heard: Transcription, speech: Sequence[Span]) -> SharedOut | None:
    """All the agent's, where he speaks into silence and says so."""
    said = sorted(heard.utterances, key=lambda u: (u.start_s, u.end_s))
    if not nobody_answers(said):
        return None
    texts = [u.text for u in said]
    margin = math.tanh(one_speakers_odds(texts) / 2)  # of the chance that it is the agent
    named = [replace(u, speaker=AGENT) for u in said]
    own = _speech(named, speech)
    if margin < 2 * SURE - 1 or min(tell_speakers(texts).agent[1:]) <= 1 - SURE or total_s(own[UNKNOWN]) >= SOMEBODY_S:
        return None
    of_party = {AGENT: Transcription(tuple(named), ()), CUSTOMER: Transcription((), ()), UNKNOWN: Transcription((), heard.audit)}
    return SharedOut(of_party, own, (Reading(1.0, (AGENT,) * len(named)),), round(margin, 4))


def _both(heard: Transcription, speech: Sequence[Span]) -> SharedOut | None:
    """Two parties' words, as likely as the words tell whose they are."""
    said = sorted(_cut(heard.utterances), key=lambda u: (u.start_s, u.end_s))
    told = tell_speakers([u.text for u in said], {i for i, u in enumerate(said) if _too_long(u)})
    seconds = [u.end_s - u.start_s for u in said]
    if sum(len(normalise(u.text)) for u in said) < LEAST_CHARACTERS or _one_sided(said):
        return None
    if told.known < LEAST_KNOWN:
        return None
    margin = sum(abs(2 * p - 1) * s for p, s in zip(told.agent, seconds, strict=True)) / max(1e-9, sum(seconds))
    parties = [UNKNOWN if _too_long(u) else AGENT if p >= SURE else CUSTOMER if p <= 1 - SURE else UNKNOWN
               for u, p in zip(said, told.agent, strict=True)]
    if not {AGENT, CUSTOMER} <= set(parties):
        return None  # an announcement, a message left, a silent caller: nobody's words to hold against the other's
    named = [replace(u, speaker=party) for u, party in zip(said, parties, strict=True)]
    marks = (*heard.audit, *unclear_marks([Span(u.start_s, u.end_s) for u in said if _too_long(u)], UNKNOWN))
    of_party = {name: Transcription(tuple(u for u in named if u.speaker == name), marks if name == UNKNOWN else ())
                for name in (AGENT, CUSTOMER, UNKNOWN)}
    return SharedOut(of_party, _speech(named, speech), told.readings, round(margin, 4))


def _cut(utterances: Sequence[Utterance]) -> Sequence[Utterance]:
    """Utterances as they are, where a pause parts the parties; all cut as finely as may be where they answer each other at once."""
    if not any(changes_party(u) or _too_long(u) for u in utterances):
        return utterances
    return [group for u in utterances for group in breath_groups(u)]


def _too_long(utterance: Utterance) -> bool:
    return utterance.end_s - utterance.start_s > LONGEST_S


def _one_sided(said: Sequence[Utterance]) -> bool:
    pauses = [behind.start_s - before.end_s for before, behind in pairwise(said)]
    return sum(pause > ONE_SIDED_PAUSE_S for pause in pauses) > ONE_SIDED_SHARE * len(pauses)


def _speech(named: Sequence[Utterance], speech: Sequence[Span]) -> dict[str, tuple[Span, ...]]:
    """The stretches of ``speech`` of each party: those of its utterances, up to the middle between two; what is left is nobody's."""
    near: dict[str, list[Span]] = {AGENT: [], CUSTOMER: [], UNKNOWN: []}
    middles_s = [(before.end_s + behind.start_s) / 2 for before, behind in pairwise(named)]
    for u, from_s, to_s in zip(named, [0.0, *middles_s], [*middles_s, math.inf], strict=True):
        near[u.speaker].append(Span(max(from_s, u.start_s - REACH_S), max(from_s, min(to_s, u.end_s + REACH_S))))
    left = subtract(speech, (s for spans in near.values() for s in spans))
    found = {party: intersect(speech, spans) for party, spans in near.items()}
    return {**found, UNKNOWN: merge([*found[UNKNOWN], *left])}
