"""The last hearing before a phrase counts as missing: doubtful words that may hide it although they hardly sound like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..speech.soundalike import SoundText
from .asking import ABSENT, MAYBE, SAID, Asker, is_stutter, utterance_range
from .dialogue import TURN_BREAK, Stream
from .elements import Alternative, Element
from .found import Hit, hit_at
from .phrases import Phrase
from .thresholds import Thresholds

LAST_QUESTIONS = 12
SLOT_SPARE = 4
"""So many characters more than the phrase may stand in its place between its neighbours (请问 after a company's name)."""
WHOLE_SPARE = 1
"""A recogniser that mishears a short utterance still writes about as many syllables as there were."""
SYLLABLE_LEAST_S, SYLLABLE_MOST_S = 0.12, 0.5
PART_REACH_S = 4.0
"""So far from other parts of a phrase the missing one may lie, in a party's words that were little understood."""
PART_SIMILARITY = 0.4
"""Least similarity of such a part: one of two syllables nearly, or all of them roughly."""
WHOLE_SIMILARITY = 0.5
"""Rank of a whole utterance whose words are doubtful and whose length fits, among places that sound alike."""


class LastHearing:
    """Looks in the streams of one call where nothing of a phrase is written or sounds alike."""

    def __init__(self, streams: Mapping[str, Stream], sounds: Mapping[str, SoundText], thresholds: Thresholds, asker: Asker) -> None:
        self._streams = streams
        self._sounds = sounds
        self._thresholds = thresholds
        self._asker = asker
        self._whole: dict[tuple[str, int, tuple[int, int]], tuple[tuple[int, int], ...]] = {}
        self._hiding: dict[tuple[str, str, tuple[int, int], float], list[tuple[float, tuple[int, int]]]] = {}

    def place(self, speaker: str, element: Element, span: tuple[int, int]) -> Hit | None:
        """Ask about the likeliest doubtful places of the phrase's own length, whole short utterances among them."""
        proposed: list[tuple[float, tuple[int, int], Alternative]] = []
        for alternative in element.all_told():
            places = self._doubtful_places(speaker, alternative.literal, span, self._thresholds.last_propose)
            proposed += [(s, place, alternative) for s, place in places]
        stream, maybe = self._streams[speaker], None
        likeliest = sorted(proposed, key=lambda p: -p[0])[:LAST_QUESTIONS]
        questions = [(place, a, *self._likeness_and_limit(speaker, a.literal, place)) for _, place, a in likeliest]
        asked = [q for q in questions if self._asker.may_hide(speaker, q[0], q[1].literal, *q[2:])]
        self._asker.prepare(speaker, [(place, alternative.literal) for place, alternative, *_ in asked])
        for place, alternative, likeness, open_odds in asked:
            state = self._asker.last_hearing(speaker, place, alternative.literal, likeness, open_odds)
            if state == SAID:
                return hit_at(stream, place, SAID, alternative)
            if state == MAYBE and maybe is None:
                maybe = hit_at(stream, place, MAYBE, alternative)
        return maybe

    def _likeness_and_limit(self, speaker: str, literal: str, place: tuple[int, int]) -> tuple[float, float | None]:
        """How alike a phrase is to the words at a place, and the log-odds that leave it open there if not the usual ones."""
        likeness = self._sounds[speaker].likeness(literal, place)
        nearly = len(literal) == 2 and likeness >= self._thresholds.propose_short
        return likeness, self._thresholds.part_odds if nearly and self._asker.little_understood(speaker) else None

    def slots_filled(self, speaker: str, phrase: Phrase, placed: list[Hit | None]) -> list[Hit | None]:
        """The same with elements that may lie between the ones before and after them: doubtful words of their length stand there."""
        filled = list(placed)
        for i in range(1, len(placed) - 1):
            before, after = placed[i - 1], placed[i + 1]
            if placed[i] is None and before and after and before.end < after.start:
                filled[i] = self._in_slot(speaker, phrase.elements[i], (before.end, after.start))
        return filled

    def _in_slot(self, speaker: str, element: Element, span: tuple[int, int]) -> Hit | None:
        stream = self._streams[speaker]
        text = stream.text[slice(*span)]
        for alternative in element:
            literal = alternative.literal
            if TURN_BREAK in text or len(alternative.atoms) > 1 or not len(literal) <= len(text) <= len(literal) + SLOT_SPARE:
                continue
            if len(text) == len(literal) and self._asker.perhaps(speaker, span, literal, self._sounds[speaker].likeness(literal, span)):
                return hit_at(stream, span, MAYBE, alternative)
            for _, place in self._doubtful_places(speaker, literal, span, 0.0):
                likeness = self._sounds[speaker].likeness(literal, place)
                if self._asker.last_hearing(speaker, place, literal, likeness, self._thresholds.slot_odds) != ABSENT:
                    return hit_at(stream, place, MAYBE, alternative)
        return None

    def parts_near(self, speaker: str, phrase: Phrase, placed: list[Hit | None]) -> list[Hit | None]:
        """The same with elements that may lie near the others, in words of a party of whom the recogniser understood little.

        Not in words that are surely another element: both were not said at once.
        """
        hits = [hit for hit in placed if hit]
        if not hits or len(hits) == len(placed) or not self._asker.little_understood(speaker):
            return placed
        near_s = min(h.span_s[0] for h in hits) - PART_REACH_S, max(h.span_s[1] for h in hits) + PART_REACH_S
        span = self._streams[speaker].between(*near_s)
        taken = [(hit.start, hit.end) for hit in hits if hit.state == SAID]
        return [hit or self._part(speaker, element, span, taken) for element, hit in zip(phrase.elements, placed, strict=True)]

    def _part(
        self, speaker: str, element: Element, span: tuple[int, int], taken: Sequence[tuple[int, int]]
    ) -> Hit | None:
        stream = self._streams[speaker]
        for alternative in element.all_told():
            literal = alternative.literal
            for _, place in self._doubtful_places(speaker, literal, span, PART_SIMILARITY):
                if any(place[0] < end and start < place[1] for start, end in taken):
                    continue
                likeness = self._sounds[speaker].likeness(literal, place)
                if self._asker.last_hearing(speaker, place, literal, likeness, self._thresholds.part_odds) != ABSENT:
                    return hit_at(stream, place, MAYBE, alternative)
        return None

    def _doubtful_places(
        self, speaker: str, literal: str, span: tuple[int, int], least: float
    ) -> list[tuple[float, tuple[int, int]]]:
        """Stretches of doubtful words within one utterance that may hide ``literal``, with their similarity (at ``least``); kept, since
        phrases share wordings."""
        key = (speaker, literal, span, least)
        if key not in self._hiding:
            self._hiding[key] = [*self._doubtful_stretches(*key), *((WHOLE_SIMILARITY, place) for place in self._utterances(*key[:3]))]
        return self._hiding[key]

    def _doubtful_stretches(
        self, speaker: str, literal: str, span: tuple[int, int], least: float
    ) -> Iterator[tuple[float, tuple[int, int]]]:
        length = len(literal)
        doubtful = np.flatnonzero(self._asker.doubtful_starts(speaker, length)[span[0] : max(span[0], span[1] - length + 1)])
        if len(doubtful):
            similarity = self._sounds[speaker].straight(literal, span)
            alike = ((k, float(similarity[k])) for k in doubtful.tolist() if k < len(similarity))
            yield from ((likeness, (span[0] + k, span[0] + k + length)) for k, likeness in alike if likeness >= least)

    def _utterances(self, speaker: str, literal: str, span: tuple[int, int]) -> tuple[tuple[int, int], ...]:
        key = (speaker, len(literal), span)
        if key not in self._whole:  # the same for all wordings of that length, of which a phrase has hundreds
            self._whole[key] = tuple(self._doubtful_utterances(*key))
        return self._whole[key]

    def _doubtful_utterances(self, speaker: str, length: int, span: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Whole utterances of doubtful words in ``span`` that may be ``length`` syllables."""
        stream, position = self._streams[speaker], span[0]
        while position < span[1]:
            first, last = utterance_range(stream, (position, position + 1))
            per_syllable_s = (stream.end_s[last - 1] - stream.start_s[first]) / length
            fits = first >= span[0] and last <= span[1] and SYLLABLE_LEAST_S <= per_syllable_s <= SYLLABLE_MOST_S
            like = abs(last - first - length) <= WHOLE_SPARE or (fits and is_stutter(stream.text[first:last]))
            if fits and like and self._asker.doubtful(speaker, (first, last)):
                yield first, last
            position = last
