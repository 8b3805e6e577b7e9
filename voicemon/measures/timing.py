"""Who speaks when: turns, talk share, talk-over; waits are in :mod:`voicemon.measures.waits`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..records import AGENT, CUSTOMER, Interruption, Span, Utterance
from ..spans import intersect, merge, total_s
from .waits import WaitContext, find_waits, muted_spans

__all__ = ["WaitContext", "find_interruptions", "find_waits", "muted_spans", "talk_share", "turns"]

TURN_PAUSE_S = 1.0  # definitions.md, "Turn"
OVERLAP_S = 0.5  # definitions.md, "Talk-over": both speak for at least this long
BACKCHANNEL_S = 0.8  # definitions.md, "Talk-over"
BACKCHANNEL_CHARACTERS = 2  # definitions.md, "Talk-over"
BREATH_S = 0.3  # a closure inside a word or a breath does not begin a new start of speech


def turns(speech: Sequence[Span], other_speech: Sequence[Span]) -> tuple[Span, ...]:
    """Speech of one party, joined over its own pauses shorter than 1.0 s during which the other party is silent."""
    joined: list[Span] = []
    for span in merge(speech):
        if joined and _same_turn(joined[-1], span, other_speech):
            joined[-1] = Span(joined[-1].start_s, span.end_s)
        else:
            joined.append(span)
    return tuple(joined)


def _same_turn(before: Span, after: Span, other_speech: Sequence[Span]) -> bool:
    if after.start_s - before.end_s >= TURN_PAUSE_S:
        return False
    return not any(o.start_s < after.start_s and o.end_s > before.end_s for o in other_speech)


def talk_share(speech: Mapping[str, Sequence[Span]], call_s: float) -> dict[str, float]:
    """Share of the call (``call_s`` seconds, answer to end) in which each party speaks; overlap counts once for each."""
    if call_s <= 0:
        return {}
    return {party: min(1.0, total_s(spans) / call_s) for party, spans in speech.items()}


def find_interruptions(
    agent_speech: Sequence[Span], customer_speech: Sequence[Span], utterances: Sequence[Utterance] = ()
) -> tuple[Interruption, ...]:
    """Every place where a party starts while the other is speaking and both go on for at least 0.5 s, in order of time.

    ``end_s`` is where the talk-over ends. ``utterances`` (of both parties) tell a short acknowledgement from a sentence.
    """
    agent, customer = merge(agent_speech, BREATH_S), merge(customer_speech, BREATH_S)
    found = _starts_over(AGENT, agent, customer, utterances) + _starts_over(CUSTOMER, customer, agent, utterances)
    return tuple(sorted(found, key=lambda i: (i.start_s, i.by)))


def _starts_over(
    by: str, starters: Sequence[Span], holders: Sequence[Span], utterances: Sequence[Utterance]
) -> list[Interruption]:
    found = []
    for start in starters:
        held = [h for h in holders if h.start_s < start.start_s < h.end_s]
        if not held:
            continue
        over = intersect([start], held)
        if total_s(over) >= OVERLAP_S:
            found.append(Interruption(by, start.start_s, over[-1].end_s, _is_backchannel(by, start, utterances)))
    return found


def _is_backchannel(by: str, span: Span, utterances: Sequence[Utterance]) -> bool:
    if span.duration_s <= BACKCHANNEL_S:
        return True
    from ..speech.counting import count_characters

    text = "".join(_text_inside(u, span) for u in utterances if u.speaker == by)
    return 0 < count_characters(text) <= BACKCHANNEL_CHARACTERS


def _text_inside(utterance: Utterance, span: Span) -> str:
    """What of an utterance lies in a span: by the middle of each word, or of the utterance where words have no times."""
    pieces = utterance.words or (utterance,)
    return "".join(p.text for p in pieces if span.start_s <= (p.start_s + p.end_s) / 2 < span.end_s)
