"""The real model and one short two-channel call, shared by the tests of recognition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from voicemon.errors import ModelError
from voicemon.records import Span
from voicemon.speech.engine import Recogniser
from voicemon.speech.models import find_model

CLIP = Path(__file__).parents[1] / "data" / "closing.flac"
"""Nine seconds: customer 明白了，谢谢你 — agent 不客气，很高兴能为您服务 — customer 好，再见 — agent 感谢您的来电，再见."""


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    try:
        return Recogniser(find_model("base"), threads=2)
    except ModelError as err:
        pytest.skip(f"the base model is not installed: {err}")


@pytest.fixture(scope="session")
def call_audio() -> Mapping[str, np.ndarray]:
    samples, rate_hz = soundfile.read(CLIP, dtype="float32", always_2d=True)
    assert rate_hz == 8000
    return {party: resample_poly(samples[:, i], 2, 1).astype(np.float32) for i, party in enumerate(("agent", "customer"))}


@pytest.fixture(scope="session")
def call_speech() -> Mapping[str, tuple[Span, ...]]:
    return {"agent": (Span(3.23, 5.14), Span(7.58, 9.09)), "customer": (Span(0.22, 1.2), Span(1.85, 2.63), Span(5.74, 6.98))}
