"""Calls in other words: how a text is read, what is expected of it, and that a phrase is understood where it stands and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from judge.builders import say
from other_words import Understood, verdicts_of
from retold import read_texts, retold_truth

TEXT = "# a remark\n@call -ZJ-1a +ZJ-2a\nA 您好，请讲\nC 我问一下几点关门\n"
TRUTH = {
    "id": "call", "standard": "zijin-400",
    "utterances": [{"speaker": "agent", "start_s": 0.0, "end_s": 1.2, "text": "您好"},
                   {"speaker": "customer", "start_s": 2.0, "end_s": 4.0, "text": "在吗"}],
    "expected": {"kept": ["ZJ-1a", "ZJ-1b"], "broken": ["ZJ-3a"]},
}


def written(folder: Path, text: str) -> Path:
    path = folder / "texts.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_text_takes_the_place_of_what_was_said(tmp_path: Path) -> None:
    (retold,) = read_texts(written(tmp_path, TEXT))
    truth = retold_truth(TRUTH, retold)
    assert [u["text"] for u in truth["utterances"]] == ["您好，请讲", "我问一下几点关门"]
    assert [u["start_s"] for u in truth["utterances"]] == [0.0, 2.0]
    assert truth["expected"] == {"kept": ["ZJ-1b"], "broken": ["ZJ-2a", "ZJ-3a"]}


@pytest.mark.parametrize("text", ["A 您好\n", "@call\nB 您好\n"], ids=["no call", "no party"])
def test_a_line_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(SystemExit, match=r"texts\.txt:\d"):
        read_texts(written(tmp_path, text))


def test_other_speakers_than_the_call_has_are_refused(tmp_path: Path) -> None:
    (retold,) = read_texts(written(tmp_path, "@call\nC 您好\nA 在吗\n"))
    with pytest.raises(SystemExit, match="agent customer"):
        retold_truth(TRUTH, retold)


def test_the_words_of_the_text_are_judged_and_no_others(tmp_path: Path) -> None:
    """The recording greeted; the text does not."""
    facts = say("A: 您好,紫金金行,请问有什么能够帮您 / C: 在吗")
    greeted = [{"speaker": u.speaker, "start_s": u.start_s, "end_s": u.end_s, "text": u.text} for u in facts.transcript]
    bare = [{**greeted[0], "text": "喂,说吧"}, greeted[1]]
    outcomes = [{v["rule"]: v["outcome"] for v in verdicts_of(facts, {**TRUTH, "utterances": said})} for said in (greeted, bare)]
    assert [rule for rule, before in outcomes[0].items() if before == "pass" and outcomes[1][rule] in ("fail", "unsure")]


def test_a_phrase_is_understood_where_it_stands() -> None:
    understood = Understood(say("A: 请您稍等 / C: 好的"))
    assert (understood.log_ratio("agent", 0.0, 2.0, "", "", "稍等") or 0) > 0
    assert (understood.log_ratio("agent", 0.0, 2.0, "", "", "再见") or 0) < 0
    assert (understood.log_ratio("customer", 0.0, 9.0, "", "", "稍等") or 0) < 0
