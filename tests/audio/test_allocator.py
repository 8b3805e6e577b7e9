"""Memory of large blocks: kept until it is given back, some in large pages, and nothing breaks where the system knows none of it."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from voicemon.audio import allocator

BLOCK_MIB = 64
PROGRAM = f"""
import numpy as np
from pathlib import Path
from voicemon.audio.allocator import give_back, keep_large_blocks

def resident_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

keep_large_blocks()
before_mib = resident_mib()
block = np.ones({BLOCK_MIB} * 2**17)
values = np.arange(1000.0)
del block
freed_mib = resident_mib()
give_back()
print(round(freed_mib - before_mib), round(resident_mib() - before_mib), values.sum() == 499500.0)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library keeps and gives back")
def test_a_freed_block_is_kept_until_it_is_given_back() -> None:
    """The recogniser takes it again without the system clearing its pages; when it is done, others can have it."""
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    assert int(told[0]) > 0.9 * BLOCK_MIB and int(told[1]) < 0.3 * BLOCK_MIB and told[2] == "True"


LARGE_PAGES = """
import ctypes, re
from pathlib import Path
from voicemon.audio.allocator import keep_large_blocks, use_large_pages

keep_large_blocks()
use_large_pages()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
middle = library.malloc(ctypes.c_size_t(32 << 20)) + (16 << 20)
resident_mib = int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20
places = re.findall(r"(?ms)^([0-9a-f]+)-([0-9a-f]+) [^\\n]*$.*?^VmFlags:([^\\n]*)$", Path("/proc/self/smaps").read_text())
flags = next(flags for first, last, flags in places if int(first, 16) <= middle < int(last, 16))
print("hg" in flags.split(), resident_mib < 150)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library takes such blocks from the heap")
def test_what_is_taken_next_lies_in_large_pages() -> None:
    """The room is marked for pages of 2 MiB and free for whoever asks next; nothing of it is in memory before."""
    told = subprocess.run([sys.executable, "-c", LARGE_PAGES], capture_output=True, text=True, check=True).stdout.split()
    assert told == ["True", "True"]


@pytest.mark.parametrize("name", ["keep_large_blocks", "use_large_pages", "give_back"])
def test_another_system_is_left_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a C library that can, without Linux's table of memory, nothing is done and nothing fails."""
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _: object())
    getattr(allocator, name)()
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    monkeypatch.setattr(allocator.ctypes, "CDLL", None)
    getattr(allocator, name)()
