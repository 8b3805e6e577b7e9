"""Kernels for the processor at hand: wide ones where it has them, and never against its user's choice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from voicemon.speech.processor import CHOICE, WIDE, has_wide_kernels, use_wide_kernels

ROOT = Path(__file__).parents[2]
ALL = "fpu sse4_2 avx2 avx512f avx512dq avx512ifma avx512cd avx512bw avx512vl"


def told(maker: str = "AuthenticAMD", flags: str = ALL, processors: int = 2) -> str:
    """What ``/proc/cpuinfo`` says of such a processor."""
    one = f"processor\t: 0\nvendor_id\t: {maker}\nmodel name\t: a: b\nflags\t\t: {flags}\nbugs\t\t:\n"
    return "\n".join([one] * processors)


@pytest.mark.parametrize(
    ("cpuinfo", "has"),
    [
        (told(), True),
        (told(flags=ALL.replace("avx512vl", "")), False),
        (told(flags="fpu avx2"), False),
        (told(maker="GenuineIntel"), False),  # CTranslate2 chooses well by itself
        ("Processor\t: AArch64\nFeatures\t: fp asimd\n", False),
        ("", False),
    ],
)
def test_wide_kernels_are_taken_where_the_processor_has_all_they_need(cpuinfo: str, has: bool) -> None:
    """Of all the flags one is enough to be refused: the library would stop."""
    assert has_wide_kernels(cpuinfo) is has


def test_the_users_choice_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is written only where it says nothing, and not where the processor cannot be told."""
    path = tmp_path / "cpuinfo"
    monkeypatch.setenv(CHOICE, "AVX")
    path.write_text(told(), encoding="ascii")
    use_wide_kernels(path)
    assert os.environ[CHOICE] == "AVX"
    monkeypatch.delenv(CHOICE)
    use_wide_kernels(tmp_path / "none")
    assert CHOICE not in os.environ
    use_wide_kernels(path)
    assert os.environ[CHOICE] == WIDE


def test_a_model_is_loaded_with_the_kernels_of_this_processor() -> None:
    """CTranslate2 says which it took; it would stop at those that the processor lacks."""
    code = "from voicemon.speech.models import find_model as f; from voicemon.speech.whisper import Whisper; Whisper(f('base'), 1)"
    env = {k: v for k, v in os.environ.items() if k != CHOICE} | {"CT2_VERBOSE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True, cwd=ROOT)
    here = Path("/proc/cpuinfo")
    wide = here.exists() and has_wide_kernels(here.read_text(encoding="utf-8"))
    assert "Selected ISA" in done.stderr
    assert "Selected ISA: AVX512" in done.stderr or not wide
