"""Voice activity on a clip of a call with known utterances, and on what is not speech."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import webrtcvad
from audio.signals import CLIP_AGENT, CLIP_CUSTOMER, RATE_HZ, clip, db, melody, noise, over_line_noise, silence, tone

from voicemon.audio import vad
from voicemon.audio.decode import resample
from voicemon.audio.silero import Silero
from voicemon.audio.tones import find_tones
from voicemon.audio.vad import VadSettings, speech_spans
from voicemon.records import Span

EDGE_S = 0.08


def outer_edges(found: Sequence[Span], utterances: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    inside = [[s for s in found if s.start_s < end and s.end_s > start] for start, end in utterances]
    return [(spans[0].start_s, spans[-1].end_s) for spans in inside]


def rung(behind_s: float, word_s: float = 0.0) -> tuple[np.ndarray, tuple[Span, ...]]:
    """Two rings in noise, so long before a word cut from the clip and then all of it; and the rings."""
    first_s = CLIP_AGENT[0][0] + 0.1
    word = clip(0)[round(first_s * RATE_HZ) : round((first_s + word_s) * RATE_HZ)]
    parts = [silence(0.3), tone(450, 1.0), silence(4.0), tone(450, 1.0), silence(behind_s), word, silence(4.0), clip(0)]
    x = np.concatenate(parts)
    noisy = (x + noise(len(x) / RATE_HZ + 1, -38.0, seed=10)[: len(x)]).clip(-1.0, 1.0).astype(np.float32)
    return noisy, find_tones(noisy, RATE_HZ).spans()


def test_noise_beside_a_ring_is_no_speech_and_a_short_word_some_way_off_is() -> None:
    x, rings = rung(behind_s=0.3, word_s=0.3)
    assert len(rings) == 2 and speech_spans(x, RATE_HZ, rings, VadSettings(tone_rest_s=0.0))[0].end_s < rings[1].start_s
    first = speech_spans(x, RATE_HZ, rings)[0]
    assert first.start_s == pytest.approx(6.6, abs=0.2) and first.end_s == pytest.approx(6.9, abs=0.2)


def test_what_begins_with_a_ring_and_goes_on_is_speech() -> None:
    x, rings = rung(behind_s=0.02, word_s=0.8)
    assert speech_spans(x, RATE_HZ, rings)[0].start_s == pytest.approx(6.35, abs=0.15)


@pytest.mark.parametrize(("channel", "utterances"), [(0, CLIP_AGENT), (1, CLIP_CUSTOMER)])
def test_edges_are_exact(channel: int, utterances: Sequence[tuple[float, float]]) -> None:
    found = speech_spans(clip(channel), RATE_HZ)
    assert np.array(outer_edges(found, utterances)) == pytest.approx(np.array(utterances), abs=EDGE_S)
    assert all(any(s.start_s < end and s.end_s > start for start, end in utterances) for s in found)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
def test_webrtc_is_asked_about_every_frame_of_a_line_in_order(rate_hz: int) -> None:
    """It learns the noise: a frame left out, or a new detector for a block, would change what it says of those behind."""
    settings = VadSettings()
    line = np.tile(resample(clip(0), RATE_HZ, rate_hz), 3)[: 20 * rate_hz + 77]
    prepared = vad._prepare(line, rate_hz, settings)
    assert prepared is not None and prepared.whole is not None and len(line) > 2 * prepared.block
    pcm = np.clip(np.rint(prepared.whole * 32768.0), -32768, 32767).astype(np.int16)
    frames = pcm[: len(pcm) // (rate_hz // 100) * (rate_hz // 100)].reshape(-1, rate_hz // 100)
    detector = webrtcvad.Vad(settings.aggressiveness)
    told = [detector.is_speech(frame.tobytes(), rate_hz) for frame in frames]
    assert vad._power_and_webrtc(prepared, settings)[1].tolist() == np.repeat(told, 2).tolist() and 0 < sum(told) < len(told)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x * np.float32(db(-18)),
        lambda x: np.clip(x * 8, -0.9, 0.9),
        lambda x: x + noise(len(x) / RATE_HZ, -43.0)[: len(x)],
        lambda x: x + np.float32(0.2),
    ],
    ids=["faint", "clipped", "noisy", "offset"],
)
def test_bad_lines_keep_the_speech(change) -> None:
    found = speech_spans(change(clip(1)).astype(np.float32), RATE_HZ)
    assert np.array(outer_edges(found, CLIP_CUSTOMER)) == pytest.approx(np.array(CLIP_CUSTOMER), abs=0.15)
    assert sum(s.duration_s for s in found) == pytest.approx(1.35, abs=0.3)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 44100, 48000])
def test_any_rate_gives_the_same_spans(rate_hz: int) -> None:
    found = speech_spans(resample(clip(1), 8000, rate_hz), rate_hz)
    assert np.array(outer_edges(found, CLIP_CUSTOMER)) == pytest.approx(np.array(CLIP_CUSTOMER), abs=EDGE_S)


@pytest.mark.parametrize(
    "x",
    [
        np.zeros(0, np.float32),
        silence(0.01),
        silence(5.0),
        noise(5.0, -63.0),
        noise(5.0, -30.0),
        tone(1000, 3.0),
    ],
    ids=["nothing", "a moment", "digital silence", "line noise", "loud noise", "tone"],
)
def test_what_is_not_speech_is_never_speech(x: np.ndarray) -> None:
    assert speech_spans(x, RATE_HZ) == ()


def test_hold_music_that_the_tone_finder_hears_leaves_no_speech_behind() -> None:
    x = over_line_noise(clip(0)[: 2 * RATE_HZ], melody(6.0), silence(1.0))
    found = speech_spans(x, RATE_HZ, exclude=find_tones(x, RATE_HZ).spans())
    assert found
    assert max(s.end_s for s in found) < 2.1


def test_excluded_stretches_are_never_speech() -> None:
    found = speech_spans(clip(0), RATE_HZ, exclude=[Span(0.0, 2.0)])
    assert min(s.start_s for s in found) > 3.9


def heard_windows(x: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many windows of 32 ms the second opinion is asked about; the spans must be those that it gives when it hears all."""
    counts: list[int] = []
    run = Silero._run
    monkeypatch.setattr(Silero, "_run", lambda self, windows: counts.append(len(windows)) or run(self, windows))
    found = speech_spans(x, RATE_HZ)
    asked = sum(counts)
    assert found == speech_spans(x, RATE_HZ, settings=VadSettings(lead_s=1000.0))
    return asked


