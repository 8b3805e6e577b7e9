"""A process of voicemon's own collects rarely; one that only imports it is left as it is."""

from __future__ import annotations

import gc
import subprocess
import sys

from voicemon.collector import COLLECT_EVERY, WHOLE_EVERY, collect_rarely


def test_only_how_often_it_looks_changes() -> None:
    before = gc.get_threshold()
    try:
        collect_rarely()
        assert gc.isenabled() and gc.get_threshold() == (COLLECT_EVERY, before[1], WHOLE_EVERY)
    finally:
        gc.set_threshold(*before)


def test_the_command_collects_rarely() -> None:
    program = "import gc, sys; sys.argv = ['voicemon', '--version']\nfrom voicemon.cli import main\n{call}\nprint(gc.get_threshold()[0])"
    run = "try:\n    main()\nexcept SystemExit:\n    pass"
    told = [subprocess.run([sys.executable, "-c", program.format(call=call)], capture_output=True, text=True, check=True).stdout.split()[-1]
            for call in (run, "")]
    assert int(told[0]) == COLLECT_EVERY != int(told[1])
