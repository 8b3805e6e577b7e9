"""Clustering of unit vectors and the best path through voices: plain numpy, nothing random."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_PAIRED = 1500  # all pairs of more vectors would take too much memory; evenly spread ones stand for the rest
ROUNDS = 30


def unit(x: Floats) -> Floats:
    """``x`` with its last axis at length 1."""
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12))


def split(x: Floats, weight: Floats) -> Floats:
    """Centroids ``(2, d)`` of the best two clusters of unit vectors ``x`` ``(n, d)``, n >= 2: k-means on the sphere from several starts."""
    best, best_fit = unit(x[:2]), -np.inf
    for start in _starts(x, weight):
        centroids = _k_means(x, weight, start)
        fit = float(weight @ (x @ centroids.T).max(axis=1))
        if fit > best_fit + 1e-9:
            best, best_fit = centroids, fit
    return best


def _k_means(x: Floats, weight: Floats, centroids: Floats) -> Floats:
    for _ in range(ROUNDS):
        nearest = (x @ centroids.T).argmax(axis=1)
        sums = [(x * (weight * (nearest == k))[:, None]).sum(axis=0) for k in range(len(centroids))]
        moved = unit(np.array([s if s.any() else c for s, c in zip(sums, centroids, strict=True)]))
        if np.abs(moved - centroids).max() < 1e-7:
            break
        centroids = moved
    return centroids


def _starts(x: Floats, weight: Floats) -> Iterator[Floats]:
    """Starts for k-means: halves along the main directions, the farthest pair, the largest branches of a tree."""
    from scipy.cluster.hierarchy import fcluster, linkage  # only a call on one channel needs it

    mean = unit((x * weight[:, None]).sum(axis=0))
    around = x - np.outer(x @ mean, mean)
    _, directions = np.linalg.eigh((around * weight[:, None]).T @ around)
    for direction in directions[:, :-4:-1].T:
        above = around @ direction > 0
        if above.any() and not above.all():
            yield unit(np.array([x[above].mean(axis=0), x[~above].mean(axis=0)]))
    few = x[:: len(x) // MOST_PAIRED + 1]
    if len(few) < 4:
        return
    yield few[list(np.unravel_index(int((few @ few.T).argmin()), (len(few), len(few))))]
    tree = linkage(few, "average", metric="cosine")
    for count in (2, 3, 4, 5):
        branch = fcluster(tree, count, "maxclust")
        names, sizes = np.unique(branch, return_counts=True)
        if len(names) > 1:
            yield unit(np.array([few[branch == name].mean(axis=0) for name in names[np.argsort(-sizes, kind="stable")[:2]]]))


def best_path(scores: Floats, cost: Floats) -> Ints:
    """States ``(n,)`` of the largest sum of ``scores`` ``(n, k)`` less ``cost[i]`` for each change on entering ``i`` (Viterbi)."""
    n, k = scores.shape
    came_from = np.zeros((n, k), dtype=np.int64)
    total = scores[0].copy()
    for i in range(1, n):
        best = int(total.argmax())
        changed = total[best] - cost[i]
        stays = total >= changed
        came_from[i] = np.where(stays, np.arange(k), best)
        total = np.where(stays, total, changed) + scores[i]
    path = np.zeros(n, dtype=np.int64)
    path[-1] = int(total.argmax())
    for i in range(n - 1, 0, -1):
        path[i - 1] = came_from[i, path[i]]
    return path


def path_certainty(scores: Floats, cost: Floats) -> Floats:
    """For each step how much less the best path through its second best state is worth, ``(n,)``: near 0 it might be either."""
    before = _gathered(scores, cost)
    after = _gathered(scores[::-1], np.concatenate([[0.0], cost[:0:-1]]))[::-1]
    through = np.sort(before + after - scores, axis=1)
    return np.asarray(through[:, -1] - through[:, -2])


def _gathered(scores: Floats, cost: Floats) -> Floats:
    """Worth of the best path that ends in each state of each step."""
    total = scores.copy()
    for i in range(1, len(scores)):
        total[i] += np.maximum(total[i - 1], total[i - 1].max() - cost[i])
    return total