def test_the_silence_of_a_quiet_line_is_not_heard_twice_and_a_noisy_line_is_heard_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    word = clip(0)[int(0.4 * RATE_HZ) : int(1.6 * RATE_HZ)]
    quiet = np.concatenate([word, noise(10.0, -63.0), word])
    assert heard_windows(quiet, monkeypatch) < 5.0 / 0.032
    noisy = (quiet + noise(12.4, -45.0)[: len(quiet)]).astype(np.float32)
    assert heard_windows(noisy, monkeypatch) > 12.0 / 0.032


def test_a_pause_is_kept_as_a_pause() -> None:
    word = clip(0)[int(0.4 * RATE_HZ) : int(1.6 * RATE_HZ)]
    found = speech_spans(np.concatenate([word, noise(0.4, -63.0), word]), RATE_HZ)
    gaps = [b.start_s - a.end_s for a, b in zip(found, found[1:], strict=False)]
    assert max(gaps) == pytest.approx(0.4 + 0.18, abs=0.1)


def test_a_line_too_long_to_be_held_is_filtered_block_by_block_to_the_same_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    x = 0.03 * np.concatenate([clip(0), noise(3.0, -60.0), clip(1), 0.3 * clip(0)]).astype(np.float32)
    held = speech_spans(x, RATE_HZ)
    monkeypatch.setattr(vad, "HELD_SAMPLES", 0)
    assert held and speech_spans(x, RATE_HZ) == held


def test_the_input_is_not_changed_and_the_answer_is_repeatable() -> None:
    x = clip(0)
    before = x.copy()
    assert speech_spans(x, RATE_HZ) == speech_spans(x, RATE_HZ)
    assert np.array_equal(x, before)


def test_speech_up_to_the_last_sample_is_found() -> None:
    x = clip(0)[: int(1.2 * RATE_HZ)]
    assert speech_spans(x, RATE_HZ)[-1].end_s == pytest.approx(1.2, abs=0.02)
