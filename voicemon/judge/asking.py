"""Asking the sound about a place: what similarity and log-ratio together say, and the last hearing before a phrase counts as missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import yaml

from ..speech.pinyin import syllables
from ..speech.verifier import NO_SOUND, SILENCE_S, PhraseVerifier, PreparingVerifier, Question
from .dialogue import Stream
from .thresholds import HARDLY_UNDERSTOOD, Thresholds

SAID, MAYBE, ABSENT = "said", "maybe", "absent"


ALONE_COUNTS = 3.25
"""So near the limit of what is said, in log-odds by sound and likeness, the words alone can change the decision: of 3,178 questions
(by the weights of then) they are asked at a fifth, and further off no answer at any limit changes but four at the last hearing's."""
ALONE_OFF = -5.8, 9.8
"""So far from what it mostly is the log-ratio per syllable lies that words have without sound: of 4,237 (development calls: quiet, noisy,
coded, other voices) none was further off. Where no limit lies within what that makes of the log-odds, it is not asked for either."""
STUTTER_CHARACTERS = 3
SHORT_SYLLABLES = 3
LEAST_CONFIDENCE = 1e-4
HARDLY_BELIEVED = 1.0
"""Mean of what the log-probabilities of words lack (natural logarithm) from which they say nothing of other words."""


class WouldAsk(Exception):
    """The sound would have to be asked for an answer that is wanted without it."""


@runtime_checkable
class Counting(Protocol):
    """A verifier that counts the questions for which there was no sound left to ask."""

    unanswered: int


