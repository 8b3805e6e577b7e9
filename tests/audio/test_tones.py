"""Call-progress tones: what is a ring, how many, and what is none."""

from __future__ import annotations

import numpy as np
import pytest
from audio.signals import RATE_HZ, clip, melody, noise, over_line_noise, silence, tone

from voicemon.audio import music
from voicemon.audio.cadences import CADENCES, RING, Cadence
from voicemon.audio.music import music_spans
from voicemon.audio.tones import find_tones

RINGS = [c for c in CADENCES if c.kind == RING]
OTHERS = [c for c in CADENCES if c.kind != RING]
CN = RINGS[0]


def cadence_id(cadence: Cadence) -> str:
    return f"{cadence.kind}-{cadence.country}-{len(cadence.lines_hz)}x{cadence.pattern_s}"


def burst(cadence: Cadence, seconds: float, level_dbfs: float, pitch: float) -> np.ndarray:
    if len(cadence.lines_hz) < 3:
        return tone(tuple(f * pitch for f in cadence.lines_hz), seconds, level_dbfs)
    low, carrier, _ = cadence.lines_hz
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (0.5 * (1 + np.cos(2 * np.pi * (carrier - low) * t)) * tone(carrier * pitch, seconds, level_dbfs)).astype(
        "f4"
    )


def ringing(
    cadence: Cadence, groups: int, level_dbfs: float = -20.0, pitch: float = 1.0, speed: float = 1.0
) -> np.ndarray:
    parts = []
    for _ in range(groups):
        for on_s, off_s in zip(cadence.on_s, cadence.off_s, strict=True):
            parts += [burst(cadence, on_s * speed, level_dbfs, pitch), silence(off_s * speed)]
    return np.concatenate(parts)


@pytest.mark.parametrize("cadence", RINGS, ids=cadence_id)
def test_every_country_is_counted_in_groups(cadence: Cadence) -> None:
    tones = find_tones(over_line_noise(silence(0.5), ringing(cadence, 3)), RATE_HZ)
    assert len(tones.rings) == 3
    assert tones.rings[0].start_s == pytest.approx(0.5, abs=0.03)
    assert tones.rings[0].end_s == pytest.approx(0.5 + sum(cadence.pattern_s[:-1]), abs=0.03)
    assert tones.others == ()
    same = {c.country for c in RINGS if (c.lines_hz, c.pattern_s) == (cadence.lines_hz, cadence.pattern_s)}
    assert tones.country in same


@pytest.mark.parametrize("level_dbfs", [-50.0, -45.0])
def test_silence_that_is_passed_over_neither_hides_a_faint_ring_nor_moves_its_edges(level_dbfs: float) -> None:
    x = np.concatenate([silence(20.0), ringing(CN, 3, level_dbfs), silence(20.0)]) + noise(55.0, -75.0)
    rings = find_tones(x.astype(np.float32), RATE_HZ).rings
    assert [(r.start_s, r.end_s) for r in rings] == [pytest.approx((20.0 + 5 * i, 21.0 + 5 * i), abs=0.03) for i in range(3)]


@pytest.mark.parametrize("level_dbfs", [-40.0, -6.0])
@pytest.mark.parametrize(("pitch", "speed"), [(0.98, 0.9), (1.02, 1.1), (1.0, 1.0)])
@pytest.mark.parametrize("cadence", [CN, *(c for c in RINGS if c.country in ("us", "uk", "jp", "sg"))], ids=cadence_id)
def test_poor_exchanges_and_noise_do_not_change_the_count(
    cadence: Cadence, level_dbfs: float, pitch: float, speed: float
) -> None:
    x = ringing(cadence, 3, level_dbfs, pitch, speed)
    x = x + noise(len(x) / RATE_HZ, level_dbfs - 13.0)[: len(x)]
    assert len(find_tones(x, RATE_HZ).rings) == 3


@pytest.mark.parametrize("cadence", OTHERS, ids=cadence_id)
def test_busy_congestion_and_call_waiting_are_no_rings(cadence: Cadence) -> None:
    tones = find_tones(over_line_noise(silence(0.5), ringing(cadence, 4)), RATE_HZ)
    assert tones.rings == ()
    assert tones.country is None
    assert cadence.kind in {o.kind for o in tones.others}


def test_a_recording_may_begin_in_the_middle_of_a_ring() -> None:
    x = over_line_noise(ringing(CN, 3)[int(0.7 * RATE_HZ) :])
    assert [round(g.start_s, 1) for g in find_tones(x, RATE_HZ).rings] == [0.0, 4.3, 9.3]


def test_the_answer_may_cut_the_last_ring() -> None:
    cut = ringing(CN, 3)[: int(10.4 * RATE_HZ)]
    tones = find_tones(over_line_noise(silence(0.3), cut, clip(0)), RATE_HZ)
    assert len(tones.rings) == 3
    assert tones.rings[-1].end_s == pytest.approx(10.7, abs=0.06)


