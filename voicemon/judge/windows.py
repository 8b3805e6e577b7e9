"""Windows of time in which something must or must not be said, by word times, relative to a trigger."""

from __future__ import annotations

from .answers import Occurrence
from .dialogue import BACKCHANNEL_CHARACTERS, Dialogue, Line
from .schema import Where

EDGE_S = 0.3
"""Word times are good to about a third of a second; windows open that much early."""
ENDLESS_S = 1e9
OPENING_S = 15.0
RETURN_S = 12.0
CLOSING_TURNS = 3
TURN_BEFORE_S = 15.0

Window = tuple[float, float]


def window(dialogue: Dialogue, speaker: str, where: Where, anchor: Occurrence | None) -> Window | None:
    """The window ``where`` for words of ``speaker``; ``None`` if there is no such place in this call."""
    if where.place in _FIXED:
        return _FIXED[where.place](dialogue, speaker, where)
    at = anchor or Occurrence(0.0, 0.0)
    return _RELATIVE[where.place](dialogue, speaker, where, at)


def _call(dialogue: Dialogue, speaker: str, where: Where) -> Window | None:
    return 0.0, ENDLESS_S


def _opening(dialogue: Dialogue, speaker: str, where: Where) -> Window | None:
    """The party's first words until the other party takes over for more than a backchannel, at most 15 s."""
    own = dialogue.of(speaker)
    if not own:
        return None
    start_s = own[0].start_s
    others = (x.start_s for x in dialogue.lines if x.speaker != speaker and x.start_s > start_s and _substantial(x))
    return start_s - EDGE_S, min(start_s + OPENING_S, next(others, ENDLESS_S) + EDGE_S)


def _closing(dialogue: Dialogue, speaker: str, where: Where) -> Window | None:
    own = dialogue.of(speaker)
    return (own[-CLOSING_TURNS:][0].start_s - EDGE_S, ENDLESS_S) if own else None


def _last_turn(dialogue: Dialogue, speaker: str, where: Where) -> Window | None:
    own = dialogue.of(speaker)
    return (own[-1].start_s - EDGE_S, ENDLESS_S) if own else None


def _first_s(dialogue: Dialogue, speaker: str, where: Where) -> Window | None:
    start_s = dialogue.lines[0].start_s if dialogue.lines else 0.0
    return 0.0, start_s + (where.seconds or 0.0)


def _last_s(dialogue: Dialogue, speaker: str, where: Where) -> Window | None:
    end_s = max((x.end_s for x in dialogue.lines), default=0.0)
    return end_s - (where.seconds or 0.0), ENDLESS_S


def _after(dialogue: Dialogue, speaker: str, where: Where, anchor: Occurrence) -> Window | None:
    return anchor.end_s - EDGE_S, ENDLESS_S if where.seconds is None else anchor.end_s + where.seconds


def _before(dialogue: Dialogue, speaker: str, where: Where, anchor: Occurrence) -> Window | None:
    return 0.0 if where.seconds is None else anchor.start_s - where.seconds, anchor.start_s + EDGE_S


def _replies(dialogue: Dialogue, speaker: str, where: Where, anchor: Occurrence) -> Window | None:
    """The party's next turn (or next ``seconds`` turns) after the trigger; short acknowledgements do not end a turn."""
    turns = max(1, int(where.seconds or 1))
    start_s, taken, end_s = None, 0, ENDLESS_S
    for line in dialogue.timed.near(anchor.end_s + EDGE_S):
        if line.end_s <= anchor.end_s + EDGE_S:
            continue
        if line.speaker == speaker:
            start_s = max(line.start_s, anchor.end_s) if start_s is None else start_s
        elif start_s is not None and line.start_s > start_s and _substantial(line):
            taken += 1
            if taken == turns:
                end_s = line.start_s + EDGE_S
                break
    return None if start_s is None else (start_s - EDGE_S, end_s)


def _return(dialogue: Dialogue, speaker: str, where: Where, anchor: Occurrence) -> Window | None:
    reply = _replies(dialogue, speaker, where, anchor)
    return (reply[0], min(reply[1], reply[0] + RETURN_S)) if reply else None


def _turn_before(dialogue: Dialogue, speaker: str, where: Where, anchor: Occurrence) -> Window | None:
    """The party's last turn before the trigger, if it ended within 15 s of it."""
    earlier = dialogue.timed.last_near(to_s=anchor.start_s - 0.1)
    own = next((x for x in earlier if x.speaker == speaker and x.start_s < anchor.start_s - 0.1), None)
    if own is None or own.end_s < anchor.start_s - TURN_BEFORE_S:
        return None
    return own.start_s - EDGE_S, anchor.start_s + EDGE_S


def _turn(dialogue: Dialogue, speaker: str, where: Where, anchor: Occurrence) -> Window | None:
    """The party's turn in which the trigger lies."""
    for line in dialogue.timed.near(anchor.start_s - 2 * EDGE_S, anchor.start_s + 2 * EDGE_S):
        if line.speaker == speaker and line.start_s - EDGE_S <= anchor.start_s <= line.end_s + EDGE_S:
            return line.start_s - EDGE_S, line.end_s + EDGE_S
    return None


def _substantial(line: Line) -> bool:
    return len(line.text) > BACKCHANNEL_CHARACTERS


_FIXED = {
    "call": _call,
    "opening": _opening,
    "closing": _closing,
    "last_turn": _last_turn,
    "first_s": _first_s,
    "last_s": _last_s,
}
_RELATIVE = {
    "after": _after,
    "after_s": _after,
    "before": _before,
    "before_s": _before,
    "reply": _replies,
    "replies": _replies,
    "return": _return,
    "turn_before": _turn_before,
    "turn": _turn,
}
