"""Memory of the recogniser: large blocks and few kernels are kept, and its weights lie in large pages.

The GNU C library takes every block over 32 MiB from the system and gives it back at once, so that each of its pages is cleared and
mapped anew. What attention needs for a window of over 20 s is such a block, several times in each layer of the encoder. The weights
are read whole for every token that is decoded: in pages of 2 MiB the processor finds them with fewer look-ups. oneDNN, which computes
the convolutions, keeps code for each length of window it has met, 1 to 2 MB for each, up to 1,024 of them; making it anew takes no time
that can be measured. Nothing that is computed changes. All of it is done where the system can and left where it cannot.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Names of mallopt(3), from malloc.h."""
LARGEST_KEPT_BYTES = 96 << 20
"""A window of 30 s needs 69 MiB (8 heads x 1500 x 1500 positions of 4 bytes); a recording of hours is more and is not kept."""
MOST_KEPT_BYTES = 256 << 20
KERNELS_KEPT = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16"}
"""oneDNN reads it from the environment at its first kernel (uxlfoundation.github.io/oneDNN/dev_guide_primitive_cache.html)."""
MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25
"""Names of madvise(2)."""
LARGE_PAGE_BYTES = 2 << 20


def keep_large_blocks() -> None:
    """Let the C library (glibc) of this process take freed blocks of up to 96 MiB again; :func:`give_back` returns them.

    One arena for all threads: the others cannot hold such blocks. Call it before the threads that need them are made.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            mallopt = ctypes.CDLL(None).mallopt
            for name, value in ((M_ARENA_MAX, 1), (M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES), (M_TRIM_THRESHOLD, MOST_KEPT_BYTES)):
                mallopt(name, value)


def keep_few_kernels() -> None:
    """Let oneDNN keep few kernels in this process, unless its user has said how many; call it before the first model is loaded."""
    for name, number in KERNELS_KEPT.items():
        os.environ.setdefault(name, number)


def use_large_pages() -> None:
    """Put what the process holds now, such as a loaded model, into pages of 2 MiB (Linux 6.1 and later, unless they are switched off)."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError, StopIteration, ValueError):
            lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
            first, last = (int(address, 16) for address in next(x for x in lines if x.endswith("[heap]")).split(" ")[0].split("-"))
            first, last = -(-first // LARGE_PAGE_BYTES) * LARGE_PAGE_BYTES, last // LARGE_PAGE_BYTES * LARGE_PAGE_BYTES
            madvise = ctypes.CDLL(None).madvise
            for advice in (MADV_HUGEPAGE, MADV_COLLAPSE):
                madvise(ctypes.c_void_p(first), ctypes.c_size_t(max(0, last - first)), advice)


def give_back() -> None:
    """Return freed memory to the system, where the C library can (glibc); a few milliseconds at most."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
