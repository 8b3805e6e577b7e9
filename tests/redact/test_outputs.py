"""Nothing that was masked is in anything that a redacted run writes: every byte of OUT is searched."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicemon.audio.decode import decode
from voicemon.errors import SettingsError
from voicemon.records import Utterance, Word

SAID = {
    "left": ((0.2, 3.8, "您好,请问您贵姓,怎么联系您"),
             (12.2, 17.8, "欧阳先生,您的电话是13800138000,地址是杭州市余杭区文一西路九百六十九号三号楼,对吗"),
             (20.2, 21.8, "好的,再见欧阳先生")),
    "right": ((4.2, 8.0, "我姓欧阳,电话一三八零零一三八零零零"),
              (8.2, 11.8, "身份证幺幺零幺零幺幺九九零零三零七八五幺X,邮箱是zhangsan@163.com"),
              (18.2, 19.8, "对,门牌是三零二室,卡号6222021234567890128")),
}
SIDECAR = {"standard": "zijin-400", "direction": "inbound", "agent_channel": "left", "agent_id": "80017", "agent_name": "客服甲",
           "caller_number": "13912345678", "customer_name": "李小龙", "known_customer": {"surname": "慕容", "title": "女士"},
           "register": [{"name": "李小龙", "phone": "13700137000", "text": "欧阳先生要求回电15912345678", "time": "2026-03-12T10:00:00"}]}
NAME = "20260312101500-13612345678-慕容女士.wav"
SECRETS = ("欧阳", "一三八零零一三八", "13800138000", "一三八", "138001", "幺幺零幺零", "一一零一零", "19900307", "九九零零三零七",
           "zhangsan", "163.com", "余杭", "文一西路", "九百六十九", "6222021", "六二二二零二", "13912345678", "李小龙", "慕容",
           "13700137000", "15912345678", "13612345678")
PACK = """
name: quoting
title: "Rules that quote"
version: "1"
cues: ["贵姓"]
events:
  tells: {kind: says, by: customer, says: ["电话"]}
rules:
  - {id: Q-1, title: t, quote: q, evidence: direct, check: must_say, say: ["欧阳先生"], examples: {fires: [], quiet: ["A: 欧阳先生"]}}
  - {id: Q-2, title: t, quote: q, evidence: direct, check: must_not_say, say: ["一三八零零一三八零零零"],
     examples: {fires: [], quiet: ["A: 好"]}}
  - {id: Q-3, title: t, quote: q, evidence: direct, check: respond, when: tells, examples: {fires: [], quiet: ["A: 好"]}}
  - {id: Q-4, title: t, quote: q, evidence: direct, check: must_say, say: ["贵姓"], examples: {fires: [], quiet: ["A: 贵姓"]}}
  - {id: Q-6, title: t, quote: q, evidence: direct, check: must_say, say: ["再见区阳先声"],
     examples: {fires: [], quiet: ["A: 再见区阳先声"]}}
  - {id: Q-5, title: t, quote: q, evidence: direct, check: must_say, say: ["谢谢来电"], examples: {fires: [], quiet: ["A: 谢谢来电"]}}
