"""From the first ring-back tone to the first word of the party that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..records import AGENT, CUSTOMER, Ring, Span
from ..spans import merge

if TYPE_CHECKING:
    from ..audio.tones import RingGroup, Tones

RING_GAP_S = 10.0  # twice the longest pause of a national ring cadence (5 s): one ring group may be missed

UNKNOWN = "unknown"  # whose speech it is


def ring_to_answer(
    tones: Tones, speech: Mapping[str, Sequence[Span]], sidecar: Mapping[str, Any] | None = None
) -> Ring:
    """Ring of a call: from the sound, else from the sidecar (``ring_count``, ``ring_s``), else ``None`` with a reason.

    ``speech`` is keyed by party, ``unknown`` where it is not known whose. The agent answers an inbound call; on an outbound one, or
    with no direction known, it is answered where anybody speaks. A ring that starts after both parties have spoken is a transfer
    and never the answer ring.
    """
    sidecar = sidecar or {}
    groups = _answer_groups(tuple(tones.rings), speech)
    if not groups:
        return _from_sidecar(sidecar, "no ring-back in the recording")
    answer_s = _answer_s(groups, speech, sidecar.get("direction"))
    start_s = groups[0].start_s
    if answer_s is None:
        spoken = any(s.start_s >= groups[-1].start_s for s in speech.get(UNKNOWN, ()))
        reason = "who answers the ring is not known" if spoken else "nobody speaks after the ring"
        return Ring(len(groups), start_s, None, None, "recording", tones.country, reason)
    return Ring(len(groups), start_s, answer_s, answer_s - start_s, "recording", tones.country)


def _answer_groups(rings: Sequence[RingGroup], speech: Mapping[str, Sequence[Span]]) -> list[RingGroup]:
    """The groups of the first ring, unless both parties spoke before it or it is interrupted by a conversation."""
    groups: list[RingGroup] = []
    for group in sorted(rings, key=lambda g: g.start_s):
        since_s = groups[-1].end_s if groups else 0.0
        if _both_spoke(speech, since_s, group.start_s):
            break
        if groups and group.start_s - groups[-1].end_s > RING_GAP_S:
            break
        groups.append(group)
    return groups


def _both_spoke(speech: Mapping[str, Sequence[Span]], from_s: float, to_s: float) -> bool:
    return all(any(from_s <= s.start_s < to_s for s in speech.get(party, ())) for party in (AGENT, CUSTOMER))


def _answer_s(groups: Sequence[RingGroup], speech: Mapping[str, Sequence[Span]], direction: str | None) -> float | None:
    """Begin of the words that answer the ring ``groups``; ``None`` where nobody speaks, or words of nobody may be a conversation."""
    # Who calls out does not speak before someone has picked up, so there the first word of either tells the answer.
    parties = (AGENT,) if direction == "inbound" else (AGENT, CUSTOMER)
    starts = [s.start_s for party in parties for s in merge(speech.get(party, ())) if s.start_s >= groups[-1].start_s]
    known_s, nobodys = min(starts, default=None), merge(speech.get(UNKNOWN, ()))
    first_s = min((s.start_s for s in nobodys if s.start_s >= groups[-1].start_s), default=None)
    if first_s is None or (known_s is not None and known_s <= first_s):
        return known_s
    # A caller hardly ever speaks to a line that rings: words of nobody answer it. Where there were some before it, it may be a transfer's.
    return None if any(s.start_s < groups[0].start_s for s in nobodys) else first_s


def _from_sidecar(sidecar: Mapping[str, Any], missing: str) -> Ring:
    count, ring_s = sidecar.get("ring_count"), sidecar.get("ring_s")
    if count is None and ring_s is None:
        return Ring(reason=f"{missing} and none in the sidecar")
    reason = None if ring_s is not None else f"{missing}; the sidecar gives the count but not the seconds"
    return Ring(count=count, ring_to_answer_s=ring_s, source="sidecar", reason=reason)
