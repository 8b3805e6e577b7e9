"""Detectors and built-in events: when they hold, where, and what they do not know."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, doubt, mono, say

from voicemon.judge.answers import NO, PERHAPS, UNKNOWN, YES, When
from voicemon.judge.examples import example_facts
from voicemon.records import Facts, Span, TurnLevel


def detect(bench: Bench, spec: str, call: str | Facts, more_events: str = "", more: str = "") -> When:
    """Evaluate the event ``e`` with that specification."""
    return bench.context(call, f"\n  e: {{{spec}}}{more_events}", more).event("e")


def built_in(bench: Bench, name: str, call: str | Facts, more: str = "", events: str = "") -> When:
    return bench.context(call, events, more).event(name)


# --- says


@pytest.mark.parametrize(("call", "state"), [("C: 谢谢", YES), ("A: 谢谢", NO), ("C: 您好", NO), ("C: 歇歇", NO)])
def test_says_hears_that_party_and_the_text_only(bench: Bench, call: str, state: str) -> None:
    """The other party's words do not count, nor do words that only sound alike."""
    assert detect(bench, 'kind: says, by: customer, says: ["谢谢"]', call).state == state


def test_says_gives_every_place_in_order(bench: Bench) -> None:
    """Of all phrases together."""
    found = detect(bench, 'kind: says, by: customer, says: ["谢谢", "再见"]', "C: 再见，谢谢 / A: 好 / C: 谢谢")
    assert [o.quote for o in found.anchors] == ["再见", "谢谢", "谢谢"]
    assert [round(o.start_s, 1) for o in found.anchors] == [0.0, 0.8, 3.2]


def test_a_misspelt_saying_counts_where_every_exact_one_is_excepted(bench: Bench) -> None:
    """对不期 before 对不起请别客气: without a recogniser it is perhaps an apology, by the text alone there is none."""
    spec, call = 'kind: says, by: agent, says: ["对不起"], unless: ["对不起请别客气"]', "A: 对不期，满了 / C: 谢谢 / A: 对不起请别客气"
    assert detect(bench, spec + ", fuzzy: true", call).state == PERHAPS
    assert detect(bench, spec, call).state == NO


@pytest.mark.parametrize("option", ["weak: true", "fuzzy: true"])
def test_weak_and_sound_alike_triggers_are_perhaps(bench: Bench, option: str) -> None:
    """A hint is never sure."""
    said = "我会尽快" if option == "weak: true" else "我会请快"
    assert detect(bench, f'kind: says, by: customer, says: ["我会尽快"], {option}', f"C: {said}").state == PERHAPS


@pytest.mark.parametrize(("call", "state"), [("C: 清楚了", YES), ("C: 是否清楚", NO), ("C: 是否清楚 / A: 嗯 / C: 清楚", YES)])
def test_unless_only_where_it_overlaps(bench: Bench, call: str, state: str) -> None:
    """是否清楚 is not 清楚, but takes nothing from another 清楚."""
    assert detect(bench, 'kind: says, by: customer, says: ["清楚"], unless: ["是否清楚"]', call).state == state


BESIDE_CALLS = [("C: 骗子,你们管不管", YES), ("C: 你们管不管,骗子", YES), ("C: 菜场那个骗子", PERHAPS),
                ("C: 骗子 / A: 您好 / C: 你们管不管", PERHAPS), ("C: 好", NO)]


@pytest.mark.parametrize(("call", "state"), BESIDE_CALLS)
def test_without_what_must_stand_beside_it_an_event_is_not_certain(bench: Bench, call: str, state: str) -> None:
    """A curse may be at anybody; in the same turn as 你们 it is at us."""
    assert detect(bench, 'kind: says, by: customer, says: ["骗子"], beside: ["你们"]', call).state == state


@pytest.mark.parametrize(
    ("call", "state"), [("C: 我要投诉", YES), ("C: 投诉电话我不要，我要查件", NO), ("C: 我要投诉 / A: 好 / C: 不要", YES)]
)
def test_unless_turn_anywhere_in_the_same_turn(bench: Bench, call: str, state: str) -> None:
    """Not in another turn."""
    assert detect(bench, 'kind: says, by: customer, says: ["投诉"], unless_turn: ["不要"]', call).state == state


