"""Turns, waits and talk-over on layouts of spans."""

from __future__ import annotations

import numpy as np
import pytest

from voicemon.measures.timing import (
    WaitContext,
    find_interruptions,
    find_waits,
    muted_spans,
    talk_share,
    turns,
)
from voicemon.records import Ring, Span, Utterance, Word


def spans(*edges: tuple[float, float]) -> tuple[Span, ...]:
    return tuple(Span(*e) for e in edges)


def say(speaker: str, start_s: float, end_s: float, text: str) -> Utterance:
    return Utterance(speaker, start_s, end_s, text, 1.0)


def kinds(agent: tuple[Span, ...], customer: tuple[Span, ...], end_s: float, *words: Utterance, **context: object) -> list[str]:
    found = find_waits({"agent": agent, "customer": customer}, end_s, words, WaitContext(**context))  # type: ignore[arg-type]
    return [w.kind for w in found]


def test_a_turn_joins_own_pauses_under_a_second() -> None:
    assert turns(spans((0, 1), (1.99, 3), (4.0, 5)), ()) == spans((0, 3), (4, 5))


def test_a_pause_in_which_the_other_speaks_ends_the_turn() -> None:
    assert turns(spans((0, 1), (1.8, 3)), spans((1.2, 1.5))) == spans((0, 1), (1.8, 3))
    assert turns(spans((0, 1), (1.8, 3)), spans((0.5, 0.9), (2, 4))) == spans((0, 3))


def test_a_wait_lasts_at_least_two_seconds_of_both_parties_silence() -> None:
    found = find_waits({"agent": spans((0, 1), (2.9, 4)), "customer": spans((6, 7), (7.5, 9))}, 10.9)
    assert [(w.start_s, w.end_s) for w in found] == [(4, 6)]


def test_speech_of_either_party_breaks_a_wait() -> None:
    assert kinds(spans((0, 1), (6, 7)), spans((3, 3.2)), 8) == ["silent_line", "response"]


def test_a_line_is_not_called_silent_where_words_of_nobody_may_be_the_customers() -> None:
    def kind(**speech: tuple[Span, ...]) -> str:
        return find_waits(speech, 6.0)[0].kind

    agent = spans((0, 1), (5, 6))
    assert kind(agent=agent, unknown=spans((1.2, 2))) == "unknown_wait"
    assert kind(agent=agent) == kind(agent=agent, unknown=spans((5.5, 6))) == "silent_line"


def test_the_last_wait_runs_to_the_end_given_and_is_closing() -> None:
    (wait,) = find_waits({"agent": spans((0, 1)), "customer": spans((1, 2))}, 7.321)
    assert (wait.kind, wait.start_s, wait.end_s) == ("closing", 2, 7.321)


def test_customer_then_agent_is_a_response_and_the_others_are_dead_air() -> None:
    assert kinds(spans((0, 1), (5, 6)), spans((1, 2)), 6) == ["response"]
    assert kinds(spans((0, 1), (5, 6)), spans((6, 7), (0.5, 0.9)), 7) == ["dead_air"]
    assert kinds(spans((0, 1)), spans((1, 2), (5, 6)), 6) == ["dead_air"]


def test_before_the_answer_it_rings_only_if_the_recording_holds_the_ring() -> None:
    agent, customer = spans((8, 9)), spans((9, 10))
    assert kinds(agent, customer, 10, ring=Ring(2, 0.3, 8.0, 7.7, "recording")) == ["ring"]
    assert kinds(agent, customer, 10, ring=Ring(2, 0.3, 8.0, 7.7, "sidecar")) == ["unknown_wait"]
    assert kinds(agent, customer, 10) == ["unknown_wait"]


@pytest.mark.parametrize("text", ["好的，请您稍等。", "正在为您查询，请耐心等待，谢谢。", "等着。", "请稍等，我帮您转接。"])
def test_an_announced_wait_is_a_hold(text: str) -> None:
    found = find_waits({"agent": spans((0, 3), (40, 41)), "customer": spans((41, 42))}, 42, (say("agent", 0, 3, text),))
    assert [(w.kind, w.announced) for w in found] == [("hold", True)]


def test_the_customers_consent_may_stand_between_announcement_and_wait() -> None:
    words = (say("agent", 0, 3, "请您稍等片刻，好吗？"), say("customer", 3.5, 4.5, "好的。"))
    found = find_waits({"agent": spans((0, 3), (30, 31)), "customer": spans((3.5, 4.5))}, 31, words)
    assert [w.announced for w in found] == [True]


