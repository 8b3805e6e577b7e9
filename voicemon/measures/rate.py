"""Speaking rate of one party with its three denominators, from its words. No sound is looked at (see :mod:`.syllables`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..records import Span, SpeakingRate, Utterance
from ..spans import total_s

MIN_TURN_S = 3.0  # definitions.md, "Speaking rate": shorter turns have no rate of their own
MIN_TURN_CHARACTERS = 8  # definitions.md, "Speaking rate"


def speaking_rate(
    utterances: Sequence[Utterance],
    speech: Sequence[Span],
    turns: Sequence[Span],
    call_s: float | None,
    syllables: int | None = None,
) -> SpeakingRate:
    """Rate of one party: its own ``utterances``, ``speech`` and ``turns``; ``call_s`` is answer to end in seconds.

    Characters are counted as spoken (:func:`voicemon.speech.counting.count_characters`, :func:`voicemon.speech.as_spoken.as_spoken`);
    rates are per minute.
    """
    from ..speech.as_spoken import as_spoken
    from ..speech.counting import count_characters

    speech_s, turns_s = total_s(speech), total_s(turns)
    characters = sum(count_characters(u.text) for u in as_spoken(utterances))
    if speech_s <= 0:
        return SpeakingRate(reason="no speech of this party was found")
    if characters == 0:
        reason = "no words of this party were recognised"
        return SpeakingRate(speech_s=speech_s, turns_s=turns_s, syllables=syllables, reason=reason)
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


@dataclass(frozen=True)
class TurnRate:
    """Rate of one turn."""

    start_s: float
    end_s: float
    characters: int
    per_minute: float


def turn_rates(utterances: Sequence[Utterance], turns: Sequence[Span]) -> tuple[TurnRate, ...]:
    """Rate of each turn of one party that has at least 3 s and 8 characters; a word belongs to the turn of its middle."""
    from ..speech.as_spoken import as_spoken
    from ..speech.counting import count_characters

    pieces = [piece for u in as_spoken(utterances) for piece in (u.words or (u,))]
    rates = []
    for turn in turns:
        text = "".join(p.text for p in pieces if turn.start_s <= (p.start_s + p.end_s) / 2 < turn.end_s)
        characters = count_characters(text)
        if turn.duration_s >= MIN_TURN_S and characters >= MIN_TURN_CHARACTERS:
            rates.append(TurnRate(turn.start_s, turn.end_s, characters, 60.0 * characters / turn.duration_s))
    return tuple(rates)
