"""Voices on one channel: the encoder is the published one, and what cannot be told apart is not told."""

from __future__ import annotations

import hashlib
from importlib import resources

import numpy as np
import pytest
from fakes import silence, speech_like
from scipy.signal import resample_poly

from voicemon.audio import speaker_encoder as encoder
from voicemon.audio.speaker_clusters import best_path, path_certainty, split, unit
from voicemon.audio.speakers import Voices, separate_voices
from voicemon.errors import ModelError
from voicemon.records import Span
from voicemon.spans import intersect, total_s

RATE_HZ = 8000
PAUSE_S = 0.5


def sweep() -> np.ndarray:
    """One second of two gliding tones at 16 kHz, of which golden numbers are known."""
    t = np.arange(16_000) / 16_000
    high = np.sin(2 * np.pi * 1500 * t) * np.sin(2 * np.pi * 3 * t)
    return (0.1 * np.sin(2 * np.pi * (200 + 300 * t) * t) + 0.05 * high).astype(np.float32)


def voice(seconds: float, kind: int) -> np.ndarray:
    """A low voice (0), or that of a smaller speaker (1, 3: formants and pitch 1.3 and 1.8 times)."""
    up = {0: 10, 1: 13, 3: 18}[kind]
    made = speech_like(seconds * up / 10 + 0.1, RATE_HZ)
    return np.asarray(resample_poly(made, 10, up)[: int(seconds * RATE_HZ)], dtype=np.float32)


def talk(*turns: tuple[int, float], pause_s: float = PAUSE_S) -> tuple[np.ndarray, list[Span], list[Span]]:
    """Sound, spans and voice of turns ``(kind, seconds)``; the speech spans join where there is no pause."""
    parts, spans, at_s = [], [], 0.0
    for kind, seconds in turns:
        part = voice(seconds, kind)
        parts += [part, silence(pause_s)]
        spans.append(Span(at_s, at_s + len(part) / RATE_HZ))
        at_s += len(part) / RATE_HZ + pause_s
    return np.concatenate(parts), spans, [s for s, (kind, _) in zip(spans, turns, strict=True) if kind == turns[0][0]]


def confusion(found: Voices, first: list[Span], spans: list[Span]) -> float:
    """Share of speech that went to the wrong one of two voices."""
    right_s = total_s(intersect(found.spans["voice_1"], first))
    other = [s for s in spans if s not in first]
    return 1.0 - (right_s + total_s(intersect(found.spans["voice_2"], other))) / total_s(spans)


def test_mel_frames_are_those_of_librosa() -> None:
    """Golden numbers from ``librosa.feature.melspectrogram`` 0.11 (16 kHz, 400, 160, 40)."""
    frames = encoder.mel_frames(sweep())
    assert frames.shape == (101, 40) and frames.dtype == np.float32
    assert frames[50, [0, 3, 5]] == pytest.approx([1.08399e-07, 2.64378e-05, 0.50518], rel=2e-3)
    assert frames[[0, 10, 100], 5] == pytest.approx([0.00313749, 6.25988e-05, 0.00544152], rel=2e-3)
    assert float(frames.sum()) == pytest.approx(220.335, rel=1e-4)


def test_the_encoder_gives_what_its_authors_weights_give() -> None:
    """Golden numbers from the original weights in torch 2.13, 32 bits; ours are kept in 16."""
    embedding = encoder.embed(encoder.mel_frames(sweep())[np.newaxis] * np.float32(30))[0]
    order = [13, 18, 106, 125, 199, 44, 4, 63]
    golden = [0.22524, 0.21654, 0.2118, 0.19811, 0.19392, 0.17274, 0.16599, 0.1611]
    assert embedding[order] == pytest.approx(golden, abs=2e-3)
    assert np.linalg.norm(embedding) == pytest.approx(1.0, abs=1e-5)


def test_the_weights_are_the_ones_with_the_published_hash_and_carry_their_licence() -> None:
    folder = resources.files("voicemon.audio")
    data = folder.joinpath(encoder.ENCODER_FILE).read_bytes()
    assert hashlib.sha256(data).hexdigest() == encoder.ENCODER_SHA256 and len(data) < 4_000_000
    assert encoder.ENCODER_SHA256 in folder.joinpath("speaker_encoder.txt").read_text(encoding="utf-8")
    assert "Apache License" in folder.joinpath("speaker_encoder.LICENSE.txt").read_text(encoding="utf-8")


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "ENCODER_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="install voicemon again"):
        encoder.embed(np.ones((1, 80, 40), dtype=np.float32))