@pytest.mark.parametrize(
    ("call", "state"),
    [
        ("C: 客服态度差", YES),
        ("C: 前一家的师傅上门态度差", NO),
        ("C: 前一家很好你们态度差", YES),
        ("C: 你们知道前一家态度差", NO),
        ("C: 前一家好 / A: 请您讲一讲 / C: 态度差", YES),
        ("C: 前一家的门店我上个星期去看了两次每一次都等到关门态度差", YES),
    ],
)
def test_words_about_somebody_else(bench: Bench, call: str, state: str) -> None:
    """The nearest mention before them in the same turn decides, up to twenty characters away."""
    spec = 'kind: says, by: customer, says: ["态度差"], others: ["前一家|隔壁{any:1}家"], ours: ["你们"]'
    assert detect(bench, spec, call).state == state
    assert detect(bench, spec, "C: 隔壁那家态度差").state == NO


def test_says_in_a_window(bench: Bench) -> None:
    """Only the last turn."""
    spec = 'kind: says, by: customer, says: ["谢谢"], where: last_turn'
    assert detect(bench, spec, "C: 谢谢 / A: 好 / C: 再见").state == NO
    assert detect(bench, spec, "C: 再见 / A: 好 / C: 谢谢").state == YES


@pytest.mark.parametrize(
    ("call", "state"), [("C: 多少钱谢谢", NO), ("C: 谢谢，多少钱", NO), ("C: 多少钱 / A: 一元 / C: 谢谢", YES), ("C: 谢谢", NO)]
)
def test_says_after_means_after_that_turn(bench: Bench, call: str, state: str) -> None:
    """What follows in the same breath is not after it."""
    assert detect(bench, 'kind: says, by: customer, says: ["谢谢"], after: price', call).state == state


def test_says_after_a_perhaps_is_perhaps_and_after_an_unknown_unknown(bench: Bench) -> None:
    """A later event is not surer than the one it hangs on."""
    spec = 'kind: says, by: customer, says: ["再见"], after: '
    assert detect(bench, spec + "thanks_perhaps", "C: 谢谢 / A: 好 / C: 再见").state == PERHAPS
    assert detect(bench, spec + "recorded", "C: 再见").state == UNKNOWN


# --- waits and holds

WAITING = "C: 多少钱 / A: 请稍等 / W: 20 / A: 正在查询 / W: 30 / A: 一百元"


def test_wait_of_a_kind_and_length(bench: Bench) -> None:
    """Longer than so many seconds."""
    assert len(detect(bench, "kind: wait, kinds: [hold], longer_s: 10", WAITING).anchors) == 2
    assert detect(bench, "kind: wait, kinds: [response], longer_s: 10", WAITING).state == NO
    assert len(detect(bench, "kind: wait, kinds: [hold], longer_s: 25", WAITING).anchors) == 1


@pytest.mark.parametrize(("joined", "episodes"), [('["正在查询"]', 1), ('["再见"]', 2)])
def test_hold_episodes_are_joined_over_reassurance(bench: Bench, joined: str, episodes: int) -> None:
    """Only a word of that kind between two waits makes them one."""
    found = detect(bench, f"kind: hold, longer_s: 10, joined_by: {joined}", WAITING)
    assert len(found.anchors) == episodes
    assert detect(bench, f"kind: hold, longer_s: 40, joined_by: {joined}", WAITING).state == (YES if episodes == 1 else NO)


def test_hold_is_not_joined_over_words_of_the_customer(bench: Bench) -> None:
    """The customer's question ends the episode."""
    call = "A: 请稍等 / W: 20 / A: 正在查询 / C: 还要多久 / W: 20 / A: 好了"
    assert len(detect(bench, 'kind: hold, longer_s: 5, joined_by: ["正在查询"]', call).anchors) == 2


def test_hold_before_and_after_a_condition(bench: Bench) -> None:
    """Episodes that begin on that side of it."""
    call = "A: 请稍等 / W: 20 / A: 好了 / C: 多少钱 / A: 请稍等 / W: 30 / A: 一百元"
    for side, seconds in (("before", 20), ("after", 30)):
        (found,) = detect(bench, f"kind: hold, longer_s: 5, {side}: price", call).anchors
        assert round(found.end_s - found.start_s) == seconds


