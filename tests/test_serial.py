"""JSON as it is written into OUT."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voicemon.serial import dumps_by_line

REPORT = {"id": "a", "verdicts": [{"rule": "R1", "quote": "您好\n\"再见\""}, {"rule": "R2", "quote": None}], "notes": [],
          "times": [[0.5, 1]], "score": {"value": 1.0}}


@pytest.mark.parametrize("plain", [REPORT, {}, [], [{"id": "a"}, {"id": "b"}], {"mixed": [{"a": 1}, 2]}, "text"])
def test_what_was_written_is_read(plain: Any) -> None:
    assert json.loads(dumps_by_line(plain)) == plain


def test_a_line_is_a_value_or_an_object_of_a_list() -> None:
    assert dumps_by_line(REPORT).split("\n") == [
        "{", '"id": "a",', '"verdicts": [', ' {"rule": "R1", "quote": "您好\\n\\"再见\\""},', ' {"rule": "R2", "quote": null}', "],",
        '"notes": [],', '"times": [[0.5, 1]],', '"score": {"value": 1.0}', "}"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_does_not_know_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps_by_line({"verdicts": [{"level": value}]})