def test_nothing_to_embed_gives_nothing() -> None:
    assert encoder.embed(np.zeros((0, 80, 40), dtype=np.float32)).shape == (0, 256)


def test_two_voices_are_told_apart_in_order_of_their_first_words() -> None:
    x, spans, first = talk((0, 2.5), (1, 3), (0, 2), (1, 2.2), (0, 3), (1, 2))
    found = separate_voices(x, RATE_HZ, spans)
    assert found.reason is None and found.margin >= 0.6 and not found.others
    assert confusion(found, first, spans) < 0.02 and found.spans["voice_1"][0].start_s == 0.0


def test_a_change_of_voice_inside_a_run_of_speech_is_found() -> None:
    x, spans, first = talk((0, 2.5), (1, 3), (0, 2), (1, 2.2), (0, 3), (1, 2), pause_s=0.0)
    found = separate_voices(x, RATE_HZ, [Span(0.0, spans[-1].end_s)])
    assert confusion(found, first, spans) < 0.06


def test_loudness_does_not_make_a_voice() -> None:
    x, spans, _ = talk(*[(0, 2.0 + 0.1 * i) for i in range(8)])
    for span in spans[::2]:
        x[int(span.start_s * RATE_HZ) : int(span.end_s * RATE_HZ)] *= 0.1
    found = separate_voices(x, RATE_HZ, spans)
    assert not found.spans and found.margin < 0.6 and found.reason


def test_a_second_voice_with_a_word_only_is_not_believed() -> None:
    x, spans, _ = talk((0, 4), (1, 0.8), (0, 4))
    found = separate_voices(x, RATE_HZ, spans)
    assert not found.spans and found.reason


def test_a_third_voice_is_reported_and_not_given_to_the_two() -> None:
    x, spans, _ = talk((0, 4), (1, 4), (0, 4), (3, 2.5), (1, 4), (3, 2.5), (0, 4))
    found = separate_voices(x, RATE_HZ, spans)
    third = [spans[3], spans[5]]
    assert total_s(intersect(found.others, third)) > 0.9 * total_s(third) and total_s(found.others) < 5.5


@pytest.mark.parametrize("seconds", [0.0, 0.2, 1.0])
def test_hardly_any_speech_gives_a_reason(seconds: float) -> None:
    speech = [Span(0.5, 0.5 + seconds)] if seconds else []
    found = separate_voices(speech_like(3.0), RATE_HZ, speech)
    assert not found.spans and found.margin == 0.0 and found.reason


def test_digital_silence_called_speech_does_no_harm() -> None:
    assert not separate_voices(np.zeros(40_000, np.float32), RATE_HZ, [Span(0, 2), Span(3, 5)]).spans


def test_the_same_sound_gives_the_same_voices() -> None:
    x, spans, _ = talk((0, 2), (1, 2), (0, 2), (1, 2))
    assert separate_voices(x, RATE_HZ, spans) == separate_voices(x, RATE_HZ, spans)


def test_clusters_of_unit_vectors_are_found_whatever_their_sizes() -> None:
    rng = np.random.default_rng(0)
    x = unit(np.vstack([rng.normal([5, 0, 1], 0.4, (60, 3)), rng.normal([0, 5, 1], 0.4, (6, 3))]))
    centroids = split(x, np.ones(len(x)))
    assert sorted(np.bincount((x @ centroids.T).argmax(axis=1)).tolist()) == [6, 60]


def test_a_path_changes_only_where_the_evidence_pays_for_it() -> None:
    scores = np.array([[0.0, -2.0]] * 3 + [[-2.0, 0.0]] + [[0.0, -2.0]] * 2 + [[-2.0, 0.0]] * 3)
    assert best_path(scores, np.full(9, 3.0)).tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert best_path(scores, np.full(9, 0.5)).tolist() == [0, 0, 0, 1, 0, 0, 1, 1, 1]


def test_a_step_is_certain_as_far_as_another_state_there_would_cost() -> None:
    scores = np.array([[0.0, -2.0], [0.0, 0.0], [0.0, -2.0], [0.0, 0.0]])
    assert path_certainty(scores, np.array([0.0, 3.0, 3.0, 1.0])).tolist() == [4.0, 4.0, 4.0, 1.0]


def test_a_short_word_between_two_voices_that_nothing_decides_is_doubtful() -> None:
    x, spans, _ = talk((0, 2.5), (1, 3), (0, 2), (1, 2.2))
    blip = Span(spans[0].end_s + 0.2, spans[0].end_s + 0.3)
    found = separate_voices(x, RATE_HZ, [*spans, blip])
    assert total_s(intersect(found.doubtful, [blip])) > 0.05 and total_s(found.doubtful) < 0.3
