"""Samples against what is expected of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from voicemon.errors import SettingsError
from voicemon.evaluate import Comparison, Evaluation, compare, evaluate_folder
from voicemon.report.changes import Change, changes, read_snapshot, snapshot_of
from voicemon.settings import Settings

REPORT = {
    "verdicts": [{"rule": "A", "outcome": "pass", "reason": "said"}, {"rule": "B", "outcome": "unsure", "reason": "cannot tell"}],
    "measures": {"ring": {"count": 2, "ring_to_answer_s": 7.4, "reason": None},
                 "waits": [{"kind": "hold", "start_s": 10.2, "end_s": 20.0}],
                 "level": {"agent": {"active_level_dbov": None, "reason": "one channel"}}},
}


@pytest.mark.parametrize(("expected", "same"), [
    ({"must_be": {"A": ["pass"]}}, True), ({"must_be": {"A": ["fail"]}}, False), ({"must_be": {"B": ["fail", "unsure"]}}, True),
    ({"must_not_be": {"A": ["fail"]}}, True), ({"must_not_be": {"B": ["unsure"]}}, False), ({"must_not_be": {"C": ["fail"]}}, False),
    ({"values": {"measures.ring.count": {"value": 2}}}, True), ({"values": {"measures.ring.count": {"value": 3}}}, False),
    ({"values": {"measures.ring.ring_to_answer_s": {"value": 7.5, "tolerance": 0.3}}}, True),
    ({"values": {"measures.ring.ring_to_answer_s": {"value": 8.0, "tolerance": 0.3}}}, False),
    ({"values": {"measures.level.agent.active_level_dbov": {"value": None}}}, True),
    ({"values": {"measures.level.agent.active_level_dbov": {"value": -26.0, "tolerance": 1}}}, False),
    ({"values": {"measures.nothing.here": {"value": 1}}}, False), ({"values": {"measures.nothing.here": {"value": None}}}, False),
    ({"waits": [{"start_s": 10.0, "end_s": 20.0, "tolerance_s": 0.5}]}, True),
    ({"waits": [{"start_s": 12.0, "end_s": 20.0, "tolerance_s": 0.5}]}, False)])
def test_each_kind_of_expectation_is_held_against_the_report(expected: dict[str, Any], same: bool) -> None:
    assert [c.same for c in compare("call", expected, REPORT)] == [same]


def test_a_difference_says_what_was_found_and_why() -> None:
    (c,) = compare("call", {"must_be": {"B": ["fail"]}}, REPORT)
    assert (c.what, c.expected, c.found, c.reason) == ("B", "fail", "unsure", "cannot tell")


def evaluate(kit: Any) -> Any:
    settings = Settings(standard=str(kit.pack), agent_channel="left")
    return evaluate_folder(kit.folder, None, settings, kit.fake_ear(), lambda *_: None)


def test_a_folder_is_compared_and_the_result_is_junit(kit: Any) -> None:
    kit.call("one.wav")
    (kit.folder / "one.expected.json").write_text(json.dumps(
        {"must_be": {"T-1": ["fail"]}, "values": {"roles.agent": {"value": "left"}}}), encoding="utf-8")
    evaluation = evaluate(kit)
    root = ElementTree.fromstring(evaluation.junit())
    assert [d.what for d in evaluation.differences] == ["T-1"] and len(evaluation.comparisons) == 2
    assert len(root.findall(".//testcase")) == 2 and len(root.findall(".//failure")) == 1


def test_an_expectation_whose_call_failed_is_a_difference_with_the_reason(kit: Any) -> None:
    kit.call("one.wav").write_bytes(b"")
    (kit.folder / "one.expected.json").write_text("{}", encoding="utf-8")
    (difference,) = evaluate(kit).differences
    assert "empty" in difference.reason


def test_a_call_that_failed_in_an_earlier_run_is_told_with_that_reason(kit: Any) -> None:
    kit.call("one.wav").write_bytes(b"RIFF")
    (kit.folder / "one.expected.json").write_text("{}", encoding="utf-8")
    settings = Settings(standard=str(kit.pack), agent_channel="left")
    for _ in range(2):
        (difference,) = evaluate_folder(kit.folder, kit.out, settings, kit.fake_ear(), lambda *_: None).differences
        assert "not audio" in difference.reason


def test_an_expectation_about_a_copy_says_whose_audio_it_holds(kit: Any) -> None:
    """``no recording of that name`` would send people looking for a file that is there."""
    kit.call("one.wav")
    kit.call("two.wav").write_bytes((kit.folder / "one.wav").read_bytes())
    (kit.folder / "two.expected.json").write_text("{}", encoding="utf-8")
    (difference,) = evaluate(kit).differences
    assert "same audio as one" in difference.reason


def test_a_folder_may_be_named_from_anywhere(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """``voicemon evaluate ../samples`` finds the same recordings as ``samples``."""
    kit.call("one.wav")
    (kit.folder / "one.expected.json").write_text('{"must_be": {"T-1": ["pass", "fail", "unsure"]}}', encoding="utf-8")
    (kit.folder.parent / "elsewhere").mkdir()
    monkeypatch.chdir(kit.folder.parent / "elsewhere")
    settings = Settings(standard=str(kit.pack), agent_channel="left")
    found = evaluate_folder(Path("../calls"), None, settings, kit.fake_ear(), lambda *_: None)
    assert [(c.what, c.same) for c in found.comparisons] == [("T-1", True)]


@pytest.mark.parametrize(("slip", "told"), [
    ('{"must_not_be": {"T-1": ["failed"]}}', "T-1"), ('{"must_be": {"T-1": "fail"}}', "T-1"), ('{"must_be": {"T-1": []}}', "T-1"),
    ('{"must_be": ["T-1"]}', "must_be"), ('{"values": {"measures.ring.count": 2}}', "measures.ring.count"),
    ('{"values": {"measures.ring.count": {"value": 2, "tolerence": 1}}}', "measures.ring.count"), ('{"waits": [{"start_s": 1}]}', "waits"),
    ("[]", "object"), ("{", "JSON"), ("\xff", "JSON")])
def test_a_slip_in_an_expectation_is_refused_and_not_met(kit: Any, slip: str, told: str) -> None:
    """An outcome that there is not is never found: ``must_not_be`` it would hold for ever."""
    (kit.folder / "one.expected.json").write_bytes(slip.encode("latin-1"))
    with pytest.raises(SettingsError, match=f"one.expected.json.*{told}"):
        evaluate(kit)


def test_a_folder_without_expectations_is_refused(kit: Any) -> None:
    kit.call("one.wav")
    with pytest.raises(SettingsError, match=r"expected\.json"):
        evaluate(kit)


def test_an_unknown_section_is_refused(kit: Any) -> None:
    (kit.folder / "one.expected.json").write_text('{"must_bee": {}}', encoding="utf-8")
    with pytest.raises(SettingsError, match="must_bee"):
        evaluate(kit)


def differing(n: int, evil: str = "x") -> Evaluation:
    return Evaluation(tuple(Comparison(f"call-{i}", evil, "pass", evil, False, evil) for i in range(n)), n)


@pytest.mark.parametrize("n", [0, 3, 5000])
def test_the_markdown_fits_a_comment_and_counts_what_it_leaves_out(n: int) -> None:
    changed = [Change(f"call-{i}", "A", "pass", "失败" * 50) for i in range(n)]
    text = differing(n, "未做到" * 40).markdown(changed)
    assert len(text.encode("utf-8")) < 60_000 and f"{n} differences" in text and f"{n} changes" in text
    shown = sum(line.startswith("| call-") for line in text.splitlines())
    left_out = sum(int(count) for count in re.findall(r"… and (\d+) more", text))
    assert shown + left_out == 2 * n and (n < 5000 or shown > 100)


@pytest.mark.parametrize("evil", ["<img src=x>", "[a](http://x)", "a|b", "`x`", "@everyone", "#1", "a\nb", "www.x.example",
                                  "https://x", "**b**"])
def test_nothing_in_the_markdown_is_markup_a_link_or_a_mention(evil: str) -> None:
    (line,) = (line for line in differing(1, evil).markdown().splitlines() if line.startswith("| call-0"))
    cells = line.split("|")
    assert len(cells) == 7
    assert all(not re.search(r"[<>\[\]`@*]|www\.|https?:|(?<!&)#", x) for x in cells)


def test_what_changed_since_a_baseline_is_told_by_verdict_and_measure() -> None:
    def full(outcome: str, count: int) -> dict[str, Any]:
        return {"call": {"id": "one"}, "score": {"value": 50.0, "low": 50.0, "high": 50.0},
                "verdicts": [{"rule": "A", "outcome": outcome}, {"rule": "B", "outcome": "pass"}],
                "measures": {"ring": {"count": count, "ring_to_answer_s": 7.40001 if count == 2 else 7.4, "reason": None}}}

    old, new = snapshot_of([full("pass", 2)]), snapshot_of([full("fail", 3)])
    assert changes(old, new) == (Change("one", "A", "pass", "fail"), Change("one", "measures.ring.count", "2", "3"))
    assert changes(old, old) == () and changes(old, {}) == (Change("one", "call", "there", "–"),)


def test_a_baseline_is_an_earlier_out_or_its_verdicts(kit: Any) -> None:
    kit.call("one.wav")
    kit.run()
    now = snapshot_of([json.loads((kit.out / "calls/one.json").read_text(encoding="utf-8"))])
    lines = kit.out / "verdicts.jsonl"
    assert changes(read_snapshot(kit.out), now) == () == changes(read_snapshot(lines), now)
    lines.write_text(lines.read_text(encoding="utf-8").replace('"outcome": "pass"', '"outcome": "unsure"'), encoding="utf-8")
    assert changes(read_snapshot(lines), now) == (Change("one", "T-1", "unsure", "pass"),)


@pytest.mark.parametrize("text", ["", "[1]", "{}", "nonsense", '{"call_id": 1}'])
def test_what_is_no_baseline_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "old.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"old\.jsonl"):
        read_snapshot(tmp_path / "old.jsonl")


def test_the_command_writes_markdown_and_tells_changes(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from voicemon.cli import commands

    kit.call("one.wav")
    kit.run()
    (kit.folder / "one.expected.json").write_text('{"must_be": {"T-1": ["fail"]}}', encoding="utf-8")
    monkeypatch.setattr("voicemon.ear.WhisperEarFactory", lambda settings: kit.fake_ear("再见"))
    result = CliRunner().invoke(commands, [
        "evaluate", str(kit.folder), "--standard", str(kit.pack), "--workers", "1",
        "--baseline", str(kit.out), "--markdown", str(kit.folder / "a.md")],
        standalone_mode=False)
    text = (kit.folder / "a.md").read_text(encoding="utf-8")
    assert result.return_value == 1 or result.exception is None
    assert "changes since the baseline" in result.output and "T-1" in result.output
    assert text.startswith("### voicemon evaluate") and "| one | T-1 |" in text