@pytest.mark.parametrize(
    "words",
    [
        (say("customer", 0, 3, "请稍等。"),),
        (say("agent", 0, 3, "请您稍等，您的快件正在派送当中，很快就可送达收件地址。"),),
        (say("agent", 0, 1, "我帮您查一下。"), say("agent", 5, 6, "谢谢您。")),
        (say("agent", 0, 3, "让您久等了。"),),
        (say("agent", 30, 31, "请稍等。"),),
    ],
    ids=["customer said it", "other words came after", "an earlier turn", "about a past wait", "only afterwards"],
)
def test_other_words_do_not_announce_a_wait(words: tuple[Utterance, ...]) -> None:
    end_s = max([3.0, *(u.end_s for u in words if u.end_s < 30)])
    agent = spans((0, end_s), (30, 31))
    found = find_waits({"agent": agent, "customer": spans((31, 32), (0, 0.4))}, 32, words)
    assert [w.announced for w in found] == [False]


def test_word_times_that_run_into_the_pause_still_announce_it() -> None:
    words = (Word("请", 2.5, 2.8, 1), Word("稍等", 2.8, 3.9, 1))
    said = (Utterance("agent", 2.5, 3.9, "请稍等", 1.0, words),)
    found = find_waits({"agent": spans((2.5, 3.4), (30, 31)), "customer": spans((0, 1))}, 31, said)
    assert [w.announced for w in found if w.start_s == 3.4] == [True]


def test_music_or_a_muted_channel_makes_a_hold_without_words() -> None:
    agent, customer = spans((0, 1), (30, 31)), spans((1, 2), (31, 32))
    assert kinds(agent, customer, 32, sounds=spans((3, 29))) == ["hold"]
    assert kinds(agent, customer, 32, muted=spans((3, 29))) == ["hold"]
    assert kinds(agent, customer, 32, muted=spans((3, 5))) == ["response"]


def test_more_announcements_can_be_passed_in() -> None:
    words = (say("agent", 0, 1, "我去仓库瞧瞧。"),)
    assert kinds(spans((0, 1), (9, 10)), spans((0, 0.5)), 10, *words, announcements=("仓库瞧瞧",)) == ["hold"]


def test_a_muted_stretch_is_constant_where_the_rest_of_the_pauses_is_not() -> None:
    x = 0.001 * np.random.default_rng(0).standard_normal(80_000).astype(np.float32)
    x[24_000:56_000] = 0.0
    assert muted_spans(x, 8000, spans((0, 1))) == spans((3, 7))


def test_a_channel_that_is_gated_in_every_pause_is_not_muted() -> None:
    x = np.zeros(80_000, dtype=np.float32)
    assert muted_spans(x, 8000, spans((0, 1))) == ()
    spoken = spans((2.013, 2.5), (3.0, 3.5), (7.513, 8))
    for span in spoken:
        x[round(span.start_s * 8000) : round(span.end_s * 8000)] = 0.1
        x[round(span.start_s * 8000) : round(span.end_s * 8000) : 2] = -0.1
    assert muted_spans(x, 8000, spoken) == ()


def test_the_agent_interrupts_who_starts_inside_the_customers_speech_for_half_a_second() -> None:
    (found,) = find_interruptions(spans((2, 5)), spans((0, 3)))
    assert (found.by, found.start_s, found.end_s, found.backchannel) == ("agent", 2, 3, False)


def test_less_than_half_a_second_of_talk_over_is_no_interruption() -> None:
    assert find_interruptions(spans((2.51, 5)), spans((0, 3))) == ()


def test_the_customer_interrupts_too() -> None:
    assert [i.by for i in find_interruptions(spans((0, 3)), spans((2, 5)))] == ["customer"]


def test_a_short_acknowledgement_is_a_backchannel_by_length_or_by_words() -> None:
    assert [i.backchannel for i in find_interruptions(spans((1, 1.7)), spans((0, 3)))] == [True]
    slow = find_interruptions(spans((1, 2.2)), spans((0, 3)), (say("agent", 1, 2.2, "好的。"),))
    assert [i.backchannel for i in slow] == [True]
    sentence = find_interruptions(spans((1, 2.2)), spans((0, 3)), (say("agent", 1, 2.2, "不能退款。"),))
    assert [i.backchannel for i in sentence] == [False]


def test_a_breath_inside_an_interruption_does_not_begin_another() -> None:
    assert len(find_interruptions(spans((1, 2), (2.2, 3.5)), spans((0, 4)))) == 1


def test_starting_at_the_very_end_of_the_others_words_is_taking_turns() -> None:
    assert find_interruptions(spans((3, 5)), spans((0, 3))) == ()


def test_talk_share_counts_overlap_for_both_and_is_empty_for_no_call() -> None:
    assert talk_share({"agent": spans((0, 6)), "customer": spans((5, 8))}, 10) == pytest.approx({"agent": 0.6, "customer": 0.3})
    assert talk_share({"agent": spans((0, 6))}, 0) == {}
