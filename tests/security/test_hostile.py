"""Files made to do harm: paths that lead elsewhere, bombs, markup, code. ``docs/security.md`` names these tests."""

from __future__ import annotations

import ast
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicemon.audio.decode import DecodeLimits, decode
from voicemon.errors import PackError, RecordingError, SidecarError
from voicemon.judge.lines import load_lines
from voicemon.judge.phrases import MOST_GAP_WAYS, compile_phrase
from voicemon.report.as_junit import Case, Suite, junit_xml
from voicemon.sidecar import MAX_BYTES, read_sidecar

PACKAGE = Path(__file__).resolve().parents[2] / "voicemon"
ESCAPES = ("\x1b", "\x07", "\x9b", "\u202e")


def test_a_sidecar_that_is_a_link_out_of_its_folder_is_not_read(kit: Any) -> None:
    """Whoever may put files beside recordings must not get other files of this machine into a report."""
    kit.call("one.wav")
    secret = kit.folder.parent / "secret.json"
    secret.write_text('{"secret": "4711"}', encoding="utf-8")
    (kit.folder / "one.json").symlink_to(secret)
    with pytest.raises(SidecarError, match="one.json.*link"):
        read_sidecar(kit.folder / "one.wav")
    result = kit.run()
    assert len(result.failed) == 1 and "4711" not in str(result)


def test_a_table_that_is_a_link_out_of_its_folder_is_not_read(kit: Any) -> None:
    kit.call("one.wav")
    (kit.folder.parent / "other.csv").write_text("file,agent_id\none.wav,4711\n", encoding="utf-8")
    (kit.folder / "calls.csv").symlink_to(kit.folder.parent / "other.csv")
    with pytest.raises(SidecarError, match="calls.csv.*link"):
        read_sidecar(kit.folder / "one.wav")


def test_a_link_within_the_folder_is_fine(kit: Any) -> None:
    path = kit.call("one.wav")
    (kit.folder / "real.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    (kit.folder / "one.json").symlink_to("real.json")
    assert read_sidecar(path) == {"agent_id": "7"}


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "..", "a/b", "a\\b", ".hidden", "x\0y", ""])
def test_no_field_of_a_sidecar_leads_to_a_file(kit: Any, name: str) -> None:
    path = kit.call("one.wav")
    path.with_suffix(".json").write_text(json.dumps({"standard": name}), encoding="utf-8")
    with pytest.raises(SidecarError, match="standard"):
        read_sidecar(path)


@pytest.mark.parametrize("field", ["agent_id", "agent_name", "customer_name", "caller_number"])
@pytest.mark.parametrize("text", ["../../escaped", "/tmp/escaped", "..\\escaped", "con", "\x1b[2J", "=cmd|' /C calc'!A0"])
def test_no_text_of_a_sidecar_makes_a_file_outside_out(kit: Any, field: str, text: str) -> None:
    path = kit.call("one.wav")
    path.with_suffix(".json").write_text(json.dumps({field: text}), encoding="utf-8")
    before = set(kit.out.parent.rglob("*"))
    kit.run()
    made = set(kit.out.parent.rglob("*")) - before
    assert all(kit.out in (p, *p.parents) for p in made) and not any(set(p.name) & set(ESCAPES) for p in made)


def test_a_pack_cannot_be_reached_through_a_sidecar(kit: Any) -> None:
    path = kit.call("one.wav")
    path.with_suffix(".json").write_text(json.dumps({"standard": kit.pack.name}), encoding="utf-8")
    assert len(kit.run(standard=None).failed) == 1, "a name ending in .yaml is no file to be opened"


def wav_header(rate_hz: int, claimed_bytes: int) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, min(2 * rate_hz, 2**32 - 1), 2, 16)
    return struct.pack("<4sI4s", b"RIFF", claimed_bytes, b"WAVE") + form + struct.pack("<4sI", b"data", claimed_bytes)


@pytest.mark.parametrize("claimed_bytes", [10 * 3600 * 16_000, 2**32 - 2])
def test_a_file_of_1_kb_that_claims_hours_is_taken_for_what_it_holds(tmp_path: Path, claimed_bytes: int) -> None:
    path = tmp_path / "bomb.wav"
    path.write_bytes(wav_header(8000, claimed_bytes) + bytes(960))
    with pytest.raises(RecordingError, match=r"only 0.060 s"):
        decode(path)


