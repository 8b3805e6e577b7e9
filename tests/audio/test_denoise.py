"""Less noise for the recogniser: only on noisy lines, only noise, the same however it is sliced."""

from __future__ import annotations

import numpy as np
import pytest
from audio.signals import RATE_HZ, melody, noise, silence, tone

from voicemon.audio.denoise import Denoised, denoised
from voicemon.records import Span

SPOKEN = (Span(2.0, 4.0), Span(6.0, 8.0))


def line(noise_dbov: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Ten seconds with two tones of -20 dBov in the place of speech, over white noise."""
    t = np.arange(10 * rate_hz) / rate_hz
    talk = sum(np.sin(2 * np.pi * hz * t) for hz in (300, 900)) * np.array([any(s.start_s <= x < s.end_s for s in SPOKEN) for x in t]) / 10
    return (talk + np.random.default_rng(1).normal(0, 10 ** (noise_dbov / 20), len(t))).astype(np.float32)


def cleaned(x: np.ndarray, rate_hz: int = RATE_HZ) -> Denoised:
    y = denoised(x, rate_hz, SPOKEN)
    assert y is not None
    return y


def level_db(x: np.ndarray, start_s: float, end_s: float, rate_hz: int = RATE_HZ) -> float:
    part = np.asarray(x[round(start_s * rate_hz) : round(end_s * rate_hz)], dtype=np.float64)
    return float(10 * np.log10(np.mean(part**2) + 1e-20))


def test_a_quiet_line_is_left_as_it_is() -> None:
    x = line(-60.0)
    assert denoised(x, RATE_HZ, SPOKEN) is None


def test_a_line_with_digital_silence_between_words_is_left_as_it_is() -> None:
    x = np.concatenate([silence(2), tone(300, 2), silence(6)])
    assert denoised(x, RATE_HZ, SPOKEN[:1]) is None


@pytest.mark.parametrize("speech", [(), (Span(0.0, 10.0),)])
def test_without_speech_or_without_a_pause_nothing_is_known_of_the_noise(speech: tuple[Span, ...]) -> None:
    x = line(-35.0)
    assert denoised(x, RATE_HZ, speech) is None


@pytest.mark.parametrize("rate_hz", [8000, 11025, 44100])
def test_noise_goes_and_speech_stays(rate_hz: int) -> None:
    x = line(-35.0, rate_hz)
    y = cleaned(x, rate_hz)
    assert len(y) == len(x) and y[:].dtype == np.float32
    assert level_db(y[:], 4.5, 5.5, rate_hz) < level_db(x, 4.5, 5.5, rate_hz) - 10
    assert level_db(y[:], 2.5, 3.5, rate_hz) == pytest.approx(-20.0, abs=0.3)


def test_the_words_stay_where_they_are() -> None:
    clean, y = line(-90.0), cleaned(line(-35.0))[:]
    assert np.corrcoef(clean, y)[0, 1] > 0.995


def test_a_slice_is_that_part_of_the_whole() -> None:
    y = cleaned(line(-35.0))
    for first, last in ((0, 100), (17_003, 29_999), (79_000, 80_000)):
        assert np.allclose(y[first:last], y[:][first:last], atol=1e-3)
    assert len(y[79_990:90_000]) == 10 and len(y[5:5]) == 0


def test_tones_and_music_are_no_noise_of_the_line() -> None:
    x = line(-60.0)
    x[: 2 * RATE_HZ] += tone((440, 480), 2.0)
    x[4 * RATE_HZ : 6 * RATE_HZ] += melody(2.0)
    assert denoised(x, RATE_HZ, SPOKEN, (Span(0.0, 2.0), Span(4.0, 6.0))) is None


def test_noise_that_comes_and_goes_is_left_alone() -> None:
    x = line(-60.0)
    for k in range(0, 10):
        x[k * RATE_HZ : round((k + 0.7) * RATE_HZ)] += noise(0.7, -35.0, k) * (1 + k % 3)
    assert denoised(x, RATE_HZ, SPOKEN) is None


def test_the_sound_itself_is_not_changed() -> None:
    x = line(-35.0)
    before = x.copy()
    cleaned(x)[:]
    assert np.array_equal(x, before)
