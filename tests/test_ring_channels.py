"""A ring counts once, on whichever channels it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import rings
from fakes import FakeEar

from voicemon.audio.cadences import CADENCES, RING
from voicemon.audio.decode import decode
from voicemon.hearing import hear
from voicemon.listening import CallInput, Stopwatch
from voicemon.settings import Settings

CHINA = next(c for c in CADENCES if c.kind == RING and c.country == "cn")


@pytest.mark.parametrize("on", [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.1)])
def test_a_ring_on_one_channel_or_both_counts_once(kit: Any, on: tuple[float, float]) -> None:
    ring = 0.1 * rings.render(CHINA, 2)
    line = 0.0005 * np.random.default_rng(0).standard_normal((2, ring.size))
    ringing = (np.array(on)[:, None] * ring + line).astype(np.float32)
    path = kit.call("call.wav", np.concatenate([ringing, kit.a_call(6.0)], axis=1))
    facts = hear(decode(path), CallInput("call"), FakeEar(), Settings(agent_channel="left"), Stopwatch())
    found = facts.measures.ring
    assert (found.source, found.count, found.country) == ("recording", 2, CHINA.country)
    assert found.start_s == pytest.approx(0.0, abs=0.05) and found.answer_s is not None
