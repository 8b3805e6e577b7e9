"""A PostgreSQL server of the tests' own: a new cluster in a temporary folder, reached by a socket there, gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

UNPRIVILEGED = ("postgres", "nobody")
_NUMBERS = itertools.count()


def find_binaries() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``: Debian keeps them out of the PATH."""
    on_path = shutil.which("pg_ctl")
    if on_path and (Path(on_path).parent / "initdb").is_file():
        return Path(on_path).parent
    return next((path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)


@contextmanager
def temporary_cluster(binaries: Path) -> Iterator[str]:
    """Start a server and stop it again; the address of its database. It refuses to run as root, so then another user runs it."""
    who: dict[str, Any] = {}
    # Not in the tests' own temporary folder: the path of a socket may have 107 characters only.
    folder = Path(tempfile.mkdtemp(prefix="vm-pg-"))
    if os.getuid() == 0:
        user = next(entry for entry in pwd.getpwall() if entry.pw_name in UNPRIVILEGED)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(folder, user.pw_uid, user.pw_gid)
    common: dict[str, Any] = {**who, "check": True, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c shared_buffers=16MB -c max_connections=30"
    try:
        subprocess.run([binaries / "initdb", "-D", folder / "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
                       **common)
        subprocess.run([binaries / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-o", options, "-w", "start"], **common)
        try:
            yield f"postgresql://tester:not-a-secret@/postgres?host={folder}"
        finally:
            subprocess.run([binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"], **common)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_schema(address: str) -> str:
    """Make an empty schema and return the address by which only that is seen."""
    import psycopg

    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[arg-type]
    return f"{address}&options=-csearch_path%3D{name}"
