"""What the words that tell the agent are learnt from."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from role_cues import FIRST, LEAST_CALLS, Words, as_written, as_yaml, fitted, tell, words_of

from voicemon.records import AGENT, CUSTOMER

FITS = pytest.mark.skipif(find_spec("sklearn") is None, reason="no scikit-learn (extra bench)")
HELLO, ASK = "您好请问有什么可以帮您", "我想查一下快递"


def calls(count: int) -> list[Words]:
    return [words_of(f"dev-s{i}-kept", "inbound", [(AGENT, HELLO), (CUSTOMER, ASK)]) for i in range(count)]


def truth_dir(folder: Path, count: int) -> Path:
    for i in range(count):
        spoken = [{"speaker": AGENT, "text": HELLO}, {"speaker": CUSTOMER, "text": ASK}]
        call = {"id": f"dev-s{i:02d}-kept", "direction": "inbound", "utterances": spoken}
        (folder / f"{call['id']}.truth.json").write_text(json.dumps(call), encoding="utf-8")
    return folder


def test_only_what_one_of_both_says_tells() -> None:
    said = words_of("dev-s07-kept", "inbound", [(AGENT, "您好"), (CUSTOMER, "你好")])
    assert said.scenario == 7
    assert said.difference() == {"您": 1.0, "您好": 1.0, "你": -1.0, "你好": -1.0, FIRST: 1.0}


@pytest.mark.parametrize(("direction", "first"), [("inbound", 1), ("outbound", 0)])
def test_who_speaks_first_tells_nothing_where_the_agent_calls(direction: str, first: int) -> None:
    assert words_of("dev-s01-kept", direction, [(AGENT, HELLO), (CUSTOMER, ASK)]).first == first


@FITS
def test_words_of_the_agent_speak_for_the_agent() -> None:
    weights = fitted(calls(2 * LEAST_CALLS))
    assert weights["您"] > 0 > weights["我"] and weights[FIRST] > 0


@FITS
def test_what_too_few_calls_say_is_not_learnt() -> None:
    rare = words_of("dev-s30-kept", "inbound", [(AGENT, "喵"), (CUSTOMER, ASK)])
    assert "喵" not in fitted([*calls(6), *[rare] * (LEAST_CALLS - 1)])
    assert "喵" in fitted([*calls(6), *[rare] * LEAST_CALLS])


@FITS
def test_both_parties_of_a_call_weigh_the_same() -> None:
    weights = fitted(calls(2 * LEAST_CALLS))
    mirrored = fitted([Words(c.scenario, c.customer, c.agent, -c.first) for c in calls(2 * LEAST_CALLS)])
    assert all(mirrored[key] == pytest.approx(-weight, abs=1e-3) for key, weight in weights.items())


def test_lines_that_nobody_answers_weigh_less_than_calls(tmp_path: Path) -> None:
    written = list(as_written(truth_dir(tmp_path, 2), []))
    assert [w.weight for w in written[:2]] == [1.0, 1.0]
    assert len(written) > 2 and all(w.weight < 1.0 and w.first == 0 for w in written[2:])


@FITS
def test_the_program_says_how_often_it_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell("calls", calls(16), calls(16))
    assert "16 calls, scenarios left out: wrong 0" in capsys.readouterr().out
    swapped = [Words(c.scenario, c.customer, c.agent, -c.first) for c in calls(16)]
    assert not tell("swapped", calls(16), swapped)




def test_weights_are_stored_as_they_are_read() -> None:
    stored = yaml.safe_load(as_yaml({FIRST: 1.234, "您": 2.0, "我": -3.0, "了": 0.001}))
    assert stored == {"first_speaker": 1.23, AGENT: {"您": 2.0}, CUSTOMER: {"我": 3.0}}
