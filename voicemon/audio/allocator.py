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
MADV_HUGEPAGE = 14
"""Name of madvise(2)."""
LARGE_PAGE_BYTES = 2 << 20
LARGE_PAGES_BYTES, BLOCK_BYTES = 224 << 20, 16 << 20
"""Room for `base` while it is loaded; with what is free already less than is kept, or freeing the blocks would give it all back."""


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
    """Let what is taken from the heap next, such as a model's weights, lie in pages of 2 MiB (Linux, unless they are switched off).

    The heap is made larger for it, without a page of it being touched; call it after :func:`keep_large_blocks`, before loading.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError, LookupError, ValueError):
            library = ctypes.CDLL(None)
            library.malloc.argtypes, library.malloc.restype = (ctypes.c_size_t,), ctypes.c_void_p
            library.free.argtypes = (ctypes.c_void_p,)
            blocks = [library.malloc(BLOCK_BYTES) for _ in range(LARGE_PAGES_BYTES // BLOCK_BYTES)]
            first, last = _heap()
            inside = [block for block in blocks if block and first <= block < last]  # a C library may take them elsewhere
            if inside:
                first = -(-min(inside) // LARGE_PAGE_BYTES) * LARGE_PAGE_BYTES
                last = (max(inside) + BLOCK_BYTES) // LARGE_PAGE_BYTES * LARGE_PAGE_BYTES
                library.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), MADV_HUGEPAGE)
            for block in reversed(blocks):  # the last first: each joins the free end of the heap
                library.free(block)


def _heap() -> tuple[int, int]:
    """First address of the heap and the first behind it."""
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    places = [line.split(" ")[0].split("-") for line in lines if line.endswith("[heap]")]
    return int(places[0][0], 16), int(places[-1][1], 16)


def give_back() -> None:
    """Return freed memory to the system, where the C library can (glibc); a few milliseconds at most."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
