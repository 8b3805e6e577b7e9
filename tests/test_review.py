"""Reviews: appeals taken in strictly, decisions beside the machine's verdict, nothing ever overwritten."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from voicemon.cli import commands
from voicemon.errors import SettingsError
from voicemon.review import Decision, add_appeal, decide, open_points

pytestmark = pytest.mark.parametrize("kit", ["sqlite", "postgresql"], indirect=True)
GOOD = {"format": "voicemon-appeal", "version": 1, "call_id": "one", "rule": "T-1", "agent_id": "7", "note": "我说了 <b>您好</b>"}


@pytest.fixture
def done(kit: Any) -> Any:
    """OUT with one call of agent 7, in which the greeting was missed."""
    kit.call("one.wav")
    (kit.folder / "one.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    kit.run(ear=kit.fake_ear("这件事我们已经处理完了再见"))
    return kit


def appeal(kit: Any, **changes: Any) -> Path:
    path = kit.folder.parent / "appeal-one-T-1.json"
    path.write_text(json.dumps({**GOOD, **changes}), encoding="utf-8")
    return path


def verdict(kit: Any) -> dict[str, Any]:
    return json.loads((kit.out / "calls/one.json").read_text(encoding="utf-8"))["verdicts"][0]


def overturn(kit: Any, **changes: Any) -> None:
    given = {"call_id": "one", "rule": "T-1", "uphold": False, "by": "李主管", "reason": "听到了", **changes}
    decide(kit.out, Decision(**given), str(kit.pack), kit.store)


def test_an_appeal_is_taken_in_and_shown_beside_the_verdict(done: Any) -> None:
    add_appeal(appeal(done), done.out, str(done.pack), done.store)
    found = verdict(done)
    assert (found["outcome"], found["review"]["status"], found["review"]["human_outcome"]) == ("fail", "appealed", None)
    assert found["review"]["history"][0]["text"] == GOOD["note"]
    page = (done.out / "calls/one.html").read_text(encoding="utf-8")
    assert "申诉待处理" in page and "我说了 &lt;b&gt;" in page and "<b>您好" not in page
    assert [(p.kind, p.call_id, p.by) for p in open_points(done.out, done.store)] == [("appeal", "one", "7")]


def test_an_agent_whose_id_has_blanks_around_it_may_appeal(done: Any) -> None:
    """As records of customer systems have them."""
    (done.folder / "one.json").write_text('{"agent_id": "7 "}', encoding="utf-8")
    done.run(ear=done.fake_ear("这件事我们已经处理完了再见"))
    assert add_appeal(appeal(done, agent_id="7 "), done.out, str(done.pack), done.store).kind == "appeal"


def test_a_decision_stands_beside_the_machines_verdict_in_every_report(done: Any) -> None:
    add_appeal(appeal(done), done.out, str(done.pack), done.store)
    overturn(done)
    found = verdict(done)
    assert (found["outcome"], found["review"]["status"], found["review"]["human_outcome"]) == ("fail", "overturned", "pass")
    assert [e["kind"] for e in found["review"]["history"]] == ["appeal", "overturn"] and not list(open_points(done.out, done.store))
    line = json.loads((done.out / "verdicts.jsonl").read_text(encoding="utf-8"))
    assert (line["outcome"], line["human_outcome"], line["reviewed_by"], len(line["review_history"])) == ("fail", "pass", "李主管", 2)
    (row,) = csv.DictReader((done.out / "summary.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (row["rules_missed"], row["rules_overturned"], row["score"], row["score_reviewed"]) == ("T-1", "T-1", "0.0", "100.0")
    assert "1 / 1 · 100 %" in (done.out / "index.html").read_text(encoding="utf-8")


def test_judging_again_overwrites_no_review_and_none_is_ever_changed(done: Any) -> None:
    overturn(done)
    first = done.record().reviews()
    done.judge()
    assert verdict(done)["review"]["status"] == "overturned"
    overturn(done, uphold=True, reason="再听一遍,没有说")
    assert done.record().reviews()[:1] == first
    review = verdict(done)["review"]
    assert (review["status"], review["human_outcome"], len(review["history"])) == ("upheld", "fail", 2)


@pytest.mark.parametrize("changes", [
    {"format": "x"}, {"version": 2}, {"version": True}, {"note": ""}, {"note": 1}, {"note": "x" * 2001}, {"note": "a\u202eb"},
    {"note": "\x1b[2J"},
    {"agent_id": "8"}, {"agent_id": None}, {"rule": "T-2"}, {"call_id": "../one"}, {"call_id": "two"}, {"call_id": ["one"]}, {"more": 1}])
def test_an_appeal_that_is_not_exactly_right_is_refused_and_leaves_nothing(done: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        add_appeal(appeal(done, **changes), done.out, str(done.pack), done.store)
    assert done.record().reviews() == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b"[" * 15_000, b'"' + b"x" * 30_000 + b'"'])
def test_a_file_that_is_no_appeal_is_refused(done: Any, content: bytes) -> None:
    path = appeal(done)
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="appeal-one"):
        add_appeal(path, done.out, str(done.pack), done.store)


def test_the_same_appeal_twice_is_refused(done: Any) -> None:
    add_appeal(appeal(done), done.out, str(done.pack), done.store)
    with pytest.raises(SettingsError, match="already"):
        add_appeal(appeal(done), done.out, str(done.pack), done.store)


@pytest.mark.parametrize("changes", [
    {"by": ""}, {"reason": " "}, {"by": "x" * 101}, {"rule": "T-9"}, {"call_id": "../one"}, {"outcome": "fail"},
    {"outcome": "pass", "uphold": True}])
def test_a_decision_without_a_name_a_reason_or_sense_is_refused(done: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        overturn(done, **changes)
    assert done.record().reviews() == ()


def test_unsure_verdicts_wait_and_overturning_one_needs_to_say_to_what(done: Any) -> None:
    store = done.record()
    report = store.report("one")
    report["verdicts"][0]["outcome"] = "unsure"
    store.save_report("one", report)
    assert [(p.kind, p.rule) for p in open_points(done.out, done.store)] == [("unsure", "T-1")]
    with pytest.raises(SettingsError, match="--outcome"):
        overturn(done)
    overturn(done, outcome="pass")
    assert verdict(done)["review"]["human_outcome"] == "pass" and not list(open_points(done.out, done.store))


def test_the_commands_take_in_list_and_decide(done: Any) -> None:
    run = CliRunner(env={"VOICEMON_STORE": done.store}).invoke
    pack = ("--standard", str(done.pack))
    assert "appeal by 7" in run(commands, ["review", "add", str(appeal(done)), str(done.out), *pack]).output
    assert "1 open appeals, 0 unsure" in run(commands, ["review", "list", str(done.out)]).output
    decision = ("--overturn", "--by", "A", "--reason", "b")
    assert "fail → pass" in run(commands, ["review", "decide", str(done.out), "one", "T-1", *decision, *pack]).output
    assert run(commands, ["review", "decide", str(done.out), "one", "T-1", "--by", "A", "--reason", "b"]).exit_code == 2


def test_what_a_person_overturned_accuses_nobody_any_more(done: Any) -> None:
    def told(page: str) -> str:
        return (done.out / page).read_text(encoding="utf-8")

    assert 'class="tag fail">1 通里 1 通没有做到' in told("agents/7.html") and 'id="contest"' in told("agents/7.html")
    overturn(done)
    assert "1 通没有做到" not in told("agents/7.html") and 'id="contest"' not in told("agents/7.html")
    head = told("calls/one.html").split('id="h-wrong"')[1].split("</section>")[0]
    assert "<h3>" not in head
