"""The score: weighted share of kept rules, its range over unsure ones, fatal rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from judge.builders import rule_line, write_pack

from voicemon.judge.loader import load_standard
from voicemon.judge.score import score
from voicemon.judge.standard import Standard
from voicemon.records import Score, Verdict

WEIGHTS = {"A": "1", "B": "3", "C": "1", "D": "0", "F": "2, fatal: true"}


@pytest.fixture
def standard(tmp_path: Path) -> Standard:
    rules = (rule_line(f'check: must_say, say: ["您好"], weight: {w}', name) for name, w in WEIGHTS.items())
    proxy = rule_line('check: must_say, say: ["您好"]', "P", "proxy")
    return load_standard(write_pack(tmp_path, "\n".join((*rules, proxy))))


def scored(standard: Standard, outcomes: Mapping[str, str]) -> Score:
    return score([Verdict(r, o, "direct", "") for r, o in outcomes.items()], standard)


def test_kept_weight_by_decided_weight(standard: Standard) -> None:
    """Not applicable, not checked and hints weigh nothing."""
    found = scored(standard, {"A": "pass", "B": "fail", "C": "not_applicable", "F": "not_checked", "P": "hint"})
    assert (found.value, found.low, found.high, found.fatal, found.reason) == (25.0, 25.0, 25.0, (), None)


def test_unsure_verdicts_leave_a_range(standard: Standard) -> None:
    """All failed or all kept; the value leaves them out."""
    found = scored(standard, {"A": "pass", "B": "unsure", "C": "fail"})
    assert (found.value, found.low, found.high) == (50.0, 20.0, 80.0)


def test_a_failed_fatal_rule_makes_it_nothing(standard: Standard) -> None:
    """And is named; one that is only unsure does not."""
    found = scored(standard, {"A": "pass", "F": "fail"})
    assert (found.value, found.low, found.high, found.fatal) == (0.0, 0.0, 0.0, ("F",))
    assert scored(standard, {"A": "pass", "F": "unsure"}).fatal == ()


def test_nothing_decided_is_no_score(standard: Standard) -> None:
    """With the reason; rules of weight 0 decide nothing."""
    assert scored(standard, {"A": "not_checked", "P": "hint", "D": "fail"}) == Score(
        None, None, None, (), "no rule with a weight could be decided"
    )
    found = scored(standard, {"A": "unsure"})
    assert (found.value, found.low, found.high, found.reason) == (None, 0.0, 100.0, "only unsure verdicts")


def test_proxy_rules_weigh_nothing_unless_the_pack_says_so(standard: Standard) -> None:
    """A passed proxy does not raise the score."""
    assert standard.rule("P").weight == 0.0
    assert scored(standard, {"A": "fail", "P": "pass"}).value == 0.0


def test_figures_are_rounded_to_a_tenth(standard: Standard) -> None:
    """Two of three."""
    assert scored(standard, {"A": "pass", "C": "fail", "F": "pass"}).value == 75.0
    assert scored(standard, {"A": "fail", "F": "pass"}).value == 66.7
