"""Every ``where``: which part of the call it is."""

from __future__ import annotations

import pytest
from judge.builders import say

from voicemon.judge.answers import Occurrence
from voicemon.judge.dialogue import lay_out
from voicemon.judge.schema import Where
from voicemon.judge.windows import EDGE_S, ENDLESS_S, window

CALL = "A: 您好这里是热线 / C: 我要查件 / A: 请说单号 / C: 一二三 / A: 谢谢 / C: 嗯 / A: 好的查到了 / C: 再见 / A: 再见"
# agent 0.0-3.2, 6.0-... : every character 0.4 s, 0.6 s between turns
LINES = lay_out(say(CALL)).lines


def place(where: Where, speaker: str = "agent", anchor: Occurrence | None = None, call: str = CALL):
    return window(lay_out(say(call)), speaker, where, anchor)


def of(number: int) -> Occurrence:
    """The turn with that number as a trigger."""
    return Occurrence(LINES[number].start_s, LINES[number].end_s)


def test_call_is_all_of_it() -> None:
    """With or without a trigger."""
    assert place(Where("call"), anchor=of(3)) == (0.0, ENDLESS_S)


def test_opening_ends_where_the_other_party_takes_over() -> None:
    """The agent's first turn, and not the second."""
    assert place(Where("opening")) == pytest.approx((-EDGE_S, LINES[1].start_s + EDGE_S))
    assert place(Where("opening"), "customer")[1] == pytest.approx(LINES[2].start_s + EDGE_S)


def test_opening_goes_on_over_a_backchannel_but_not_beyond_15_seconds() -> None:
    """嗯 does not end it."""
    call = "A: 您好这里是热线 / C: 嗯嗯 / A: 请问有什么可以帮您 / C: 我要查件"
    lines = lay_out(say(call)).lines
    assert place(Where("opening"), call=call)[1] == pytest.approx(lines[3].start_s + EDGE_S)
    assert place(Where("opening"), call="A: " + "好" * 100 + " / C: 我要查件")[1] == 15.0


def test_closing_is_the_last_three_turns_of_the_party() -> None:
    """From the third last to the end."""
    assert place(Where("closing")) == pytest.approx((LINES[4].start_s - EDGE_S, ENDLESS_S))


def test_last_turn() -> None:
    """From the last turn of the party to the end."""
    assert place(Where("last_turn")) == pytest.approx((LINES[8].start_s - EDGE_S, ENDLESS_S))
    assert place(Where("last_turn"), "customer")[0] == pytest.approx(LINES[7].start_s - EDGE_S)


@pytest.mark.parametrize("where", ["opening", "closing", "last_turn", "reply", "return", "turn", "turn_before"])
def test_a_party_that_says_nothing_has_no_such_place(where: str) -> None:
    """No window, so nothing can be found nor missed."""
    assert place(Where(where), "customer", Occurrence(0.0, 1.0), "A: 您好 / A: 再见") is None


def test_first_and_last_seconds_count_from_the_first_and_last_word() -> None:
    """Of whoever speaks."""
    assert place(Where("first_s", 5.0)) == (0.0, LINES[0].start_s + 5.0)
    assert place(Where("last_s", 5.0)) == pytest.approx((LINES[8].end_s - 5.0, ENDLESS_S))


def test_after_and_before_the_trigger() -> None:
    """To the ends of the call, or so many seconds."""
    at = of(3)
    assert place(Where("after"), anchor=at) == (at.end_s - EDGE_S, ENDLESS_S)
    assert place(Where("after_s", 4.0), anchor=at) == (at.end_s - EDGE_S, at.end_s + 4.0)
    assert place(Where("before"), anchor=at) == (0.0, at.start_s + EDGE_S)
    assert place(Where("before_s", 4.0), anchor=at) == (at.start_s - 4.0, at.start_s + EDGE_S)


def test_reply_is_the_next_turn_of_the_party() -> None:
    """It ends where the other party says something substantial; 嗯 does not end it."""
    assert place(Where("reply"), anchor=of(1)) == pytest.approx((LINES[2].start_s - EDGE_S, LINES[3].start_s + EDGE_S))
    assert place(Where("reply"), anchor=of(3)) == pytest.approx((LINES[4].start_s - EDGE_S, ENDLESS_S))


def test_reply_within_a_turn_starts_after_the_trigger() -> None:
    """What was said before the trigger in the same turn is no reply to it."""
    at = Occurrence(LINES[0].start_s, LINES[0].start_s + 1.0)
    assert place(Where("reply"), anchor=at)[0] == pytest.approx(at.end_s - EDGE_S)


def test_replies_take_more_turns() -> None:
    """Two replies end where the third turn of the other party begins."""
    call = "C: 我要查件 / A: 请说 / C: 一二三四 / A: 查到了 / C: 什么时候到 / A: 明天"
    lines = lay_out(say(call)).lines
    at = Occurrence(lines[0].start_s, lines[0].end_s)
    assert place(Where("replies", 2.0), anchor=at, call=call)[1] == pytest.approx(lines[4].start_s + EDGE_S)
    assert place(Where("replies", 1.0), anchor=at, call=call)[1] == pytest.approx(lines[2].start_s + EDGE_S)


def test_return_is_the_beginning_of_the_reply() -> None:
    """At most 12 s of it."""
    call = "C: 我要查件 / A: " + "好" * 100 + " / C: 谢谢你了"
    reply, back = (place(Where(w), anchor=Occurrence(0.0, 1.6), call=call) for w in ("reply", "return"))
    assert back == pytest.approx((reply[0], reply[0] + 12.0)) and reply[1] > back[1]
    assert place(Where("return"), anchor=of(1)) == place(Where("reply"), anchor=of(1))


def test_turn_before_is_the_last_one_before_the_trigger() -> None:
    """If it did not end longer than 15 s ago."""
    assert place(Where("turn_before"), anchor=of(3)) == pytest.approx((LINES[2].start_s - EDGE_S, LINES[3].start_s + EDGE_S))
    late = Occurrence(LINES[8].end_s + 16.0, LINES[8].end_s + 17.0)
    assert place(Where("turn_before"), anchor=late) is None
    assert place(Where("turn_before"), anchor=of(0)) is None


def test_turn_is_the_one_the_trigger_lies_in() -> None:
    """None where the party is silent at the trigger."""
    inside = Occurrence(LINES[2].start_s + 0.5, LINES[2].start_s + 0.9)
    assert place(Where("turn"), anchor=inside) == pytest.approx((LINES[2].start_s - EDGE_S, LINES[2].end_s + EDGE_S))
    assert place(Where("turn"), anchor=Occurrence(LINES[1].start_s + 0.5, LINES[1].end_s)) is None
