"""Triggers that are not written, where the sound surely agrees that they were said; never by half."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from ..speech.soundalike import SoundText
from .asking import SAID, Asker
from .courtesies import Courtesies
from .dialogue import TURN_BREAK, Stream
from .elements import Element
from .found import Hit, hit_at
from .homophones import Homophones
from .misspelt import Misspelt, Nearly
from .thresholds import Thresholds

PLACES_ASKED = 4
NEVER = 2.0
"""Least similarity of two syllables, which are too often part of other words: 骂我 was surely heard in 阳光幼儿园吗我给孩子."""

SAME_SOUND, LEAST_RATIO = 0.97, -4.0
"""Of 216 nearly written wordings that the sound surely agreed to, the three that were other words had a lower log-ratio, and five right
ones; what sounds just the same is told by the words around it alone, and has -7 where a rarer word was said (来电 for 来店)."""


class SurelyMeant:
    """Looks in the streams of one call."""

    def __init__(
        self, streams: Mapping[str, Stream], sounds: Mapping[str, SoundText], thresholds: Thresholds, asker: Asker, courtesies: Courtesies
    ) -> None:
        self._streams = streams
        self._sounds = sounds
        self._thresholds = thresholds
        self._asker = asker
        self._courtesies = courtesies
        self._homophones = {party: Homophones(stream) for party, stream in streams.items()}
        self._misspelt = {party: Misspelt(stream, sounds[party], thresholds.confusions) for party, stream in streams.items()}

    def misspelt(self, speaker: str, element: Element, span: tuple[int, int]) -> Hit | None:
        """Where one of the alternatives is nearly written (:mod:`.misspelt`)."""
        for nearly, alternative in sorted(self._misspelt[speaker].places(element, span), key=lambda p: -p[0].similarity)[:PLACES_ASKED]:
            if self._asker.surely(speaker, nearly.place, nearly.literal, nearly.similarity) and self._not_denied(speaker, nearly):
                return hit_at(self._streams[speaker], nearly.whole, SAID, alternative)
        return self._homophone(speaker, element, span)

    def _homophone(self, speaker: str, element: Element, span: tuple[int, int]) -> Hit | None:
        """Where one of the alternatives is written with other characters of the same sound (:mod:`.homophones`)."""
        for found, alternative in islice(self._homophones[speaker].places(element, span), PLACES_ASKED):
            ratio = self._asker.log_ratio(speaker, found.place, found.meant)
            if ratio is None or ratio < found.least_ratio:
                continue
            if self._asker.surely(speaker, found.place, found.meant, self._sounds[speaker].likeness_at(found.meant, found.place)):
                return hit_at(self._streams[speaker], found.place, SAID, alternative)
        return None

    def _not_denied(self, speaker: str, nearly: Nearly) -> bool:
        """Whether the sound does not deny what differs: much that is alike beside it hides that (客服呈禁 is no 客服请您)."""
        ratio = self._asker.log_ratio(speaker, nearly.place, nearly.literal)
        return nearly.similarity >= SAME_SOUND or (ratio is not None and ratio >= LEAST_RATIO)

    def alike(self, speaker: str, element: Element, span: tuple[int, int]) -> Hit | None:
        """Where words sound nearly like one of the alternatives, whatever is written: for a badly heard line."""
        alike = self._sounds[speaker].seek(element.wordings, self._thresholds.nearly, NEVER, span)
        proposed = [(p, element.told(number)) for number, places in alike for p in places]
        text = self._streams[speaker].text
        for p, a in sorted(proposed, key=lambda pair: -pair[0].similarity)[:PLACES_ASKED]:
            place = (p.start, p.end)
            if TURN_BREAK in text[slice(*place)]:
                continue
            sure = self._asker.surely(speaker, place, a.literal, p.similarity)
            if sure and not self._courtesies.rivalled(speaker, place, a.literal):
                return hit_at(self._streams[speaker], place, SAID, a)
        return None
