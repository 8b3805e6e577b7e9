"""``release``, ``sidecar``, ``register``, ``callback``: what the records say, and what without them is not checked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, mono, say

from voicemon.judge.judge import reason_text

RELEASE = "check: release"
ALLOWED = "check: release, allowed_when: thanks, least_s: 3"


def released(by: str, after_s: float | None = None, rest: str = "C: 你好") -> str:
    after = "" if after_s is None else f" / S: released_after_s = {after_s}"
    return f'S: released_by = "{by}"{after} / {rest}'


@pytest.mark.parametrize(
    ("rule", "call", "outcome"),
    [
        (RELEASE, released("customer"), "pass"),
        (RELEASE, released("agent"), "fail"),
        (RELEASE, "C: 你好", "not_checked"),
        (ALLOWED, released("agent", 3.0, "C: 谢谢"), "pass"),
        (ALLOWED, released("agent", 2.7, "C: 谢谢"), "pass"),
        (ALLOWED, released("agent", 2.0, "C: 谢谢"), "fail"),
        (ALLOWED, released("agent", None, "C: 谢谢"), "not_checked"),
        (ALLOWED, released("agent", 9.0, "C: 你好"), "fail"),
        (ALLOWED.replace("thanks", "thanks_perhaps"), released("agent", 3.0, "C: 谢谢"), "unsure"),
        ("check: release, allowed_when: thanks", released("agent", None, "C: 谢谢"), "pass"),
    ],
)
def test_release(bench: Bench, rule: str, call: str, outcome: str) -> None:
    """The customer first, or the agent as the pack allows; without the record not checked."""
    assert bench.outcome(rule, call) == outcome


@pytest.mark.parametrize(("confidence", "after_s", "outcome"), [(0.4, 5.8, "unsure"), (0.4, 0.3, "fail"), (0.8, 5.8, "fail")])
def test_last_words_that_were_not_understood_may_have_announced_it(
    bench: Bench, confidence: float, after_s: float, outcome: str
) -> None:
    """After a proper wait nobody is charged because 我挂线了 was misheard; without the wait words excuse nothing."""
    facts = say(released("agent", after_s, "C: 你好 / A: 我贯见了你"))
    last = replace(facts.transcript[-1], confidence=confidence)
    assert bench.outcome(ALLOWED, replace(facts, transcript=(*facts.transcript[:-1], last))) == outcome


def test_release_with_an_excuse_that_cannot_be_told_is_not_checked(bench: Bench) -> None:
    """Where voices are not told apart the excuse may have been there."""
    assert bench.outcome(ALLOWED, mono(say(released("agent", 9.0)))) == "not_checked"
    assert bench.outcome(RELEASE, mono(say(released("agent", 9.0)))) == "fail"


@pytest.mark.parametrize(
    ("options", "value", "outcome"),
    [
        ("is: yes", '"yes"', "pass"), ("is: yes", '"no"', "fail"), ("is: [a, b]", '"b"', "pass"), ("filled: true", '"x"', "pass"),
        ("filled: true", '""', "fail"), ("filled: false", "[]", "pass"), ("least: 2", "2", "pass"), ("least: 2", "1", "fail"),
        ("most: 2", "[1, 2, 3]", "fail"), ("most: 3", "[1, 2, 3]", "pass"), ("is: yes", "null", "not_checked"),
        ("least: 2", '"many"', "not_checked"),
    ],
)  # fmt: skip
def test_sidecar(bench: Bench, options: str, value: str, outcome: str) -> None:
    """By value, by being filled, by limits; what is no number has no limits."""
    assert bench.outcome(f"check: sidecar, field: f, {options}", f"S: f = {value} / A: 您好") == outcome


def test_sidecar_without_the_field_is_not_checked(bench: Bench) -> None:
    """And the reason names it."""
    verdict = bench.verdict("check: sidecar, field: f.g, is: yes", "A: 您好")
    assert verdict.outcome == "not_checked" and "f.g" in verdict.reason


REGISTER = "check: register, fields: [name, phone]"


@pytest.mark.parametrize(
    ("register", "outcome"),
    [
        ('[{"name": "王", "phone": "1"}]', "pass"),
        ('[{"name": "王"}, {"phone": "1"}]', "pass"),
        ('[{"name": "王", "phone": ""}]', "fail"),
        ('[{"name": "王"}]', "fail"),
        ('[{"name": "王", "phone": "无"}]', "unsure"),
        ("[]", "fail"),
    ],
)
def test_register(bench: Bench, register: str, outcome: str) -> None:
    """Every field filled in some entry; 无 is for a person to weigh."""
    assert bench.outcome(REGISTER, f"S: register = {register} / A: 您好") == outcome


def test_the_fields_of_the_register_are_named_in_words() -> None:
    """A field that the table does not know keeps its own name."""
    args = {"what": ["register.solution", "register.time", "register.fax"]}
    assert reason_text("register_lacks", args, "zh") == "电话登记表缺少:解决办法、时间、fax"
    assert reason_text("register_lacks", args, "en").endswith("solution, time, fax")


def test_a_missing_field_is_named_in_words_and_by_its_name() -> None:
    """The register in words for the reader, the field for who fills it; a part goes by the whole, an unknown field by itself."""
    assert reason_text("sidecar_lacks", {"field": "register"}, "zh") == "没有所需的记录(电话登记表:register),无法检查"
    part = reason_text("sidecar_lacks", {"field": "callback_of.made_after_min"}, "en")
    assert part.endswith("(what this call is the call-back of: callback_of.made_after_min)")
    assert reason_text("sidecar_lacks", {"field": "shoe_size"}, "en").endswith("(shoe_size)")


def test_a_release_at_an_unknown_time_says_so(bench: Bench) -> None:
    """And shows no question mark for the seconds."""
    assert "not on record" in bench.verdict("check: release", 'S: released_by = "agent" / A: 再见').reason
    assert "0.4 s after" in bench.verdict("check: release", 'S: released_by = "agent" / S: released_after_s = 0.4 / A: 再见').reason


def test_register_options(bench: Bench) -> None:
    """Without a register not checked; the pack may let an empty field count, or be milder."""
    empty = 'S: register = [{"name": "王", "phone": ""}] / A: 您好'
    assert bench.outcome(REGISTER, "A: 您好") == "not_checked"
    assert bench.outcome(REGISTER + ", empty_counts: true", empty) == "pass"
    assert bench.outcome(REGISTER + ", otherwise: unsure", empty) == "unsure"


CALLBACK = "check: callback, fields: [callbacks], within_min: 60"


@pytest.mark.parametrize(
    ("callbacks", "outcome"),
    [
        ('[{"at": "2026-03-18T10:30:00+08:00"}]', "pass"),
        ('[{"at": "2026-03-18T02:30:00+00:00"}]', "pass"),
        ('[{"at": "2026-03-18T11:30:00+08:00"}]', "fail"),
        ('[{"at": "2026-03-18T12:30:00"}, {"at": "2026-03-18T10:30:00"}]', "pass"),
        ("[{}]", "not_checked"),
        ('[{"at": "2026-03-18T10:30:00"}, {"at": "2026-03-18T12:30:00+08:00"}]', "pass"),
        ('[{"at": "2026-03-18T12:30:00+08:00"}, {}]', "not_checked"),
        ('[{"at": "2026-03-18T10:30:00+08:00"}, {}]', "pass"),
        ("[]", "fail"),
    ],
)
def test_callback_in_time(bench: Bench, callbacks: str, outcome: str) -> None:
    """The earliest within so many minutes of the end, in any zone; an entry without a time cannot be checked."""
    assert bench.outcome(CALLBACK, f"S: callbacks = {callbacks} / A: 您好") == outcome


def test_a_time_without_a_zone_is_not_held_against_one_in_utc(bench: Bench) -> None:
    """Half past ten by the clock on the wall is no eight hours after two in UTC."""
    call = 'at: 2026-03-18T02:00:00Z / S: callbacks = [{"at": "2026-03-18T10:30:00"}] / A: 您好'
    assert bench.outcome(CALLBACK, call) == "not_checked"


def test_callback_by_whom_and_without_a_limit(bench: Bench) -> None:
    """Only the agent's calls count if the pack says so; without a record nothing is checked."""
    call = 'S: callbacks = [{"by": "customer", "at": "2026-03-18T10:30:00+08:00"}] / A: 您好'
    assert bench.outcome("check: callback, fields: [callbacks]", call) == "pass"
    assert bench.outcome("check: callback, fields: [callbacks], by: agent", call) == "fail"
    assert bench.outcome("check: callback, fields: [callbacks], by: agent", call.replace('"customer"', "null")) == "pass"
    assert bench.outcome(CALLBACK, "A: 您好") == "not_checked"


@pytest.mark.parametrize(("made", "outcome"), [("50", "pass"), ("90", "fail"), ("null", "not_checked")])
def test_the_call_may_be_the_callback_itself(bench: Bench, made: str, outcome: str) -> None:
    """By what it was promised for; one of which nobody wrote down when it was made was made all the same."""
    call = f'S: callback_of = {{"made_after_min": {made}, "promised_within_min": 60}} / A: 您好'
    assert bench.outcome(CALLBACK + ", or_is_callback: true", call) == outcome
