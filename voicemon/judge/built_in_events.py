"""The events that every call has: they need no data from a pack, at most one of its settings or of its events."""

from __future__ import annotations

from collections.abc import Callable

from ..records import AGENT, CUSTOMER, PARTIES
from ..spans import total_s
from .answers import NO, PERHAPS, YES, Occurrence, When
from .context import Context, unknown
from .windows import EDGE_S

SILENT_SPEECH_S = 0.6
"""Less speech than this on a channel without a word is a click, not somebody talking."""


def _always(context: Context) -> When:
    return When(YES)


def _direction(wanted: str) -> Callable[[Context], When]:
    def detect(context: Context) -> When:
        direction = context.facts.call.direction or context.setting("assume_direction", None)
        return When.state_of(None if direction is None else direction == wanted, "sidecar_lacks", field="direction")

    return detect


def _silent_line(context: Context) -> When:
    """The customer has not spoken at all: no word, and not even a stretch of sound that is speech."""
    if not context.speakers_known:
        return unknown("speakers_unknown")
    if context.spoke(CUSTOMER) or not context.spoke(AGENT):
        return When(NO)
    if total_s(context.facts.speech.get(CUSTOMER, ())) >= SILENT_SPEECH_S:
        return When(PERHAPS)
    own = context.dialogue.of(AGENT)
    return When(YES, (Occurrence(own[0].start_s, own[0].start_s),))


def _edge(first: bool) -> Callable[[Context], When]:
    def detect(context: Context) -> When:
        if not context.speakers_known:
            return unknown("speakers_unknown")
        own = context.dialogue.of(AGENT)
        if not own:
            return When(NO)
        line = own[0] if first else own[-1]
        return When(YES, (Occurrence(line.start_s, line.end_s),))

    return detect


def _both_spoke(context: Context) -> When:
    if not context.speakers_known:
        return unknown("speakers_unknown")
    return When(YES if all(context.spoke(p) for p in PARTIES) else NO)


def _stays_on_line(context: Context) -> When:
    """After the agent's farewell (the pack's event ``agent_farewell``) the customer neither speaks nor hangs up for a while."""
    farewell = context.event("agent_farewell") if "agent_farewell" in context.standard.events else When(NO)
    if farewell.state not in (YES, PERHAPS):
        return farewell
    least_s = context.setting("stays_on_line_s", 3.0)
    since_s = farewell.anchors[0].end_s - 0.5
    agent_starts = [s.start_s for s in context.facts.speech.get(AGENT, ())]
    stays = []
    for start_s, end_s in context.pauses(least_s):
        goes_on = any(abs(s - end_s) < 0.05 for s in agent_starts)
        if start_s >= since_s and (goes_on or _released_late(context, least_s)) and not _resumed(context, farewell, start_s):
            stays.append(Occurrence(start_s, end_s, farewell.state == YES))
    return When.of(tuple(stays))


def _resumed(context: Context, farewell: When, until_s: float) -> bool:
    """Whether the two talk on between the last farewell and then: the customer spoke, and the agent after him."""
    since_s = max(a.end_s for a in farewell.anchors if a.end_s - 0.5 <= until_s)
    later = [x.speaker for x in context.dialogue.lines if since_s < x.start_s < until_s - EDGE_S]
    return CUSTOMER in later and AGENT in later[later.index(CUSTOMER) :]


def _released_late(context: Context, least_s: float) -> bool:
    after_s = context.sidecar("released_after_s")
    return context.sidecar("released_by") == AGENT and isinstance(after_s, int | float) and after_s >= least_s


BUILT_IN: dict[str, Callable[[Context], When]] = {
    "always": _always,
    "inbound": _direction("inbound"),
    "outbound": _direction("outbound"),
    "silent_line": _silent_line,
    "opening": _edge(True),
    "closing": _edge(False),
    "both_spoke": _both_spoke,
    "stays_on_line": _stays_on_line,
}
