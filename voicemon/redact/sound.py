"""The recording without what was masked: a faint tone lies over each stretch, on every channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..audio.decode import Int16, Recording
from ..records import Redaction, Span
from ..spans import merge

TONE_HZ = 1000.0
TONE_PEAK = 260  # about -45 dBov: heard as a mark, hurts nobody
CODEC = "redacted"  # no file on disk holds these samples, so none may be copied in their place


def silenced(recording: Recording, redactions: Iterable[Redaction]) -> Recording:
    """``recording`` with every redacted stretch replaced by a faint tone.

    All channels: a line echoes what is said on the other, and bleed too faint to be noticed can still be amplified.
    """
    samples = over(recording.samples, recording.sample_rate_hz, merge(Span(r.start_s, r.end_s) for r in redactions))
    return replace(recording, samples=samples, codec=CODEC)


def over(samples: Int16, rate_hz: int, spans: Iterable[Span]) -> Int16:
    """int16 ``samples`` of shape ``(channels, n)`` with ``spans`` replaced by the tone; nothing of the sound below is left."""
    changed = samples.copy()
    tone = np.rint(TONE_PEAK * np.sin(2 * np.pi * TONE_HZ / rate_hz * np.arange(samples.shape[1]))).astype(np.int16)
    for span in spans:
        first, last = max(0, int(span.start_s * rate_hz)), min(samples.shape[1], int(np.ceil(span.end_s * rate_hz)))
        changed[:, first:last] = tone[first:last]
    changed.flags.writeable = False
    return changed
