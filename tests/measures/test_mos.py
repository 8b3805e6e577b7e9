"""Line quality: what is asked of the model, what is said without it, and that noise is heard as noise."""

from __future__ import annotations

import numpy as np
import pytest
from audio.signals import CLIP_AGENT, RATE_HZ, clip, over_line_noise

from voicemon.measures import mos
from voicemon.measures.mos import line_quality, windows
from voicemon.records import Span

AGENT = tuple(Span(*edges) for edges in CLIP_AGENT)


def test_without_the_extra_nothing_is_claimed_and_the_reason_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mos, "PACKAGE", "no_such_package_of_scores")
    found = line_quality(clip(0), RATE_HZ, AGENT)
    assert (found.signal_mos, found.background_mos, found.overall_mos) == (None, None, None)
    assert found.reason is not None and "extra mos" in found.reason


@pytest.mark.parametrize(("seconds", "count"), [(3.0, 1), (9.01, 1), (10.5, 2), (12.1, 2), (300.0, 2)])
def test_the_windows_are_whole_few_and_reach_from_end_to_end(seconds: float, count: int) -> None:
    x = np.arange(round(seconds * mos.MODEL_HZ), dtype=np.float32)
    found = windows(x)
    assert [w.size for w in found] == [mos.WINDOW] * count
    assert found[0][0] == x[0] and (count == 1 or found[-1][-1] == x[-1])


def test_short_speech_is_repeated_until_a_window_is_full() -> None:
    x = np.arange(mos.WINDOW // 2, dtype=np.float32)
    assert np.array_equal(windows(x)[0], np.concatenate([x, x]))


def test_noise_on_the_line_lowers_the_scores_and_the_background_most() -> None:
    pytest.importorskip("speechmos", reason="the extra mos is not installed")
    x = clip(0)
    rms = float(np.sqrt(np.mean(x[x != 0] ** 2)))
    noisy = (x + 0.5 * rms * np.random.default_rng(0).standard_normal(x.size)).astype(np.float32)
    clean, worse = line_quality(x, RATE_HZ, AGENT), line_quality(noisy, RATE_HZ, AGENT)
    for scores in (clean, worse):
        assert all(v is not None and 1.0 <= v <= 5.0 for v in (scores.signal_mos, scores.background_mos, scores.overall_mos))
    assert clean.overall_mos > worse.overall_mos + 0.3  # type: ignore[operator]
    assert clean.background_mos - worse.background_mos > clean.signal_mos - worse.signal_mos  # type: ignore[operator]


def test_only_the_partys_own_speech_counts() -> None:
    pytest.importorskip("speechmos", reason="the extra mos is not installed")
    x = clip(0)
    elsewhere = np.ones(x.size, dtype=bool)
    for span in AGENT:
        elsewhere[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)] = False
    loud = np.where(elsewhere, 0.3 * np.random.default_rng(0).standard_normal(x.size), x).astype(np.float32)
    assert line_quality(loud, RATE_HZ, AGENT) == line_quality(x, RATE_HZ, AGENT)


def test_under_two_seconds_of_speech_there_is_no_score() -> None:
    pytest.importorskip("speechmos", reason="the extra mos is not installed")
    found = line_quality(over_line_noise(clip(0)), RATE_HZ, [Span(0.0, 1.9)])
    assert found.overall_mos is None and found.reason == "line quality: less than 2 s of speech"
