"""Bad input: the call is listed with its reason, all other calls finish, nothing is left half written."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicemon import serial
from voicemon.errors import OutputError, SettingsError


def good_and(kit: Any, **settings: Any) -> Any:
    """Run the folder with one good call beside whatever is in it; the good one must always come out."""
    kit.call("good.wav", kit.a_call(4.0))
    result = kit.run(**settings)
    assert "good" in result.analysed and (kit.out / "calls/good.json").is_file()
    assert result.found == len(list(p for p in kit.folder.iterdir() if p.suffix == ".wav"))
    assert not list(kit.out.rglob("*.part")), "nothing half written"
    return result


def reason_of(result: Any) -> str:
    assert len(result.failed) == 1, result
    return str(result.failed[0].reason)


def facts(kit: Any, call_id: str) -> dict[str, Any]:
    kept = kit.record().load_facts(call_id)
    assert kept is not None
    return json.loads(serial.dumps(serial.to_plain(kept)))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("this is no sound\n" * 100, encoding="utf-8")


def header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:44])


def dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("gone.wav"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(("spoil", "words"), [
    (empty, "empty"), (text, "not audio"), (header_only, "0.000 s"), (dangling_link, "cannot be read"), (pipe, "not a regular file")],
    ids=["0 bytes", "text", "header only", "dangling link", "pipe"])
def test_what_cannot_be_decoded_is_listed_with_its_reason(kit: Any, spoil: Callable[[Path], None], words: str) -> None:
    spoil(kit.call("bad.wav"))
    result = good_and(kit)
    assert words in reason_of(result)
    listed = json.loads((kit.out / "failed.json").read_text(encoding="utf-8"))
    assert [f["id"] for f in listed] == ["bad"] and "bad" in (kit.out / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("samples", "rate_hz", "words"), [
    (np.zeros((2, 1)), 8000, "0.000 s"), (np.zeros((6, 16_000)), 8000, "6 channels")], ids=["one sample", "6 channels"])
def test_a_sound_of_a_shape_that_is_no_call_is_listed(kit: Any, samples: np.ndarray, rate_hz: int, words: str) -> None:
    kit.call("bad.wav", samples, rate_hz)
    assert words in reason_of(good_and(kit))


def test_a_truncated_recording_is_analysed_as_far_as_it_goes_with_a_note(kit: Any) -> None:
    path = kit.call("short.wav")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "short" in good_and(kit).analysed
    assert any("ends early" in note for note in facts(kit, "short")["notes"])


def test_silence_gives_no_words_no_measures_and_no_ring(kit: Any) -> None:
    kit.call("quiet.wav", np.zeros((2, 48_000)))
    good_and(kit)
    quiet = facts(kit, "quiet")
    assert quiet["transcript"] == [] and quiet["measures"]["ring"]["count"] is None
    parties = quiet["measures"]["speaking_rate"].values()
    assert all(party["per_minute_of_turns"] is None and party["reason"] for party in parties)


def test_noise_gives_no_words_and_no_ring(kit: Any) -> None:
    kit.call("noise.wav", np.random.default_rng(5).normal(0, 0.1, (2, 48_000)))
    good_and(kit)
    assert facts(kit, "noise")["transcript"] == [] and facts(kit, "noise")["measures"]["ring"]["count"] is None


def test_96_khz_is_measured_at_its_own_rate(kit: Any) -> None:
    kit.call("fast.wav", kit.a_call(3.0, 96_000), 96_000)
    good_and(kit)
    fast = facts(kit, "fast")
    assert fast["call"]["sample_rate_hz"] == 96_000
    assert fast["measures"]["level"]["agent"]["active_level_dbov"] == pytest.approx(-24.0, abs=2.0)


def test_a_constant_offset_changes_no_level(kit: Any) -> None:
    kit.call("offset.wav", kit.a_call() + np.float32(0.2))
    kit.call("plain.wav", kit.a_call())
    good_and(kit)
    levels = [facts(kit, name)["measures"]["level"]["agent"]["active_level_dbov"] for name in ("offset", "plain")]
    assert levels[0] == pytest.approx(levels[1], abs=0.3)


def test_a_clipped_call_says_how_much_of_it_is(kit: Any) -> None:
    kit.call("loud.wav", np.clip(20 * kit.a_call(), -1, 1))
    good_and(kit)
    assert facts(kit, "loud")["measures"]["level"]["agent"]["clipped_share"] > 0.05


def test_a_recording_that_unpacks_beyond_the_limit_is_listed(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from voicemon import pipeline
    from voicemon.audio.decode import DecodeLimits, decode

    kit.call("long.wav", kit.a_call(9.0))
    monkeypatch.setattr(pipeline, "decode", lambda path: decode(path, DecodeLimits(max_duration_s=8.0)))
    assert "beyond the limit" in reason_of(good_and(kit))


@pytest.mark.parametrize("name", ["two words.wav", "来电 录音.wav", "quo'te\".wav", "new\nline.wav", "<b>&.wav", "-o.wav", "%2e%2e.wav"])
def test_any_file_name_is_analysed_and_every_page_of_it_can_be_opened(kit: Any, name: str) -> None:
    kit.call(name)
    result = good_and(kit)
    assert len(result.analysed) == 2
    index = (kit.out / "index.html").read_text(encoding="utf-8")
    assert name not in index or name.isprintable() and not set(name) & set("<>&")
    for call_id in result.analysed:
        assert (kit.out / "calls" / f"{call_id}.html").is_file() and "\n" not in call_id


def test_a_name_that_is_not_unicode_is_analysed(kit: Any) -> None:
    path = os.fsencode(kit.folder) + b"/\xff\xfe.wav"
    source = kit.call("x.wav")
    try:
        os.rename(source, path)
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert len(good_and(kit).analysed) == 2


@pytest.mark.parametrize("content", ["{", '{"ring_count": "two"}', '["x"]', '{"standard": "../../x"}'])
def test_a_broken_sidecar_fails_its_own_call_only(kit: Any, content: str) -> None:
    kit.call("bad.wav")
    (kit.folder / "bad.json").write_text(content, encoding="utf-8")
    assert "bad.json" in reason_of(good_and(kit))


def test_a_sidecar_that_names_no_standard_that_there_is_fails_its_own_call_only(kit: Any) -> None:
    kit.call("bad.wav")
    (kit.folder / "bad.json").write_text('{"standard": "no-such"}', encoding="utf-8")
    result = kit.run(standard=None)
    assert "no-such" in reason_of(result) and not result.analysed


def test_a_sidecar_that_becomes_broken_leaves_no_older_report_standing(kit: Any) -> None:
    kit.call("one.wav")
    kit.run()
    (kit.folder / "one.json").write_text("{", encoding="utf-8")
    assert len(kit.run().failed) == 1 and not (kit.out / "calls/one.json").exists() and not (kit.out / "calls/one.html").exists()


def test_a_sidecar_that_contradicts_the_sound_is_noted_and_corrects_nothing(kit: Any) -> None:
    kit.call("one.wav")
    (kit.folder / "one.json").write_text(json.dumps({"released_after_s": 500, "colour": "red"}), encoding="utf-8")
    good_and(kit)
    notes = " ".join(facts(kit, "one")["notes"])
    assert "released 500 s" in notes and "colour" in notes and facts(kit, "one")["call"]["duration_s"] == pytest.approx(6.0)


def test_an_agent_id_that_is_a_path_writes_nothing_outside_out(kit: Any) -> None:
    kit.call("one.wav")
    (kit.folder / "one.json").write_text(json.dumps({"agent_id": "../../escaped"}), encoding="utf-8")
    before = set(kit.out.parent.rglob("*"))
    good_and(kit)
    new = {p for p in set(kit.out.parent.rglob("*")) - before if kit.out not in [p, *p.parents]}
    assert new <= {kit.folder / "good.wav"}


def test_out_that_is_a_file_is_refused(kit: Any) -> None:
    kit.call("one.wav")
    kit.out.write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        kit.run()


def test_out_that_cannot_be_made_is_refused(kit: Any) -> None:
    kit.call("one.wav")
    (kit.out.parent / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="another OUT"):
        type(kit)(kit.folder, kit.out.parent / "file" / "out", kit.pack).run()


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fills_up_fails_the_call_and_leaves_only_whole_files(kit: Any, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    kit.call("one.wav")
    kit.call("two.wav", kit.a_call(4.0))
    real = getattr(os, step)
    written: list[str] = []

    def full(*args: Any) -> Any:
        written.append(step)
        if len(written) == 6:  # in the middle of a call
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args)

    monkeypatch.setattr(serial.os, step, full)
    result = kit.run()
    assert "free some space" in reason_of(result) and len(result.analysed) == 1
    assert not list(kit.out.rglob("*.part")) and not list(kit.out.rglob(".*.part"))
    for path in kit.out.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    monkeypatch.undo()
    assert not kit.run().failed, "the next run goes on"


def test_a_fault_inside_voicemon_is_told_without_a_word_of_the_call(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from voicemon import hearing

    def broken(*args: Any) -> None:
        raise ValueError("您好,我的电话是13612345678")

    kit.call("one.wav")
    monkeypatch.setattr(hearing, "hear", broken)
    reason = reason_of(kit.run())
    assert "ValueError" in reason and "136" not in reason


def test_the_same_audio_on_both_channels_is_one_channel_and_nobody_is_charged(kit: Any) -> None:
    kit.call("same.wav", np.stack([kit.speech_like(4.0)] * 2))
    kit.run(agent_channel="auto")
    same = facts(kit, "same")
    assert same["roles"]["agent"] is None and same["roles"]["reason"] and {u["speaker"] for u in same["transcript"]} == {"unknown"}
    report = json.loads((kit.out / "calls/same.json").read_text(encoding="utf-8"))
    assert report["verdicts"][0]["outcome"] == "not_checked"
    assert report["measures"]["level"]["agent"]["active_level_dbov"] is None and report["measures"]["level"]["agent"]["reason"]


def test_one_channel_is_analysed_and_nobody_is_charged(kit: Any) -> None:
    kit.call("mono.wav", kit.speech_like(4.0)[None, :])
    kit.run(agent_channel="auto")
    mono = facts(kit, "mono")
    assert mono["roles"]["method"] == "unknown" and mono["measures"]["speaking_rate"]["agent"]["reason"]
    assert json.loads((kit.out / "calls/mono.json").read_text(encoding="utf-8"))["verdicts"][0]["outcome"] == "not_checked"


def test_a_name_at_the_limit_of_the_system_is_analysed_like_any_other(kit: Any) -> None:
    """There is no room for NAME.json beside it, and no place in OUT under that name."""
    kit.call("x" * 251 + ".wav", kit.a_call(5.0))
    assert len(good_and(kit).analysed) == 2


def test_a_standard_that_a_sidecar_asks_for_in_vain_is_told_with_the_recording(kit: Any) -> None:
    kit.call("bad.wav").with_suffix(".json").write_text('{"standard": "nope"}', encoding="utf-8")
    kit.call("good.wav", kit.a_call(4.0)).with_suffix(".json").write_text('{"standard": "hotline"}', encoding="utf-8")
    result = kit.run(standard=None)
    assert result.analysed == ("good",)
    assert "bad.wav: its sidecar asks for" in reason_of(result) and "nope" in reason_of(result)


def test_what_fails_elsewhere_while_out_is_held_is_not_told_of_out(kit: Any, tmp_path: Path) -> None:
    from voicemon.store import opened

    with pytest.raises(FileNotFoundError), opened(kit.out):
        (tmp_path / "elsewhere").read_bytes()


def test_recordings_cannot_lie_in_out_itself_and_nothing_is_made_of_their_folder(kit: Any) -> None:
    """Such a folder would never be searched: a run that finds nothing would look like a run with nothing to do."""
    from voicemon.folder import run
    from voicemon.settings import Settings

    kit.call("one.wav")
    for paths, out in (((kit.folder,), kit.folder), ((kit.folder / "none",), kit.out)):
        with pytest.raises(SettingsError, match="output folder|no such file"):
            run(paths, out, Settings(standard=str(kit.pack)), kit.fake_ear(), lambda *_: None)
    assert [path.name for path in kit.folder.iterdir()] == ["one.wav"] and not kit.out.exists()


def test_a_folder_that_cannot_be_entered_stops_no_other_call(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a folder of another user; whoever runs this test may enter every folder."""
    (kit.folder / "theirs").mkdir()
    is_file = Path.is_file

    def refused(path: Path) -> bool:
        if path.parent.name == "theirs":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refused)
    assert good_and(kit).analysed == ("good",)


def test_a_link_to_a_folder_elsewhere_is_told_and_one_to_a_folder_within_is_not(kit: Any) -> None:
    """Nothing behind it is searched: it may lead in a circle. What it leads to within the recordings is searched anyway."""
    elsewhere = kit.folder.parent / "elsewhere"
    (kit.folder / "inner").mkdir()
    elsewhere.mkdir()
    (kit.folder / "linked").symlink_to(elsewhere)
    (kit.folder / "again").symlink_to(kit.folder / "inner")
    (kit.folder / "circle").symlink_to(kit.folder)
    kit.call("good.wav", kit.a_call(4.0))
    result = kit.run()
    assert result.analysed == ("good",)
    assert [(f.id, "link to a folder" in f.reason) for f in result.failed] == [("linked", True)]