def test_one_ring_before_the_answer_counts_as_one() -> None:
    tones = find_tones(over_line_noise(silence(0.3), tone(450, 1.0), silence(1.0), clip(0)), RATE_HZ)
    assert (len(tones.rings), tones.country) == (1, "cn")


def test_rings_again_after_a_transfer_are_added() -> None:
    x = over_line_noise(ringing(CN, 2), clip(0), silence(1.0), ringing(CN, 3), clip(0))
    assert len(find_tones(x, RATE_HZ).rings) == 5


def test_a_beep_after_somebody_spoke_is_no_ring() -> None:
    tones = find_tones(over_line_noise(clip(0), silence(0.5), tone(450, 1.0), silence(1.0), clip(0)), RATE_HZ)
    assert tones.rings == ()
    assert [o.kind for o in tones.others] == ["unknown"]


@pytest.mark.parametrize(
    ("x", "kinds"),
    [
        (clip(0), set()),
        (clip(1), set()),
        (noise(6.0, -30.0), set()),
        (silence(3.0), set()),
        (silence(0.0), set()),
        (tone(450, 6.0), {"unknown"}),
        (np.concatenate([tone((770.0, 1336.0), 0.1), silence(0.1)] * 5), {"dtmf"}),
        (np.concatenate([tone(1100, 0.5), silence(3.0)] * 2), {"fax"}),
        (np.concatenate([silence(0.5), tone(2100, 3.0), silence(0.5)]), {"fax"}),
        (np.concatenate([tone(f, 0.33) for f in (950, 1400, 1800)]), {"unknown"}),
        (melody(8.0), {"music"}),
        (melody(8.0, seed=5), {"music"}),
    ],
    ids=["agent", "customer", "noise", "silence", "nothing", "dial", "keys", "fax", "fax2", "info", "music", "music2"],
)
def test_what_is_no_ring_is_never_counted(x: np.ndarray, kinds: set[str]) -> None:
    tones = find_tones(over_line_noise(x), RATE_HZ)
    assert tones.rings == ()
    assert {o.kind for o in tones.others} == kinds


def test_music_spans_reach_from_its_first_to_its_last_sound() -> None:
    tones = find_tones(over_line_noise(silence(2.0), melody(5.0), silence(2.0)), RATE_HZ)
    (music,) = (o for o in tones.others if o.kind == "music")
    assert (music.start_s, music.end_s) == pytest.approx((2.0, 7.0), abs=0.2)


@pytest.mark.parametrize("seed", range(8))
def test_every_frame_that_music_may_hang_on_is_looked_at(seed: int) -> None:
    """Each that may be active in a mean with enough such, and those its partials are compared with; where no mean has enough, none."""
    half, rng = music.AVERAGED // 2, np.random.default_rng(seed)
    perhaps = np.pad(np.repeat(rng.random(60) < 0.55, 5), 2 * music.AVERAGED)
    asked = music._asked(perhaps)
    enough = [j for j in range(half, len(perhaps) - half) if perhaps[j - half : j + half + 1].mean() >= music.MIN_ACTIVE_SHARE]
    due = {i for j in enough for i in range(j - half, j + half + 1) if perhaps[i]}
    assert due and all(asked[i - music.LAG : i + music.LAG + 1].all() for i in due)
    assert not music._asked(np.pad(np.ones(half // 2, dtype=bool), 2 * music.AVERAGED)).any()


def test_music_between_words_and_silence_is_found_as_if_every_frame_had_been_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence and single words get no spectra; in a line of over a minute parts of it are looked at together."""
    def word(seed: int) -> np.ndarray:
        return np.concatenate([noise(0.4, -25.0, seed), silence(2.0)])

    words = np.concatenate([word(seed) for seed in range(12)])
    x = over_line_noise(words, melody(6.0), words, melody(3.0, seed=3), silence(40.0), clip(0), melody(4.0, seed=2), silence(3.0))
    looked_at: list[int] = []
    powers = music._powers
    monkeypatch.setattr(music, "_powers", lambda windows: (looked_at.append(len(windows)), powers(windows))[1])
    found, few = music_spans(x), sum(looked_at)
    monkeypatch.setattr(music, "_asked", np.ones_like)
    looked_at.clear()
    assert music_spans(x) == found and len(found) == 3
    assert few < 0.6 * sum(looked_at)


def test_tone_spans_leave_the_pauses_of_the_cadence_free() -> None:
    spans = find_tones(over_line_noise(silence(0.5), ringing(CN, 2)), RATE_HZ).spans()
    assert [(round(s.start_s, 1), round(s.end_s, 1)) for s in spans] == [(0.5, 1.5), (5.5, 6.5)]


def test_any_sample_rate_counts_alike() -> None:
    t = np.arange(16 * 44100) / 44100
    x = np.where(t % 5 < 1, 0.1 * np.sin(2 * np.pi * 450 * t), 0.0).astype(np.float32)
    assert len(find_tones(x, 44100).rings) == 4
