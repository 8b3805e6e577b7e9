"""calls.csv: what can be read in two ways, or in none, is refused by name; a call is never given another call's agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicemon.errors import SidecarError
from voicemon.sidecar import read_sidecar

GOOD = "file,agent_id,ring_s\none.wav,1023,4\n"


def agents(folder: Path, content: str | bytes) -> str:
    raw = content if isinstance(content, bytes) else content.encode("utf-8")
    (folder / "calls.csv").write_bytes(raw)
    return str(read_sidecar(folder / "one.wav").get("agent_id"))


@pytest.mark.parametrize("content", [
    GOOD, GOOD.encode("utf-8-sig"), GOOD.encode("gb18030"), GOOD.replace("\n", "\r\n"), GOOD + GOOD.split("\n")[1], GOOD + "\n\n",
    "file,agent_id\none,1023\none.wav,1023\n",
    "File , AGENT_ID\none.wav, 1023 \n", 'file,agent_name,agent_id\none.wav,"王,小明",1023\n', "file,agent_id,\none.wav,1023,\n",
], ids=["plain", "bom", "gb18030", "crlf", "same-row-twice", "blank-lines", "both-forms-alike", "case", "quoted-comma", "empty-column"])
def test_what_spreadsheets_save_is_read(tmp_path: Path, content: str | bytes) -> None:
    assert agents(tmp_path, content) == "1023"


@pytest.mark.parametrize(("content", "told"), [
    ("one.wav,1023\n", "must name the columns"), (GOOD.replace(",", ";"), "with commas"), ("PK\x03\x04\0\0", "must name the columns"),
    ("file,agent_id,agent_id\none.wav,1,2\n", "agent_id twice"), ('file,agent_id\none.wav,"1023\n', "not a table"),
    ("file,agent_name,agent_id\none.wav,王,小明,1023\n", "line 2 has more cells"),
    (GOOD + "one.wav,9999,9\n", "twice and differs.*lines 2 and 3"), (GOOD.encode("utf-16"), "neither UTF-8"),
    ("file,agent_id\none,9999\none.wav,1023\n", "with and without its ending.*lines 2 and 3"),
], ids=["no-head", "semicolons", "a-workbook", "column-twice", "open-quote", "shifted", "row-twice", "utf-16", "two-forms-of-a-name"])
def test_what_could_be_read_otherwise_is_refused_with_the_remedy(tmp_path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(SidecarError, match=rf"calls\.csv.*{told}"):
        agents(tmp_path, content)


def test_a_fault_of_one_row_stops_no_other_call(tmp_path: Path) -> None:
    assert agents(tmp_path, GOOD + "two.wav,1,2,3,4\nthree.wav,5\nthree.wav,6\n") == "1023"
    for name, told in (("two", "more cells"), ("three", "twice")):
        with pytest.raises(SidecarError, match=told):
            read_sidecar(tmp_path / f"{name}.wav")


def test_an_empty_table_says_nothing(tmp_path: Path) -> None:
    assert agents(tmp_path, "") == agents(tmp_path, "\n,,\n") == "None"


@pytest.mark.parametrize(("cell", "value"), [("否", False), ("true", True), ("质检", "质检")])
def test_yes_and_no_are_no_texts_where_a_field_takes_either(tmp_path: Path, cell: str, value: object) -> None:
    """``forwarded`` may name a department; 否 in it is not one that the note was handed to."""
    (tmp_path / "calls.csv").write_text(f"file,forwarded\none.wav,{cell}\n", encoding="utf-8")
    assert read_sidecar(tmp_path / "one.wav")["forwarded"] == value
