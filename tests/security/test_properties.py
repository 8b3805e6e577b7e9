"""Whatever comes in is answered by a result or a named error. Inputs are drawn by hypothesis, the same ones in every run."""

from __future__ import annotations

import csv
import io
import json
import struct
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report.conftest import make_report, make_standard

from voicemon.audio.decode import DEFAULT_LIMITS, decode
from voicemon.errors import PackError, RecordingError, SettingsError, SidecarError, VoicemonError
from voicemon.judge.conditions import ConditionError, parse_condition
from voicemon.judge.lines import load_lines
from voicemon.judge.phrases import PhraseError, compile_phrase
from voicemon.names import printable, safe_id
from voicemon.records import CallReport
from voicemon.report.as_csv import summary_csv
from voicemon.report.as_html import call_page
from voicemon.report.as_json import call_json, call_text
from voicemon.report.media import Media
from voicemon.report.rows import row_of
from voicemon.review import APPEAL_KEYS, add_appeal
from voicemon.sidecar import FIELDS, check_fields, read_sidecar

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
NASTY = st.sampled_from(["<script>alert(1)</script>", "=1+1", "\x1b[2J", "\u202e", "\ud800", "]]>", "../..", "{{7*7}}", "' onload='x",
                         "\0", "{any:0-40}"])
TEXTS = st.one_of(st.text(max_size=40), NASTY, st.builds("{}{}".format, st.text(max_size=8), NASTY))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(FIELDS)) | TEXTS, inner, max_size=3), max_leaves=8)
PACK_TEXT = st.lists(st.sampled_from([
    "name: x", "rules:", "- id: R", "  check: must_say", "  say: [您好]", "- &a x",
    "- *a", "!!python/object:os.system x", "? [a]", "{", "]",
    "\t",
    "%YAML 2.0", "---", "<<: *a", "a: b: c", "'", '"', "|", ">", "\x00", "9" * 50, "- - - -"]), max_size=12).map("\n".join)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inputs")


@STEADY
@given(tag=st.sampled_from([1, 2, 3, 6, 7, 17, 49, 85, 0xFFFE]) | st.integers(0, 0xFFFF), channels=st.integers(0, 3) | st.integers(0, 9999),
       rate_hz=st.integers(0, 2**32 - 1) | st.sampled_from([8000, 44100]), align=st.integers(0, 0xFFFF), bits=st.integers(0, 64),
       claim=st.integers(0, 2**32 - 1), body=st.binary(max_size=3000))  # fmt: skip
def test_a_wav_header_may_claim_anything(
    folder: Path, tag: int, channels: int, rate_hz: int, align: int, bits: int, claim: int, body: bytes
) -> None:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, channels, rate_hz, claim & rate_hz, align, bits)
    head = struct.pack("<4sI4s", b"RIFF", claim, b"WAVE") + form + struct.pack("<4sI", b"data", claim)
    path = folder / "a.wav"
    path.write_bytes(head + body * 8)
    try:
        recording = decode(path)
    except RecordingError as err:
        assert "a.wav" in str(err)
    else:
        assert recording.channels in (1, 2) and DEFAULT_LIMITS.min_rate_hz <= recording.sample_rate_hz <= DEFAULT_LIMITS.max_rate_hz


@STEADY
@given(PLAIN, st.sampled_from(sorted(FIELDS)))
def test_a_field_of_a_sidecar_is_taken_unchanged_or_refused_by_name(value: Any, name: str) -> None:
    try:
        assert check_fields({name: value}, "call.json")[name] is value
    except SidecarError as err:
        assert name in str(err) and "call.json" in str(err)


@STEADY
@given(PLAIN.map(json.dumps) | TEXTS | st.binary(max_size=60))
def test_any_sidecar_file_is_read_or_refused(folder: Path, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    (folder / "side.json").write_bytes(raw)
    try:
        read_sidecar(folder / "side.wav")
    except SidecarError as err:
        assert "side.json" in str(err) and printable(err) == str(err)


@STEADY
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=3), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], encoding: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "tables"
    folder.mkdir(exist_ok=True)
    text = io.StringIO()
    csv.writer(text).writerows([("file", "ring_count", "archived"), ("a.wav", "2", "是"), *rows])
    (folder / "calls.csv").write_bytes(text.getvalue().encode(encoding, "replace"))
    try:
        read_sidecar(folder / "a.wav")
    except SidecarError as err:
        assert "calls.csv" in str(err)