@pytest.mark.parametrize(
    ("call", "state"),
    [
        ("A: 请问卡号是多少 / W: 20 / C: 三三零九 / A: 好的", NO),
        ("A: 我来弄 / W: 20 / C: 还没好啊 / A: 好了", YES),
        ("A: 请问卡号是多少 / W: 20 / A: 您还在吗 / C: 在", YES),
        ("A: 请您稍等,卡号是多少 / W: 20 / C: 喂 / A: 好了", YES),
        ("A: 卡号是多少 / C: 三三零九三三零九 / W: 20 / A: 好了", YES),
    ],
)
def test_the_customers_own_time_is_no_hold(bench: Bench, call: str, state: str) -> None:
    """After a question of the agent's, unannounced, a silence that the customer ends is the customer's."""
    assert detect(bench, 'kind: hold, longer_s: 10, own_time: ["多少"]', call).state == state


@pytest.mark.parametrize(
    ("call", "state"),
    [
        ("A: 您好 / C: 等一下我找找 / W: 20 / C: 找到了", NO),
        ("A: 您好 / C: 等一下我找找 / A: 好的 / W: 20 / C: 找到了", NO),
        ("A: 您好 / C: 等一下我找找 / A: 好的 / W: 20 / A: 您好", YES),
        ("A: 您好 / C: 等一下我找找 / W: 20 / A: 喂,女士,您还在吗 / C: 在", NO),
        ("A: 您好 / C: 等一下我找找 / W: 20 / A: 系统刚才卡住了,现在查到了,货已经发出来了,您还在吗", YES),
        ("A: 您好 / C: 帮我办一下 / W: 20 / A: 喂,女士,您还在吗 / C: 在", YES),
        ("A: 您好 / C: 帮我办一下 / A: 好的 / W: 20 / C: 还没好啊", YES),
        ("A: 您好 / C: 等一下我找找 / A: 好的 / C: 三三零九你查吧 / A: 好的 / W: 20 / C: 还没好啊", YES),
    ],
)
def test_a_moment_that_the_customer_asked_for_is_no_hold(bench: Bench, call: str, state: str) -> None:
    """Nor if only a word of the agent's lies between; it is if the agent ends the silence, unless by asking after the customer."""
    spec = 'kind: hold, longer_s: 10, takes_time: ["等一下"], checks_back: ["还在吗"]'
    assert detect(bench, spec, call).state == state


def _announced(facts: Facts) -> Facts:
    """The call with every wait announced by the agent, and so a hold."""
    waits = tuple(replace(w, kind="hold", announced=True) for w in facts.measures.waits)
    return replace(facts, measures=replace(facts.measures, waits=waits))


def test_an_announced_wait_is_the_customers_own_if_he_asked_for_it(bench: Bench) -> None:
    """请稍等 in answer to 等一下,我找找 is no wait for the agent; after another word of the customer it is."""
    spec = 'kind: hold, longer_s: 10, own_time: ["卡号"], takes_time: ["等一下"]'
    asked = _announced(example_facts("A: 卡号是多少 / C: 等一下我找找 / A: 好的请稍等 / W: 20 / C: 找到了"))
    assert detect(bench, spec, asked).state == NO
    consented = _announced(example_facts("A: 卡号是多少 / C: 三三零九 / A: 请稍等 / C: 好的等一下没事 / W: 20 / C: 喂"))
    assert detect(bench, spec, consented).state == YES
    unasked = _announced(example_facts("A: 卡号是多少 / C: 三三零九 / A: 好的请稍等 / W: 20 / C: 喂"))
    assert detect(bench, spec, unasked).state == YES


@pytest.mark.parametrize(("call", "state"), [("C: 帮我续上谢谢", NO), ("A: 您好 / C: 帮我续上 / A: 好了 / C: 谢谢", YES)])
def test_what_the_other_party_speaks_into_is_no_one_phrase(bench: Bench, call: str, state: str) -> None:
    """An ``unless`` does not reach across a turn of the other party, however short."""
    assert detect(bench, 'kind: says, by: customer, says: ["谢谢"], unless: ["帮我{any:1-6}谢谢"]', call).state == state


# --- measures, records, clock


