"""The programs of ``benchmarks/`` that hold measures against references, in their quick form."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import instruments
import layouts
import levels
import numpy as np
import parties
import pitch
import pytest
import rates
import rings
import voice_activity
from audio.signals import CLIP_AGENT, CLIP_CUSTOMER, DATA
from tolerance import Limits, report

from voicemon.audio.cadences import CADENCES, RING
from voicemon.audio.tones import find_tones
from voicemon.records import Span


@pytest.fixture
def truth_dir(tmp_path: Path) -> Path:
    """A folder with the clip of a call and what is known of it."""
    said = [("agent", *span) for span in CLIP_AGENT] + [("customer", *span) for span in CLIP_CUSTOMER]
    truth = {
        "id": "clip", "standard": "zijin-400", "direction": "inbound", "channels": {"left": "agent", "right": "customer"},
        "utterances": [{"speaker": p, "start_s": a, "end_s": b, "text": "您好", "characters": 30} for p, a, b in said],
        "speech": {"agent": {"characters": 60, "characters_per_minute_of_turns": 150.0}, "customer": {"characters": 30}},
    }
    (tmp_path / "clip.truth.json").write_text(json.dumps(truth), encoding="utf-8")
    (tmp_path / "clip.flac").write_bytes((DATA / "two-parties.flac").read_bytes())
    return tmp_path


def write_report(out: Path, **rate: float | None) -> Path:
    roles = {"agent": "left", "customer": "right"}
    words = [{"speaker": "customer", "text": "我想退货"}, {"speaker": "agent", "text": "很高兴为您服务请问有什么可以帮您"}]
    (out / "calls").mkdir()
    call = {"roles": roles, "transcript": words, "measures": {"speaking_rate": {"agent": rate}}}
    (out / "calls" / "clip.json").write_text(json.dumps(call), encoding="utf-8")
    return out


def test_loudness_of_the_ebu_signals_is_within_a_tenth_of_a_unit() -> None:
    assert np.max(np.abs(list(instruments.loudness_errors((8_000, 48_000))))) <= 0.1


def test_the_clipped_share_is_exact() -> None:
    assert set(instruments.clipping_errors()) == {0.0}


def test_noise_and_snr_of_mixtures_are_within_one_db() -> None:
    assert np.max(np.abs(list(instruments.noise_errors((10.0, 30.0))))) <= 1.0


def test_pitch_range_steps_and_tails_of_known_contours_are_found() -> None:
    median, semitones = np.abs(list(pitch.glide_errors())).T
    assert median.max() <= 0.02 and semitones.max() <= 0.3
    assert np.max(np.abs(list(pitch.step_errors()))) <= 0.5
    assert set(pitch.tail_errors()) == {0.0}


def test_every_laid_out_wait_has_its_kind_and_its_edges() -> None:
    edges, wrong = layouts.wait_errors()
    assert wrong == [] and len(edges) >= 90 and np.max(np.abs(edges)) <= 0.1


def test_talk_overs_of_spans_are_told_apart() -> None:
    assert layouts.show_f1("spans", layouts.span_tally())


def test_f1_counts_what_is_missed_and_what_is_invented() -> None:
    tally = Counter({"interruption right": 9, "interruption missed": 1, "backchannel right": 1})
    assert not layouts.show_f1("one of ten missed", tally)
    assert not layouts.show_f1("none right", Counter())


@pytest.mark.parametrize("cadence", CADENCES, ids=lambda c: f"{c.kind}-{c.country}-{c.lines_hz}")
def test_each_cadence_is_counted_though_quiet_and_off_in_pitch_and_speed(cadence: object) -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([np.zeros(4_000, np.float32), rings.render(cadence, 3, 1.02, 0.9)]) * 0.01
    x = (x + 10 ** (-53 / 20) * rng.standard_normal(x.size)).astype(np.float32)
    assert len(find_tones(x, 8_000).rings) == (3 if cadence.kind == RING else 0)  # type: ignore[attr-defined]


def test_level_is_the_same_at_every_rate_and_hardly_moved_by_noise(truth_dir: Path) -> None:
    (truth, recording), = levels.recordings(truth_dir)
    party = levels.Party(recording.channel(0), 8_000, tuple(Span(*s) for s in CLIP_AGENT), 30, None)
    reference = levels.active_level_dbov(levels.concatenate(party.x, 8_000, party.spans), 8_000)
    errors = dict(levels.level_errors(levels.Party(party.x, 8_000, party.spans, 30, reference)))
    assert len(errors) == 10 and max(abs(e) for e in errors.values()) <= 0.5


def test_the_combination_of_detectors_beats_each_alone_and_hears_no_speech_in_music(truth_dir: Path) -> None:
    tallies = voice_activity.measure(truth_dir, 1)
    error = {key: np.mean(np.abs([e for e, _ in tally.edges])) for key, tally in tallies.items()}
    assert error["combination", "clean"] <= min(error["webrtcvad alone", "clean"], error["Silero alone", "clean"])
    assert voice_activity.music_as_speech_s((0, 1), 10.0) == 0.0


def test_rates_are_read_from_reports_and_held_against_truth(truth_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write_report(truth_dir, characters=60, per_minute_of_turns=151.0, syllables=58)
    assert rates.main([str(truth_dir), str(good)]) == 0
    assert "n=1" in capsys.readouterr().out


def test_a_truth_without_a_rate_leaves_the_characters_to_be_measured(truth_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rates.main([str(truth_dir), str(write_report(truth_dir, characters=60, per_minute_of_turns=None, syllables=58)), "--list"]) == 0
    assert "nothing to measure" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [{"characters": 62}, {"per_minute_of_turns": 160.0}])
def test_rates_outside_the_tolerance_exit_with_one(truth_dir: Path, wrong: dict[str, float]) -> None:
    rate = {"characters": 60, "per_minute_of_turns": 150.0, "syllables": 58}
    assert rates.main([str(truth_dir), str(write_report(truth_dir, **{**rate, **wrong}))]) == 1


def test_the_silence_that_a_file_begins_and_ends_with_is_left_out_of_its_utterance() -> None:
    x = np.concatenate([np.zeros(2_400), 0.1 * np.ones(8_000), np.zeros(4_000)])
    found = rates.pulled_in(x, 8_000, Span(0.0, 1.8), 30.0)
    assert (found.start_s, found.end_s) == pytest.approx((0.3, 1.3))


def test_trimmed_rates_are_those_of_the_sound(truth_dir: Path) -> None:
    trimmed = rates.trimmed_rates(truth_dir, 30.0)
    spoken_s = sum(end - start for start, end in CLIP_AGENT)
    assert trimmed["clip agent"] == pytest.approx(60 * 60 / spoken_s, rel=0.1)


def test_no_report_at_all_is_an_error(truth_dir: Path, tmp_path: Path) -> None:
    assert rates.main([str(truth_dir), str(tmp_path / "none")]) == 2


def test_roles_and_relations_of_channels_are_recognised(truth_dir: Path) -> None:
    out = write_report(truth_dir)
    assert parties.roles(truth_dir, out) == {"right": 1}
    counts, bleeds = parties.channels(truth_dir, 1)
    assert {name for (name, right), n in counts.items() if right and n} == {"two parties", "same audio twice", "bleed", "silent channel"}
    assert bleeds == pytest.approx([0.0], abs=2.0)


def test_the_report_of_quantiles_tells_inside_from_outside(capsys: pytest.CaptureFixture[str]) -> None:
    assert report("a", [0.1, -0.1], Limits(max_=0.1))
    assert not report("b", [0.1, -0.3], Limits(max_=0.2))
    assert not report("c", [0.2, 0.2, 0.0], Limits(median=0.1))
    assert capsys.readouterr().out.count("OUTSIDE") == 2
