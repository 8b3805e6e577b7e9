"""Silero answers as the model it was made from does, and piece by piece as if asked at once."""

from __future__ import annotations

import hashlib
from importlib import resources

import numpy as np
import pytest
import soxr
from fakes import speech_like
from faster_whisper.vad import get_vad_model

from voicemon.audio import silero
from voicemon.audio.silero import SILERO_RATE_HZ, SILERO_WINDOW, Silero
from voicemon.errors import ModelError


def asked(x: np.ndarray, rate_hz: int, sizes: list[int]) -> np.ndarray:
    model, at, found = Silero(rate_hz), 0, []
    for size in sizes:
        if at >= len(x):
            break
        found.append(model.ask(x[at : at + size], at + size >= len(x)))
        at += size
    return np.concatenate(found)


@pytest.mark.parametrize("level", [0.02, 1.0])
def test_it_answers_as_the_model_that_it_was_made_from(level: float) -> None:
    """Speech, noise, a click and digital silence, over more windows than go through it at once."""
    rng = np.random.default_rng(3)
    parts = [speech_like(3.0, SILERO_RATE_HZ), 0.05 * rng.standard_normal(32_000), np.eye(1, 16_000, 5_000)[0], np.zeros(16_000)]
    x = (level * np.concatenate([*parts, parts[0]])).astype(np.float32)
    x = np.pad(x, (0, -len(x) % SILERO_WINDOW))
    original = get_vad_model()(x)
    assert len(original) > 2 * silero.WINDOWS_AT_ONCE and original.max() - original.min() > 0.2
    np.testing.assert_allclose(asked(x, SILERO_RATE_HZ, [len(x)]), np.ravel(original), atol=1e-5)


def test_the_weights_are_the_ones_with_the_published_hash_and_carry_their_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = resources.files("voicemon.audio")
    assert hashlib.sha256(folder.joinpath(silero.SILERO_FILE).read_bytes()).hexdigest() == silero.SILERO_SHA256
    assert silero.SILERO_SHA256 in folder.joinpath("silero.txt").read_text(encoding="utf-8")
    assert "MIT License" in folder.joinpath("silero.LICENSE.txt").read_text(encoding="utf-8")
    monkeypatch.setattr(silero, "SILERO_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="install voicemon again"):
        Silero(SILERO_RATE_HZ)


@pytest.mark.parametrize("rate_hz", [8000, SILERO_RATE_HZ])
def test_pieces_of_any_size_give_what_the_whole_gives(rate_hz: int) -> None:
    x = speech_like(4.0, rate_hz)
    whole = asked(x, rate_hz, [len(x)])
    windows = 4 * SILERO_RATE_HZ / SILERO_WINDOW
    assert len(whole) == pytest.approx(windows, abs=1) and whole.max() > 0.5
    for sizes in ([1000] * 65, [1, 7, 12_345, 20_000, 40_000]):
        np.testing.assert_allclose(asked(x, rate_hz, sizes), whole, atol=1e-4)


def test_a_line_of_8_khz_is_heard_as_if_it_were_brought_to_16_before() -> None:
    """The step between the rates is made together with the spectra."""
    x = np.concatenate([speech_like(4.0, 8000)[700:], speech_like(2.0, 8000, seed=2)])  # it begins in the middle of a sound
    resampled = np.asarray(soxr.resample(x, 8000, SILERO_RATE_HZ, "HQ"), dtype=np.float32)
    expected = asked(resampled, SILERO_RATE_HZ, [len(resampled)])
    assert expected.max() - expected.min() > 0.5
    np.testing.assert_allclose(asked(x, 8000, [len(x)]), expected, atol=2e-3)


def test_windows_that_are_not_wanted_are_as_if_they_were_not_there() -> None:
    x, stops, back = speech_like(6.0, SILERO_RATE_HZ)[: 180 * SILERO_WINDOW], 50 * SILERO_WINDOW, 90 * SILERO_WINDOW
    for end in (stops, back):  # what is seen before a window is the line's own sound, so here the same
        x[end - silero.CONTEXT : end] = 0.0
    wanted = np.arange(140) % 90 < 50
    found = Silero(SILERO_RATE_HZ).ask(x, True, wanted)
    cut = asked(np.concatenate([x[:stops], x[back : 140 * SILERO_WINDOW]]), SILERO_RATE_HZ, [len(x)])
    np.testing.assert_allclose(found[:140][wanted], cut, atol=1e-5)
    assert len(found) == 180 and not found[:140][~wanted].any() and not found[140:].any() and cut.max() > 0.5


def test_a_new_line_remembers_nothing_of_another() -> None:
    quiet = np.zeros(SILERO_RATE_HZ, dtype=np.float32)
    before = asked(quiet, SILERO_RATE_HZ, [len(quiet)])
    asked(speech_like(2.0, SILERO_RATE_HZ), SILERO_RATE_HZ, [2 * SILERO_RATE_HZ])
    np.testing.assert_array_equal(asked(quiet, SILERO_RATE_HZ, [len(quiet)]), before)
