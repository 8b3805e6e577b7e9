"""The high-pass takes hum off as the recursion does that it stands for, in blocks of any length."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from voicemon.audio.highpass import STRETCH, high_passed


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
@pytest.mark.parametrize("sizes", [(40_000,), (STRETCH, 5 * STRETCH, 39_001), (8 * STRETCH,) * 100])
def test_it_is_the_butterworth_filter_of_second_order(rate_hz: int, sizes: tuple[int, ...]) -> None:
    t = np.arange(sum(sizes)) / rate_hz
    hum = 0.3 * np.sin(2 * np.pi * 50 * t) + 0.1
    x = (hum + 0.1 * np.random.default_rng(1).standard_normal(len(t))).astype(np.float32)
    blocks = np.split(x, np.cumsum(sizes)[:-1])
    found = list(high_passed(iter(blocks), rate_hz, 120.0))
    assert [len(block) for block in found] == list(sizes) and found[0].dtype == np.float32
    expected = sosfilt(butter(2, 120.0, "highpass", fs=rate_hz, output="sos"), x.astype(np.float64))
    np.testing.assert_allclose(np.concatenate(found), expected, atol=1e-6)
