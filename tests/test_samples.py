"""The samples as they are shipped: whole, small, and each with its sidecar and what is expected of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from voicemon.audio.decode import decode
from voicemon.expected import SECTIONS
from voicemon.sidecar import read_sidecar, unknown_fields

ROOT = Path(__file__).parent.parent
SAMPLES = sorted(p for p in (ROOT / "samples").iterdir() if p.suffix in (".flac", ".mp3"))
STANDARDS = {"zijin-400", "zhonghuan", "taobao", "hotline", "counter"}


def expected(sample: Path) -> dict:
    return json.loads((sample.parent / f"{sample.stem}.expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: p.stem)
def test_a_sample_decodes_and_its_sidecar_has_only_known_fields(sample: Path) -> None:
    assert decode(sample).notes == () and unknown_fields(read_sidecar(sample)) == ()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: p.stem)
def test_what_is_expected_names_rules_of_the_catalogue(sample: Path) -> None:
    with (ROOT / "voicemon/standards/rules.csv").open(encoding="utf-8") as table:
        rules = {row["id"] for row in csv.DictReader(table)}
    content = expected(sample)
    assert set(content) <= set(SECTIONS) and {*content["must_be"], *content["must_not_be"]} <= rules


def test_all_standards_forms_and_lines_are_among_them() -> None:
    assert {read_sidecar(s)["standard"] for s in SAMPLES} == STANDARDS
    assert {decode(s).channels for s in SAMPLES} == {1, 2} and {s.suffix for s in SAMPLES} == {".flac", ".mp3"}
    assert any(expected(s)["values"]["measures.ring.count"]["value"] is None for s in SAMPLES)
    assert {"kept", "broken"} == {s.stem.split("-")[1] for s in SAMPLES}


def test_they_are_small() -> None:
    assert sum(p.stat().st_size for p in (ROOT / "samples").iterdir()) < 12_000_000


def test_every_sample_is_in_their_readme() -> None:
    text = (ROOT / "samples/README.md").read_text(encoding="utf-8")
    assert all(f"`{sample.stem}`" in text for sample in SAMPLES)
