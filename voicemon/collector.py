"""Python's collector of cycles in a process that loads much and keeps it."""

from __future__ import annotations

import gc

COLLECT_EVERY, WHOLE_EVERY = 10_000, 50
"""Objects made and kept before the collector looks. Packs, the table of pinyin and libraries are about a million that stay: at Python's
own 700 it goes through all of them half a dozen times while they load. All that is kept it goes through after so many looks at what is
younger (Python: 10), of which every call makes one of its own, and only where a quarter is new."""


def collect_rarely() -> None:
    """Collect less often from now on, in this process; for one that is voicemon's own."""
    gc.set_threshold(COLLECT_EVERY, gc.get_threshold()[1], WHOLE_EVERY)


def collect_young() -> None:
    """Collect what was made and dropped since the last look, such as the page of a finished call, whose macros and report hold each other.

    Left to Python it would stay until it is a quarter of all that is loaded: 20 MB, after some 700 calls. Takes a millisecond or two.
    """
    gc.collect(1)
