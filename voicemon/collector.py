"""Python's collector of cycles in a process that loads much and keeps it."""

from __future__ import annotations

import gc

COLLECT_EVERY = 10_000
"""Objects made and kept before the collector looks. Packs, the table of pinyin and libraries are about a million that stay: at Python's
own 700 it goes through all of them half a dozen times while they load."""


def collect_rarely() -> None:
    """Collect less often from now on, in this process; for one that is voicemon's own."""
    gc.set_threshold(COLLECT_EVERY, *gc.get_threshold()[1:])
