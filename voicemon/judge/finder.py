"""Finding a phrase although the recogniser misspells it: text, then sound-alike, then the recogniser itself.

``said`` needs the words in the text or the verifier's word for it; a same-sounding text only proposes (``maybe``) until the
verifier has been asked. See "Finding a phrase" in ``docs/architecture.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from ..speech.soundalike import SoundText
from .asking import ABSENT, MAYBE, SAID, Asker, PhraseVerifier, is_stutter
from .courtesies import Courtesies
from .dialogue import TURN_BREAK, Dialogue, Stream
from .elements import Alternative, Element
from .found import Found, Hit, How, hit_at
from .last_hearing import LastHearing
from .phrases import Phrase
from .surely_meant import PLACES_ASKED, SurelyMeant
from .thresholds import Thresholds

__all__ = ["ABSENT", "MAYBE", "SAID", "Finder", "Found", "Hit", "How", "PhraseVerifier"]

OFTEN_SAID = 0.85
TITLE_SIMILARITY = 0.4
"""Least similarity of a title after what may be a surname: one of two syllables nearly, or all of them roughly."""


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
        self._last = LastHearing(dialogue.streams, self._sounds, thresholds, self._asker)
        self._courtesies = Courtesies(dialogue.streams, self._sounds, self._asker)
        self._surely = SurelyMeant(dialogue.streams, self._sounds, thresholds, self._asker, self._courtesies)

    def stream(self, speaker: str) -> Stream:
        """That party's stream."""
        return self._streams[speaker]

    def sounds(self, speaker: str) -> SoundText:
        """How that party's stream sounds."""
        return self._sounds[speaker]

    @property
    def quiet(self) -> bool:
        """Whether this is a block of :meth:`quietly`."""
        return self._asker.quiet

    def quietly(self) -> AbstractContextManager[None]:
        """In this block the sound is not asked: what needs it raises :class:`.asking.WouldAsk`."""
        return self._asker.quietly()

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
            placed = self._last.parts_near(speaker, phrase, self._last.slots_filled(speaker, phrase, placed))
        hits = [hit for hit in placed if hit]
        missing = [element[0].written for element, hit in zip(phrase.elements, placed, strict=True) if hit is None]
        if missing:
            return Found(ABSENT, tuple(hits), tuple(missing))
        doubtful = tuple(h.wording for h in hits if h.state == MAYBE)
        return Found(MAYBE if doubtful else SAID, tuple(hits), doubtful)

    def best_of(
        self, speaker: str, phrases: tuple[Phrase, ...], window_s: tuple[float, float], fuzzy: bool = True, last_hearing: bool = False
    ) -> Found:
        """The best answer over several phrases: said before maybe before absent (with the fewest missing). One that is written comes before
        all that have to be asked about.

        ``last_hearing`` is for a phrase whose absence would be an accusation: every doubtful place is asked about.
        """
        rank = {SAID: 0, MAYBE: 1, ABSENT: 2}
        answers = []
        span, how = self._streams[speaker].between(*window_s), How(fuzzy, last_hearing=last_hearing)
        if fuzzy and len(phrases) > 1:
            written = (self._find(speaker, phrase, span, How(fuzzy=False)) for phrase in phrases)
            if (found := next((f for f in written if f.state == SAID), None)) is not None:
                return found
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

    def all_accusing(self, speaker: str, phrase: Phrase, window_s: tuple[float, float]) -> tuple[Found, ...]:
        """The same, strictly, where to miss the phrase can accuse nobody: the sound is asked only where it may well speak for it."""
        return self._all_hits(speaker, phrase, window_s, How(fuzzy=True, strictly=True, sparing=True))

    def all_surely(self, speaker: str, phrase: Phrase, window_s: tuple[float, float]) -> tuple[Found, ...]:
        """The same by the text, and words nearly written so where the sound surely agrees; on a badly heard line any that sound so."""
        badly = self._asker.badly_heard(speaker)
        return self._all_hits(speaker, phrase, window_s, How(fuzzy=False, strictly=True, nearly=badly, misspelt=not badly))

    def all_nearly_written(self, speaker: str, phrase: Phrase, window_s: tuple[float, float]) -> tuple[Found, ...]:
        """The same by the text, and words nearly written so where the sound surely agrees, unless the line is badly heard."""
        return self._all_hits(speaker, phrase, window_s, How(fuzzy=False, strictly=True, misspelt=not self._asker.badly_heard(speaker)))

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
            if how.fuzzy or how.nearly or how.misspelt:  # what sounds most alike need not come first
                spans.append((first, min(h.start for h in answer.hits)))
        return tuple(sorted(found, key=lambda f: f.start_s))

    def after_one(
        self, speaker: str, literal: str, window_s: tuple[float, float], no_first: Sequence[str], others: Sequence[str] = ()
    ) -> Found:
        """``literal`` after any one character but those of ``no_first``, both by their sound: with the character before it (a surname,
        however it is spelt) a short word is told far better than alone. Not where one of ``others`` is written (四小时 is no 小女士)."""
        stream, sounds = self._streams[speaker], self._sounds[speaker]
        first, last = stream.between(*window_s)
        proposed = sorted(sounds.places(literal, TITLE_SIMILARITY, (first + 1, last)), key=lambda p: -p.similarity)[:PLACES_ASKED]
        found = Found(ABSENT, (), (literal,))
        for start, end in ((p.start - 1, p.end) for p in proposed):
            if stream.utterance[start] != stream.utterance[end - 1] or stream.text[start] in no_first:
                continue
            if any(written_over(stream.text, other, (start, end)) for other in others):
                continue
            wording = stream.text[start] + literal
            likeness = sounds.likeness(wording, (start, end))
            if not self._asker.badly_heard(speaker) and not self._asker.worth_asking(speaker, (start, end), likeness):
                continue
            if not self._asker.may_be_said(speaker, (start, end), wording):
                continue
            stutter = is_stutter(stream.text[start:end])  # anything is likelier than that
            state = MAYBE if stutter else self._asker.state(speaker, (start, end), wording, likeness, strictly=True)
            hit = Hit(start, end, stream.span_s(start, end), state, wording, stream.text[start:end])
            if state == SAID:
                return Found(SAID, (hit,))
            if state == MAYBE and not found.hits:
                found = Found(MAYBE, (hit,), (literal,))
        return found

    def _best(self, speaker: str, element: Element, span: tuple[int, int], how: How) -> Hit | None:
        exact = self._exact(speaker, element, span)
        if exact is None and how.nearly:
            return self._surely.alike(speaker, element, span)
        if exact is None and how.misspelt:
            return self._surely.misspelt(speaker, element, span)
        if not how.fuzzy or (exact and not how.earliest):
            return exact
        if exact:
            misspelt = self._by_sound(speaker, element, (span[0], exact.start), how)
            return misspelt if misspelt and misspelt.state == SAID else exact
        return self._by_sound(speaker, element, span, how)

    def _by_sound(self, speaker: str, element: Element, span: tuple[int, int], how: How) -> Hit | None:
        likest = sorted(self._proposals(speaker, element, span), key=lambda p: -p[0])[:PLACES_ASKED]
        proposed = [p for p in likest if self._asker.may_be_said(speaker, p[1], p[2].literal)]
        proposed = [p for p in proposed if not how.sparing or self._asker.worth_accusing(speaker, p[1], p[2].literal, p[0])]
        if how.earliest:
            proposed.sort(key=lambda p: p[1])  # the likest place may be a later one, after which nothing of the rest follows
        maybe: Hit | None = None
        for i, (similarity, place, alternative) in enumerate(proposed):
            if i == (1 if proposed[0][0] >= OFTEN_SAID else 0):  # so alike the first is often said; else all are asked for together
                self._asker.prepare(speaker, [(p, a.literal) for _, p, a in proposed[i:]])
            state = self._asker.state(speaker, place, alternative.literal, similarity, how.strictly)
            if state == SAID:
                return hit_at(self._streams[speaker], place, SAID, alternative)
            if state == MAYBE and maybe is None:
                maybe = hit_at(self._streams[speaker], place, MAYBE, alternative)
        opening = None if how.strictly else self._courtesies.opening(speaker, element, span)
        if opening and (opening.state == SAID or maybe is None):
            return opening
        return self._last.place(speaker, element, span) or maybe if how.last_hearing and maybe is None else maybe

    def _exact(self, speaker: str, element: Element, span: tuple[int, int]) -> Hit | None:
        """The first place where an alternative is written, the longest of them there."""
        stream = self._streams[speaker]
        able = stream.pieces.among(element.beginnings).tolist()  # most wordings of a pack are in no call at all
        written = [(place[0], -place[1], n) for n in able if (place := element.first_in(n, stream.text, *span))]
        if not written:
            return None
        start, minus_end, n = min(written)
        return hit_at(stream, (start, -minus_end), SAID, element[n])

    def _proposals(self, speaker: str, element: Element, span: tuple[int, int]) -> Iterator[tuple[float, tuple[int, int], Alternative]]:
        """Places that sound alike and are worth asking about: how alike, where, and to which alternative."""
        limits, text = self._thresholds, self._streams[speaker].text
        for number, places in self._sounds[speaker].seek(element.wordings, limits.propose, limits.propose_short, span):
            for p in places[:3]:
                place = p.start, p.end
                if TURN_BREAK not in text[slice(*place)] and self._asker.worth_asking(speaker, place, p.similarity):
                    yield p.similarity, place, element.told(number)

    def log_ratio(self, speaker: str, place: tuple[int, int], literal: str) -> float | None:
        """How much likelier ``literal`` is than what is written at ``place``; ``None`` if it cannot be asked."""
        return self._asker.log_ratio(speaker, place, literal)

    def courtesy_instead(self, speaker: str, found: Found) -> str:
        """Whether what was found was a courtesy that opens the utterance, misheard (最不行 for 对不起): said, perhaps said, or absent."""
        return self._courtesies.instead(speaker, found)

    def doubtful(self, speaker: str, place: tuple[int, int]) -> bool:
        """Whether the recogniser was not sure of the words at ``place``."""
        return self._asker.doubtful(speaker, place)


def written_over(text: str, word: str, place: tuple[int, int]) -> bool:
    """Whether ``word`` is written in ``text`` over any of the characters of ``place``."""
    return text.find(word, max(0, place[0] - len(word) + 1), place[1] + len(word) - 1) >= 0
