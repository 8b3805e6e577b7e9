"""Which ring is the answer ring, and which word answers it."""

from __future__ import annotations

import pytest

from voicemon.audio.tones import RingGroup, Tones
from voicemon.measures.ring import ring_to_answer
from voicemon.records import Span


def rings(*starts_s: float) -> Tones:
    return Tones(tuple(RingGroup(s, s + 1) for s in starts_s), "cn" if starts_s else None)


def talk(**starts_s: tuple[float, ...]) -> dict[str, tuple[Span, ...]]:
    """Speech of ``agent``, ``customer``, ``unknown``, a second each."""
    return {party: tuple(Span(s, s + 1) for s in starts) for party, starts in {"agent": (), "customer": (), **starts_s}.items()}


def test_the_agents_first_word_after_the_ring_answers_an_inbound_call() -> None:
    ring = ring_to_answer(rings(0.3, 5.3), talk(agent=(7.8, 12), customer=(7.0, 9.5)), {"direction": "inbound"})
    assert (ring.count, ring.start_s, ring.answer_s, ring.source, ring.country) == (2, 0.3, 7.8, "recording", "cn")
    assert ring.ring_to_answer_s == pytest.approx(7.5)


def test_an_outbound_call_is_answered_where_anybody_speaks() -> None:
    assert ring_to_answer(rings(1), talk(agent=(6,), customer=(4,)), {"direction": "outbound"}).answer_s == 4


def test_an_announcement_between_two_rings_is_no_answer() -> None:
    assert ring_to_answer(rings(0.3, 5.3), talk(agent=(2.5, 8), customer=(9,))).answer_s == 8


def test_a_caller_who_talks_while_it_rings_does_not_end_the_ring() -> None:
    ring = ring_to_answer(rings(0.3, 5.3, 10.3), talk(agent=(14,), customer=(3, 8)), {"direction": "inbound"})
    assert (ring.count, ring.answer_s) == (3, 14)


def test_the_ring_of_a_transfer_later_in_the_call_is_not_counted() -> None:
    ring = ring_to_answer(rings(0.3, 30, 35), talk(agent=(4, 40), customer=(8,)))
    assert (ring.count, ring.answer_s) == (1, 4)


def test_a_ring_that_only_follows_a_conversation_is_no_answer_ring() -> None:
    ring = ring_to_answer(rings(30), talk(agent=(1, 40), customer=(3,)))
    assert ring.count is None and ring.source is None and ring.reason


def test_a_ring_that_nobody_answers_has_no_answer_but_a_reason() -> None:
    ring = ring_to_answer(rings(0.3, 5.3), talk())
    assert (ring.count, ring.answer_s, ring.ring_to_answer_s) == (2, None, None) and ring.reason


def test_the_sidecar_counts_only_where_the_recording_holds_no_ring() -> None:
    sidecar = {"ring_count": 4, "ring_s": 17.5}
    told = ring_to_answer(rings(), talk(agent=(0.3,)), sidecar)
    assert (told.count, told.ring_to_answer_s, told.source, told.start_s) == (4, 17.5, "sidecar", None)
    assert ring_to_answer(rings(0.3), talk(agent=(2.8,)), sidecar).count == 1


def test_a_count_without_seconds_leaves_the_seconds_unknown_with_a_reason() -> None:
    told = ring_to_answer(rings(), talk(agent=(0.3,)), {"ring_count": 2})
    assert told.count == 2 and told.ring_to_answer_s is None and told.reason


def test_no_ring_anywhere_is_unknown_with_a_reason() -> None:
    ring = ring_to_answer(rings(), talk(agent=(0.3,)))
    assert ring.source is None and ring.ring_to_answer_s is None and ring.reason


def test_words_after_a_ring_whose_speaker_is_not_known_answer_it() -> None:
    ring = ring_to_answer(rings(0.3, 5.3), talk(unknown=(7.0,), agent=(14.0,)), {"direction": "inbound"})
    assert ring.answer_s == 7.0


def test_a_ring_after_words_of_nobody_may_be_a_transfers_and_has_no_answer() -> None:
    ring = ring_to_answer(rings(30), talk(unknown=(2.0, 8.0, 45.0)), {"direction": "inbound"})
    assert ring.answer_s is None and ring.ring_to_answer_s is None and ring.reason == "who answers the ring is not known"
    assert ring_to_answer(rings(30), talk(unknown=(2.0,), agent=(33.0,)), {"direction": "inbound"}).answer_s == 33.0
