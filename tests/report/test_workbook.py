"""``summary.xlsx`` and ``verdicts.jsonl``: complete, streamed, documented, and no spreadsheet runs what is in them."""

from __future__ import annotations

import gc
import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from voicemon.errors import OutputError
from voicemon.overview import write_overview
from voicemon.report import tables
from voicemon.report.as_json import call_json
from voicemon.report.as_xlsx import Sheet, workbook
from voicemon.report.parts import MADE_BY, part_of
from voicemon.report.streams import whole_file
from voicemon.store import Store

DOCS = Path(__file__).parents[2] / "docs" / "tables.md"
NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets_of(path: Path) -> dict[str, list[list[str]]]:
    """Every sheet as rows of the text of its cells; a formula fails at once."""
    found = {}
    with zipfile.ZipFile(path) as book:
        names = [s.get("name") for s in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{NS}sheet")]
        for i, name in enumerate(names, start=1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{i}.xml"))
            assert not list(root.iter(f"{NS}f")), "a formula"
            assert not list(root.iter(f"{NS}hyperlink")), "a link"
            found[str(name)] = [["".join(c.itertext()) for c in row.iter(f"{NS}c")] for row in root.iter(f"{NS}row")]
    return found


def keep(store, report, standard):
    """A finished call in the record."""
    store.save_facts(report.facts)
    store.save_report(report.facts.call.id, call_json(report, standard))


@pytest.fixture
def out(tmp_path, build, standard):
    """OUT with two calls of one agent, finished, and its overview."""
    store = Store(tmp_path)
    store.prepare()
    for i in range(2):
        keep(store, build(id=f"call-{i}"), standard)
    write_overview(store, (), {standard.name: standard}, "zh")
    return tmp_path


def test_the_workbook_has_a_sheet_each_for_calls_verdicts_agents_and_rules(out):
    sheets = sheets_of(out / "summary.xlsx")
    assert {name: len(rows) for name, rows in sheets.items()} == {"calls": 3, "verdicts": 25, "agents": 2, "rules": 13}
    heads = [tables.CALL_COLUMNS, tables.VERDICT_COLUMNS, tables.AGENT_COLUMNS, tables.RULE_COLUMNS]
    assert [tuple(rows[0]) for rows in sheets.values()] == heads


def test_verdicts_are_json_lines_with_all_that_is_known(out, report):
    lines = [json.loads(line) for line in (out / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 2 * len(report.verdicts) and tuple(lines[0]) == tables.VERDICT_KEYS
    second = lines[1]
    assert (second["call_id"], second["agent_id"], second["rule"], second["outcome"]) == ("call-0", "1023", "ZJ-7.1b", "fail")
    assert second["spans"] == [[17.0, 19.4]] and second["title"] == "询问顾客姓氏" and second["score"] == 50.0


def test_rules_are_counted_over_all_calls_the_most_missed_first(out):
    head, first, *_ = sheets_of(out / "summary.xlsx")["rules"]
    line = dict(zip(head, first, strict=False))
    assert (line["rule"], line["calls"], line["fail"], line["missed_share"]) == ("ZJ-6.6", "2", "2", "1")


def test_calls_that_did_not_change_are_not_made_anew(out, standard, report, monkeypatch):
    """What each adds to the tables is kept: put together again, it is the same, and one call more costs one call."""
    before = {name: (out / name).read_bytes() for name in ("verdicts.jsonl", "summary.csv")}, sheets_of(out / "summary.xlsx")
    made = []
    monkeypatch.setattr("voicemon.overview.part_of", lambda found: made.append(found["call"]["id"]) or part_of(found))
    store = Store(out)
    write_overview(store, (), {standard.name: standard}, "zh")
    assert not made
    assert ({name: (out / name).read_bytes() for name in before[0]}, sheets_of(out / "summary.xlsx")) == before
    store.save_report("call-1", call_json(report, standard))
    store.save_parts(MADE_BY, {"call-0": {"row": b"x", "lines": b"", "cells": b""}})
    write_overview(store, (), {standard.name: standard}, "zh")
    assert made == ["call-0", report.facts.call.id]


def test_a_call_that_is_done_has_made_its_own_part(kit, monkeypatch):
    """By its worker, beside the others: what is left to one process for all calls is putting the parts together."""
    kit.call("one.wav")
    monkeypatch.setattr("voicemon.overview.part_of", lambda found: pytest.fail("made by the one who puts them together"))
    kit.run()
    assert [json.loads(line)["call_id"] for line in (kit.out / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()][:1] == ["one"]


def test_hostile_text_is_text_in_every_sheet(tmp_path, hostile, hostile_text):
    store = Store(tmp_path)
    store.prepare()
    keep(store, *hostile)
    write_overview(store, (), {}, "zh")
    sheets = sheets_of(tmp_path / "summary.xlsx")
    assert all(any(hostile_text in row for row in rows) for rows in sheets.values())
    assert all(json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "http://evil.example", "{=1}", "1e5",
                                  "\ud800\0\x1b"])
def test_a_string_stays_a_string(tmp_path, evil):
    with workbook(tmp_path / "a.xlsx") as book:
        Sheet(book, "s", ("a",)).add([evil])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as found:
        cell = re.search(r'<c r="A2"[^>]*>', found.read("xl/worksheets/sheet1.xml").decode("utf-8"))
    assert cell is not None and 't="inlineStr"' in cell.group()
    sheets_of(tmp_path / "a.xlsx")


def test_a_full_sheet_goes_on_in_another(tmp_path):
    with workbook(tmp_path / "a.xlsx") as book:
        sheet = Sheet(book, "verdicts", ("a",), most_rows=3)
        for i in range(5):
            sheet.add([i])
    assert sheets_of(tmp_path / "a.xlsx") == {
        "verdicts": [["a"], ["0"], ["1"]], "verdicts 2": [["a"], ["2"], ["3"]], "verdicts 3": [["a"], ["4"]]}


def test_a_table_that_could_not_be_finished_leaves_the_old_one(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(OutputError, match="disk full"), whole_file(tmp_path / "a") as path:
        path.write_text("half")
        raise OSError("disk full")
    assert [p.name for p in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").read_text() == "old"


@pytest.mark.parametrize(("heading", "columns"), [
    ("calls", tables.CALL_COLUMNS), ("verdicts", tables.VERDICT_KEYS), ("verdicts", tables.VERDICT_COLUMNS),
    ("agents", tables.AGENT_COLUMNS), ("rules", tables.RULE_COLUMNS)])
def test_every_column_is_documented(heading, columns):
    section = re.search(rf"^## {heading}:.*?(?=^## |\Z)", DOCS.read_text(encoding="utf-8"), re.M | re.S)
    assert section is not None
    cells = " ".join(line.split("|")[1] for line in section.group().splitlines() if line.startswith("|"))
    assert set(columns) <= set(re.findall(r"`(\w+)`", cells))


def read_back(path: Path, value: object) -> str:
    """The text of a cell as Excel reads it: ``_xHHHH_`` is a character."""
    with workbook(path) as book:
        Sheet(book, "s", ("a", "b")).add([value, None])
    text = sheets_of(path)["s"][1][0]
    return re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found.group(1), 16)), text)


@pytest.mark.parametrize("text", ["a & b < c > d \"e\" 'f'", " 您好 ", "one\ntwo\tthree", "_x0041_", "\x1b[31m", "]]>", "\uffff", "a\r\nb"])
def test_text_is_read_back_as_it_was(tmp_path, text):
    assert read_back(tmp_path / "a.xlsx", text) == text


def test_a_cell_holds_as_much_text_as_excel_takes(tmp_path):
    assert read_back(tmp_path / "a.xlsx", "好" * 40_000) == "好" * 32_767
    assert len(read_back(tmp_path / "b.xlsx", "😀" * 20_000).encode("utf-16-le")) <= 2 * 32_767


def test_a_sheet_that_was_left_cannot_be_gone_on_with_and_one_without_rows_has_its_head(tmp_path):
    with workbook(tmp_path / "a.xlsx") as book:
        one, two = Sheet(book, "one", ("a",)), Sheet(book, "two", ("b",))
        Sheet(book, "three", ("c",))
        one.add([1])
        two.add([2.5])
        with pytest.raises(RuntimeError, match="sheet 1 is finished"):
            one.add([3])
    assert sheets_of(tmp_path / "a.xlsx") == {"one": [["a"], ["1"]], "two": [["b"], ["2.5"]], "three": [["c"]]}


def test_what_goes_wrong_while_a_workbook_is_written_is_what_is_told(tmp_path):
    """The zip cannot be finished then either, which must not hide the reason."""
    with pytest.raises(OSError, match="disk full"), workbook(tmp_path / "a.xlsx") as book:
        Sheet(book, "s", ("a",)).add([1])
        raise OSError("disk full")


def test_nothing_of_a_workbook_lies_in_the_temporary_folder_of_the_system(tmp_path, monkeypatch):
    """Rows hold words of calls: a killed run must not leave them outside OUT."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    with workbook(tmp_path / "book.xlsx") as book:
        Sheet(book, "calls", ("a",)).add(["x"])
        assert not list(elsewhere.iterdir())
    assert not list(elsewhere.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_under_the_workbook_is_one_error_and_nothing_is_printed(tmp_path, monkeypatch):
    ignored = []
    monkeypatch.setattr("sys.unraisablehook", ignored.append)
    (tmp_path / "book.xlsx").symlink_to("/dev/full")
    with pytest.raises((OSError, OutputError), match="No space left"), workbook(tmp_path / "book.xlsx") as book:
        Sheet(book, "calls", ("a",)).add(["x" * 100])
    gc.collect()
    assert ignored == []


def objects_of(plain):
    """The lines of verdicts.jsonl as docs/tables.md has them, from a call report."""
    call, score = plain["call"], plain["score"]
    for verdict in plain["verdicts"]:
        review = verdict["review"] or {}
        yield {
            "call_id": call["id"], "agent_id": call["agent_id"], "agent_name": call["agent_name"], "standard": call["standard"],
            "standard_version": plain["made_with"]["standard_version"], "started_at": call["started_at"],
            **{key: verdict[key] for key in ("rule", "title", "outcome", "evidence", "weight", "fatal")},
            **{key: verdict[key] for key in ("spans", "quote", "expected", "reason")},
            "score": score["value"], "score_low": score["low"], "score_high": score["high"], "page": f"calls/{call['id']}.html",
            "review_status": review.get("status"), "human_outcome": review.get("human_outcome"), "reviewed_by": review.get("by"),
            "reviewed_at": review.get("at"), "review_reason": review.get("reason"), "review_history": review.get("history") or [],
        }


def test_each_verdict_is_a_line_whatever_is_said_in_it(report, standard):
    """Words may look like the beginning of the next; a call without a verdict has no line."""
    plain = call_json(report, standard)
    plain["verdicts"][0]["reason"] = '"}, {"call_id": "x"}, {"call_id": '
    plain["verdicts"][1]["spans"] = [[0.5, 1.0], [2.0, 3.0]]
    assert part_of(plain).lines == "".join(json.dumps(v, ensure_ascii=False) + "\n" for v in objects_of(plain))
    assert part_of({**plain, "verdicts": []}).lines == ""


def test_what_is_kept_of_a_verdict_is_nothing_of_its_call(report, standard):
    """Most verdicts say what one of another call said: only that is kept, not whose it was nor what people said of it."""
    first = call_json(report, standard)
    second = json.loads(json.dumps(first))
    second["call"] |= {"id": "another", "agent_id": "A9"}
    second["score"]["value"] = 12.5
    said = {"status": "upheld", "decision": "uphold", "machine_outcome": "fail", "human_outcome": "fail", "by": "王", "at": "2026-01-02",
            "reason": "听过", "history": [{"kind": "uphold", "by": "王", "at": "2026-01-02", "text": "听过"}]}
    third = json.loads(json.dumps(second))
    third["verdicts"][0]["review"], third["verdicts"][0]["spans"] = said, []
    for plain in (first, second, third, first):
        part = part_of(plain)
        assert [json.loads(line) for line in part.lines.splitlines()] == list(objects_of(plain))
        assert all((">another<" in cells) == (plain is not first) for cells in part.cells)
        assert [">upheld<" in cells for cells in part.cells] == [plain is third, *[False] * (len(part.cells) - 1)]


def test_verdicts_are_counted_and_told_by_what_they_are_not_by_what_they_equal(report, standard):
    """1 and 1.0 and true are the same to Python, and not in a table."""
    plain = call_json(report, standard)
    parts = []
    for weight in (1, 1.0, True):
        plain["verdicts"] = [{**plain["verdicts"][0], "spans": [], "fatal": False, "weight": weight}]
        parts.append(part_of(plain))
    assert [json.loads(part.counted[0])[3] for part in parts] == [1, 1.0, True] and len({part.counted for part in parts}) == 3
    assert [line.split('"weight": ')[1].split(",")[0] for line in (part.lines for part in parts)] == ["1", "1.0", "true"]
