"""Sound read by slices is the sound itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from audio.signals import noise

from voicemon.audio.channels import compare_channels, drop_bleed
from voicemon.audio.decode import remove_dc, resample
from voicemon.audio.sound import Channel, Resampled, Spliced, at_rate, blocks, centred, held, less_mean, mean_of
from voicemon.audio.tones import find_tones
from voicemon.audio.vad import speech_spans
from voicemon.records import Span

ROUNDING = 1e-6


def int16(seconds: float, rate_hz: int, offset: float = 0.0) -> np.ndarray:
    x = np.random.default_rng(3).normal(offset, 0.1, round(seconds * rate_hz))
    return np.clip(np.rint(x * 32768), -32768, 32767).astype(np.int16)


def test_a_channel_without_its_mean_is_what_the_whole_array_would_be() -> None:
    samples = int16(3.0, 8000, offset=0.2)
    whole = remove_dc(samples.astype(np.float32) / np.float32(32768))
    channel = centred(samples)
    assert len(channel) == len(whole) and channel[100:200].dtype == np.float32
    for at in (slice(0, 50), slice(1000, 1001), slice(23_990, 99_999), slice(5, 5), slice(-10, None)):
        np.testing.assert_allclose(channel[at], whole[at], atol=ROUNDING)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8000, 16_000), (11_025, 16_000), (44_100, 8000), (6000, 8000), (12_345, 16_000)])
def test_slices_of_a_resampled_channel_are_those_of_the_whole_resampled(from_hz: int, to_hz: int) -> None:
    x = np.random.default_rng(4).normal(0, 0.1, 3 * from_hz + 17).astype(np.float32)
    whole, lazy = resample(x, from_hz, to_hz), Resampled(x, from_hz, to_hz)
    assert len(lazy) == len(whole)
    edges = [0, 1, 700, to_hz, to_hz + 1, 2 * to_hz + 333, len(whole) - 5, len(whole) + 100]
    for a, b in pairwise(edges):
        np.testing.assert_allclose(lazy[a:b], whole[a:b], atol=ROUNDING)
    np.testing.assert_allclose(np.concatenate(list(blocks(lazy, 999))), whole, atol=ROUNDING)


def test_a_short_line_is_one_array_that_nobody_may_change(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = centred(int16(1.0, 8000, offset=0.1))
    whole = held(channel)
    assert isinstance(whole, np.ndarray) and whole.dtype == np.float32
    assert all(np.array_equal(whole[at], channel[at]) for at in (slice(0, 50), slice(7000, 9999), slice(None)))
    with pytest.raises(ValueError, match="read-only"):
        whole[:10] *= 2.0
    monkeypatch.setattr("voicemon.audio.sound.HELD_SAMPLES", 7999)
    assert held(channel) is channel


def test_a_channel_at_its_own_rate_is_left_as_it_is() -> None:
    x = noise(1.0, -30.0)
    assert at_rate(x, 8000, 8000) is x


def test_spliced_stretches_follow_one_another() -> None:
    x = np.arange(100, dtype=np.float32)
    spliced = Spliced.of(x, 10, (Span(-1.0, 0.5), Span(2.0, 2.3), Span(9.5, 20.0), Span(30.0, 40.0)))
    whole = [*range(5), *range(20, 23), *range(95, 100)]
    assert len(spliced) == len(whole) and spliced[:].tolist() == whole
    for a in range(len(whole)):
        for b in range(a, len(whole) + 2):
            assert spliced[a:b].tolist() == whole[a:b]


def test_the_mean_is_taken_out_once() -> None:
    x = noise(1.0, -30.0) + np.float32(0.1)
    assert mean_of(less_mean(x)) == pytest.approx(0.0, abs=1e-7) and less_mean(remove_dc(x)) is not None
    silent = np.zeros(10, dtype=np.float32)
    assert less_mean(silent) is silent and mean_of(np.zeros(0, dtype=np.float32)) == 0.0


@pytest.mark.parametrize("rate_hz", [8000, 22_050])
def test_stages_hear_the_same_in_a_channel_as_in_an_array(rate_hz: int, a_conversation: tuple[np.ndarray, np.ndarray]) -> None:
    lines = [centred((resample(x, 8000, rate_hz) * 32767).astype(np.int16)) for x in a_conversation]
    arrays = [x[:] for x in lines]
    assert speech_spans(lines[0], rate_hz) == speech_spans(arrays[0], rate_hz) != ()
    assert find_tones(lines[0], rate_hz) == find_tones(arrays[0], rate_hz)
    assert compare_channels(*lines, rate_hz) == compare_channels(*arrays, rate_hz)
    spans = (Span(0.5, 1.5), Span(2.0, 3.2))
    assert drop_bleed(spans, *lines, rate_hz) == drop_bleed(spans, *arrays, rate_hz)


@pytest.fixture
def a_conversation() -> tuple[np.ndarray, np.ndarray]:
    from fakes import a_call

    left, right = a_call(8.0)
    return left, right


def test_a_slice_of_a_channel_does_not_touch_the_recording() -> None:
    samples = int16(0.1, 8000)
    before = samples.copy()
    Channel(samples)[:][:] = 0.0
    assert (samples == before).all()
