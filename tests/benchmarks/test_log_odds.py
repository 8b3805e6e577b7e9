"""Weights fitted to examples: the loss is least there, and what counts more or costs more weighs accordingly."""

from __future__ import annotations

import math

import pytest
from log_odds import Example, log_odds


def balance(odds: float, first: float, second: float, penalty: float) -> float:
    """Derivative of the loss by the weight of the only feature, which ``first`` and ``second`` examples have; 0 where it is least."""
    return penalty * odds - first / (1 + math.exp(odds)) + second / (1 + math.exp(-odds))


@pytest.mark.parametrize(("first", "second", "penalty"), [(9, 1, 1.0), (9, 1, 8.0), (1, 3, 0.5)])
def test_one_feature_weighs_what_balances_its_examples_and_its_price(first: int, second: int, penalty: float) -> None:
    examples = [Example(["a"], True)] * first + [Example(["a"], False)] * second
    assert balance(log_odds(examples, lambda _: penalty)["a"], first, second, penalty) == pytest.approx(0.0, abs=1e-3)


def test_an_example_counts_as_often_as_it_is_said_to() -> None:
    often = [Example(["a"], True)] * 6 + [Example(["a"], False)] * 2
    heavy = [Example(["a"], True, 3.0)] * 2 + [Example(["a"], False)] * 2
    assert log_odds(heavy, lambda _: 1.0)["a"] == pytest.approx(log_odds(often, lambda _: 1.0)["a"], abs=1e-3)


def test_each_feature_has_its_own_price() -> None:
    found = log_odds([Example(["a", "b"], True)] * 5, {"a": 1.0, "b": 4.0}.__getitem__)
    assert found["a"] == pytest.approx(4 * found["b"], rel=1e-2)


def test_what_occurs_once_is_not_weighed() -> None:
    assert set(log_odds([Example(["a", "once"], True), Example(["a"], False)], lambda _: 1.0)) == {"a"}
