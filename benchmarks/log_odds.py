"""Weights of features that tell one of two apart: a logistic regression with a penalty for each weight (SciPy's L-BFGS)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
ITERATIONS = 60
LEAST_TIMES = 2  # that a feature must occur to be weighed


@dataclass(frozen=True)
class Example:
    """``features`` of what is (or is not) the first of the two, and how much it counts."""

    features: Sequence[str]
    is_first: bool
    counts: float = 1.0


def log_odds(examples: Sequence[Example], penalty: Callable[[str], float]) -> dict[str, float]:
    """Natural-log odds of the first for each feature that occurs twice, with half of ``penalty`` times its square as the price."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    times = Counter(f for e in examples for f in e.features)
    number = {f: i for i, f in enumerate(sorted(f for f, n in times.items() if n >= LEAST_TIMES))}
    known = [[number[f] for f in e.features if f in number] for e in examples]
    ends = np.concatenate([[0], np.cumsum([len(row) for row in known])])
    columns = np.fromiter((i for row in known for i in row), dtype=np.int32, count=int(ends[-1]))
    x = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(examples), len(number)))
    turned = x.T.tocsr()
    sign, counts = np.array([1.0 if e.is_first else -1.0 for e in examples]), np.array([e.counts for e in examples])
    prices = np.array([penalty(f) for f in number])

    def loss(weights: Floats) -> tuple[float, Floats]:
        margins = sign * (x @ weights)
        slope = -counts * sign / (1 + np.exp(np.minimum(margins, 700.0)))
        return float((counts * np.logaddexp(0, -margins)).sum() + (prices * weights**2).sum() / 2), turned @ slope + prices * weights

    found = minimize(loss, np.zeros(len(number)), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    return dict(zip(number, map(float, found.x), strict=True))