@pytest.mark.parametrize(("value", "state"), [("-45", YES), ("-36", NO), ("-20", NO), ("null", UNKNOWN)])
def test_measure_beyond_a_limit(bench: Bench, value: str, state: str) -> None:
    """The limit itself is within; no figure is no answer."""
    spec = "kind: measure, path: level.agent.active_level_dbov, below: -36"
    assert detect(bench, spec, f"A: 您好 / M: level.agent.active_level_dbov = {value}").state == state


def test_measure_above(bench: Bench) -> None:
    """Strictly above."""
    assert detect(bench, "kind: measure, path: ring.count, above: 2", "A: 您好 / M: ring.count = 3").state == YES
    assert detect(bench, "kind: measure, path: ring.count, above: 3", "A: 您好 / M: ring.count = 3").state == NO


@pytest.mark.parametrize(
    ("options", "value", "state"),
    [
        ("is: true", "true", YES), ("is: true", "false", NO), ("is: [a, b]", '"b"', YES), ("is: a", '["b", "a"]', YES),
        ("is: a", '["b"]', NO), ("given: true", "0", YES), ("given: true", "null", UNKNOWN), ("empty: true", "[]", YES),
        ("empty: true", '["x"]', NO),
        ("empty: false", '["x"]', YES), ("contains: ab", '"xaby"', YES), ("contains: ab", '"xy"', NO), ("above: 3", "4", YES),
        ("above: 3", "3", NO), ("below: 3", "2", YES), ("above: 1, below: 3", "3", NO), ("above: 3", '"many"', UNKNOWN),
    ],
)  # fmt: skip
def test_sidecar_field(bench: Bench, options: str, value: str, state: str) -> None:
    """By value, by being there, by emptiness, by a part of it, by limits; a text has no limits."""
    assert detect(bench, f"kind: sidecar, field: f, {options}", f"S: f = {value} / A: 您好").state == state


@pytest.mark.parametrize(("missing", "state"), [("", UNKNOWN), (", if_missing: yes", YES), (", if_missing: no", NO)])
@pytest.mark.parametrize("spec", ["kind: sidecar, field: f, is: true", "kind: record, field: f", "kind: notice, field: f"])
def test_a_missing_field_is_unknown_unless_the_pack_says_otherwise(bench: Bench, spec: str, missing: str, state: str) -> None:
    """And the field is named."""
    found = detect(bench, spec + missing, "A: 您好")
    assert found.state == state and (state != UNKNOWN or found.args == {"field": "f"})


def test_record_entries_have_a_place(bench: Bench) -> None:
    """By start and duration or by a point of time; entries without a time are left out."""
    call = 'S: f = [{"start_s": 3, "duration_s": 4}, {"at_s": 9.5}, {"note": "x"}] / A: 您好'
    assert [(o.start_s, o.end_s) for o in detect(bench, "kind: record, field: f", call).anchors] == [(3.0, 7.0), (9.5, 9.5)]


def test_record_after_a_condition_is_no_surer_than_it(bench: Bench) -> None:
    """Entries before it do not count."""
    call = 'S: f = [{"at_s": 1}, {"at_s": 9}] / A: 您好 / C: 谢谢'
    assert [o.start_s for o in detect(bench, "kind: record, field: f, after: thanks", call).anchors] == [9.0]
    assert detect(bench, "kind: record, field: f, after: thanks_perhaps", call).state == PERHAPS
    assert detect(bench, "kind: record, field: f, after: recorded", call).state == UNKNOWN


@pytest.mark.parametrize(("hour", "state"), [("08:59", NO), ("09:00", YES), ("11:59", YES), ("12:00", NO)])
def test_clock_is_half_open_in_local_time(bench: Bench, hour: str, state: str) -> None:
    """From nine to before twelve where the call was."""
    assert detect(bench, "kind: clock, from_h: 9, to_h: 12", f"at: 2026-03-18T{hour}:00+08:00 / A: 您好").state == state


@pytest.mark.parametrize("written", ["2026-03-18T02:30:00Z", "2026-03-18T02:30:00+00:00"])
def test_a_time_in_utc_is_no_local_time(bench: Bench, written: str) -> None:
    """Half past two in UTC is half past ten in China: who says 上午好 then is right, and what a program stored convicts nobody."""
    for spec in ("kind: clock, from_h: 0, to_h: 24", "kind: festival, names: [new_year]"):
        found = detect(bench, spec, f"at: {written} / A: 您好")
        assert (found.state, found.reason) == (UNKNOWN, "local_time_unknown")
    notice = 'S: f = [{"name": "x", "from": "2026-03-18", "to": "2026-03-19"}]'
    assert detect(bench, "kind: notice, field: f", f"at: {written} / {notice} / A: 您好").state == UNKNOWN


