"""Free calls: how they are read, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import free_calls
import innocent
import pytest

from voicemon.judge.loader import load_standard

CURT = """## 7 | broken: ZJ-7.2c ZJ-4.2 | kept: ZJ-7.1a | maybe: ZJ-7.2a
A: 您好,紫金金行,请问有什么能够帮您
C: 你们几点关门
A: 请问怎么称呼您
C: 姓李
A: 李先生,我们晚上九点关门。再见"""


def test_a_broken_rule_that_fails_is_found_and_one_that_does_not_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "zijin-400.txt"
    path.write_text(CURT, encoding="utf-8")
    (call,) = free_calls.written(path)
    verdicts = {v.rule: v for v in innocent.judged(call.line, load_standard("zijin-400"))}
    found, wrong, _ = free_calls.convicted(call, verdicts)
    assert found == {"ZJ-7.2c"} and not wrong
    assert [told for told in free_calls.differences(call, verdicts) if told.startswith("missed ZJ-4.2 ")]


@pytest.mark.parametrize("path", sorted(free_calls.CALLS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_call_has_both_parties_and_names_rules_that_there_are(path: Path) -> None:
    known = {rule.id for rule in load_standard(path.stem).rules}
    calls = list(free_calls.written(path))
    assert len(calls) == path.read_text(encoding="utf-8").count("## ")
    assert all("A: " in call.line and call.broken | call.kept <= known for call in calls)
    assert not any(call.broken & call.kept for call in calls)
