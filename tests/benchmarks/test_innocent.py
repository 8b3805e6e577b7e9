"""Innocent calls written against the packs: how they are read and what is told of them."""

from __future__ import annotations

from pathlib import Path

import innocent
import pytest

from voicemon.judge.loader import load_standard

POLITE = """## 1
A: 您好,紫金金行,请问有什么能够帮您
C: 你们几点关门
A: 请问怎么称呼您
C: 姓李
A: 李先生,我们晚上九点关门。请问您还有其他问题吗
C: 没有了
A: 如果没有问题,感谢您的来电,请挂机,再见"""


def test_an_innocent_call_is_convicted_of_nothing_and_a_curt_one_is(tmp_path: Path) -> None:
    path = tmp_path / "zijin-400.txt"
    path.write_text(f"{POLITE}\n\n{POLITE.replace('## 1', '## 2').replace('如果没有问题,感谢您的来电,请挂机,', '')}\n", encoding="utf-8")
    polite, curt = (list(innocent.fails(line, load_standard("zijin-400"))) for _, line in innocent.written(path))
    assert polite == [] and any(told.startswith("ZJ-7.2c") for told in curt)


@pytest.mark.parametrize("path", sorted(innocent.CALLS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_written_call_has_a_heading_and_an_agent_who_speaks(path: Path) -> None:
    calls = dict(innocent.written(path))
    assert len(calls) == path.read_text(encoding="utf-8").count("## ") and all("A: " in line for line in calls.values())