def test_a_date_alone_is_not_midnight(bench: Bench) -> None:
    """It tells the festival and not the clock."""
    assert detect(bench, "kind: clock, from_h: 0, to_h: 24", "at: 2026-01-01 / A: 您好").state == UNKNOWN
    assert detect(bench, "kind: festival, names: [new_year]", "at: 2026-01-01 / A: 您好").state == YES


@pytest.mark.parametrize(
    ("day", "name", "state"),
    [
        ("2026-01-01", "new_year", YES), ("2026-02-17", "spring_festival", YES), ("2026-02-16", "spring_festival", NO),
        ("2026-06-19", "dragon_boat", YES), ("2026-09-25", "mid_autumn", YES), ("2026-10-01", "national_day", YES),
        ("2026-10-01", "new_year", NO), ("2026-05-01", "labour_day", YES), ("2026-12-25", "christmas", YES),
    ],
)  # fmt: skip
def test_festivals_of_the_sun_and_the_moon(bench: Bench, day: str, name: str, state: str) -> None:
    """By the day the call was made."""
    assert detect(bench, f"kind: festival, names: [{name}]", f"at: {day}T09:00:00+08:00 / A: 您好").state == state


@pytest.mark.parametrize("spec", ["kind: clock, from_h: 0, to_h: 24", "kind: festival, names: [new_year]"])
@pytest.mark.parametrize("started_at", ["", "yesterday"])
def test_without_a_time_clock_and_festival_are_unknown(bench: Bench, spec: str, started_at: str) -> None:
    """No time is no wrong time."""
    assert detect(bench, spec, f"at: {started_at} / A: 您好").state == UNKNOWN


# --- turns and sound


def test_long_turn(bench: Bench) -> None:
    """Of so many characters, after an event, without words that excuse it."""
    call = "A: 一二三四五六 / C: 谢谢 / A: 一二三四五六七"
    assert len(detect(bench, "kind: long_turn, least_characters: 6", call).anchors) == 2
    assert len(detect(bench, "kind: long_turn, least_characters: 7", call).anchors) == 1
    assert len(detect(bench, "kind: long_turn, least_characters: 6, after: thanks", call).anchors) == 1
    assert len(detect(bench, 'kind: long_turn, least_characters: 6, unless: ["七"]', call).anchors) == 1
    assert detect(bench, "kind: long_turn, by: customer, least_characters: 6", call).state == NO


def test_turn_level(bench: Bench) -> None:
    """Turns beyond a level that are long enough to be measured."""
    call = "C: [-45]我听不见啊 / C: [-45]喂 / A: [-10]您好您好"
    assert len(detect(bench, "kind: turn_level, by: customer, below: -40", call).anchors) == 1
    assert len(detect(bench, "kind: turn_level, by: customer, below: -40, least_s: 0.3", call).anchors) == 2
    assert detect(bench, "kind: turn_level, by: customer, below: -45", call).state == NO
    assert detect(bench, "kind: turn_level, by: agent, above: -12", call).state == YES


def test_bursts_part_at_silence(bench: Bench) -> None:
    """At least so many; the place is the last of them."""
    call = "A: 您好 / W: 3 / A: 您好 / W: 3 / A: 您好"
    found = detect(bench, "kind: bursts, least: 2", call)
    assert found.state == YES and found.anchors[0].start_s == pytest.approx(4.4)
    assert detect(bench, "kind: bursts, least: 4", call).state == NO
    assert detect(bench, "kind: bursts, least: 2, gap_s: 5", call).state == NO


def test_speech_by_the_sound_alone(bench: Bench) -> None:
    """Words or not, longer than a click, after an event, and no surer than it."""
    facts = say("C: 谢谢 / A: 您好")
    heard = replace(facts, speech={"customer": (Span(0.0, 0.8), Span(3.0, 3.1), Span(5.0, 6.0)), "agent": ()})
    spec = "kind: speech, by: customer"
    assert [o.start_s for o in detect(bench, spec, heard).anchors] == [0.0, 5.0]
    assert [o.start_s for o in detect(bench, spec + ", after: thanks", heard).anchors] == [5.0]
    assert detect(bench, spec + ", after: thanks_perhaps", heard).state == PERHAPS
    assert detect(bench, spec + ", after: price", heard).state == NO


