"""Triggers: three-valued logic with anchors, and what cannot be parsed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from voicemon.judge.answers import NO, PERHAPS, UNKNOWN, YES, Occurrence, When
from voicemon.judge.asking import WouldAsk
from voicemon.judge.conditions import ConditionError, parse_condition

EARLY, LATE = Occurrence(1.0, 2.0), Occurrence(5.0, 6.0)
EVENTS = {
    "y": When(YES, (LATE,)),
    "y2": When(YES, (EARLY,)),
    "state": When(YES),
    "n": When(NO),
    "p": When(PERHAPS, (EARLY,)),
    "u": When(UNKNOWN, reason="sidecar_lacks", args={"field": "x"}),
}


def evaluate(text: str) -> When:
    return parse_condition(text).evaluate(EVENTS.__getitem__)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("y and y2", YES), ("y and n", NO), ("y and p", PERHAPS), ("y and u", UNKNOWN), ("n and u", NO), ("n and p", NO),
        ("p and u", UNKNOWN), ("y or n", YES), ("n or n", NO), ("p or n", PERHAPS), ("p or y", YES), ("u or y", YES), ("u or p", PERHAPS),
        ("u or n", UNKNOWN), ("not y", NO), ("not n", YES), ("not p", PERHAPS), ("not u", UNKNOWN), ("not not y", YES),
    ],
)  # fmt: skip
def test_three_valued_logic(text: str, state: str) -> None:
    """What decides wins; else what is unknown stays unknown and what is uncertain uncertain."""
    assert evaluate(text).state == state


@pytest.mark.parametrize(
    ("text", "state"), [("n and n or y", YES), ("n and (n or y)", NO), ("not n or y and n", YES), ("not (n or y)", NO)]
)
def test_and_binds_more_than_or_and_not_most(text: str, state: str) -> None:
    """Brackets override."""
    assert evaluate(text).state == state


def test_and_keeps_the_anchors_of_its_first_side_that_has_any() -> None:
    """A state has no place; the first event with one gives it."""
    assert evaluate("state and y and y2").anchors == (LATE,)
    assert evaluate("y2 and y").anchors == (EARLY,)


@pytest.mark.parametrize(("text", "asked"), [("n and y", "n"), ("y and n and p", "yn"), ("not y and (p or u)", "y"), ("n or y", "ny")])
def test_and_asks_no_further_than_the_first_no(text: str, asked: str) -> None:
    """Each event may ask the sound many questions, and nothing else makes the whole happen."""
    names: list[str] = []
    parse_condition(text).evaluate(lambda name: names.append(name) or EVENTS[name])  # type: ignore[func-returns-value]
    assert "".join(names) == asked


class Events:
    """Events of which ``deaf`` need the sound to be told."""

    def __init__(self, deaf: str) -> None:
        self._deaf = deaf
        self._quiet = False
        self.heard: list[str] = []

    def __call__(self, name: str) -> When:
        if name in self._deaf and self._quiet:
            raise WouldAsk
        self.heard += [name] if name in self._deaf else []
        return EVENTS[name]

    @contextmanager
    def quietly(self) -> Iterator[None]:
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before


@pytest.mark.parametrize(
    ("text", "deaf", "heard"),
    [
        ("y and n", "y", ""),
        ("y and (p or n)", "y", "y"),
        ("y and (p and n)", "yp", ""),
        ("y and not y2", "y", ""),
        ("y and not n", "yn", "yn"),
        ("y and not y2", "yy2", "yy2"),
        ("y and (p and (y2 and n))", "yp", ""),
    ],
)
def test_the_sound_is_not_asked_for_what_another_event_rules_out(text: str, deaf: str, heard: str) -> None:
    """Whichever stands first; the answer is the same as if all had been asked."""
    events = Events(deaf)
    answer = parse_condition(text).evaluate(events, events.quietly)
    assert answer.state == evaluate(text).state
    assert "".join(dict.fromkeys(events.heard)) == heard


def test_brackets_do_not_multiply_what_is_looked_at() -> None:
    """Twenty deep, each event is looked at a few hundred times, not a million times."""
    events, looked = Events("y"), []
    condition = parse_condition("y and (" * 20 + "y" + ")" * 20)
    assert condition.evaluate(lambda name: looked.append(name) or events(name), events.quietly).state == YES  # type: ignore[func-returns-value]
    assert len(looked) < 500


def test_or_joins_anchors_in_order_of_time() -> None:
    """Only of the sides that decide: a perhaps beside a yes gives no place."""
    assert evaluate("y or y2").anchors == (EARLY, LATE)
    assert evaluate("y or p").anchors == (LATE,)


def test_not_has_no_place_and_unknown_keeps_its_reason() -> None:
    """What did not happen happened nowhere; the missing field is named through ``and``, ``or``, ``not``."""
    assert evaluate("not n").anchors == ()
    for text in ("u and y", "u or n", "not u"):
        assert (evaluate(text).reason, evaluate(text).args) == ("sidecar_lacks", {"field": "x"})


def test_names_are_all_that_are_mentioned() -> None:
    """Through brackets and not."""
    assert parse_condition("a and not (b or c.d)").names() == {"a", "b", "c.d"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "ends where a name should follow"),
        ("y and", "ends where a name should follow"),
        ("y y2", "unexpected 'y2'"),
        ("and y", "unexpected 'and'"),
        ("(y", "is not closed"),
        ("y)", "unexpected ')'"),
        ("y && n", "cannot read '&& n'"),
        ("有人", "cannot read"),
        ("(" * 20_000 + "y" + ")" * 20_000, "more than 50 brackets"),
        ("not " * 20_000 + "y", "more than 50 brackets"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, complaint: str) -> None:
    """The message says what is wrong, also of text made to exhaust the parser."""
    with pytest.raises(ConditionError) as refused:
        parse_condition(text)
    assert complaint in str(refused.value) and len(str(refused.value)) < 200