@pytest.mark.parametrize("rate_hz", [1, 384_001, 2**31 - 1, 2**32 - 1])
def test_a_sample_rate_that_no_recorder_has_is_refused(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "bomb.wav"
    path.write_bytes(wav_header(rate_hz, 960) + bytes(960))
    with pytest.raises(RecordingError, match="bomb.wav"):
        decode(path)


def test_a_small_file_that_unpacks_without_end_is_stopped_at_the_limit(tmp_path: Path) -> None:
    import soundfile

    path = tmp_path / "bomb.flac"
    soundfile.write(path, np.zeros(8000 * 600, dtype=np.int16), 8000)
    assert path.stat().st_size < 50_000
    for limits in (DecodeLimits(max_duration_s=60.0), DecodeLimits(max_bytes=1_000_000)):
        with pytest.raises(RecordingError, match="beyond the limit"):
            decode(path, limits)
    assert DecodeLimits().max_bytes <= 1.75 * 2**30, "at 2 GiB of samples the process was measured to peak at 2,100 MiB"


def test_a_playlist_opens_no_other_file_and_no_address(tmp_path: Path) -> None:
    for content in ("#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n", "ffconcat version 1.0\nfile /etc/passwd\n",
                    "[playlist]\nFile1=http://127.0.0.1/x\n"):
        path = tmp_path / "list.wav"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(RecordingError, match="not audio"):
            decode(path)


LAUGHS = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize("text", [
    LAUGHS, "name: !!python/object/apply:os.system [id]", "name: !!python/name:os.system", "rules: !include /etc/passwd",
    "name: &a x\ntitle: *a",
    "<<: {name: x}\nrules: *r", "[" * 10_000, "{" * 10_000, "? " * 5_000],
    ids=["laughs", "apply", "name", "include", "alias", "merge", "[", "{", "?"])
def test_yaml_runs_nothing_and_multiplies_nothing(text: str) -> None:
    with pytest.raises(PackError, match="^pack.yaml"):
        load_lines(Path("pack.yaml"), text)


@pytest.mark.parametrize("written", ["(a+)+$", ".*.*.*x", "[a-z]{1,999}", "(?=a)", "\\d+", "a{2}"])
def test_a_pack_holds_no_regular_expressions(written: str) -> None:
    """What looks like one is literal text, or refused: the only patterns are bounded runs of one class of characters."""
    try:
        atoms = [atom for element in compile_phrase(written, {}).elements for a in element for atom in a.atoms]
    except ValueError:
        return
    assert all(isinstance(atom, str) and atom.isalnum() for atom in atoms)


@pytest.mark.parametrize("written", [
    "您{any:0-40}好{any:0-40}您{any:0-40}好", "{any:0-9}a" * 6, "{any:0-41}好", "a{digits:1-40}{digits:1-40}{digits:1-40}"])
def test_wildcards_that_could_keep_the_matcher_busy_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="wildcards|characters"):
        compile_phrase(written, {})
    assert MOST_GAP_WAYS <= 5000


def test_words_that_multiply_out_are_refused(tmp_path: Path) -> None:
    words = {f"w{i}": "|".join(f"{{w{i + 1}}}{c}" for c in "甲乙丙丁") for i in range(9)} | {"w9": "一|二"}
    with pytest.raises(ValueError, match="multiplies out|deeper"):
        compile_phrase("{w0}", words)


def test_json_that_is_nested_or_large_without_end_is_refused(tmp_path: Path) -> None:
    for content in ("[" * 200_000, '{"a":' * 200_000, '{"a": "' + "x" * MAX_BYTES + '"}', '{"ring_s": ' + "9" * 5000 + "}"):
        (tmp_path / "one.json").write_text(content, encoding="utf-8")
        with pytest.raises(SidecarError, match="one.json"):
            read_sidecar(tmp_path / "one.wav")


def test_xml_is_written_and_never_read(tmp_path: Path) -> None:
    text = junit_xml([Suite("&x; <!ENTITY x SYSTEM 'file:///etc/passwd'>", (Case("]]>", ("&lol;\x00\x1b",)),))])
    assert "<!" not in text.replace("<?xml", "") and "&x;" not in text and "\x1b" not in text
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    for word in ("fromstring", "iterparse", "XMLParser", "ET.parse", "minidom", "lxml"):
        assert not any(word in source for source in sources), word


def all_imports() -> set[str]:
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_nothing_is_unpickled_evaluated_or_run() -> None:
    """Neither by import nor by the functions through which pickles and commands come in unnoticed."""
    never = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle", "torch", "subprocess"}
    assert not never & all_imports()
    system_calls = {path.name for path in PACKAGE.rglob("*.py") if "import ctypes" in path.read_text(encoding="utf-8")}
    assert system_calls == {"allocator.py", "serving.py"}  # memory goes back to the system; workers ask the kernel to end with the run
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert called(node) not in FORBIDDEN_CALLS, f"{path}:{node.lineno}: {called(node)}"
                pickles = [k.value for k in node.keywords if k.arg == "allow_pickle"]
                assert all(isinstance(v, ast.Constant) and v.value is False for v in pickles), f"{path}:{node.lineno}: allow_pickle"


FORBIDDEN_CALLS = ("eval", "exec", "__import__", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "yaml.full_load")


def called(node: ast.Call) -> str:
    """``name`` or ``module.name`` of what is called."""
    if isinstance(node.func, ast.Name):
        return node.func.id
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        return f"{node.func.value.id}.{node.func.attr}"
    return ""
