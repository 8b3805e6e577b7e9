"""A short form of the campaign of faults: a kill, a full disk, an unwritable OUT, a lost server; real runs all of them."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("resource", reason="no POSIX resource limits here")
from faults_more import cut_connections, lost_server  # noqa: E402

faults = pytest.importorskip("faults", reason="no POSIX resource limits here")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two short calls, and the reports of a run that nothing happened to."""
    root = tmp_path_factory.mktemp("faults")
    faults.write_calls(root / "calls")
    for path in sorted((root / "calls").glob("*.wav"))[2:]:
        path.unlink()
    first = faults.Ground(root / "calls", root / "first", {})
    code, printed = first.finish()
    assert code == 0, printed
    return faults.Ground(root / "calls", root / "out", first.reports())


@pytest.mark.parametrize("fault", [
    lambda ground: faults.kill(ground, 1, 0.3, signal.SIGKILL), lambda ground: faults.full_disk(ground, 270_000), faults.out_of_another,
    lambda ground: lost_server(ground, cut_connections, "all connections were cut"),
], ids=["kill", "disk", "out", "server"])
def test_a_fault_costs_nothing_but_a_second_run(undisturbed: Any, fault: Callable[[Any], str]) -> None:
    faults.fresh(undisturbed.out)
    try:
        assert fault(undisturbed)
    except subprocess.TimeoutExpired:
        pytest.fail("a run hangs")


def test_the_campaign_names_every_kind_of_fault() -> None:
    options = argparse.Namespace(moments=3, seed=1)
    assert all(kind(options, 1.0) for kind in faults.FAULTS.values()) and len(faults.kills(options, 1.0)) == 3
