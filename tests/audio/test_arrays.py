"""What is done for short arrays gives what NumPy's own functions give, to the last digit."""

from __future__ import annotations

import numpy as np
import pytest

from voicemon.audio.arrays import padded, percentile, runs, stretches


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 200, 1837])
def test_a_percentile_is_the_same_to_the_last_digit(size: int, kind: type[np.floating]) -> None:
    values = np.random.default_rng(size).standard_normal(size).astype(kind)
    for share in (0, 5, 15.0, 20, 50.0, 75, 90, 95.0, 99, 100):
        found, expected = kind(percentile(values, share)), kind(np.percentile(values, share))
        in_double = kind is np.float32 and np.lib.NumpyVersion(np.__version__) < "2.0.0"  # what NumPy worked single precision out in
        assert np.isclose(found, expected, 1e-6) if in_double else found == expected


def test_a_percentile_of_rows_is_that_of_all_and_leaves_them_as_they_are() -> None:
    rows = np.random.default_rng(1).random((30, 41))
    before = rows.copy()
    assert percentile(rows, 20) == np.percentile(rows, 20)
    np.testing.assert_array_equal(rows, before)


@pytest.mark.parametrize("mask", ["", "0", "1", "0110", "1101", "10001", "111"])
def test_runs_are_half_open_ranges_in_order(mask: str) -> None:
    holds = np.array([c == "1" for c in mask], dtype=bool)
    ranges = runs(holds).tolist()
    again = np.zeros(len(mask), dtype=bool)
    for first, last in ranges:
        assert not again[first:last].any() and (first == 0 or not holds[first - 1]) and (last == len(mask) or not holds[last])
        again[first:last] = True
    np.testing.assert_array_equal(again, holds)
    assert ranges == sorted(ranges)


@pytest.mark.parametrize("sizes", [(0, 0), (3, 0), (0, 2), (1, 4)])
def test_padded_adds_zeros_of_the_same_kind(sizes: tuple[int, int]) -> None:
    x = np.arange(1, 6, dtype=np.float32)
    found = padded(x, *sizes)
    np.testing.assert_array_equal(found, np.pad(x, sizes))
    assert found.dtype == np.float32 and len(padded(x[:0], *sizes)) == sum(sizes)


@pytest.mark.parametrize("step", [1, 3])
def test_stretches_are_a_view_of_all_that_nobody_may_write_to(step: int) -> None:
    x = np.arange(20, dtype=np.float32)[::step]
    found = stretches(x, 4)
    np.testing.assert_array_equal(found, np.lib.stride_tricks.sliding_window_view(x, 4))
    with pytest.raises(ValueError):
        found[0, 0] = 1.0
