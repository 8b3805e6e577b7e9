"""Courtesies that a recogniser surely writes otherwise on a badly heard line: 最不行 for 对不起 is neither a refusal nor no apology."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import yaml

from ..speech.soundalike import SoundText
from .asking import ABSENT, MAYBE, SAID, Asker, utterance_range
from .dialogue import Stream
from .elements import Element
from .found import Found, Hit, hit_at

OPENING_LIKENESS = 0.4
"""Least similarity of as many characters that open an utterance: 太不行 still sounds that much like 对不起. Of 55 such places in noisy
development calls one was said at 41, each within ``Thresholds.opening_odds``; none of the 14 others was."""
RIVAL_LIKENESS = 0.6
"""Least similarity of as many characters that may be another fixed phrase (充不懂, 听不懂)."""


@lru_cache(maxsize=1)
def courtesies() -> Mapping[str, tuple[str, ...]]:
    """The fixed phrases by where they stand (``opening``, ``anywhere``)."""
    text = files("voicemon.judge").joinpath("courtesies.yaml").read_text(encoding="utf-8")
    return {where: tuple(listed) for where, listed in yaml.safe_load(text).items()}


class Courtesies:
    """Asks about fixed phrases in the streams of one call, on badly heard lines only."""

    def __init__(self, streams: Mapping[str, Stream], sounds: Mapping[str, SoundText], asker: Asker) -> None:
        self._streams = streams
        self._sounds = sounds
        self._asker = asker

    def opening(self, speaker: str, element: Element, span: tuple[int, int]) -> Hit | None:
        """A courtesy of ``element`` that opens an utterance in ``span`` written otherwise: said, perhaps said, or ``None``."""
        able = [a for a in element if a.written in courtesies()["opening"]] if self._asker.badly_heard(speaker) else ()
        if not able:
            return None
        maybe: Hit | None = None
        for start in self._openings(speaker, span):
            for alternative in able:
                place = (start, start + len(alternative.literal))
                state = self._opens(speaker, alternative.literal, place) if place[1] <= span[1] else ABSENT
                if state == SAID:
                    return hit_at(self._streams[speaker], place, SAID, alternative)
                if state == MAYBE and maybe is None:
                    maybe = hit_at(self._streams[speaker], place, MAYBE, alternative)
        return maybe

    def instead(self, speaker: str, found: Found) -> str:
        """Whether all that was found is part of what may be a courtesy that opens the utterance: said, perhaps said, or absent.

        Of the courtesy something must be written, but less than half: 谢谢啊 is no misheard 谢谢您, nor 您好 one of 请稍候.
        """
        if not self._asker.badly_heard(speaker):
            return ABSENT
        start = utterance_range(self._streams[speaker], (found.hits[0].start, found.hits[0].end))[0]
        states = {self._covers(speaker, literal, start, found) for literal in courtesies()["opening"]}
        return next((state for state in (SAID, MAYBE) if state in states), ABSENT)

    def _covers(self, speaker: str, literal: str, start: int, found: Found) -> str:
        end = start + len(literal)
        if any(h.start < start or h.end > end or "{" in h.wording for h in found.hits):
            return ABSENT
        written = self._streams[speaker].text[start:end]
        shared = sum(a == b for a, b in zip(written, literal, strict=False))
        return self._opens(speaker, literal, (start, end)) if 0 < 2 * shared < len(literal) else ABSENT

    def rivalled(self, speaker: str, place: tuple[int, int], literal: str) -> bool:
        """Whether the sound prefers another fixed phrase to ``literal`` at ``place``, where words sound nearly like both."""
        others = (r for r in courtesies()["anywhere"] if len(r) == place[1] - place[0] and r not in literal)
        rivals = [r for r in others if self._alike(speaker, r, place) >= RIVAL_LIKENESS]
        own = self._asker.log_ratio(speaker, place, literal) if rivals else None
        ratios = (self._asker.log_ratio(speaker, place, rival) for rival in rivals)
        return own is not None and any(ratio is not None and ratio >= own for ratio in ratios)

    def _openings(self, speaker: str, span: tuple[int, int]) -> list[int]:
        """Where utterances begin in ``span``."""
        utterance = self._streams[speaker].utterance
        return [i for i in range(*span) if i == 0 or utterance[i] != utterance[i - 1]]

    def _opens(self, speaker: str, literal: str, place: tuple[int, int]) -> str:
        stream = self._streams[speaker]
        if place[1] > len(stream.text) or stream.utterance[place[0]] != stream.utterance[place[1] - 1]:
            return ABSENT
        likeness = self._alike(speaker, literal, place)
        return self._asker.opens(speaker, place, literal, likeness) if likeness >= OPENING_LIKENESS else ABSENT

    def _alike(self, speaker: str, literal: str, place: tuple[int, int]) -> float:
        return self._sounds[speaker].likeness_at(literal, place)
