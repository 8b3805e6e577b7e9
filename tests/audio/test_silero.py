"""Silero asked piece by piece answers as if asked at once."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import speech_like

from voicemon.audio.silero import SILERO_RATE_HZ, SILERO_WINDOW, Silero


def asked(x: np.ndarray, rate_hz: int, sizes: list[int]) -> np.ndarray:
    model, at, found = Silero(rate_hz), 0, []
    for size in sizes:
        if at >= len(x):
            break
        found.append(model.ask(x[at : at + size], at + size >= len(x)))
        at += size
    return np.concatenate(found)


@pytest.mark.parametrize("rate_hz", [8000, SILERO_RATE_HZ])
def test_pieces_of_any_size_give_what_the_whole_gives(rate_hz: int) -> None:
    x = speech_like(4.0, rate_hz)
    whole = asked(x, rate_hz, [len(x)])
    windows = 4 * SILERO_RATE_HZ / SILERO_WINDOW
    assert len(whole) == pytest.approx(windows, abs=1) and whole.max() > 0.5
    for sizes in ([1000] * 65, [1, 7, 12_345, 20_000, 40_000]):
        np.testing.assert_allclose(asked(x, rate_hz, sizes), whole, atol=1e-4)


def test_a_new_line_remembers_nothing_of_another() -> None:
    quiet = np.zeros(SILERO_RATE_HZ, dtype=np.float32)
    before = asked(quiet, SILERO_RATE_HZ, [len(quiet)])
    asked(speech_like(2.0, SILERO_RATE_HZ), SILERO_RATE_HZ, [2 * SILERO_RATE_HZ])
    np.testing.assert_array_equal(asked(quiet, SILERO_RATE_HZ, [len(quiet)]), before)
