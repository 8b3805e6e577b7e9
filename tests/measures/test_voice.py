"""The power of a voice in the band of vowels, and its pitch, at every rate of a recording."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from voicemon.measures.pitch import pitch_track
from voicemon.measures.voice import HOP_S, VOWEL_BAND_HZ, vowel_power
from voicemon.records import Span

RATES_HZ = (8_000, 11_025, 16_000, 22_050, 44_100, 48_000)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_the_power_is_that_of_the_band_filter_run_both_ways(rate_hz: int) -> None:
    x = (0.1 * np.random.default_rng(1).standard_normal(int(35.3 * rate_hz))).astype(np.float32)
    x[: len(x) // 2] *= 0.001  # what is loud must not spill over into what is quiet
    whole = sosfiltfilt(butter(2, VOWEL_BAND_HZ, "bandpass", fs=rate_hz, output="sos"), x.astype(np.float64)) ** 2
    hop = HOP_S * rate_hz
    edges = np.round(np.arange(int(len(x) / hop) + 1) * hop).astype(int)
    expected = np.add.reduceat(whole, edges[:-1]) / hop
    found = vowel_power(x, rate_hz)
    assert found.shape == expected.shape
    # At its ends a recording begins and stops anyhow; the last frame of the reference goes on to the end of the sound.
    assert np.abs(10 * np.log10(found[3:-3] / expected[3:-3])).max() < 0.01


@pytest.mark.parametrize("seconds", [0.0, 0.03, 0.04, 0.9, 0.901, 28.8, 28.81])
def test_sound_of_any_length_has_a_power_for_every_whole_frame(seconds: float) -> None:
    x = np.full(round(seconds * 8_000), 0.1, dtype=np.float32)
    frames = int(len(x) / 80)
    assert vowel_power(x, 8_000).shape == (frames if frames >= 4 else 0,)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("f0_hz", [88.0, 143.0, 251.0, 390.0])
def test_the_pitch_of_harmonics_without_their_fundamental_is_found(rate_hz: int, f0_hz: float) -> None:
    t = np.arange(2 * rate_hz) / rate_hz
    x = sum(np.sin(2 * np.pi * f0_hz * k * t + k) / k for k in range(2, int(3400 / f0_hz) + 1))
    track = pitch_track(np.asarray(0.1 * x, dtype=np.float32), rate_hz, (Span(0.1, 1.9),))
    assert track.voiced.mean() > 0.98
    assert float(np.median(track.f0_hz[track.voiced])) == pytest.approx(f0_hz, rel=0.002)
    assert np.abs(track.f0_hz[track.voiced] / f0_hz - 1).max() < 0.01


@pytest.mark.parametrize("period", [20, 100, 112])
def test_the_periodicity_is_that_of_the_definition_up_to_the_longest_period(period: int) -> None:
    """Autocorrelation of the tapered frame over that of the taper (Boersma, equation 9); nothing behind the frame's end is folded in."""
    rng = np.random.default_rng(period)
    size = 80_000 // period * period
    both = 0.1 * np.tile(rng.standard_normal(period), size // period) + 0.05 * rng.standard_normal(size)
    x = sosfiltfilt(butter(4, 2_500, fs=8_000, output="sos"), both).astype(np.float32)
    track = pitch_track(x, 8_000, (Span(0.1, 9.0),))
    taper = np.hanning(362)[1:-1]
    for time_s, f0_hz, strength in zip(track.times_s, track.f0_hz, track.strength, strict=True):
        first, lag = round(time_s * 8_000) - 180, round(8_000 / f0_hz)
        if abs(8_000 / f0_hz - lag) > 0.02 or lag != period:
            continue
        frame = (x[first : first + 360] - x[first : first + 360].mean()) * taper
        own, window = (np.correlate(y, y, "full")[359:] for y in (frame, taper))
        assert strength == pytest.approx(own[lag] / own[0] / (window[lag] / window[0]), abs=0.01)
    assert np.isclose(8_000 / track.f0_hz, period, atol=0.02).sum() > 100
