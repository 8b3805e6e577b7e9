"""What hearing holds in memory beside the recording grows little with its length: no stage makes floats of a whole call."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import RATE_HZ, FakeEar, a_call

from voicemon.audio.decode import Recording, decode
from voicemon.hearing import hear
from voicemon.listening import CallInput, Stopwatch
from voicemon.records import Verdict
from voicemon.settings import Settings

FLOATS_OF_A_CHANNEL_BYTES = 4 * 60 * RATE_HZ  # per minute, in single precision


def peak_bytes(minutes: int) -> int:
    """Peak of what is allocated while a call of so many minutes, two channels, is heard."""
    half_minute = (a_call(30.0) * 32767).astype(np.int16)
    recording = Recording(Path("call.wav"), "0" * 64, RATE_HZ, np.tile(half_minute, 2 * minutes), "pcm_s16le")
    settings = Settings(agent_channel="left")
    tracemalloc.start()
    try:
        hear(recording, CallInput("call"), FakeEar("您好请讲"), settings, Stopwatch())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_by_less_than_the_floats_of_a_single_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicemon.measures.mos._model_path", lambda: None)  # a model of its own is loaded once, whatever the call
    monkeypatch.setattr("voicemon.audio.sound.HELD_SAMPLES", 0)  # as of a call that is longer than all of these
    peak_bytes(1)  # what is loaded once
    per_minute = (peak_bytes(12) - peak_bytes(4)) / 8
    assert per_minute < FLOATS_OF_A_CHANNEL_BYTES


@pytest.mark.parametrize("long", [False, True])
def test_memory_goes_back_between_the_stages_of_a_long_call_only(long: bool, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[None] = []
    monkeypatch.setattr("voicemon.hearing.give_back", lambda: given.append(None))
    monkeypatch.setattr("voicemon.hearing.LONG_S", 1.0 if long else 600.0)
    hear(decode(kit.call("call.wav")), CallInput("call"), FakeEar(), Settings(), Stopwatch())
    assert len(given) == (2 if long else 0)


def test_a_finished_call_leaves_nothing_to_be_collected_later(kit: Any) -> None:
    def verdicts() -> int:
        return sum(isinstance(found, Verdict) for found in gc.get_objects())

    gc.collect()
    before = verdicts()
    gc.disable()
    try:
        for i in range(3):
            kit.call(f"{i}.wav", kit.a_call(4.0 + i))
        assert len(kit.run().analysed) == 3
        assert verdicts() == before
    finally:
        gc.enable()
