"""Sound that stands out of the noise's spectrum though not out of its level."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from audio.signals import CLIP_AGENT, CLIP_CUSTOMER, RATE_HZ, clip, noise, silence, tone

from voicemon.audio.faint import stands_out
from voicemon.audio.vad import DEFAULT_SETTINGS, speech_spans
from voicemon.records import Span
from voicemon.spans import subtract, total_s

HOP_S = 0.005
NOISE_DBOV = -36.0
WITHOUT = replace(DEFAULT_SETTINGS, noisy_db=-np.inf)


def marked(x: np.ndarray, floor_dbov: float = NOISE_DBOV) -> np.ndarray:
    size = int(HOP_S * RATE_HZ)
    level_db = 10 * np.log10(np.mean(x[: len(x) // size * size].reshape(-1, size) ** 2, axis=1) + 1e-12)
    return stands_out([x], RATE_HZ, level_db, np.full(len(level_db), floor_dbov))


def test_a_line_under_the_level_of_the_noise_stands_out_where_it_is_and_only_there() -> None:
    faint = np.concatenate([silence(2.0), tone(500, 0.5, NOISE_DBOV - 6.0), silence(2.0)])
    found = marked((faint + noise(4.5, NOISE_DBOV)).astype(np.float32))
    assert np.mean(found[405:495]) > 0.8
    assert np.mean(np.concatenate([found[:390], found[510:]])) < 0.05


@pytest.mark.parametrize("colour_hz", [None, 500.0])
def test_steady_noise_of_any_colour_hardly_ever_stands_out(colour_hz: float | None) -> None:
    x = noise(10.0, NOISE_DBOV)
    if colour_hz is not None:
        spectrum = np.fft.rfft(x)
        x = np.fft.irfft(spectrum / (1 + np.fft.rfftfreq(x.size, 1 / RATE_HZ) / colour_hz), x.size).astype(np.float32)
    level_dbov = 10 * np.log10(np.mean(x**2))
    assert np.mean(marked(x, float(level_dbov))) < 0.05


@pytest.mark.parametrize("last", [1, 7, 39, 41, 255, 257])
def test_a_line_may_come_in_blocks_of_any_length(last: int) -> None:
    x = noise(4.0, NOISE_DBOV)[: 24_000 + last]
    level_db = 10 * np.log10(np.mean(x[: len(x) // 40 * 40].reshape(-1, 40) ** 2, axis=1) + 1e-12)
    floor_db = np.full(len(level_db), NOISE_DBOV)
    whole, parts = (stands_out(sound, RATE_HZ, level_db, floor_db) for sound in ([x], [x[:16_000], x[16_000:24_000], x[24_000:]]))
    np.testing.assert_array_equal(parts, whole)


def test_without_a_stretch_of_noise_nothing_is_claimed() -> None:
    assert not np.any(marked(tone(500, 2.0, -20.0), -60.0))
    assert stands_out([np.zeros(400, np.float32)], RATE_HZ, np.zeros(10), np.full(10, -80.0)).shape == (10,)


@pytest.mark.parametrize(("channel", "utterances"), [(0, CLIP_AGENT), (1, CLIP_CUSTOMER)])
def test_on_a_noisy_line_less_speech_is_lost_and_none_is_made(channel: int, utterances: tuple[tuple[float, float], ...]) -> None:
    x, truth = clip(channel), [Span(*edges) for edges in utterances]
    own = np.concatenate([x[round(s.start_s * RATE_HZ) : round(s.end_s * RATE_HZ)] for s in truth])
    level_dbov = 10 * np.log10(np.mean(own**2))
    noisy = (x + noise(len(x) / RATE_HZ + 1, level_dbov - 8.0)[: len(x)]).astype(np.float32)
    found, before = speech_spans(noisy, RATE_HZ), speech_spans(noisy, RATE_HZ, settings=WITHOUT)
    assert total_s(subtract(truth, found)) < 0.6 * total_s(subtract(truth, before))
    assert total_s(subtract(found, truth)) < 0.12


def test_a_clean_line_is_left_as_it_is() -> None:
    assert speech_spans(clip(0), RATE_HZ) == speech_spans(clip(0), RATE_HZ, settings=WITHOUT)
