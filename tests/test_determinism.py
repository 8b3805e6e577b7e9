"""The same inputs give byte-identical verdicts and the same reports, whatever the order of work and of hashing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from fakes import FakeEarFactory
from voicemon.folder import run
from voicemon.settings import Settings
if __name__ == "__main__":
    settings = Settings(standard="zijin-400", agent_channel="left", workers=int(sys.argv[4]))
    result = run([Path(sys.argv[1])], Path(sys.argv[2]), settings, FakeEarFactory("您好,紫金金行,请问有什么能够帮您"), lambda *_: None)
    assert not result.failed, result.failed
"""


def digests(out: Path) -> dict[str, str]:
    """Every report by its content; the workbook (which holds its time of creation) and the record are compared by what they are made of."""
    kept = [p for p in sorted(out.rglob("*")) if p.is_file() and p.suffix in (".json", ".html", ".csv", ".jsonl", ".wav")]
    return {str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in kept}


@pytest.fixture
def calls(kit: Any) -> Any:
    for i in range(3):
        kit.call(f"call-{i}.wav", kit.a_call(4.0 + i))
    return kit


def test_hashing_and_workers_change_no_byte_of_a_report(calls: Any, tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    found = []
    for seed, workers in (("1", "1"), ("2", "2")):
        out = tmp_path / "reports"  # the same place: its name is no part of what is compared
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        command = [sys.executable, str(script), str(calls.folder), str(out), str(ROOT / "tests"), workers]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found.append(digests(out))
        out.rename(tmp_path / f"reports-{seed}")
    assert found[0] == found[1] and len([name for name in found[0] if name.startswith("calls/") and name.endswith(".json")]) == 3


def test_a_second_run_and_a_second_judgement_change_no_byte(calls: Any) -> None:
    calls.run()
    before = digests(calls.out)
    assert len(calls.run().skipped) == 3 and digests(calls.out) == before
    calls.judge()
    assert digests(calls.out) == before


@pytest.mark.parametrize("workers", [1, 2])
def test_a_record_on_postgresql_gives_the_same_bytes_as_a_file(calls: Any, postgres_store: str, workers: int) -> None:
    calls.run()
    in_a_file = digests(calls.out)
    calls.out.rename(calls.out.with_name("first"))
    on_a_server = replace(calls, store=postgres_store)
    assert len(on_a_server.run(workers=workers).analysed) == 3 and digests(calls.out) == in_a_file
    on_a_server.judge()
    assert digests(calls.out) == in_a_file