@STEADY
@given(PACK_TEXT | TEXTS)
def test_any_pack_text_is_read_or_refused_with_its_line(text: str) -> None:
    try:
        load_lines(Path("pack.yaml"), text)
    except PackError as err:
        assert str(err).startswith("pack.yaml:")


@STEADY
@given(st.lists(st.sampled_from(["您好", "…", "+", "|", "{any:0-40}", "{digits:1-9}", "{w}", "{", "}", "12:30", " ", "a"]),
                max_size=12).map("".join) | TEXTS)
def test_any_phrase_is_compiled_or_refused(text: str) -> None:
    try:
        phrase = compile_phrase(text, {"w": "甲|乙|{w2}", "w2": "丙"})
    except PhraseError:
        return
    for element in phrase.elements:
        for alternative in element:
            alternative.regex().search("您好一二三" * 20)


@STEADY
@given(st.lists(st.sampled_from(["a", "and", "or", "not", "(", ")", "1", "."]), max_size=200).map(" ".join) | TEXTS)
def test_any_condition_is_parsed_or_refused(text: str) -> None:
    try:
        assert parse_condition(text).names()
    except ConditionError as err:
        assert str(err)


@STEADY
@given(st.dictionaries(st.sampled_from(APPEAL_KEYS), PLAIN) | PLAIN)
def test_any_appeal_without_its_verdict_is_refused_and_leaves_nothing(tmp_path_factory: pytest.TempPathFactory, appeal: Any) -> None:
    out = tmp_path_factory.getbasetemp() / "appeals"
    (out / "calls").mkdir(parents=True, exist_ok=True)
    file = out.parent / "appeal.json"
    file.write_text(json.dumps(appeal), encoding="utf-8")
    with pytest.raises(SettingsError):
        add_appeal(file, out)
    assert not (out / "reviews.jsonl").exists()


@STEADY
@given(TEXTS)
def test_an_id_is_one_harmless_component_of_a_path(name: str) -> None:
    safe = safe_id(name)
    assert safe == safe_id(name) and safe not in ("", ".", "..") and len(safe.encode()) <= 250
    assert Path(safe).name == safe and not set(safe) & set('/\\\0:*?"<>|') and safe == printable(safe)


class _Shape(HTMLParser):
    """Elements with the names of their attributes, and the text of scripts, which text from a call must not change."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, tuple(sorted(name for name, _ in attrs))))
        assert not any(name.startswith("on") for name, _ in attrs)
        links = [(value or "").strip().lower() for name, value in attrs if name in ("href", "src")]
        assert not any(link.startswith(("javascript:", "http:", "//")) for link in links)


def _filled(text: str) -> CallReport:
    """A report with ``text`` wherever a recording, sidecar or pack can bring some."""
    report = make_report(agent_name=text, agent_id=text, path=text)
    facts = replace(report.facts, notes=(text,), transcript=tuple(
        replace(u, text=text, words=tuple(replace(w, text=text) for w in u.words)) for u in report.facts.transcript))
    return replace(report, facts=facts, verdicts=tuple(replace(v, reason=text, quote=text, expected=text) for v in report.verdicts))


FEWER = settings(STEADY, max_examples=15)


@FEWER
@given(TEXTS)
def test_no_text_of_a_call_adds_an_element_or_a_script_to_its_page(text: str) -> None:
    standard = make_standard()
    plain, hostile = (call_page(_filled(t), standard, Media(), "en").encode("utf-8").decode("utf-8") for t in ("plain", text))
    assert _Shape(hostile).elements <= _Shape(plain).elements | _Shape(call_page(_filled(""), standard, Media(), "en")).elements
    assert hostile.count("<script") == plain.count("<script")


@FEWER
@given(TEXTS)
def test_every_report_of_any_text_is_written_and_can_be_read_back(text: str) -> None:
    report, standard = _filled(text), make_standard()
    assert isinstance(json.loads(call_text(report, standard, "zh").encode("utf-8")), dict)
    table = summary_csv([row_of(call_json(report, standard, "zh"))])
    for row in csv.reader(io.StringIO(table.lstrip("\ufeff"))):
        assert not any(cell.startswith(("=", "@", "\t", "\r")) for cell in row)


def test_every_named_error_is_one_of_ours() -> None:
    for kind in (PackError, RecordingError, SettingsError, SidecarError):
        assert issubclass(kind, VoicemonError)