class Asker:
    """Asks the verifier about places of one call, each question once."""

    def __init__(
        self,
        streams: Mapping[str, Stream],
        thresholds: Thresholds,
        verifier: PhraseVerifier | None,
        noisy: frozenset[str] = frozenset(),
    ) -> None:
        self._streams = streams
        self._noisy = noisy
        self._limits = thresholds
        self._verifier = verifier
        self._preparing = verifier if isinstance(verifier, PreparingVerifier) else None
        self._answers: dict[tuple[str, int, int, str], float | None] = {}
        self.quiet = False
        self._doubtful_starts: dict[tuple[str, int], npt.NDArray[np.bool_]] = {}
        self._known_misheard: dict[tuple[str, tuple[int, int], str], float] = {}

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """In this block what the sound would have to be asked for raises :class:`WouldAsk`."""
        before, self.quiet = self.quiet, True
        try:
            yield
        finally:
            self.quiet = before

    def state(self, speaker: str, place: tuple[int, int], literal: str, similarity: float, strictly: bool) -> str:
        """Whether ``literal`` was said at ``place``, where something that similar is written."""
        less = self._surely_less(speaker, place, literal)
        accept = self._limits.accept_strictly if strictly or less else self._limits.accept
        odds = self._odds(speaker, place, literal, similarity, (accept, self._limits.reject))
        if odds is None:
            return MAYBE if similarity >= self._limits.alike else ABSENT
        if odds >= accept:
            return MAYBE if strictly and self._other_length(speaker, place, literal) else SAID
        return ABSENT if odds <= self._limits.reject or less else MAYBE

    def may_be_said(self, speaker: str, place: tuple[int, int], literal: str, limit: float | None = None) -> bool:
        """Whether the sound may give ``limit`` [``reject``]: by what the model confuses and how sure it was of what is written, that is
        foretold well enough to be spared often. Not on a noisy line, where it is sure of wrong words too.

        Of 6,853 questions (development calls: quiet, coded, other voices) this spares 2,572; to six of these the sound had said
        "perhaps", to none "said".
        """
        stream, limits = self._streams[speaker], self._limits
        if limits.foretelling is None or speaker in self._noisy:
            return True
        least, misheard = limits.reject if limit is None else limit, self._misheard(speaker, place, literal)
        return not limits.foretelling.below(least, len(literal), misheard, stream.confidence[slice(*place)])

    def surely(self, speaker: str, place: tuple[int, int], literal: str, similarity: float) -> bool:
        """Whether the sound leaves hardly a doubt that ``literal`` was said where something nearly the same is written.

        On a noisy line the recogniser is sure of wrong words too: they must only be refuted more surely.
        """
        if self._limits.weights is None or self._surely_less(speaker, place, literal) or self._other_length(speaker, place, literal):
            return False
        doubtful = self.doubtful(speaker, place, self._limits.nearly_sure)
        accept = self._limits.accept_surely if doubtful else self._limits.accept_most_surely
        if not self.may_be_said(speaker, place, literal, accept):
            return False
        odds = self._odds(speaker, place, literal, similarity, (accept,))
        return odds is not None and odds >= accept

    def opens(self, speaker: str, place: tuple[int, int], literal: str, similarity: float) -> str:
        """As :meth:`state`, for a courtesy where one stands, however sure other words are: doubted sooner [``opening_odds``]."""
        if self._limits.weights is None:
            return ABSENT
        odds = self._odds(speaker, place, literal, similarity, (self._limits.opening_odds, self._limits.accept))
        if odds is None or odds < self._limits.opening_odds:
            return ABSENT
        return SAID if odds >= self._limits.accept else MAYBE

    def _odds(self, speaker: str, place: tuple[int, int], literal: str, similarity: float, held_against: Sequence[float]) -> float | None:
        """The log-odds, as exactly as needed to be ``held_against`` these limits; ``None`` if the sound cannot be asked."""
        ratio, weights = self.log_ratio(speaker, place, literal), self._limits.weights
        if ratio is None or weights is None:
            return ratio
        misheard = self._misheard(speaker, place, literal)
        odds = weights.log_odds(len(literal), similarity, ratio, None, misheard)
        least, most = sorted(odds + weights.alone * off for off in ALONE_OFF)
        if abs(odds - self._limits.accept) >= ALONE_COUNTS or not any(least <= limit <= most for limit in held_against):
            return odds
        return weights.log_odds(len(literal), similarity, ratio, self._alone(speaker, place, literal), misheard)

    def _misheard(self, speaker: str, place: tuple[int, int], literal: str) -> float:
        """How likely what is written at ``place`` is for ``literal``, by what the model confuses."""
        confusions = self._limits.confusions
        if confusions is None:
            return 0.0
        key = speaker, place, literal
        if key not in self._known_misheard:  # phrases share wordings
            self._known_misheard[key] = confusions.log_likelihood(syllables(literal), self._streams[speaker].sounds[slice(*place)])
        return self._known_misheard[key]

    def _surely_less(self, speaker: str, place: tuple[int, int], literal: str) -> bool:
        """Whether only two thirds of ``literal`` or less are written at ``place``, and surely: no sound is left for the rest."""
        written = self._streams[speaker].text[slice(*place)]
        return written in literal and 3 * len(written) <= 2 * len(literal) and not self.doubtful(speaker, place)

    def _other_length(self, speaker: str, place: tuple[int, int], literal: str) -> bool:
        """Whether more or fewer characters than ``literal`` has are written at ``place``, and surely."""
        return place[1] - place[0] != len(literal) and not self.doubtful(speaker, place)

    def last_hearing(self, speaker: str, place: tuple[int, int], literal: str, similarity: float, open_odds: float | None = None) -> str:
        """Whether ``literal`` may have been said where doubtful words stand that do not even sound alike. Confident ones are left alone.

        ``open_odds``: from which it may have been said, where its place says more for it than at others [``last_odds``].
        """
        if not self.may_hide(speaker, place, literal, similarity, open_odds):
            return ABSENT
        ratio, limits = self.log_ratio(speaker, place, literal), self._limits
        if limits.weights is None or ratio is None:
            return self._uncalibrated(speaker, place, literal, ratio)
        if is_stutter(self._streams[speaker].text[slice(*place)]):
            return MAYBE if ratio >= limits.last_ratio else ABSENT  # anything is likelier than that
        maybe = limits.last_odds if open_odds is None else open_odds
        odds = self._odds(speaker, place, literal, similarity, (limits.last_odds_said, maybe)) or 0.0
        if odds >= limits.last_odds_said and self._margin(speaker, place, literal, ratio) >= limits.last_margin:
            return SAID
        return MAYBE if odds >= maybe else ABSENT

    def may_hide(self, speaker: str, place: tuple[int, int], literal: str, similarity: float, open_odds: float | None = None) -> bool:
        """Whether the last hearing has to ask: doubtful words, so doubtful that ``literal`` would be open if all the probability they
        lack were its own, or hardly believed at all (``HARDLY_BELIEVED``).

        Of 15,969 questions (development calls: quiet, noisy, coded and with other voices) this spares 40 %; one of the 128 that found
        something was among those, and changed no verdict.
        """
        if not self.doubtful(speaker, place):
            return False
        stream, limits = self._streams[speaker], self._limits
        if limits.weights is None or is_stutter(stream.text[slice(*place)]) or self._guessed(speaker, place, literal):
            return True  # a guess leaves it open where the sound cannot be asked
        lacking = [-math.log(max(c, LEAST_CONFIDENCE)) for c in stream.confidence[slice(*place)]]
        if sum(lacking) >= HARDLY_BELIEVED * len(lacking):
            return True
        at_best = limits.weights.log_odds(len(literal), similarity, sum(lacking), None, self._misheard(speaker, place, literal))
        return at_best >= (limits.last_odds if open_odds is None else open_odds)

    def perhaps(self, speaker: str, place: tuple[int, int], literal: str, similarity: float) -> bool:
        """Whether ``literal`` may have been said at a place that is left for just so many syllables, however sure the words there are."""
        if self._limits.weights is None:
            return False
        odds = self._odds(speaker, place, literal, similarity, (self._limits.part_odds,))
        return odds is not None and odds >= self._limits.part_odds

    def _uncalibrated(self, speaker: str, place: tuple[int, int], literal: str, ratio: float | None) -> str:
        """The same by the log-ratio alone: said if the sound nearly prefers it to what is written and clearly to every common phrase;
        if the sound only does not deny it and no common phrase explains the sound better, it may have been said."""
        limits, guessed = self._limits, MAYBE if self._guessed(speaker, place, literal) else ABSENT
        if ratio is None or ratio < limits.last_ratio:
            return guessed
        if is_stutter(self._streams[speaker].text[slice(*place)]):
            return MAYBE
        margin = self._margin(speaker, place, literal, ratio)
        if ratio >= limits.last_accept and margin >= limits.last_margin:
            return SAID
        return MAYBE if ratio >= limits.last_doubt or margin >= limits.last_beaten else guessed

    def badly_heard(self, speaker: str) -> bool:
        """Whether that party's line is noisy, or hardly anything of what it says was understood: the text alone says too little there."""
        return speaker in self._noisy or self._streams[speaker].mean_confidence < HARDLY_UNDERSTOOD

    def little_understood(self, speaker: str) -> bool:
        """Whether the recogniser was so little sure of that party's words that a part of a phrase may hide in any of them."""
        return self._streams[speaker].mean_confidence < self._limits.part_sure

    def _margin(self, speaker: str, place: tuple[int, int], literal: str, ratio: float) -> float:
        """By how much the sound prefers ``literal`` to the best of the common phrases."""
        common = [other for other in common_phrases(len(literal)) if other not in literal]
        self.prepare(speaker, [(place, other) for other in common])
        others = (self.log_ratio(speaker, place, other) for other in common)
        return ratio - max((o for o in others if o is not None), default=float("-inf"))

    def _alone(self, speaker: str, place: tuple[int, int], literal: str) -> float | None:
        """The log-ratio that the words have without any sound."""
        return self._told(self._without_sound(speaker, place, literal))

    def _guessed(self, speaker: str, place: tuple[int, int], literal: str) -> bool:
        """Whether what differs from ``literal`` at ``place`` is a guess of the recogniser, in which it hardly believes itself.

        On a noisy line nearly every word is: there half a doubt is enough.
        """
        stream = self._streams[speaker]
        written, sure = stream.text[slice(*place)], stream.confidence[slice(*place)]
        if len(written) != len(literal):
            return False
        if speaker in self._noisy:
            return sum(sure) / len(sure) < self._limits.last_guess_noisy
        differing = [c for a, b, c in zip(written, literal, sure, strict=True) if a != b]
        shared = len(literal) - len(differing)
        return shared > 0 and len(differing) > 1 and sum(differing) / len(differing) < self._limits.last_guess

    def worth_asking(self, speaker: str, place: tuple[int, int], similarity: float) -> bool:
        """Whether the sound can change anything: not where words that are little alike stand and the recogniser was sure of them.

        Of 1,466 such places in development calls, quiet, noisy and coded, the sound spoke for the phrase at none.
        """
        sure = self._streams[speaker].confidence[slice(*place)]
        return similarity >= self._limits.propose_sure or sum(sure) / max(1, len(sure)) < self._limits.sure

    def worth_accusing(self, speaker: str, place: tuple[int, int], literal: str, similarity: float) -> bool:
        """The same for a phrase whose presence could only be an accusation, its absence none: there the sound is asked about less.

        Not where a short phrase, or one of which only a part is written, sounds a little alike and the recogniser was very sure; nor
        where any phrase sounds hardly alike, and it was fairly sure or wrote a part of it; nor where one sounds half alike (中秋节快乐
        for 庆节快乐) and all that is written is likely. On a noisy line it is sure of wrong words too. Of 2,517 such places in
        development calls (quiet, coded, other voices) the sound spoke for 3 and left 56 open; of 703 half alike it spoke for 3 and
        left 51 open, nearly all of them other words.
        """
        stream, limits = self._streams[speaker], self._limits
        if speaker in self._noisy or limits.weights is None:
            return True
        written, sure = stream.text[slice(*place)], stream.confidence[slice(*place)]
        confidence, part = sum(sure) / max(1, len(sure)), set(written) <= set(literal)
        if similarity < limits.propose_sure:
            return not part and confidence < limits.fairly_sure
        if similarity < limits.half_alike and math.prod(sure) > limits.likely_as_written:
            return False
        return similarity >= limits.alike or confidence < limits.very_sure or not (part or len(literal) <= SHORT_SYLLABLES)

    def doubtful(self, speaker: str, place: tuple[int, int], sure: float | None = None) -> bool:
        """Whether the recogniser was not sure of the words at ``place`` (or wrote what is no text); ``sure``: from which confidence it is
        [``last_confidence``]."""
        stream = self._streams[speaker]
        confidence, limit = stream.confidence[slice(*place)], self._limits.last_confidence if sure is None else sure
        return bool(confidence) and (sum(confidence) / len(confidence) < limit or is_stutter(stream.text[slice(*place)]))

    def doubtful_starts(self, speaker: str, length: int) -> npt.NDArray[np.bool_]:
        """For each character whether doubtful words of ``length`` characters, all of one utterance, begin there."""
        key = (speaker, length)
        if key not in self._doubtful_starts:  # asked for by hundreds of wordings of that length
            stream = self._streams[speaker]
            starts = range(len(stream.text) - length + 1)
            alone = (stream.utterance[i] == stream.utterance[i + length - 1] and self.doubtful(speaker, (i, i + length)) for i in starts)
            self._doubtful_starts[key] = np.fromiter(alone, dtype=bool, count=max(0, len(starts)))
        return self._doubtful_starts[key]

    def log_ratio(self, speaker: str, place: tuple[int, int], literal: str) -> float | None:
        """How much likelier ``literal`` is than what is written at ``place``; ``None`` if it cannot be asked."""
        key = (speaker, *place, literal)
        if self._answers.get(key) is None:  # what cannot be answered is asked again by each rule: whoever counts that must see it
            self._answers[key] = self._asked(speaker, place, literal)
        return self._answers[key]

    def prepare(self, speaker: str, asked: Iterable[tuple[tuple[int, int], str]]) -> None:
        """Tell the verifier of places and phrases that are about to be asked for, where it can use that."""
        if self._preparing is not None and not self.quiet:
            new = [(place, literal) for place, literal in asked if (speaker, *place, literal) not in self._answers]
            self._preparing.prepare([self._question(speaker, place, literal) for place, literal in new])

    def _asked(self, speaker: str, place: tuple[int, int], literal: str) -> float | None:
        return self._told(self._question(speaker, place, literal))

    def _told(self, question: Question) -> float | None:
        """What the verifier says, if there is one."""
        if self._verifier is None:
            return None
        if self.quiet:
            raise WouldAsk
        return self._verifier.log_ratio(*question)

    def _question(self, speaker: str, place: tuple[int, int], literal: str) -> Question:
        stream = self._streams[speaker]
        first, last = utterance_range(stream, place)
        before, heard, after = stream.text[first : place[0]], stream.text[slice(*place)], stream.text[place[1] : last]
        return speaker, stream.start_s[first], stream.end_s[last - 1], before, heard, literal, after

    def _without_sound(self, speaker: str, place: tuple[int, int], literal: str) -> Question:
        """The same question of the words alone."""
        return NO_SOUND, 0.0, SILENCE_S, *self._question(speaker, place, literal)[3:]


def is_stutter(text: str) -> bool:
    """Whether a text is one or two characters over and over: what a recogniser writes when it has lost the thread."""
    return (len(text) >= STUTTER_CHARACTERS and len(set(text)) == 1) or (len(text) > STUTTER_CHARACTERS and len(set(text)) == 2)


def utterance_range(stream: Stream, place: tuple[int, int]) -> tuple[int, int]:
    """Character range of the utterances that a place lies in."""
    return stream.utterance_ends[place[0]][0], stream.utterance_ends[place[1] - 1][1]


@lru_cache(maxsize=64)
def common_phrases(length: int) -> tuple[str, ...]:
    """Phrases that are common in service calls, of that many characters (or the nearest length listed)."""
    text = files("voicemon.judge").joinpath("common_phrases.yaml").read_text(encoding="utf-8")
    listed: dict[int, list[str]] = yaml.safe_load(text)
    nearest = min((n for n in listed if n), key=lambda n: abs(n - length))
    return tuple(dict.fromkeys([*listed[nearest], *listed[0]]))
