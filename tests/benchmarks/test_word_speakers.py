"""What the weights of who speaks are learnt from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import word_speakers
from word_speakers import FINELY, LEAST_WEIGHT, NO_SCENARIO, WHOLE, Dialogue, as_dialogues, as_heard, as_json, as_written, fitted

WORDS = [{"text": "您好,", "start_s": 0.0, "end_s": 0.5, "confidence": 0.9},
         {"text": "请讲", "start_s": 0.8, "end_s": 1.2, "confidence": 0.9}]


def test_dialogues_are_read_by_breath_groups(tmp_path: Path) -> None:
    path = tmp_path / "calls.txt"
    path.write_text("@parcel\nA 您好,\nA 请讲。\nC 喂\n\n@wrong number\nC 喂,老王吗\nA 打错了\n", encoding="utf-8")
    first, second = as_dialogues(path)
    assert first.texts == ("您好", "请讲", "喂") and first.speakers == ("agent", "agent", "customer") and first.scenario == NO_SCENARIO
    assert second.speakers == ("customer", "agent")


def truth(folder: Path) -> Path:
    spoken = [{"speaker": "customer", "start_s": 0.0, "end_s": 0.7, "text": "您好！"},
              {"speaker": "agent", "start_s": 0.7, "end_s": 2.0, "text": "请讲。"}]
    (folder / "dev-s07-kept.truth.json").write_text(json.dumps({"id": "dev-s07-kept", "utterances": spoken}), encoding="utf-8")
    return folder


def test_calls_are_learnt_as_written_and_cut_at_their_marks(tmp_path: Path) -> None:
    whole, cut = as_written(truth(tmp_path), [])
    assert whole.scenario == cut.scenario == 7 and whole.texts == cut.texts == ("您好", "请讲")
    assert word_speakers._cut("一。二？三", "") == ["一。", "二？", "三"]
    assert word_speakers._cut("一,二," * 20, "key") == word_speakers._cut("一,二," * 20, "key") != ["一,二," * 20]


def test_what_was_heard_belongs_to_whom_it_covers_most(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "calls").mkdir(parents=True)
    heard = {"call": {"channels": 1}, "transcript": [
        {"speaker": "unknown", "start_s": 0.0, "end_s": 1.2, "text": "您好,请讲", "confidence": 0.9, "words": WORDS}]}
    (out / "calls" / "dev-s07-kept.json").write_text(json.dumps(heard), encoding="utf-8")
    whole, finely = as_heard(truth(tmp_path), out)
    assert (whole.on_one, whole.speakers) == (WHOLE, ("customer",))
    assert (finely.on_one, finely.texts, finely.speakers) == (FINELY, ("您好", "请讲"), ("customer", "agent"))


def test_weights_are_stored_as_they_are_read_a_line_for_each_first_character() -> None:
    stored = as_json({"0您好": -0.5, "0您": 1.5, "-好": 0.25})
    assert json.loads(stored) == {"agent": {"0您": 1.5, "0您好": -0.5, "-好": 0.25}}
    assert stored.splitlines()[1:3] == ['"-好":0.25,', '"0您":1.5,"0您好":-0.5']


ASKED, SAID = [f"{c}贵姓" for c in "子丑寅卯辰巳"], [f"{c}找人" for c in "子丑寅卯辰巳"]


def calls(scenario: int, agent: str, customer: str) -> list[Dialogue]:
    return [Dialogue(scenario, (agent, customer), ("agent", "customer"), (1.0, 1.0))] * 4


def test_weights_tell_the_agent_from_the_customer_by_calls_and_wordings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_speakers, "wordings", lambda: {**dict.fromkeys(ASKED, "agent"), **dict.fromkeys(SAID, "customer")})
    found = fitted(calls(7, "甲", "乙"))
    assert found["0甲"] > 0 > found["0乙"] and found["0贵姓"] > 0 > found["0找人"]
    assert all(abs(w) >= LEAST_WEIGHT for w in found.values())


def test_a_call_of_no_scenario_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_speakers, "wordings", dict)
    assert fitted(calls(NO_SCENARIO, "甲", "乙"))["0甲"] > fitted(calls(7, "甲", "乙"))["0甲"]