def test_condition_gives_a_name_to_a_combination(bench: Bench) -> None:
    """With ``first`` only its first place."""
    call = "C: 谢谢 / A: 好 / C: 谢谢"
    assert len(detect(bench, "kind: condition, condition: thanks or price", call).anchors) == 2
    assert len(detect(bench, "kind: condition, condition: thanks or price, first: true", call).anchors) == 1


def test_an_event_that_asks_for_itself_does_not_occur(bench: Bench) -> None:
    """Nor does it recurse for ever."""
    assert detect(bench, "kind: condition, condition: f", "C: 谢谢", "\n  f: {kind: condition, condition: e}").state == NO


SPOKEN = [
    'kind: says, by: customer, says: ["谢谢"]', "kind: hold, longer_s: 5", "kind: long_turn, least_characters: 2", "kind: bursts, least: 1",
    "kind: speech, by: customer", "kind: turn_level, by: customer, below: 0",
]  # fmt: skip


@pytest.mark.parametrize("spec", SPOKEN)
def test_where_voices_are_not_told_apart_events_of_one_party_are_unknown(bench: Bench, spec: str) -> None:
    """With the reason."""
    found = detect(bench, spec, mono(say("C: 谢谢 / A: 好")))
    assert (found.state, found.reason) == (UNKNOWN, "speakers_unknown")


# --- built in


@pytest.mark.parametrize(("call", "inbound", "outbound"), [("A: 您好", YES, NO), ("out / A: 您好", NO, YES)])
def test_direction(bench: Bench, call: str, inbound: str, outbound: str) -> None:
    """As the sidecar says."""
    assert (built_in(bench, "inbound", call).state, built_in(bench, "outbound", call).state) == (inbound, outbound)


def test_direction_unknown_or_assumed(bench: Bench) -> None:
    """A pack may assume one."""
    facts = say("A: 您好")
    nowhere = replace(facts, call=replace(facts.call, direction=None))
    assert built_in(bench, "inbound", nowhere).state == UNKNOWN
    assert built_in(bench, "inbound", nowhere, "settings: {assume_direction: inbound}").state == YES


def test_opening_and_closing_are_the_agents_turns(bench: Bench) -> None:
    """Not the customer's."""
    call = "C: 喂 / A: 您好 / C: 再见 / A: 再见 / C: 嗯"
    assert built_in(bench, "opening", call).anchors[0].start_s == pytest.approx(1.0)
    assert built_in(bench, "closing", call).anchors[0].start_s == pytest.approx(3.8)
    assert built_in(bench, "opening", "C: 喂").state == built_in(bench, "closing", "C: 喂").state == NO


def test_both_spoke_and_always(bench: Bench) -> None:
    """A word of each party."""
    assert built_in(bench, "both_spoke", "A: 您好 / C: 喂").state == YES
    assert built_in(bench, "both_spoke", "A: 您好").state == NO
    assert built_in(bench, "always", mono(say("A: 您好"))).state == YES


@pytest.mark.parametrize(("customer_s", "state"), [(0.0, YES), (0.5, YES), (0.7, PERHAPS)])
def test_silent_line_is_unsure_if_there_is_speech_without_words(bench: Bench, customer_s: float, state: str) -> None:
    """A click is nobody; more than that may be somebody whom the recogniser did not hear."""
    facts = say("A: 您好 / A: 喂")
    facts = replace(facts, speech={**facts.speech, "customer": (Span(1.0, 1.0 + customer_s),)})
    assert built_in(bench, "silent_line", facts).state == state


@pytest.mark.parametrize("call", ["A: 您好 / C: 喂", "C: 喂", "S: x = 1"])
def test_silent_line_needs_an_agent_who_speaks_to_nobody(bench: Bench, call: str) -> None:
    """A word of the customer, or none of the agent, is another matter."""
    assert built_in(bench, "silent_line", call).state == NO


FAREWELL = '\n  agent_farewell: {kind: says, by: agent, says: ["再见"]}'
STAYING = "A: 您好 / C: 嗯 / A: 再见 / W: 4 / A: 喂"


