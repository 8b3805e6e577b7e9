"""Faults of ``faults.py`` that need more of the system: a write of one kind, a user without rights, memory, a database server."""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOBODY = 65_534
# Part of the path of what cannot be written, one per kind of write.
WRITES = ("/voicemon.db", "/voicemon.db-wal", "/calls/.call1.json", "/calls/.call1.html", "/calls/audio/.call1", "/.summary.xlsx",
          "/.verdicts.jsonl", "/.failed.json", "/.summary.csv", "/agents/", "/.index.html")
MEMORY_BYTES = 3 << 30
HUNGER_MIB = 6_000
GROUP = Path("/sys/fs/cgroup/memory/voicemon-faults")  # of version 1; where there is none, this is not tried
GROUP_BYTES = 1_500 << 20
ALONE = ("--workers", "1")  # where workers make no difference; each takes seconds to start

Fault = Callable[[Any], str]


def wait_for(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not true() and process.poll() is None:
        time.sleep(0.02)


def full_writes(options: argparse.Namespace, seconds: float) -> list[Fault]:
    """ENOSPC at each kind of write, by a library that is loaded before all others."""
    if shutil.which("cc") is None:
        return [lambda ground: "a full disk at each kind of write: not tried, there is no C compiler here"]
    return [lambda ground, part=part: full_write(ground, part) for part in WRITES]


def full_write(ground: Any, part: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "full_disk.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, HERE / "full_disk.c", "-ldl"], check=True)
        # An agent, so that there is a page of one; a broken recording, so that there is a failure to be written.
        first = sorted(ground.calls.glob("*.wav"))[0]
        first.with_suffix(".json").write_text('{"agent_id": "7"}', encoding="utf-8")
        environment = {**os.environ, "LD_PRELOAD": str(library), "FULL_PATH": part}
        code, printed = ground.finish(*ALONE, env=environment)
    assert code in (2, 3), f"exit code {code}, although {part} could not be written: {printed}"
    assert "Traceback" not in printed and "No space left" in printed or "full" in printed, printed
    done = len(ground.reports())
    ground.check_whole()
    first.with_suffix(".json").unlink()
    ground.check_completes(*ALONE)
    return f"no space for {part}: exit code {code}, {done} calls done; then complete"


def of_nobody(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [read_only_for_nobody] if os.geteuid() == 0 else []


def read_only_for_nobody(ground: Any) -> str:
    """OUT belongs to root and holds finished calls; a user without any rights runs over the same recordings."""
    python = python_for_nobody()
    if python is None:
        return "OUT of root, run by nobody: not tried, there is no Python here that nobody may start"
    assert ground.finish(*ALONE)[0] == 0
    (ground.calls / "call0.json").write_text('{"agent_id": "7"}', encoding="utf-8")
    for folder in (ground.out, *(path for path in ground.out.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    before = contents(ground.out)
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, NOBODY, NOBODY)
        environment = {**os.environ, "HOME": home, "VOICEMON_CACHE": home, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        code, printed = ground.finish(*ALONE, python=python, user=NOBODY, group=NOBODY, extra_groups=[], env=environment)
    assert code == 2 and "cannot be" in printed and "Traceback" not in printed, f"{code} {printed}"
    assert before == contents(ground.out), "something was changed"
    (ground.calls / "call0.json").unlink()
    ground.check_completes(*ALONE)
    return "OUT of root, run by nobody: exit code 2, told, nothing changed"


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file but the index that SQLite keeps while a database is open."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm")}


def python_for_nobody() -> str | None:
    """This Python, or the system's of the same version, whichever every user may start."""
    code = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            if subprocess.run([python, "-c", code], user=NOBODY, group=NOBODY, extra_groups=[], check=False).returncode == 0:
                return python
        except OSError:
            continue
    return None


def memory(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [lambda ground: out_of_memory(ground, limited_memory, "not enough memory"), killed_for_memory]


def limited_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def out_of_memory(ground: Any, limit: Callable[[], None], told: str) -> str:
    """One call needs more memory than there is: the longest, in a worker; the others are done."""
    code, printed = ground.finish("--hungry", str(HUNGER_MIB), preexec_fn=limit)
    assert code == 3 and told in printed and "Traceback" not in printed, f"{code} {printed}"
    done = len(ground.reports())
    assert done == len(ground.expected) - 1, f"{done} calls done: {printed}"
    ground.check_whole()
    code, printed = ground.finish("--retry-failed")
    assert code == 0 and ground.reports() == ground.expected, printed
    return f"a call that needs more memory than there is: told ({told}), {done} calls done; with more memory: complete"


def killed_for_memory(ground: Any) -> str:
    """The kernel ends a worker because the group of the run has no more memory."""
    try:
        GROUP.mkdir()
    except OSError as err:
        return f"a worker killed by the kernel for its memory: not tried here ({err.strerror})"
    try:
        (GROUP / "memory.limit_in_bytes").write_text(str(GROUP_BYTES))

        def grouped() -> None:
            (GROUP / "cgroup.procs").write_text(str(os.getpid()))

        return out_of_memory(ground, grouped, "died, twice")
    finally:
        GROUP.rmdir()


def servers(options: argparse.Namespace, seconds: float) -> list[Fault]:
    return [lambda ground: lost_server(ground, cut_connections, "all connections were cut"),
            lambda ground: lost_server(ground, stop_server, "the server was stopped")]


@contextmanager
def cut_connections(server: Any, address: str) -> Iterator[None]:
    import psycopg

    with psycopg.connect(address.split("&options")[0], autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    yield


@contextmanager
def stop_server(server: Any, address: str) -> Iterator[None]:
    """Stopped at once, without a word to anybody; started again when the block ends."""
    folder, binaries, who = server
    control = [binaries / "pg_ctl", "-D", folder / "data", "-w"]
    silent: dict[str, Any] = {**who, "check": True, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    options = (folder / "data" / "postmaster.opts").read_text(encoding="utf-8").split(" ", 1)[1]
    subprocess.run([*control, "-m", "immediate", "stop"], **silent)
    try:
        yield
    finally:
        plain = " ".join(part.strip('"') for part in options.strip().split('" "') if "-D" not in part)
        subprocess.run([*control, "-l", folder / "log", "-o", plain.split(str(folder / "data"))[-1].strip(' "'), "start"], **silent)


def lost_server(ground: Any, lose: Callable[[Any, str], Any], how: str) -> str:
    postgres = _postgres()
    binaries = postgres.find_binaries()
    if binaries is None or importlib.util.find_spec("psycopg") is None:
        return f"{how}: not tried, there is no PostgreSQL here"
    with postgres.temporary_cluster(binaries) as server:
        address = postgres.new_schema(server)
        folder = Path(server.split("host=")[1])
        owner = folder.stat().st_uid
        who = {"user": owner, "group": folder.stat().st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        process = ground.start(*ALONE, "--store", address)
        wait_for(lambda: any((ground.out / "calls").glob("*.json")), process)
        with lose((folder, binaries, who), address):
            printed = process.communicate(timeout=300.0)[0]
        assert process.returncode in (0, 2, 3) and "Traceback" not in printed, f"{process.returncode} {printed}"
        assert "not-a-secret" not in printed, "a password was printed"
        done = len(ground.reports())
        ground.check_whole()
        ground.check_completes(*ALONE, "--store", address)
    return f"{how} after the first call: exit code {process.returncode}, {done} calls done; with the server again: complete"


def _postgres() -> Any:
    sys.path.append(str(HERE.parent / "tests"))
    import postgres

    return postgres


MORE: dict[str, Callable[[argparse.Namespace, float], list[Fault]]] = {
    "writes": full_writes, "nobody": of_nobody, "memory": memory, "server": servers}
