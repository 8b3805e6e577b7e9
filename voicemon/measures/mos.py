"""Line quality of one party as listeners would rate it: DNSMOS P.835, the model of the package ``speechmos`` (extra ``mos``).

C. K. A. Reddy, V. Gopal, R. Cutler, "DNSMOS P.835", ICASSP 2022: opinion scores 1 (bad) to 5 (excellent) of the speech, of the
background and of the whole, after ITU-T P.835. The package is only a home for the weights: its own code wants librosa, which the
P.835 model does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..audio.sound import Samples, Spliced, at_rate
from ..records import LineQuality, Span
from ..spans import merge, total_s

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PACKAGE = "speechmos"
MODEL_FILE = "dnsmos_models/sig_bak_ovr.onnx"
MODEL_HZ = 16_000
WINDOW = 144_160  # samples: the 9.01 s that the model was trained on
MOST_WINDOWS = 2  # the reference takes one per second; two, at the start and the end, are within 0.2 of its mean at a tenth of the cost
MIN_SPEECH_S = 2.0  # less would be repeated five times and more to fill a window
# From the model's raw scores to opinion scores: polynomials of speechmos 0.0.1.1, dnsmos.py, highest power first.
SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
OVERALL = (-0.06766283, 1.11546468, 0.04602535)


def line_quality(x: Samples, rate_hz: int, speech: Sequence[Span]) -> LineQuality:
    """Line quality of one party; ``x`` is its channel (mono floats in [-1, 1)), ``speech`` its own spans.

    Every figure is ``None`` with a reason where the extra ``mos`` is not installed or too little is said.
    """
    path = _model_path()
    if path is None:
        return LineQuality(reason="line quality: the extra mos is not installed")
    if total_s(speech) < MIN_SPEECH_S:
        return LineQuality(reason="line quality: less than 2 s of speech")
    own = at_rate(Spliced.of(x, rate_hz, merge(speech)), rate_hz, MODEL_HZ)
    signal, background, overall = np.mean([_scores(window, path) for window in windows(own)], axis=0)
    return LineQuality(float(signal), float(background), float(overall))


def windows(x_16k: Samples) -> list[np.ndarray]:
    """At most :data:`MOST_WINDOWS` windows of 9.01 s, evenly spread; shorter sound is repeated to fill one, as the package does."""
    if len(x_16k) < WINDOW:
        return [np.resize(x_16k[:], WINDOW)]
    count = min(MOST_WINDOWS, 1 + (len(x_16k) - WINDOW) // MODEL_HZ)
    starts = np.linspace(0, len(x_16k) - WINDOW, count).round().astype(int)
    return [x_16k[start : start + WINDOW] for start in starts]


def _scores(window: np.ndarray, path: Path) -> tuple[float, float, float]:
    raw = _session(path).run(None, {"input_1": np.asarray(window, dtype=np.float32)[None]})[0][0]
    signal, background, overall = (float(np.polyval(curve, value)) for curve, value in zip((SIGNAL, BACKGROUND, OVERALL), raw, strict=True))
    return signal, background, overall


def _model_path() -> Path | None:
    """Where the package has the model; ``None`` without the package. It is looked up, never imported."""
    spec = find_spec(PACKAGE)
    path = Path(spec.origin).parent / MODEL_FILE if spec is not None and spec.origin else None
    return path if path is not None and path.is_file() else None


@lru_cache(maxsize=1)
def _session(path: Path) -> InferenceSession:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers share the cores already; the result stays the same
    options.log_severity_level = 3
    return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