def test_stays_on_line_is_silence_after_the_farewell(bench: Bench) -> None:
    """After which the agent goes on."""
    assert built_in(bench, "stays_on_line", "A: 您好 / C: 嗯 / A: 再见", events=FAREWELL).state == NO
    assert built_in(bench, "stays_on_line", STAYING, events=FAREWELL).state == YES
    assert built_in(bench, "stays_on_line", STAYING.replace("W: 4", "W: 1"), events=FAREWELL).state == NO
    assert built_in(bench, "stays_on_line", STAYING).state == NO


def test_a_wait_in_a_call_that_goes_on_after_a_farewell_is_no_staying_on_the_line(bench: Bench) -> None:
    """The customer had one more question, and the agent looks it up."""
    more = "A: 您好 / C: 嗯 / A: 再见 / C: 等等我还有一个问题 / A: 请您稍等 / W: 9 / A: 查到了"
    assert built_in(bench, "stays_on_line", more, events=FAREWELL).state == NO
    assert built_in(bench, "stays_on_line", more + " / A: 再见 / W: 4 / A: 再见", events=FAREWELL).state == YES
    assert built_in(bench, "stays_on_line", "A: 您好 / C: 嗯 / A: 再见 / C: 再见 / W: 4 / A: 再见", events=FAREWELL).state == YES


def test_stays_on_line_until_the_agent_releases(bench: Bench) -> None:
    """By the record, if nobody speaks again."""
    call = 'S: released_by = "agent" / S: released_after_s = {} / A: 您好 / C: 嗯 / A: 再见 / W: 4'
    assert built_in(bench, "stays_on_line", call.format(4), events=FAREWELL).state == YES
    assert built_in(bench, "stays_on_line", call.format(1), events=FAREWELL).state == NO


def test_stays_on_line_after_a_perhaps_farewell_is_perhaps(bench: Bench) -> None:
    """And unknown where the voices are."""
    weak = FAREWELL.replace("]}", "], weak: true}")
    assert built_in(bench, "stays_on_line", STAYING, events=weak).state == PERHAPS
    assert built_in(bench, "stays_on_line", mono(say(STAYING)), events=FAREWELL).state == UNKNOWN


@pytest.mark.parametrize("name", ["opening", "closing", "both_spoke", "silent_line"])
def test_built_in_events_of_one_party_are_unknown_where_voices_are(bench: Bench, name: str) -> None:
    """With the reason."""
    assert built_in(bench, name, mono(say("A: 您好"))).reason == "speakers_unknown"


def test_turn_levels_without_a_measured_party_are_unknown(bench: Bench) -> None:
    """No level is no faint level."""
    facts = doubt(say("C: [-45]我听不见"), 0.0, 1.0)
    bare = replace(facts, measures=replace(facts.measures, level={}))
    assert detect(bench, "kind: turn_level, by: customer, below: -40", bare).state == UNKNOWN
    assert TurnLevel(0.0, 1.6, -45.0) in facts.measures.level["customer"].turns


def test_exception_with_a_wildcard_reaches_beyond_its_words(bench: Bench) -> None:
    """What another person did is no complaint, though some words stand between him and what he did."""
    event = '\n  complains: {kind: says, by: customer, says: ["投诉"], unless: ["朋友{any:0-16}投诉"]}'
    rule = 'when: complains, check: must_say, say: ["对不起"]'
    assert bench.outcome(rule, "C: 我朋友上次买的台灯坏了去投诉 / A: 好", events=event) == "not_applicable"
    assert bench.outcome(rule, "C: 台灯坏了我要投诉 / A: 好", events=event) == "fail"


def test_elements_of_an_event_may_be_asked_for_in_one_turn(bench: Bench) -> None:
    """Else words of different turns make up what nobody said."""
    event = 'kind: says, by: customer, says: ["打 … 才接"]'
    apart = "C: 打孔的师傅来过了 / A: 好的您请讲 / C: 我昨天才接到货"
    together = apart + " / A: 嗯您请说 / C: 打了半天才接"
    assert detect(bench, event, apart).state == YES
    assert detect(bench, f"{event}, in_one_turn: true", apart).state == NO
    assert len(detect(bench, f"{event}, in_one_turn: true", together).anchors) == 1
