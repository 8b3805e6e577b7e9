"""Memory of large blocks: kept until it is given back, and nothing breaks where the system knows none of it."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from voicemon.audio import allocator

BLOCK_MIB = 64
PROGRAM = f"""
import numpy as np
from pathlib import Path
from voicemon.audio.allocator import give_back, keep_large_blocks, use_large_pages

def resident_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

keep_large_blocks()
before_mib = resident_mib()
block = np.ones({BLOCK_MIB} * 2**17)
values = np.arange(1000.0)
del block
freed_mib = resident_mib()
use_large_pages()
give_back()
print(round(freed_mib - before_mib), round(resident_mib() - before_mib), values.sum() == 499500.0)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library keeps and gives back")
def test_a_freed_block_is_kept_until_it_is_given_back() -> None:
    """The recogniser takes it again without the system clearing its pages; when it is done, others can have it."""
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    assert int(told[0]) > 0.9 * BLOCK_MIB and int(told[1]) < 0.3 * BLOCK_MIB and told[2] == "True"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where the heap lies")
def test_the_heap_is_put_into_large_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole pages of the heap and nothing else: first they are asked for, then made."""
    asked: list[tuple[int, int, int]] = []

    class Library:
        @staticmethod
        def madvise(address: ctypes.c_void_p, size: ctypes.c_size_t, advice: int) -> int:
            asked.append((address.value or 0, size.value, advice))
            return 0

    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _: Library)
    heap = next(line for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith("[heap]")).split(" ")[0]
    first, last = (int(address, 16) for address in heap.split("-"))
    allocator.use_large_pages()
    assert [advice for _, _, advice in asked] == [allocator.MADV_HUGEPAGE, allocator.MADV_COLLAPSE]
    for address, size, _ in asked:
        assert address % allocator.LARGE_PAGE_BYTES == size % allocator.LARGE_PAGE_BYTES == 0
        assert first <= address < first + allocator.LARGE_PAGE_BYTES and size <= last + (64 << 20) - first


@pytest.mark.parametrize("name", ["keep_large_blocks", "use_large_pages", "give_back"])
def test_another_system_is_left_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a C library that can, without Linux's table of memory, nothing is done and nothing fails."""
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _: object())
    getattr(allocator, name)()
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    monkeypatch.setattr(allocator.ctypes, "CDLL", None)
    getattr(allocator, name)()
