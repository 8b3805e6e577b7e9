"""Hearing: facts of a call, the same ones every time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fakes import FakeEar

from voicemon import serial
from voicemon.audio.decode import decode
from voicemon.hearing import hear
from voicemon.listening import CallInput, Stopwatch
from voicemon.records import Facts
from voicemon.settings import Settings


def heard(kit: Any, samples: np.ndarray | None = None, sidecar: dict[str, Any] | None = None, **settings: Any) -> Facts:
    path = kit.call("call.wav", samples)
    return hear(decode(path), CallInput("call", sidecar or {}), FakeEar(), Settings(**settings), Stopwatch())


def test_each_channel_is_its_own_party(kit: Any) -> None:
    facts = heard(kit, agent_channel="right")
    assert (facts.roles.agent, facts.roles.customer) == ("right", "left")
    assert [u.speaker for u in facts.transcript] == ["customer", "agent"]
    assert facts.speech["agent"][0].start_s == pytest.approx(3.0, abs=0.1)


def test_the_same_call_gives_the_same_facts_to_the_byte(kit: Any) -> None:
    assert serial.dumps(serial.to_plain(heard(kit))) == serial.dumps(serial.to_plain(heard(kit)))


def test_facts_survive_being_kept(kit: Any) -> None:
    facts = heard(kit, sidecar={"agent_id": "7", "register": [], "unknown": [1, {"a": None}]}, agent_channel="left")
    again = serial.from_plain(serial.to_plain(facts), Facts)
    assert serial.to_plain(again) == serial.to_plain(facts) and again.measures.ring == facts.measures.ring


def test_the_time_of_each_stage_is_told_and_not_kept(kit: Any) -> None:
    watch = Stopwatch()
    facts = hear(decode(kit.call("call.wav")), CallInput("call"), FakeEar(), Settings(), watch)
    assert {"channels", "tones", "vad", "recognise", "roles", "measures", "line quality"} == set(watch.stages_s)
    assert "stages" not in serial.dumps(serial.to_plain(facts))


def test_facts_say_what_made_them(kit: Any) -> None:
    made = heard(kit).hearing
    assert made["model"] == "fake" and made["settings"]["agent_channel"] == "auto" and made["libraries"]["numpy"] != "unknown"


def test_the_release_of_the_sidecar_ends_the_call(kit: Any) -> None:
    samples = np.concatenate([kit.a_call(6.0), np.stack([kit.silence(10.0)] * 2)], axis=1)
    until_end = heard(kit, samples, agent_channel="left").measures.waits
    released = heard(kit, samples, {"released_after_s": 4.0}, agent_channel="left").measures.waits
    assert [w.end_s for w in until_end] == pytest.approx([16.0]) and [w.end_s for w in released] == pytest.approx([10.0], abs=0.1)


def test_a_mute_of_the_sidecar_makes_the_wait_a_hold(kit: Any) -> None:
    samples = np.concatenate([kit.a_call(6.0), np.stack([kit.silence(10.0)] * 2), kit.a_call(6.0)], axis=1)
    facts = heard(kit, samples, {"mutes": [{"start_s": 6.5, "duration_s": 9}]}, agent_channel="left")
    assert [w.kind for w in facts.measures.waits] == ["hold"]


def test_bleed_is_charged_to_nobody(kit: Any) -> None:
    pause = np.stack([kit.silence(1.5)] * 2)
    call = np.concatenate([kit.a_call(8.0)[:, :32_000], pause, kit.a_call(8.0)[:, 32_000:]], axis=1)
    call[1] += np.float32(0.2) * call[0]
    facts = heard(kit, call, agent_channel="left")
    assert all(span.start_s > 5.0 for span in facts.speech["customer"]) and any("bleeds" in note for note in facts.notes)


def test_a_silent_channel_is_noted(kit: Any) -> None:
    facts = heard(kit, np.stack([kit.speech_like(4.0), np.zeros(32_000, np.float32)]), agent_channel="left")
    assert any("right channel is silent" in note for note in facts.notes) and not facts.speech["customer"]


class NotingEar(FakeEar):
    """Notes what it was given to hear."""

    def transcribe_many(self, jobs: Any) -> Any:
        self.__dict__["jobs"] = {job.speaker: job for job in jobs}
        return super().transcribe_many(jobs)


def test_a_noisy_line_is_also_heard_without_its_noise_and_measured_with_it(kit: Any) -> None:
    samples = kit.a_call(12.0)
    samples[1] += np.random.default_rng(3).normal(0, 0.01, samples.shape[1])
    ear, recording = NotingEar(), decode(kit.call("call.wav", samples))
    facts = hear(recording, CallInput("call"), ear, Settings(agent_channel="left"), Stopwatch())
    left, right = ear.__dict__["jobs"]["left"], ear.__dict__["jobs"]["right"]
    assert left.denoised is None and len(right.denoised) == len(right.x)
    pause = slice(16_000, 64_000)
    assert np.std(right.denoised[pause]) < 0.4 * np.std(right.x[pause])
    assert facts.measures.level["customer"].noise_dbov == pytest.approx(-40.0, abs=1.0)
