"""Recordings at addresses: found, fetched to a private file for the time of the call, told by their address."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEar

from voicemon.errors import RecordingError, SettingsError
from voicemon.remote import fetched, is_remote, place
from voicemon.verify import AGREES, CHANGED, GONE, Order, verify


@pytest.fixture
def bucket() -> Iterator[Any]:
    """A folder at an address, in memory."""
    upath = pytest.importorskip("upath", reason="addresses need the extra: pip install 'voicemon[remote]'")
    root = upath.UPath("memory://calls-of-a-test/day")
    yield root
    if root.exists():
        root.fs.rm("/calls-of-a-test", recursive=True)


def put(bucket: Any, name: str, path: Path) -> Any:
    (bucket / name).parent.mkdir(parents=True, exist_ok=True)
    (bucket / name).write_bytes(path.read_bytes())
    return bucket / name


def test_recordings_at_an_address_give_the_same_reports(kit: Any, bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    put(bucket, "team/one.wav", kit.call("team/one.wav"))
    (bucket / "team/one.json").write_text('{"agent_id": "801"}', encoding="utf-8")
    (kit.folder / "team/one.json").write_text('{"agent_id": "801"}', encoding="utf-8")
    (bucket / "notes.txt").write_text("no call", encoding="utf-8")
    kit.run()
    other = kit.beside("out2")
    assert list(other.run(bucket).analysed) == ["one"]
    facts = other.record().load_facts("one")
    assert facts.call.path == "memory://calls-of-a-test/day/team/one.wav" and facts.call.agent_id == "801"
    there = (other.out / "calls/one.json").read_text(encoding="utf-8")
    assert there.replace(facts.call.path, str(kit.folder / "team/one.wav")) == (kit.out / "calls/one.json").read_text(encoding="utf-8")
    assert list(other.run(bucket).skipped) == ["one"]
    assert not list(temporary.iterdir())


def test_a_call_at_an_address_is_verified_there(kit: Any, bucket: Any) -> None:
    there = put(bucket, "one.wav", kit.call("one.wav"))
    order = Order(model="base", standard=str(kit.pack), sample=0)
    kit.run(bucket)

    def state() -> str:
        return next(verify(kit.out, order, lambda settings: FakeEar())).state

    assert state() == AGREES
    put(bucket, "one.wav", kit.call("other.wav", kit.a_call(5.0)))
    assert state() == CHANGED
    there.unlink()
    assert state() == GONE


def test_what_is_no_sound_is_told_by_its_address_and_leaves_no_copy(kit: Any, bucket: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound at all")
    put(bucket, "bad.wav", bad)
    (failed,) = kit.run(bucket).failed
    assert failed.path == str(bucket / "bad.wav") and failed.reason.startswith(f"{bucket / 'bad.wav'}: ")
    assert tempfile.gettempdir() + "/voicemon-" not in failed.reason


def test_a_copy_is_its_owners_only_and_goes_with_the_block(kit: Any, bucket: Any) -> None:
    with fetched(put(bucket, "one.wav", kit.call("one.wav"))) as path:
        assert path.stat().st_mode & 0o777 == 0o600 and path.suffix == ".wav"
    assert not path.exists()
    with pytest.raises(RecordingError, match=r"none\.wav: cannot be read"), fetched(bucket / "none.wav"):
        pass


def test_an_address_where_nothing_is_is_refused(kit: Any, bucket: Any) -> None:
    with pytest.raises(SettingsError, match="no such file or folder"):
        kit.run(bucket / "nowhere")


def test_paths_stay_paths() -> None:
    assert place("a/b.wav") == Path("a/b.wav") and place("file:///a/b%20c.wav") == Path("/a/b c.wav")
    assert not is_remote(Path("s3://bucket/key"))


def test_without_the_library_the_extra_is_named_and_no_password_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'voicemon\[remote\]'") as told:
        place("sftp://me:s3cret@host/calls")
    assert "s3cret" not in str(told.value)


def test_recordings_on_an_s3_server_are_analysed_once(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server over HTTP, in this process: ``pip install 'moto[server]' s3fs``."""
    server = pytest.importorskip("moto.server", reason="no moto here to stand in for S3").ThreadedMotoServer("127.0.0.1", port=0)
    s3fs = pytest.importorskip("s3fs")
    server.start()
    try:
        settings = {"AWS_ENDPOINT_URL": "http://{}:{}".format(*server.get_host_and_port()), "AWS_ACCESS_KEY_ID": "x",
                    "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        storage = s3fs.S3FileSystem(skip_instance_cache=True)
        storage.mkdir("recordings")
        storage.put(str(kit.call("one.wav")), "recordings/day/one.wav")
        storage.pipe("recordings/day/one.json", b'{"agent_id": "801"}')
        storage.pipe("recordings/day/broken.wav", b"no sound")
        result = kit.run(place("s3://recordings/day"))
        assert (result.analysed, [call.id for call in result.failed]) == (("one",), ["broken"]) and result.rows[0].agent_id == "801"
        assert dict(kit.run(place("s3://recordings/day")).skipped) == {"one": "done already", "broken": "failed before"}
        with pytest.raises(SettingsError, match="no such file or folder"):
            kit.run(place("s3://elsewhere/day"))
    finally:
        server.stop()
