"""Giving freed memory back: the C library keeps what many blocks of work have freed, and the recogniser would come on top of it."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Return freed memory to the system, where the C library can (glibc); a few milliseconds at most."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
