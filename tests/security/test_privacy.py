"""Nothing of a call leaves OUT: not by the network, not by what is printed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fakes import FakeEar

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples" / "taobao-broken-silent-line.flac"
# Where no network namespace can be made: any use of a socket that is not local ends the process.
NO_SOCKETS = """
import os, socket
def refuse(*args, **kwargs):
    os.write(2, b"a socket was used\\n")
    os._exit(99)
class Refused(socket.socket):
    def connect(self, address): refuse()
    def connect_ex(self, address): refuse()
socket.socket = Refused
socket.getaddrinfo = socket.create_connection = refuse
"""


def isolated(tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """A prefix for a command, and an environment, in which the network cannot be reached."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HOME": str(tmp_path / "home")}
    for switch in ("CI", "ORT_DISABLE_TELEMETRY"):  # with them ONNX Runtime tells nobody, whatever voicemon does
        environment.pop(switch, None)
    unshare = shutil.which("unshare")
    if unshare and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0:
        return [unshare, "-rn"], environment
    (tmp_path / "sitecustomize.py").write_text(NO_SOCKETS, encoding="utf-8")
    return [], {**environment, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}


def test_a_run_needs_and_tries_no_network(tmp_path: Path) -> None:
    """A sample with the real model, where there is no interface at all; then judged again and verified. Nothing waits to be sent later."""
    (tmp_path / "home").mkdir()
    prefix, environment = isolated(tmp_path)
    out = str(tmp_path / "out")
    for arguments in (["run", str(SAMPLE), "--out", out, "-v"], ["judge", out], ["verify", out]):
        done = subprocess.run([*prefix, sys.executable, "-m", "voicemon", *arguments], env=environment, cwd=tmp_path, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "out" / "calls" / f"{SAMPLE.stem}.html").is_file()
    home = tmp_path / "home"
    assert not [path for path in home.rglob("*") if path.is_file() and home / ".cache" / "voicemon" not in path.parents]


def test_the_sockets_are_really_blocked_where_there_is_no_namespace(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_SOCKETS, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    code = "import socket; socket.socket().connect(('127.0.0.1', 9))"
    assert subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False).returncode == 99


@pytest.mark.parametrize("broken", [False, True])
def test_what_is_printed_holds_no_word_and_no_number_of_a_call(kit: Any, monkeypatch: pytest.MonkeyPatch, broken: bool) -> None:
    """Also not when a fault inside carries such words in its message."""
    from voicemon import ear, hearing
    from voicemon.cli import commands

    words, number = "您好我是王小明", "13612345678"
    monkeypatch.setattr(ear, "WhisperEarFactory", lambda settings: lambda: FakeEar(words + number))
    if broken:
        def fault(*args: Any) -> None:
            raise ValueError(words + number)

        monkeypatch.setattr(hearing, "hear", fault)
    path = kit.call("one.wav")
    path.with_suffix(".json").write_text(f'{{"caller_number": "{number}", "customer_name": "王小明"}}', encoding="utf-8")
    arguments = ["run", str(kit.folder), "--out", str(kit.out), "--standard", str(kit.pack), "--agent-channel", "left",
                 "--workers", "1", "-vv"]
    result = CliRunner().invoke(commands, arguments, standalone_mode=False)
    assert "one" in result.output
    for secret in (words, number, "王小明", number[-4:], words[:4]):
        assert secret not in result.output
