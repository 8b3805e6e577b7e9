"""``verify``: what OUT says is computed again from the recordings; whatever does not agree is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fakes import FakeEar

from voicemon.errors import SettingsError
from voicemon.settings import Settings
from voicemon.store import Store
from voicemon.verify import AGREES, CHANGED, DIFFERS, GONE, UNABLE, Check, Order, verify


def checks(kit: Any, ear: FakeEar | None = None, **order: Any) -> list[Check]:
    order = {"model": "base", "standard": str(kit.pack), "sample": 0, **order}
    return list(verify(kit.out, Order(**order), lambda settings: ear or FakeEar()))


def rewrite(kit: Any, call_id: str, change: Any) -> None:
    """Change the kept report of a call behind voicemon's back."""
    store = Store(kit.out)
    report = store.report(call_id)
    assert report is not None
    change(report)
    store.save_report(call_id, report)
    store.database.close()


@pytest.fixture
def done(kit: Any) -> Any:
    """A finished OUT of two calls."""
    kit.call("one.wav")
    kit.call("two.wav", kit.a_call(4.0))
    (kit.folder / "two.json").write_text(json.dumps({"ring_count": 2, "agent_id": "1023"}), encoding="utf-8")
    kit.run()
    return kit


def test_what_was_not_touched_agrees_and_out_is_left_as_it_was(done: Any) -> None:
    before = {path: path.read_bytes() for path in done.out.rglob("*") if path.is_file() and path.suffix in (".json", ".html", ".csv")}
    assert [c.state for c in checks(done)] == [AGREES, AGREES]
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_redacted_call_agrees_too(kit: Any) -> None:
    kit.call("one.wav")
    kit.run(redact=True)
    assert [c.state for c in checks(kit)] == [AGREES]


def test_an_outcome_that_the_recording_does_not_give_is_named(done: Any) -> None:
    rewrite(done, "one", lambda report: report["verdicts"][0].update(outcome="fail"))
    found = {c.call: c for c in checks(done)}
    assert (found["one"].state, found["two"].state) == (DIFFERS, AGREES)
    assert found["one"].differences == ("verdicts.T-1.outcome: fail -> pass",)


def test_words_that_differ_are_not_told(done: Any) -> None:
    heard_otherwise = {c.call: c for c in checks(done, FakeEar("我的电话是13612345678"))}["one"]
    assert heard_otherwise.state == DIFFERS and any(d.startswith("transcript.0.text") for d in heard_otherwise.differences)
    assert "电话" not in str(heard_otherwise) and "136" not in str(heard_otherwise)


def test_a_recording_that_is_gone_or_another_now_is_said_to_be(done: Any) -> None:
    (done.folder / "one.wav").unlink()
    done.call("two.wav", done.a_call(5.0))
    assert {c.call: c.state for c in checks(done)} == {"one": GONE, "two": CHANGED}


def test_another_version_is_told_beside_the_result(done: Any) -> None:
    rewrite(done, "one", lambda report: report["made_with"].update(voicemon="0.0.1"))
    remarks = {c.call: c.remarks for c in checks(done)}
    assert "made by voicemon 0.0.1" in remarks["one"][0] and remarks["two"] == ()


def test_a_pack_that_changed_since_is_told(done: Any) -> None:
    done.pack.write_text(done.pack.read_text(encoding="utf-8").replace("您好|你好", "早上好"), encoding="utf-8")
    renamed = done.pack.with_name("other.yaml")
    done.pack.rename(renamed)
    found = checks(done, standard=str(renamed))[0]
    assert found.state == DIFFERS and any("another edition" in remark for remark in found.remarks)


def test_a_pack_that_is_not_shipped_must_be_named(done: Any) -> None:
    found = checks(done, standard=None)
    assert {c.state for c in found} == {UNABLE} and "tiny" in found[0].differences[0]


def test_the_sample_is_the_same_every_time(done: Any) -> None:
    assert [c.call for c in checks(done, sample=1)] == [c.call for c in checks(done)][:1]


def test_a_folder_that_is_no_out_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no OUT"):
        list(verify(tmp_path, Order(), lambda settings: FakeEar()))


def test_every_report_carries_what_is_needed_to_compute_it_again(done: Any) -> None:
    report = json.loads((done.out / "calls" / "one.json").read_text(encoding="utf-8"))
    made_with = report["made_with"]
    assert {"voicemon", "model", "model_sha256", "settings", "libraries", "standard_version", "standard_sha256", "lang"} <= set(made_with)
    assert len(report["call"]["sha256"]) == len(made_with["standard_sha256"]) == 64
    assert set(made_with["settings"]) == set(Settings().for_hearing())


@pytest.mark.parametrize(("spoil", "code"), [(False, 0), (True, 1)])
def test_the_command_exits_with_one_when_a_call_does_not_agree(done: Any, monkeypatch: pytest.MonkeyPatch, spoil: bool, code: int) -> None:
    from voicemon import ear
    from voicemon.cli import commands

    monkeypatch.setattr(ear, "WhisperEar", lambda settings: FakeEar())
    if spoil:
        rewrite(done, "two", lambda report: report["measures"]["ring"].update(count=9))
    arguments = ["verify", str(done.out), "--sample", "0", "--model", "base", "--standard", str(done.pack)]
    result = CliRunner().invoke(commands, arguments, standalone_mode=False)
    assert result.return_value == code, result.output
    assert ("measures.ring.count: 9 -> " in result.output) is spoil
