"""Finding a phrase although the recogniser misspells it: text, then sound-alike, then the recogniser itself.

``said`` needs the words in the text or the verifier's word for it; a same-sounding text only proposes (``maybe``) until the
verifier has been asked. See "Finding a phrase" in ``docs/architecture.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..speech.soundalike import SoundText
from .asking import ABSENT, MAYBE, SAID, Asker, PhraseVerifier, Thresholds, Weights, is_stutter, utterance_range
from .dialogue import TURN_BREAK, Dialogue, Stream
from .found import Found, Hit, How
from .phrases import Alternative, Phrase

__all__ = ["ABSENT", "MAYBE", "SAID", "Finder", "Found", "Hit", "How", "PhraseVerifier", "Thresholds", "Weights"]

PLACES_ASKED = 4
OFTEN_SAID = 0.85
LAST_QUESTIONS = 12
SLOT_SPARE = 4
"""So many characters more than the phrase may stand in its place between its neighbours (请问 after a company's name)."""
WHOLE_SPARE = 1
"""A recogniser that mishears a short utterance still writes about as many syllables as there were."""
SYLLABLE_LEAST_S, SYLLABLE_MOST_S = 0.12, 0.5
PART_REACH_S = 4.0
"""So far from other parts of a phrase the missing one may lie, in a party's words that were little understood."""
PART_SIMILARITY = 0.4
"""Least similarity of such a part, and of a title after what may be a surname: one of two syllables nearly, or all of them roughly."""
NEARLY_SYLLABLES = 3
"""Two syllables are too often part of other words: 骂我 was surely heard in 阳光幼儿园吗我给孩子."""
WHOLE_SIMILARITY = 0.5
"""Rank of a whole utterance whose words are doubtful and whose length fits, among places that sound alike."""


class Finder:
    """Finds phrases in the streams of one call; keeps what was asked, so that each question is asked once."""

    def __init__(
        self,
        dialogue: Dialogue,
        thresholds: Thresholds,
        verifier: PhraseVerifier | None = None,
        noisy: frozenset[str] = frozenset(),
    ) -> None:
        self._streams = dialogue.streams
        self._sounds = {party: SoundText(s.sounds) for party, s in dialogue.streams.items()}
        self._thresholds = thresholds
        self._asker = Asker(dialogue.streams, thresholds, verifier, noisy)
        self._whole: dict[tuple[str, int, tuple[int, int]], tuple[tuple[int, int], ...]] = {}

    def stream(self, speaker: str) -> Stream:
        """That party's stream."""
        return self._streams[speaker]

    def sounds(self, speaker: str) -> SoundText:
        """How that party's stream sounds."""
        return self._sounds[speaker]

    def find(
        self, speaker: str, phrase: Phrase, window_s: tuple[float, float], fuzzy: bool = True, strictly: bool = False
    ) -> Found:
        """Look for the elements of ``phrase`` within ``window_s``, in order if the phrase says so.

        ``fuzzy``: also by sound; ``strictly``: the sound must be surer, since the phrase would be an accusation.
        """
        return self._find(speaker, phrase, self._streams[speaker].between(*window_s), How(fuzzy, strictly))

    def _find(self, speaker: str, phrase: Phrase, span: tuple[int, int], how: How) -> Found:
        answer = self._place(speaker, phrase, span, how)
        if answer.state == ABSENT and how.fuzzy and phrase.ordered and len(phrase.elements) > 1:
            earlier = self._place(speaker, phrase, span, replace(how, earliest=True))
            if len(earlier.missing) < len(answer.missing):
                return earlier
        return answer

    def _place(self, speaker: str, phrase: Phrase, span: tuple[int, int], how: How) -> Found:
        """Place the elements one after the other."""
        first, last = span
        placed: list[Hit | None] = []
        position = first
        for element in phrase.elements:
            placed.append(self._best(speaker, element, (position, last), how))
            if placed[-1] and phrase.ordered:
                position = placed[-1].end
        if how.last_hearing:
            placed = self._parts_near(speaker, phrase, self._slots_filled(speaker, phrase, placed))
        hits = [hit for hit in placed if hit]
        missing = [element[0].written for element, hit in zip(phrase.elements, placed, strict=True) if hit is None]
        if missing:
            return Found(ABSENT, tuple(hits), tuple(missing))
        doubtful = tuple(h.wording for h in hits if h.state == MAYBE)
        return Found(MAYBE if doubtful else SAID, tuple(hits), doubtful)

    def best_of(
        self, speaker: str, phrases: tuple[Phrase, ...], window_s: tuple[float, float], fuzzy: bool = True, last_hearing: bool = False
    ) -> Found:
        """The best answer over several phrases: said before maybe before absent (with the fewest missing).

        ``last_hearing`` is for a phrase whose absence would be an accusation: every doubtful place is asked about.
        """
        rank = {SAID: 0, MAYBE: 1, ABSENT: 2}
        answers = []
        span, how = self._streams[speaker].between(*window_s), How(fuzzy, last_hearing=last_hearing)
        for phrase in phrases:
            answers.append(self._find(speaker, phrase, span, how))
            if answers[-1].state == SAID:
                return answers[-1]
        return min(answers, key=lambda f: (rank[f.state], len(f.missing) - len(f.hits)))

    def all_hits(
        self, speaker: str, phrase: Phrase, window_s: tuple[float, float], fuzzy: bool = True, strictly: bool = False
    ) -> tuple[Found, ...]:
        """Every placement of ``phrase`` in the window, in order of time; placements do not overlap."""
        return self._all_hits(speaker, phrase, window_s, How(fuzzy, strictly))

    def all_surely(self, speaker: str, phrase: Phrase, window_s: tuple[float, float]) -> tuple[Found, ...]:
        """The same by the text alone; on a noisy line, doubtful words too that sound nearly the same, where the sound surely agrees."""
        return self._all_hits(speaker, phrase, window_s, How(fuzzy=False, strictly=True, nearly=self._asker.noisy(speaker)))

    def _all_hits(self, speaker: str, phrase: Phrase, window_s: tuple[float, float], how: How) -> tuple[Found, ...]:
        found: list[Found] = []
        spans = [self._streams[speaker].between(*window_s)]
        while spans:
            first, last = spans.pop()
            answer = self._find(speaker, phrase, (first, last), how) if first < last else None
            if answer is None or answer.state == ABSENT:
                continue
            found.append(answer)
            spans.append((max(h.end for h in answer.hits), last))
            if how.fuzzy or how.nearly:  # what sounds most alike need not come first
                spans.append((first, min(h.start for h in answer.hits)))
        return tuple(sorted(found, key=lambda f: f.start_s))

    def after_one(self, speaker: str, literal: str, window_s: tuple[float, float], no_first: str) -> Found:
        """``literal`` after any one character but those of ``no_first``, both by their sound: with the character before it (a surname,
        however it is spelt) a short word is told far better than alone."""
        stream, sounds = self._streams[speaker], self._sounds[speaker]
        first, last = stream.between(*window_s)
        proposed = sorted(sounds.places(literal, PART_SIMILARITY, (first + 1, last)), key=lambda p: -p.similarity)[:PLACES_ASKED]
        found = Found(ABSENT, (), (literal,))
        for start, end in ((p.start - 1, p.end) for p in proposed):
            if stream.utterance[start] != stream.utterance[end - 1] or stream.text[start] in no_first:
                continue
            wording = stream.text[start] + literal
            state = self._asker.state(speaker, (start, end), wording, self._likeness(speaker, wording, (start, end)), strictly=False)
            hit = Hit(start, end, stream.span_s(start, end), state, wording, stream.text[start:end])
            if state == SAID:
                return Found(SAID, (hit,))
            if state == MAYBE and not found.hits:
                found = Found(MAYBE, (hit,), (literal,))
        return found

    def _best(self, speaker: str, element: tuple[Alternative, ...], span: tuple[int, int], how: How) -> Hit | None:
        exact = self._exact(speaker, element, span)
        if exact is None and how.nearly:
            return self._nearly(speaker, element, span)
        if not how.fuzzy or (exact and not how.earliest):
            return exact
        if exact:
            misspelt = self._misspelt(speaker, element, (span[0], exact.start), how)
            return misspelt if misspelt and misspelt.state == SAID else exact
        return self._misspelt(speaker, element, span, how)

    def _nearly(self, speaker: str, element: tuple[Alternative, ...], span: tuple[int, int]) -> Hit | None:
        """Where doubtful words sound nearly like one of the alternatives and the sound surely agrees."""
        able = [a for a in element if _tellable_by_sound(a) and len(a.literal) >= NEARLY_SYLLABLES]
        sounds = self._sounds[speaker]
        sounds.seek(((a.literal, self._thresholds.nearly) for a in able), span)
        proposed = [(p, a) for a in able for p in sounds.places(a.literal, self._thresholds.nearly, span)]
        text = self._streams[speaker].text
        for p, a in sorted(proposed, key=lambda pair: -pair[0].similarity)[:PLACES_ASKED]:
            place = (p.start, p.end)
            if TURN_BREAK in text[slice(*place)] or not self._asker.doubtful(speaker, place):
                continue
            if self._asker.surely(speaker, place, a.literal, p.similarity):
                return self._hit(speaker, place, SAID, a)
        return None

    def _misspelt(self, speaker: str, element: tuple[Alternative, ...], span: tuple[int, int], how: How) -> Hit | None:
        able = [a for a in element if _tellable_by_sound(a)]
        self._sounds[speaker].seek(((a.literal, self._propose(a)) for a in able), span)
        likest = sorted(
            ((similarity, place, a) for a in able for similarity, place in self._proposals(speaker, a, span)),
            key=lambda p: -p[0],
        )[:PLACES_ASKED]
        proposed = [p for p in likest if not how.strictly or self._asker.worth_accusing(speaker, p[1], p[2].literal, p[0])]
        if how.earliest:
            proposed.sort(key=lambda p: p[1])  # the likest place may be a later one, after which nothing of the rest follows
        maybe: Hit | None = None
        for i, (similarity, place, alternative) in enumerate(proposed):
            if i == (1 if proposed[0][0] >= OFTEN_SAID else 0):  # so alike the first is often said; else all are asked for together
                self._asker.prepare(speaker, [(p, a.literal) for _, p, a in proposed[i:]])
            state = self._asker.state(speaker, place, alternative.literal, similarity, how.strictly)
            if state == SAID:
                return self._hit(speaker, place, SAID, alternative)
            if state == MAYBE and maybe is None:
                maybe = self._hit(speaker, place, MAYBE, alternative)
        return self._heard_last(speaker, element, span) or maybe if how.last_hearing and maybe is None else maybe

    def _heard_last(self, speaker: str, element: tuple[Alternative, ...], span: tuple[int, int]) -> Hit | None:
        """Ask about the likeliest doubtful places of the phrase's own length, whole short utterances among them."""
        proposed: list[tuple[float, tuple[int, int], Alternative]] = []
        for alternative in element:
            literal = alternative.literal
            if len(literal) >= 2 and len(alternative.atoms) == 1:
                places = self._doubtful_places(speaker, literal, span, self._thresholds.last_propose)
                proposed += [(s, place, alternative) for s, place in places]
        maybe: Hit | None = None
        likeliest = sorted(proposed, key=lambda p: -p[0])[:LAST_QUESTIONS]
        questions = [(place, a, *self._likeness_and_limit(speaker, a.literal, place)) for _, place, a in likeliest]
        asked = [q for q in questions if self._asker.may_hide(speaker, q[0], q[1].literal, *q[2:])]
        self._asker.prepare(speaker, [(place, alternative.literal) for place, alternative, *_ in asked])
        for place, alternative, likeness, open_odds in asked:
            state = self._asker.last_hearing(speaker, place, alternative.literal, likeness, open_odds)
            if state == SAID:
                return self._hit(speaker, place, SAID, alternative)
            if state == MAYBE and maybe is None:
                maybe = self._hit(speaker, place, MAYBE, alternative)
        return maybe

    def _likeness_and_limit(self, speaker: str, literal: str, place: tuple[int, int]) -> tuple[float, float | None]:
        """How alike a phrase is to the words at a place, and the log-odds that leave it open there if not the usual ones."""
        likeness = self._likeness(speaker, literal, place)
        nearly = len(literal) == 2 and likeness >= self._thresholds.propose_short
        return likeness, self._thresholds.part_odds if nearly and self._asker.little_understood(speaker) else None

    def _slots_filled(self, speaker: str, phrase: Phrase, placed: list[Hit | None]) -> list[Hit | None]:
        """The same with elements that may lie between the ones before and after them: doubtful words of their length stand there."""
        filled = list(placed)
        for i in range(1, len(placed) - 1):
            before, after = placed[i - 1], placed[i + 1]
            if placed[i] is None and before and after and before.end < after.start:
                filled[i] = self._in_slot(speaker, phrase.elements[i], (before.end, after.start))
        return filled

    def _in_slot(self, speaker: str, element: tuple[Alternative, ...], span: tuple[int, int]) -> Hit | None:
        text = self._streams[speaker].text[slice(*span)]
        for alternative in element:
            literal = alternative.literal
            if TURN_BREAK in text or len(alternative.atoms) > 1 or not len(literal) <= len(text) <= len(literal) + SLOT_SPARE:
                continue
            if len(text) == len(literal) and self._asker.perhaps(speaker, span, literal, self._likeness(speaker, literal, span)):
                return self._hit(speaker, span, MAYBE, alternative)
            for _, place in self._doubtful_places(speaker, literal, span, 0.0):
                likeness = self._likeness(speaker, literal, place)
                if self._asker.last_hearing(speaker, place, literal, likeness, self._thresholds.slot_odds) != ABSENT:
                    return self._hit(speaker, place, MAYBE, alternative)
        return None

    def _parts_near(self, speaker: str, phrase: Phrase, placed: list[Hit | None]) -> list[Hit | None]:
        """The same with elements that may lie near the others, in words of a party of whom the recogniser understood little."""
        hits = [hit for hit in placed if hit]
        if not hits or len(hits) == len(placed) or not self._asker.little_understood(speaker):
            return placed
        near_s = min(h.span_s[0] for h in hits) - PART_REACH_S, max(h.span_s[1] for h in hits) + PART_REACH_S
        span = self._streams[speaker].between(*near_s)
        return [hit or self._part(speaker, element, span) for element, hit in zip(phrase.elements, placed, strict=True)]

    def _part(self, speaker: str, element: tuple[Alternative, ...], span: tuple[int, int]) -> Hit | None:
        for alternative in element:
            literal = alternative.literal
            if len(literal) < 2 or len(alternative.atoms) > 1:
                continue
            for _, place in self._doubtful_places(speaker, literal, span, PART_SIMILARITY):
                likeness = self._likeness(speaker, literal, place)
                if self._asker.last_hearing(speaker, place, literal, likeness, self._thresholds.part_odds) != ABSENT:
                    return self._hit(speaker, place, MAYBE, alternative)
        return None

    def _likeness(self, speaker: str, literal: str, place: tuple[int, int]) -> float:
        """How much ``literal`` sounds like the best part of what is written at ``place``."""
        return max((p.similarity for p in self._sounds[speaker].places(literal, 0.0, place)), default=0.0)

    def _doubtful_places(
        self, speaker: str, literal: str, span: tuple[int, int], least: float
    ) -> list[tuple[float, tuple[int, int]]]:
        """Stretches of doubtful words within one utterance that may hide ``literal``, with their similarity (at ``least``)."""
        length = len(literal)
        similarity = self._sounds[speaker].straight(literal, span)
        doubtful = self._asker.doubtful_starts(speaker, length)[span[0] : span[0] + len(similarity)]
        starts = np.flatnonzero((similarity[: len(doubtful)] >= least) & doubtful).tolist()
        found = [(float(similarity[k]), (span[0] + k, span[0] + k + length)) for k in starts]
        key = (speaker, length, span)
        if key not in self._whole:  # the same for all wordings of that length, of which a phrase has hundreds
            self._whole[key] = tuple(self._doubtful_utterances(speaker, length, span))
        return found + [(WHOLE_SIMILARITY, place) for place in self._whole[key]]

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

    def _exact(self, speaker: str, element: tuple[Alternative, ...], span: tuple[int, int]) -> Hit | None:
        """The first place where an alternative is written, the longest of them there."""
        text = self._streams[speaker].text
        written = [(place[0], -place[1], n) for n, a in enumerate(element) if (place := a.first_in(text, *span))]
        if not written:
            return None
        start, minus_end, n = min(written)
        return self._hit(speaker, (start, -minus_end), SAID, element[n])

    def _proposals(self, speaker: str, alternative: Alternative, span: tuple[int, int]) -> list[tuple[float, tuple[int, int]]]:
        places = self._sounds[speaker].places(alternative.literal, self._propose(alternative), span)
        text = self._streams[speaker].text
        return [(p.similarity, (p.start, p.end)) for p in places[:3]
                if TURN_BREAK not in text[p.start : p.end] and self._asker.worth_asking(speaker, (p.start, p.end), p.similarity)]

    def _propose(self, alternative: Alternative) -> float:
        """Least similarity of a place worth asking about."""
        return self._thresholds.propose if len(alternative.literal) > 2 else self._thresholds.propose_short

    def log_ratio(self, speaker: str, place: tuple[int, int], literal: str) -> float | None:
        """How much likelier ``literal`` is than what is written at ``place``; ``None`` if it cannot be asked."""
        return self._asker.log_ratio(speaker, place, literal)

    def doubtful(self, speaker: str, place: tuple[int, int]) -> bool:
        """Whether the recogniser was not sure of the words at ``place``."""
        return self._asker.doubtful(speaker, place)

    def _hit(self, speaker: str, place: tuple[int, int], state: str, alternative: Alternative) -> Hit:
        stream = self._streams[speaker]
        return Hit(place[0], place[1], stream.span_s(*place), state, alternative.written, stream.text[slice(*place)])


def _tellable_by_sound(alternative: Alternative) -> bool:
    """One syllable alone sounds like too much; gaps are matched by their text only."""
    return len(alternative.atoms) == 1 and len(alternative.literal) >= 2
