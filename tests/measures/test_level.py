"""Levels on signals whose level a formula gives."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import butter, sosfilt

from voicemon.measures.level import active_level_dbov, concatenate, level_of, loudness_lufs
from voicemon.records import Span

RATE_HZ = 8000


def sine(seconds: float, amplitude: float, rate_hz: int = RATE_HZ, hz: float = 997.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def noise(seconds: float, rms: float, seed: int = 1) -> np.ndarray:
    return (rms * np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), dtype=np.float32)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100])
def test_a_full_scale_sine_is_3_db_below_a_full_scale_square_wave(rate_hz: int) -> None:
    assert active_level_dbov(sine(5, 1.0, rate_hz), rate_hz) == pytest.approx(-3.01, abs=0.1)


def test_pauses_longer_than_the_hangover_do_not_lower_the_active_level() -> None:
    bursts = [part for _ in range(5) for part in (noise(1.0, 0.05), silence(3.0))]
    level = active_level_dbov(np.concatenate(bursts), RATE_HZ)
    # Each burst of 1 s counts with its hangover of 0.2 s and the decay of the envelope: 10 log10(1/1.2) is -0.8 dB.
    assert level == pytest.approx(-26.02 - 0.95, abs=0.35)
    assert active_level_dbov(noise(5, 0.05), RATE_HZ) == pytest.approx(-26.02, abs=0.1)


def test_pauses_shorter_than_the_hangover_count_as_active() -> None:
    bursts = [part for _ in range(40) for part in (noise(0.1, 0.05), silence(0.1))]
    assert active_level_dbov(np.concatenate(bursts), RATE_HZ) == pytest.approx(-26.02 - 3.01, abs=0.3)


def test_background_further_below_speech_than_the_margin_is_no_activity() -> None:
    x = np.concatenate([part for _ in range(4) for part in (noise(2, 0.05), noise(6, 0.004))])
    assert active_level_dbov(x, RATE_HZ) == pytest.approx(-26.02 - 0.5, abs=0.4)


def test_the_active_level_moves_exactly_with_the_gain() -> None:
    x = np.concatenate([noise(1, 0.05), noise(2, 0.0003), noise(1.5, 0.1)])
    level, halved = active_level_dbov(x, RATE_HZ), active_level_dbov(x / 2, RATE_HZ)
    assert level is not None and halved is not None
    assert level - halved == pytest.approx(6.02, abs=0.15)


def by_definition(x: np.ndarray, rate_hz: int) -> float:
    """ITU-T P.56, 8.2, sample by sample: two stages of smoothing, and what was reached in the last 0.2 s is active."""
    g = np.exp(-1 / (rate_hz * 0.03))
    p = q = 0.0
    thresholds = 2.0 ** -np.arange(15.0, 0.0, -1.0)
    left, active = np.zeros(15, dtype=int), np.zeros(15, dtype=int)
    for sample in np.abs(x.astype(np.float64)):
        p = g * p + (1 - g) * sample
        q = g * q + (1 - g) * p
        left = np.where(q >= thresholds, round(0.2 * rate_hz) + 1, np.maximum(left - 1, 0))
        active += left > 0
    levels_db = 10 * np.log10(np.sum(x.astype(np.float64) ** 2) / np.maximum(active, 1))
    above_db = levels_db - 20 * np.log10(thresholds)
    return float(np.interp(15.9, above_db[active > 0][::-1], levels_db[active > 0][::-1]))


@pytest.mark.parametrize("rate_hz", [8000, 11025])
def test_the_level_is_that_of_the_definition_sample_by_sample(rate_hz: int) -> None:
    rng = np.random.default_rng(5)
    gains = np.repeat(rng.choice([0.0003, 0.01, 0.05, 0.2], 30), rate_hz // 10)
    x = (gains * rng.standard_normal(gains.size)).clip(-1, 1).astype(np.float32)[: -rate_hz // 77]
    assert active_level_dbov(x, rate_hz) == pytest.approx(by_definition(x, rate_hz), abs=0.02)


@pytest.mark.parametrize("x", [silence(1), silence(0)])
def test_no_signal_has_no_active_level(x: np.ndarray) -> None:
    assert active_level_dbov(x, RATE_HZ) is None


@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_a_997_hz_sine_of_minus_20_dbfs_in_one_channel_is_minus_23_lufs_at_any_rate(rate_hz: int) -> None:
    assert loudness_lufs(sine(5, 0.1, rate_hz), rate_hz) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("low_hz", [100.0, 1000.0, 2500.0])
def test_loudness_of_anything_is_what_a_loudness_meter_of_48_khz_shows(low_hz: float) -> None:
    """Syllables of noise an octave wide: deep ones are weighted down, high ones up by 4 dB."""
    t = np.arange(6 * 48_000) / 48_000
    band = butter(4, (low_hz, 2 * low_hz), "bandpass", fs=48_000, output="sos")
    x = 0.2 * sosfilt(band, np.random.default_rng(4).standard_normal(len(t))) * (np.sin(2 * np.pi * 1.7 * t) > -0.5)
    found = loudness_lufs(x.astype(np.float32), 48_000)
    assert found == pytest.approx(pyloudnorm.Meter(48_000).integrated_loudness(x), abs=0.03)


def test_loudness_needs_one_block_and_something_above_the_gate() -> None:
    assert loudness_lufs(sine(0.39, 0.1), RATE_HZ) is None
    assert loudness_lufs(sine(0.41, 0.1), RATE_HZ) is not None
    assert loudness_lufs(silence(2), RATE_HZ) is None


def test_noise_and_snr_come_from_outside_speech_and_ignore_digital_silence() -> None:
    x = np.concatenate([silence(5), noise(2, 0.001), noise(2, 0.05), noise(2, 0.001, seed=2)])
    level = level_of(x, RATE_HZ, (Span(7, 9),), (Span(7, 9),))
    assert level.noise_dbov == pytest.approx(-60.0, abs=0.5)
    assert level.snr_db == pytest.approx(34.0, abs=0.6)
    assert level.reason is None


def test_noise_is_unknown_with_a_reason_where_all_pauses_are_digital_silence() -> None:
    level = level_of(np.concatenate([silence(3), noise(2, 0.05)]), RATE_HZ, (Span(3, 5),), (Span(3, 5),))
    assert level.noise_dbov is None and level.snr_db is None
    assert level.reason is not None and "noise" in level.reason


def test_each_turn_has_the_level_of_its_own_speech() -> None:
    x = np.concatenate([noise(2, 0.1), silence(1), noise(2, 0.01)])
    spans = (Span(0, 2), Span(3, 5))
    levels = [t.level_dbov for t in level_of(x, RATE_HZ, spans, spans).turns]
    assert levels == pytest.approx([-20.0, -40.0], abs=0.2)


def test_only_runs_near_full_scale_are_clipped() -> None:
    x = sine(1, 0.5)
    once = x.copy()
    once[1000] = 0.999
    span = (Span(0, 1),)
    assert level_of(once, RATE_HZ, span, span).clipped_share == 0.0
    assert level_of(np.clip(8 * x, -0.999, 0.999), RATE_HZ, span, span).clipped_share == pytest.approx(0.84, abs=0.03)


def test_a_loud_crest_that_is_not_cut_is_no_clipping_and_a_cut_one_counts_whole() -> None:
    span = (Span(0, 1),)
    loud = sine(1, 0.9999, hz=137.0)
    assert level_of(loud, RATE_HZ, span, span).clipped_share == 0.0
    cut = np.clip(2 * loud, -0.9999, 0.9999)
    assert level_of(cut, RATE_HZ, span, span).clipped_share == float(np.mean(np.abs(cut) >= 0.9998))


def test_a_party_that_does_not_speak_has_no_level_but_a_reason() -> None:
    level = level_of(noise(2, 0.001), RATE_HZ, (), ())
    assert level.active_level_dbov is None and level.clipped_share is None and level.reason
    assert level.noise_dbov == pytest.approx(-60.0, abs=0.5)


def test_concatenate_takes_each_sample_once_and_leaves_its_input_alone() -> None:
    x = np.arange(RATE_HZ, dtype=np.float32)
    joined = concatenate(x, RATE_HZ, (Span(0.5, 0.6), Span(0.1, 0.2), Span(0.15, 0.2)))
    assert joined.size == 1600 and joined[0] == 800 and joined[-1] == 4799


def test_the_active_level_is_taken_over_turns_with_their_pauses() -> None:
    """P.56 finds itself what is active; words cut out one by one would be up to 1 dB louder."""
    x = np.concatenate([part for _ in range(6) for part in (noise(0.4, 0.05), silence(0.35))])
    words = [Span(0.75 * i, 0.75 * i + 0.4) for i in range(6)]
    turn = Span(0.0, 4.15)
    found = level_of(x, RATE_HZ, words, [turn])
    assert found.active_level_dbov == pytest.approx(active_level_dbov(concatenate(x, RATE_HZ, [turn]), RATE_HZ))
    assert found.turns[0].level_dbov == pytest.approx(found.active_level_dbov)
    assert active_level_dbov(concatenate(x, RATE_HZ, words), RATE_HZ) > found.active_level_dbov + 1.0


def test_what_others_say_in_a_turn_is_not_its_level() -> None:
    x = np.concatenate([noise(1.0, 0.05), noise(0.5, 0.5), noise(1.0, 0.05)])
    found = level_of(x, RATE_HZ, [Span(0.0, 1.0), Span(1.5, 2.5)], [Span(0.0, 2.5)], [Span(1.0, 1.5)])
    assert found.active_level_dbov == pytest.approx(-26.02, abs=0.2)
    assert [(t.start_s, t.end_s) for t in found.turns] == [(0.0, 2.5)]


def test_the_last_digit_does_not_depend_on_the_number_of_threads() -> None:
    """A worker with one thread and a process with several must write the same report."""
    code = ("import numpy as np; from voicemon.measures.level import active_level_dbov as level; r = np.random.default_rng(1);"
            "print([repr(level(r.standard_normal(n).astype(np.float32) * 0.1, 8000)) for n in range(20000, 90000, 1777)])")
    answers = [subprocess.run([sys.executable, "-c", code], env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
                              capture_output=True, text=True, check=True).stdout for threads in ("1", "2")]
    assert answers[0] == answers[1] and "-20." in answers[0]
