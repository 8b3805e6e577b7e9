"""Sidecars: every field checked, unknown ones kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from voicemon.errors import SidecarError
from voicemon.records import Measures, Ring, Span
from voicemon.sidecar import FIELDS, contradictions, read_sidecar, unknown_fields

WHOLE = {
    "standard": "zijin-400", "direction": "inbound", "started_at": "2026-03-12T10:15:00+08:00", "agent_id": "1023", "agent_name": "王",
    "agent_channel": "left", "ring_count": 2, "ring_s": 7.5, "queue_wait_s": 0, "answered_by": "person", "in_working_hours": True,
    "released_by": "agent", "released_after_s": 1.5, "mutes": [], "holds": [{"start_s": 3, "duration_s": 20.5}],
    "transfers": [{"at_s": 30.0, "to": "supervisor"}], "caller_number": "136****2255", "customer_name": "秦",
    "known_customer": {"surname": "冯", "title": "女士"}, "callbacks": [{"at": "2026-03-12T10:45:00+08:00", "result": None}],
    "callback_of": {"promised_within_min": 30, "made_after_min": 28, "result": False}, "follow_ups": [{"promise": "图册", "at": None}],
    "follow_up_of": {"problem_solved_at": "2026-03-13T11:00:00+08:00", "made_after_days": 2}, "problem_solved": True, "forwarded": "质检",
    "escalations": [{"at": "2026-03-12T10:20:00Z", "to": "supervisor"}], "error_flagged": False,
    "register": [{"name": "吴", "phone": "136", "promises": ["24小时内答复"], "type": "complaint"}], "complaint_class": "simple",
    "handled_by": "operator", "archived": True, "equipment_fault": {"from": "2026-03-12T11:40:00+08:00", "until": None},
    "festival_notice": [{"name": "五一", "from": "2026-05-01", "to": "2026-05-05"}],
    "parcel": {"status": "held", "note": None, "branch": "绵阳"}, "parcels": [{"status": "delayed"}],
}
WRONG = {
    "standard": "../../packs/x", "direction": "sideways", "started_at": "yesterday", "agent_id": 1023, "agent_name": ["王"],
    "agent_channel": "middle", "ring_count": 2.5, "ring_s": -1, "queue_wait_s": "0", "answered_by": "dog", "in_working_hours": 1,
    "released_by": "nobody", "released_after_s": True, "mutes": {}, "holds": [{"start_s": 3}], "transfers": [{"at_s": "30"}],
    "caller_number": 136, "customer_name": {}, "known_customer": "冯", "callbacks": [{"at": 5}], "callback_of": [],
    "follow_ups": "none", "follow_up_of": {"problem_solved_at": 1}, "problem_solved": "yes", "escalations": [1], "error_flagged": "no",
    "register": {"name": "吴"}, "complaint_class": "hard", "handled_by": 4, "archived": "x", "equipment_fault": "always",
    "festival_notice": [{"name": "五一", "from": "May"}], "parcel": "held", "parcels": {"status": "lost"},
}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return tmp_path / "call.wav"


def write(recording: Path, content: Any) -> None:
    recording.with_suffix(".json").write_text(json.dumps(content), encoding="utf-8")


def test_no_sidecar_is_an_empty_one(recording: Path) -> None:
    assert read_sidecar(recording) == {}


def test_every_field_of_the_documentation_is_accepted_and_comes_back_unchanged(recording: Path) -> None:
    write(recording, WHOLE)
    assert read_sidecar(recording) == WHOLE and set(WHOLE) == set(FIELDS)


def test_a_call_may_have_been_answered_by_nobody(recording: Path) -> None:
    """A missed call: without the value no rule about answering could be broken."""
    write(recording, {"answered_by": "nobody"})
    assert read_sidecar(recording)["answered_by"] == "nobody"


@pytest.mark.parametrize("field", sorted(WRONG))
def test_a_wrong_type_is_refused_with_file_and_field(recording: Path, field: str) -> None:
    write(recording, {field: WRONG[field]})
    with pytest.raises(SidecarError, match=rf"call\.json.*'{field}'"):
        read_sidecar(recording)


def test_every_fault_is_told_at_once(recording: Path) -> None:
    write(recording, {"ring_count": "two", "archived": "x"})
    with pytest.raises(SidecarError, match="'ring_count'.*'archived'"):
        read_sidecar(recording)


def test_null_means_not_known_in_any_field(recording: Path) -> None:
    write(recording, dict.fromkeys(FIELDS))
    assert read_sidecar(recording) == dict.fromkeys(FIELDS)


def test_an_unknown_field_is_kept_and_can_be_reported(recording: Path) -> None:
    write(recording, {"colour": "red"})
    assert read_sidecar(recording) == {"colour": "red"} and unknown_fields({"colour": "red", "agent_id": "1"}) == ("colour",)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'"x"', b'{"ring_s": NaN}', b'{"a": 1, "a": 2}', b"\xff\xfe{}", b"[" * 100_000,
                                     b'{"ring_s": 1' + b"0" * 400 + b"}", b'{"colour": 1e999}',
                                     b'{"colour": ' + b"[" * 900 + b"]" * 900 + b"}"])
def test_what_is_no_sidecar_is_refused_with_its_name(recording: Path, content: bytes) -> None:
    recording.with_suffix(".json").write_bytes(content)
    with pytest.raises(SidecarError, match=r"call\.json"):
        read_sidecar(recording)


def test_a_row_of_the_table_is_read_with_its_types_and_json_wins(recording: Path) -> None:
    (recording.parent / "calls.csv").write_text("file,agent_id,ring_count,released_after_s,archived\nother.wav,9,9,9,no\n"
                                                "call.wav,1023,2,1.5,yes\n", encoding="utf-8-sig")
    write(recording, {"ring_count": 3})
    assert read_sidecar(recording) == {"agent_id": "1023", "ring_count": 3, "released_after_s": 1.5, "archived": True}


def test_a_table_saved_by_a_chinese_spreadsheet_is_read(recording: Path) -> None:
    (recording.parent / "calls.csv").write_bytes("name,agent_name\ncall,王芳\n".encode("gb18030"))
    assert read_sidecar(recording) == {"agent_name": "王芳"}


def test_a_wrong_cell_of_the_table_names_the_table_and_the_row(recording: Path) -> None:
    (recording.parent / "calls.csv").write_text("file,ring_count\ncall.wav,many\n", encoding="utf-8")
    with pytest.raises(SidecarError, match=r"calls\.csv, row of call\.wav.*'ring_count'"):
        read_sidecar(recording)


def measures(ring: Ring) -> Measures:
    return Measures(speaking_rate={}, level={}, ring=ring, waits=(), interruptions=(), talk_share={})


def test_a_sidecar_that_agrees_with_the_sound_gives_no_note() -> None:
    sidecar = {"ring_count": 2, "released_after_s": 2.0, "mutes": [{"start_s": 1, "duration_s": 5}], "transfers": [{"at_s": 5}]}
    speech = {"agent": (Span(1.0, 8.0),)}
    assert contradictions(sidecar, measures(Ring(count=2, source="recording")), speech, 10.0) == ()


@pytest.mark.parametrize(("sidecar", "words"), [
    ({"ring_count": 4}, "4 rings"), ({"released_after_s": 30}, "released 30 s"), ({"mutes": [{"start_s": 9, "duration_s": 50}]}, "mutes"),
    ({"holds": [{"start_s": 90, "duration_s": 1}]}, "holds"), ({"transfers": [{"at_s": 99.0}]}, "transfer")])
def test_a_sidecar_that_contradicts_the_sound_is_noted(sidecar: dict[str, Any], words: str) -> None:
    notes = contradictions(sidecar, measures(Ring(count=2, source="recording")), {"agent": (Span(1.0, 8.0),)}, 10.0)
    assert len(notes) == 1 and words in notes[0]


def test_a_ring_that_only_the_sidecar_knows_contradicts_nothing() -> None:
    assert contradictions({"ring_count": 4}, measures(Ring(count=4, source="sidecar")), {}, 10.0) == ()


def test_a_table_that_changed_is_read_again(tmp_path: Path) -> None:
    table = tmp_path / "calls.csv"
    for agent in ("801", "8802"):
        table.write_text(f"file,agent_id\na.wav,{agent}\n", encoding="utf-8")
        assert read_sidecar(tmp_path / "a.wav")["agent_id"] == agent


@pytest.mark.parametrize(("field", "value"), [
    ("ring_s", 1e9), ("ring_s", 86_401), ("ring_count", 10_001), ("released_after_s", 1e308),
    ("holds", [{"start_s": 1, "duration_s": 1e9}]),
    ("started_at", "0001-01-01T00:00:00"), ("started_at", "1970-01-01T00:00:00Z"), ("started_at", "9999-12-31T23:59:59+08:00"),
    ("festival_notice", [{"name": "五一", "from": "0001-01-01"}]), ("festival_notice", [{"name": "五一", "from": "20260501"}]),
    ("festival_notice", [{"name": "五一", "to": "2026-W18-5"}])])
def test_a_value_that_no_call_can_have_is_refused_and_convicts_nobody(recording: Path, field: str, value: Any) -> None:
    write(recording, {field: value})
    with pytest.raises(SidecarError, match=rf"call\.json.*'{field}'"):
        read_sidecar(recording)


def test_a_name_at_the_limit_of_the_system_has_no_sidecar(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path / ("x" * 251 + ".wav")) == {}
