"""A short form of ``benchmarks/fuzz.py reports``: hostile texts through every page, and that the check of the pages would notice."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import fuzz_reports
import pytest
from report.conftest import make_report, make_standard

from voicemon import serial
from voicemon.records import CallReport
from voicemon.report import render

SEEDS = 8


def written(path: Path, text: str) -> Path:
    """A report with ``text`` at the end of every text that can be anybody's."""
    plain = json.loads(json.dumps(serial.to_plain(the_report())))
    for parent, key in list(fuzz_reports.texts_of(plain)):
        parent[key] += text
    path.write_text(json.dumps({"how": "texts", "report": plain}), encoding="utf-8")
    return path


def the_report() -> CallReport:
    return fuzz_reports.with_notes(make_report())


@pytest.mark.parametrize("text", fuzz_reports.HOSTILE)
def test_a_hostile_text_everywhere_is_text_on_every_page(tmp_path: Path, text: str) -> None:
    standard = make_standard()
    assert fuzz_reports.feed_report(written(tmp_path / "r.json", text), {standard.name: standard}) == "texts"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_mutated_reports_are_shown_or_refused(tmp_path: Path, seed: int) -> None:
    standard = make_standard()
    path = tmp_path / "r.json"
    path.write_bytes(fuzz_reports.make_report((the_report(),), Random(seed)))
    try:
        assert fuzz_reports.feed_report(path, {standard.name: standard})
    except fuzz_reports.OutputError as err:
        assert str(err)


def test_the_check_notices_what_is_not_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    standard = make_standard()
    monkeypatch.setattr(render, "_SCRIPT_ESCAPES", {})
    path = written(tmp_path / "r.json", f"</script {fuzz_reports.SIGN}><{fuzz_reports.SIGN}>")
    with pytest.raises((AssertionError, ValueError)):
        fuzz_reports.feed_report(path, {standard.name: standard})
