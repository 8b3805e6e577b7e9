"""A short form of the hour of recordings that arrive: a real `voicemon watch`, killed once, with a recogniser that is none."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
import watching
from watching import Arriving, Ground, Reading

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="memory and open files are read from /proc")


def test_every_recording_that_arrives_is_accounted_for_though_the_watch_is_killed(tmp_path: Path) -> None:
    ground = Ground(tmp_path / "calls", tmp_path / "out", tmp_path / "printed.txt", canned=True, haste=40.0)
    ground.folder.mkdir()
    arriving = Arriving(ground, random.Random(2))
    lives, code = watching.watched(arriving, 6.0, 0.6)
    assert set(arriving.expected.values()) == set(watching.KINDS) and len(lives) == 2
    assert code == 0 and list(watching.account(arriving)) == []


def test_growth_of_memory_or_of_open_files_is_told() -> None:
    flat = [Reading(float(i), 300.0 + i % 2, 10) for i in range(100)]
    assert list(watching.grown([flat])) == []
    assert list(watching.grown([[Reading(r.at_s, r.memory_mib + 2 * r.at_s, 10) for r in flat]])) == ["process 1 grows"]
    assert list(watching.grown([flat, [Reading(r.at_s, 300.0, 10 + int(r.at_s >= 80)) for r in flat]])) == ["process 2 grows"]


def test_memory_and_open_files_are_of_a_process_with_its_children() -> None:
    before = watching.reading(os.getpid(), 0.0)
    handle = os.open("/dev/null", os.O_RDONLY)
    try:
        now = watching.reading(os.getpid(), 1.0)
    finally:
        os.close(handle)
    assert now.files == before.files + 1 and now.memory_mib > 10
