"""Whole turns, questions left without an answer, and the surname on record in a form of address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from voicemon.judge.examples import example_facts
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.records import Span

PACK = """
name: turns
title: "test"
version: "1"
events:
  ignored: {{kind: ignored, by: customer, asks: ["吗|几点"], again: ["喂"], not_after: ["请稍候"]}}
  long_start: {{kind: turn, by: agent, first: true, least_characters: 10}}
  asks: {{kind: turn, by: customer, says: ["吗"], answered: true, not_after: ["请稍候"]}}
  turn: {{kind: turn, by: customer, answered: true, not_ending: ["等一下"]}}
rules:
- {{id: R, title: t, quote: q, evidence: direct, {rule}, examples: {{fires: [], quiet: ["A: 您好"]}}}}
"""


def outcome(tmp_path: Path, rule: str, line: str, customer_sound: Span | None = None) -> str:
    path = tmp_path / "turns.yaml"
    path.write_text(PACK.format(rule=rule), encoding="utf-8")
    facts = example_facts(line)
    if customer_sound:
        facts = replace(facts, speech={**facts.speech, "customer": (customer_sound, *facts.speech["customer"])})
    return judge(facts, load_standard(path))[0].outcome


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A: 您好 / C: 早餐包吗 / W: 6 / C: 早餐到底包不包 / A: 包", "fail"),
        ("A: 您好 / C: 我说早餐 / W: 6 / C: 喂,早餐包不包 / A: 包", "fail"),
        ("A: 您好 / C: 几点开门 / W: 6", "fail"),
        ("A: 您好 / C: 几点开门 / A: 九点 / W: 6 / C: 喂", "pass"),
        ("A: 您好 / C: 几点开门 / A: 九点 / W: 6", "pass"),
        ("A: 您好 / C: 早餐包吗 / A: 包 / C: 好", "pass"),
        ("A: 您好 / C: 我的卡号是 / W: 6 / C: 三六七", "pass"),
        ("A: 您好 / C: 早餐包吗 / W: 2 / C: 我是说晚上 / A: 包", "pass"),
        ("A: 请稍候 / C: 要等多久,十点行吗 / W: 6 / C: 喂 / A: 让您久等了", "pass"),
        ("A: 您好 / C: 几点开门", "pass"),
    ],
)
def test_questions_left_without_an_answer(tmp_path: Path, line: str, expected: str) -> None:
    """Silence after a question counts if the customer must ask again or the call runs out; not a customer's own pause."""
    assert outcome(tmp_path, "check: meets, condition: not ignored, where: call", line) == expected


def test_an_answer_that_was_not_recognised_is_an_answer(tmp_path: Path) -> None:
    """The agent's voice in the silence, without a word recognised, is no silence."""
    path = tmp_path / "turns.yaml"
    path.write_text(PACK.format(rule="check: meets, condition: not ignored, where: call"), encoding="utf-8")
    facts = example_facts("A: 您好 / C: 早餐包吗 / W: 6 / C: 喂,早餐包不包 / A: 包")
    question = next(u for u in facts.transcript if u.speaker == "customer")
    sound = Span(question.end_s + 1.0, question.end_s + 2.5)
    facts = replace(facts, speech={**facts.speech, "agent": (*facts.speech["agent"], sound)})
    assert judge(facts, load_standard(path))[0].outcome == "pass"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A: 您好 / C: 我要查单子,你等一下 / W: 12 / A: 您还在吗", "pass"),
        ("A: 您好 / C: 等一下我问你,早餐包不包,几点开门 / W: 12 / A: 包", "fail"),
    ],
)
def test_a_turn_that_ends_with_a_request_for_a_moment_wants_no_answer(tmp_path: Path, line: str, expected: str) -> None:
    """等一下 at the end of a turn asks for time; before a question it does not."""
    assert outcome(tmp_path, "when: turn, check: respond, within_s: 5", line).replace("not_applicable", "pass") == expected


@pytest.mark.parametrize(
    ("line", "sound", "expected"),
    [
        ("A: 这里是我们温馨的客服中心 / C: 你好", None, "fail"),
        ("A: 您好 / C: 你好 / A: 这里是我们温馨的客服中心", None, "pass"),
        ("A: 这里是我们温馨的客服中心 / C: 你好", Span(1.5, 2.2), "pass"),
    ],
)
def test_first_turn_ends_where_the_other_is_heard(tmp_path: Path, line: str, sound: Span | None, expected: str) -> None:
    """A long opening is what the agent says before the customer is heard, words recognised or not."""
    assert outcome(tmp_path, "check: meets, condition: not long_start, where: opening", line, sound) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A: 您好 / C: 早餐包吗 / W: 7 / A: 包的", "fail"),
        ("A: 您好 / C: 早餐包吗 / A: 包的", "pass"),
        ("A: 请稍候 / C: 好吗 / W: 7 / A: 包的", "not_applicable"),
        ("A: 您好 / C: 早餐 / W: 7 / A: 包的", "not_applicable"),
        ("A: 您好 / C: 早餐包吗", "not_applicable"),
    ],
)
def test_turns_that_ask_for_an_answer(tmp_path: Path, line: str, expected: str) -> None:
    """Only turns with the words count, not those after an announced wait, nor a last turn that nobody can answer any more."""
    assert outcome(tmp_path, "when: asks, check: respond, within_s: 5", line) == expected


class Ear:
    """A recogniser that finds one wording as likely as what was written, and any other far less."""

    def log_ratio(
        self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = ""
    ) -> float:
        return 0.0 if phrase == "郝先生" else -40.0


@pytest.mark.parametrize(
    ("rule", "expected"), [('titles: ["先生"], surname_field: known.surname', "pass"), ('titles: ["先生"]', "unsure")]
)
def test_the_surname_on_record_is_found_by_its_sound(tmp_path: Path, rule: str, expected: str) -> None:
    """好先生 may be 郝先生: with the surname on record the sound can tell."""
    path = tmp_path / "turns.yaml"
    path.write_text(PACK.format(rule=f"check: address, {rule}"), encoding="utf-8")
    facts = example_facts('S: known = {"surname": "郝"} / A: 好先生 / C: 你好')
    facts = replace(facts, transcript=(replace(facts.transcript[0], text="你好先生"), *facts.transcript[1:]))
    assert judge(facts, load_standard(path), Ear())[0].outcome == expected


@pytest.mark.parametrize("surname", ["]]>", "  ", "。"])
def test_a_surname_that_nobody_can_say_is_as_good_as_none(tmp_path: Path, surname: str) -> None:
    """A telephone system may write anything there."""
    line = f'S: known = {{"surname": "{surname}"}} / A: 您好先生 / C: 你好'
    assert outcome(tmp_path, 'check: address, titles: ["先生"], surname_field: known.surname', line) in ("fail", "unsure")


@pytest.mark.parametrize(("words", "expected"), [("请稍候好先生", "pass"), ("您好先生", "unsure")])
def test_a_surname_written_otherwise_is_still_the_surname(tmp_path: Path, words: str, expected: str) -> None:
    """好先生 is 郝先生 as far as anybody can hear, but not in 您好,先生."""
    line = f'S: known = {{"surname": "郝"}} / A: {words} / C: 你好'
    assert outcome(tmp_path, 'check: address, titles: ["先生"], surname_field: known.surname', line) == expected
