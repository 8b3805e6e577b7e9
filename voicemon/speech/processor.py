"""Which kernels CTranslate2 takes on this processor."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

CHOICE = "CT2_FORCE_CPU_ISA"
"""CTranslate2 reads it from the environment at its first kernel (opennmt.net/CTranslate2/environment_variables.html)."""
WIDE = "AVX512"
NEEDED = frozenset(("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"))
"""What those kernels were compiled for; CTranslate2 refuses them where one is lacking."""
MAKER = "AuthenticAMD"
"""On a processor of this maker CTranslate2 takes AVX2 by itself, whatever it has."""


def use_wide_kernels(told: Path = Path("/proc/cpuinfo")) -> None:
    """Let CTranslate2 take its AVX-512 kernels in this process where the processor has them, unless its user has chosen.

    Call it before the first model is loaded. What is computed differs in the last digits.
    """
    with suppress(OSError):
        if has_wide_kernels(told.read_text(encoding="ascii", errors="replace")):
            os.environ.setdefault(CHOICE, WIDE)


def has_wide_kernels(cpuinfo: str) -> bool:
    """Whether a processor as ``/proc/cpuinfo`` tells it (proc(5)) has them and is not given them unasked."""
    told = dict(line.split(":", 1) for line in cpuinfo.split("\n\n", 1)[0].splitlines() if ":" in line)
    lines = {name.strip(): value.split() for name, value in told.items()}
    return lines.get("vendor_id") == [MAKER] and set(lines.get("flags", ())) >= NEEDED