"""


@dataclass(frozen=True)
class ScriptedEar:
    """Hears the script, whatever the sound; can be sent to a worker."""

    def __call__(self) -> ScriptedEar:
        return self

    def transcribe_many(self, jobs: Sequence[Any]) -> tuple[Any, ...]:
        from voicemon.speech.engine import Transcription

        return tuple(Transcription(tuple(utterance(job.speaker, *line) for line in SAID[job.speaker]), ()) for job in jobs)

    def describe(self) -> dict[str, Any]:
        return {"model": "base", "model_sha256": "0" * 64}

    def verifier(self, recording: Any, facts: Any) -> Verifier:
        return Verifier()


@dataclass(frozen=True)
class Verifier:
    """Is asked with words of the call, which are kept with its answers."""

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        return -50.0


def utterance(speaker: str, start_s: float, end_s: float, text: str) -> Utterance:
    step_s = (end_s - start_s) / len(text)
    words = tuple(Word(c, start_s + i * step_s, start_s + (i + 1) * step_s, 0.9) for i, c in enumerate(text))
    return Utterance(speaker, start_s, end_s, text, 0.9, words)


@pytest.fixture
def call(kit: Any) -> Path:
    """A two-channel recording with speech where the script has words, and its sidecar; both are named after a customer."""
    samples = np.stack([kit.silence(22.0, seed=s) for s in (1, 2)])
    for channel, lines in enumerate(SAID.values()):
        for start_s, end_s, _ in lines:
            piece = kit.speech_like(end_s - start_s, seed=channel)
            samples[channel, round(start_s * 8000) :][: piece.size] = piece
    path = kit.call(NAME, samples)
    path.with_suffix(".json").write_text(json.dumps(SIDECAR, ensure_ascii=False), encoding="utf-8")
    kit.pack.write_text(PACK, encoding="utf-8")
    return Path(path)


def contents(path: Path) -> Iterator[bytes]:
    """All that is in a file: its bytes, the members of an archive, the values of a database, unpacked."""
    raw = path.read_bytes()
    yield raw
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if raw.startswith(b"SQLite format 3"):
        with sqlite3.connect(path) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for value in (v for t in tables for row in connection.execute(f'SELECT * FROM "{t}"') for v in row if v is not None):
                yield value if isinstance(value, bytes) else str(value).encode()
                if isinstance(value, bytes):
                    yield zlib.decompress(value)


def leaks(out: Path, secrets: Sequence[str] = SECRETS) -> list[tuple[str, str]]:
    """Every secret with the file it is in (its name or its contents, plain, as JSON escapes or as a URL)."""
    found = []
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        found += [(s, f"name of {path.name}") for s in secrets if s in str(path.relative_to(out))]
        for content in contents(path):
            found += [(s, path.name) for s in secrets for form in forms(s) if form in content]
    return found


def forms(secret: str) -> set[bytes]:
    plain = secret.encode("utf-8")
    quoted = "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in secret)
    return {plain, json.dumps(secret)[1:-1].encode(), quoted.encode()}


def kinds(out: Path) -> list[str]:
    (report,) = (json.loads(p.read_text(encoding="utf-8")) for p in (out / "calls").glob("*.json"))
    return sorted({r["kind"] for r in report["redactions"]})


@pytest.mark.parametrize("standard", [None, "zijin-400", "taobao", "hotline", "counter", "zhonghuan"])
def test_a_redacted_run_leaves_none_of_it_in_out(kit: Any, call: Path, standard: str | None) -> None:
    result = kit.run(ear=ScriptedEar(), redact=True, **({"standard": standard} if standard else {}))
    assert not result.failed and leaks(kit.out) == []
    assert kinds(kit.out) == ["address", "bank_card", "email", "id_card", "phone", "surname"]
    assert b"80017" in (kit.out / "summary.csv").read_bytes()


def test_the_search_finds_what_a_plain_run_writes(kit: Any, call: Path) -> None:
    kit.run(ear=ScriptedEar())
    found = leaks(kit.out)
    assert {secret for secret, _ in found} >= {"欧阳", "13800138000", "zhangsan", "文一西路", "13912345678", "李小龙", "13612345678"}
    assert {name for _, name in found} >= {"voicemon.db", "index.html", "summary.csv", "summary.xlsx", "verdicts.jsonl"}


def test_workers_that_die_and_calls_that_fail_tell_nothing_either(kit: Any, call: Path) -> None:
    (kit.folder / "13500135000.wav").write_bytes(b"no sound at all")
    (kit.folder / "王建国先生.wav").write_bytes(b"")
    result = kit.run(ear=ScriptedEar(), redact=True)
    told = "".join(c.id + c.path + c.reason for c in result.failed)
    assert len(result.failed) == 2 and leaks(kit.out, (*SECRETS, "13500135000", "王建国")) == []
    assert "13500135000" not in told and "王建国" not in told


def test_outcomes_score_and_measures_are_those_of_a_plain_run(kit: Any, call: Path) -> None:
    def report() -> dict[str, Any]:
        (path,) = (kit.out / "calls").glob("*.json")
        return json.loads(path.read_text(encoding="utf-8"))

    kit.run(ear=ScriptedEar(), redact=True)
    masked = report()
    kit_out, plain_out = kit.out, kit.out.with_name("plain")
    object.__setattr__(kit, "out", plain_out)
    kit.run(ear=ScriptedEar())
    plain = report()
    object.__setattr__(kit, "out", kit_out)
    assert [(v["rule"], v["outcome"]) for v in masked["verdicts"]] == [(v["rule"], v["outcome"]) for v in plain["verdicts"]]
    assert masked["score"] == plain["score"] and masked["measures"] == plain["measures"] and plain["redactions"] is None
    assert {v["rule"]: v["quote"] for v in masked["verdicts"]}["Q-4"] == "贵姓"


def test_the_audio_copy_is_a_tone_there_and_the_silence_is_no_wait(kit: Any, call: Path) -> None:
    kit.run(ear=ScriptedEar(), redact=True)
    (copy,) = (kit.out / "calls/audio").iterdir()
    (report,) = (json.loads(p.read_text(encoding="utf-8")) for p in (kit.out / "calls").glob("*.json"))
    sound, original = decode(copy), decode(call)
    for mark in report["redactions"]:
        inside = slice(round(mark["start_s"] * 8000) + 1, round(mark["end_s"] * 8000) - 1)
        assert np.abs(sound.samples[:, inside]).max() < 300
    assert np.array_equal(sound.samples[:, :8000], original.samples[:, :8000])
    assert not any(w["start_s"] < mark["end_s"] and mark["start_s"] < w["end_s"] for w in report["measures"]["waits"]
                   for mark in report["redactions"])


def test_judging_again_keeps_what_depended_on_the_words_and_accuses_nobody(kit: Any, call: Path) -> None:
    kit.run(ear=ScriptedEar(), redact=True)
    (path,) = (kit.out / "calls").glob("*.json")
    before = {v["rule"]: v["outcome"] for v in json.loads(path.read_text(encoding="utf-8"))["verdicts"]}
    assert before == {"Q-1": "pass", "Q-2": "fail", "Q-3": "pass", "Q-4": "pass", "Q-6": "fail", "Q-5": "fail"}
    kit.pack.write_text(PACK.replace('version: "1"', 'version: "2"'), encoding="utf-8")
    call.unlink()
    assert not kit.judge().failed
    assert {v["rule"]: v["outcome"] for v in json.loads(path.read_text(encoding="utf-8"))["verdicts"]} == before
    assert leaks(kit.out) == []


def test_calls_of_a_plain_run_are_redacted_by_judging(kit: Any, call: Path) -> None:
    plain = call.rename(call.with_name("one.wav"))
    call.with_suffix(".json").rename(plain.with_suffix(".json"))
    kit.run(ear=ScriptedEar())
    assert leaks(kit.out) != []
    plain.unlink()
    assert not kit.judge(redact=True).failed
    assert leaks(kit.out) == [] and len(list((kit.out / "calls/audio").iterdir())) == 1
    assert "surname" in kinds(kit.out)
    with pytest.raises(SettingsError, match="--redact"):
        kit.run(ear=ScriptedEar())


def test_judging_does_not_redact_a_call_whose_id_is_personal_and_says_so(kit: Any, call: Path) -> None:
    kit.run(ear=ScriptedEar())
    (failed,) = kit.judge(redact=True).failed
    assert "voicemon run --redact into a new OUT" in failed.reason and "13612345678" not in failed.reason + failed.path


def test_plain_and_redacted_calls_are_never_mixed_in_one_out(kit: Any, call: Path) -> None:
    kit.run(ear=ScriptedEar())
    with pytest.raises(SettingsError, match="judge .* --redact"):
        kit.run(ear=ScriptedEar(), redact=True)


def test_a_second_redacted_run_does_nothing_again(kit: Any, call: Path) -> None:
    kit.run(ear=ScriptedEar(), redact=True)
    again = kit.run(ear=ScriptedEar(), redact=True)
    assert (len(again.skipped), len(again.analysed)) == (1, 0)


def test_two_recordings_whose_names_become_the_same_keep_two_ids(kit: Any, call: Path) -> None:
    for number, seconds in (("13500135000", 6.0), ("13500135001", 7.0)):
        kit.call(f"{number}.wav", kit.a_call(seconds))
    result = kit.run(ear=ScriptedEar(), redact=True)
    assert len(result.analysed) == 3 and len({*result.analysed}) == 3 and leaks(kit.out, (*SECRETS, "1350013500")) == []
    assert len(kit.run(ear=ScriptedEar(), redact=True).skipped) == 3
