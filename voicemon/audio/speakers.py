"""Two voices on one channel: who speaks when, how surely they are two, and whether there is a third.

speech → windows → embeddings (:mod:`.speaker_encoder`) → two clusters → Viterbi in steps of 0.1 s, where a voice may change at
a pause cheaply and inside a run of speech at a price → centroids again from windows of one voice only → a try at three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import numpy.typing as npt

from ..records import Span
from ..spans import merge
from .sound import Float32, Samples, at_rate
from .speaker_clusters import Floats, Ints, best_path, path_certainty, split, unit
from .speaker_encoder import EMBEDDING_SIZE, ENCODER_HZ, HOP_S, embed, frame_count, mel_frames

WINDOW_SPEECH_POWER = 0.388
"""Mean over frames of the summed mel bands of speech at -30 dBFS, the level the encoder was trained at (Resemblyzer)."""
WINDOWS_AT_ONCE = 256
SIZES_PER_S = 10  # windows are of whole tenths of a second, so that many are encoded at once


@dataclass(frozen=True)
class SpeakerSettings:
    """Times and limits, measured with ``benchmarks/separation.py``.

    ``alike``/``apart``: cosine between the mean embeddings of two voices from which they are surely one, surely two. Real pairs
    gave 0.74-0.79, one voice cut in two 0.86-0.96. ``least_margin``: share of that way from which the separation is believed.
    ``third_cosine``: a third voice must lie so far from both others. ``doubt``: where another
    voice would cost the best path less, a stretch is nobody's.
    """

    window_s: float = 0.8
    hop_s: float = 0.2
    shortest_s: float = 0.2
    step_s: float = 0.1
    weight: float = 8.0
    change_cost: float = 3.0
    pause_cost: float = 1.0
    rounds: int = 4
    alike: float = 0.95
    apart: float = 0.75
    least_margin: float = 0.6
    least_voice_s: float = 2.5
    third_cosine: float = 0.83
    third_s: float = 3.0
    doubt: float = 1.0


@dataclass(frozen=True)
class Voices:
    """Speech of each voice by name, in order of their first words: ``voice_1``, ``voice_2``; ``others`` is a third one's.

    Empty with a ``reason`` where two voices cannot be told. ``margin`` (0-1) says how surely they are two; ``doubtful`` are
    stretches inside the speech that no voice fits.
    """

    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    others: tuple[Span, ...] = ()
    doubtful: tuple[Span, ...] = ()
    margin: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class _Windows:
    """Windows of speech: ``start_s``/``end_s`` float ``(n,)``, ``x`` embeddings ``(n, 256)``."""

    start_s: Floats
    end_s: Floats
    x: Floats

    @property
    def seconds(self) -> Floats:
        return self.end_s - self.start_s


@dataclass(frozen=True, eq=False)
class _Labels:
    """Voice of each step of speech: ``steps`` ``(m, 2)`` in s, ``voice`` ``(m,)`` and how certain it is, the centroids."""

    steps: Floats
    voice: Ints
    certainty: Floats
    centroids: Floats

    def seconds(self, voice: int) -> float:
        return float(np.diff(self.steps[self.voice == voice], axis=1).sum())

    @property
    def nearest(self) -> float:
        """Largest cosine between two centroids."""
        cosines = self.centroids @ self.centroids.T
        return float(cosines[np.triu_indices(len(cosines), 1)].max())


def separate_voices(x: Samples, rate_hz: int, speech: Sequence[Span], settings: SpeakerSettings | None = None) -> Voices:
    """The two voices in ``speech`` of one channel ``x`` (float32 mono). Deterministic. Raises :class:`ModelError`.

    Nothing is guessed: where the two halves sound alike, or one has hardly any speech, there is a reason instead of voices.
    """
    s = settings or SpeakerSettings()
    windows = _embedded(x, rate_hz, merge(speech), s)
    if len(windows.x) < 4:
        return Voices(reason="one channel: too little speech to tell two voices")
    found = _label(windows, merge(speech), split(windows.x, windows.seconds), s)
    margin = float(np.clip((s.alike - found.nearest) / (s.alike - s.apart), 0.0, 1.0))
    if min(found.seconds(0), found.seconds(1)) < s.least_voice_s:
        return Voices(margin=0.0, reason="one channel: no second voice with enough speech")
    if margin < s.least_margin:
        return Voices(margin=margin, reason="one channel: its voices are too alike to be told apart")
    third = _third(windows, merge(speech), found, s)
    return _told(third or found, margin, s)


def _embedded(x: Samples, rate_hz: int, speech: Sequence[Span], s: SpeakerSettings) -> _Windows:
    """Windows of ``window_s`` every ``hop_s`` inside each span, one for a shorter span, none for a very short one."""
    places: list[tuple[float, float]] = []
    for span in speech:
        if span.duration_s >= s.shortest_s:
            length_s = min(s.window_s, span.duration_s)
            count = int(np.ceil((span.duration_s - length_s) / s.hop_s - 1e-6)) + 1
            places += [(float(a), float(a) + length_s) for a in np.linspace(span.start_s, span.end_s - length_s, count)]
    at = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    x_16k = at_rate(x, rate_hz, ENCODER_HZ)
    total = frame_count(x_16k)
    sizes = np.maximum(1, np.rint((at[:, 1] - at[:, 0]) * SIZES_PER_S)).astype(int) * round(1 / HOP_S / SIZES_PER_S)
    firsts = np.clip(np.rint(at.mean(axis=1) / HOP_S - sizes / 2).astype(int), 0, np.maximum(0, total - sizes))
    embeddings = np.zeros((len(at), EMBEDDING_SIZE))
    for some in np.split(np.arange(len(at)), range(WINDOWS_AT_ONCE, len(at), WINDOWS_AT_ONCE)):
        embeddings[some] = _embeddings(x_16k, firsts[some], sizes[some])
    heard = np.linalg.norm(embeddings, axis=1) > 0.5  # a window of digital silence has no direction
    return _Windows(at[heard, 0], at[heard, 1], embeddings[heard])


def _embeddings(x_16k: Samples, firsts: Ints, sizes: Ints) -> Float32:
    """An embedding for each window of ``sizes`` mel frames from ``firsts`` on; they follow one another in time."""
    found = np.zeros((len(firsts), EMBEDDING_SIZE), dtype=np.float32)
    if not len(firsts):
        return found
    low = int(firsts.min())
    mels = mel_frames(x_16k, low, int((firsts + sizes).max()))
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        found[which] = embed(_levelled(np.stack([mels[i - low : i - low + size] for i in firsts[which]])))
    return found


def _levelled(windows: Float32) -> Float32:
    """Each window at the level the encoder knows: how loud a party is must not count."""
    power = windows.sum(axis=2).mean(axis=1)
    return np.asarray(windows * (WINDOW_SPEECH_POWER / np.maximum(power, 1e-12))[:, None, None], dtype=np.float32)


def _label(windows: _Windows, speech: Sequence[Span], centroids: Floats, s: SpeakerSettings) -> _Labels:
    """Viterbi path and centroids in turn, until they agree."""
    steps = _steps(speech, s.step_s)
    middle_s = steps.mean(axis=1)
    gap_s = np.concatenate([[np.inf], steps[1:, 0] - steps[:-1, 1]])
    cost = np.where(gap_s < s.step_s / 2, s.change_cost, s.pause_cost)
    for _ in range(s.rounds):
        scores = _scores(windows, centroids, middle_s)
        ranked = np.sort(scores, axis=1)
        lead = ranked[:, -1] - ranked[:, -2]
        usual = max(float(np.percentile(lead, 70)), 0.03)
        evidence = np.clip((scores - ranked[:, -1:]) / usual, -3.0, 0.0) * (s.weight / 3)
        labels = _Labels(steps, best_path(evidence, cost), path_certainty(evidence, cost), centroids)
        centroids = _centroids(windows, labels, middle_s)
        if np.abs(centroids - labels.centroids).max() < 1e-4:
            break
    return labels


def _steps(speech: Sequence[Span], step_s: float) -> Floats:
    parts = [np.linspace(p.start_s, p.end_s, max(1, round(p.duration_s / step_s)) + 1) for p in speech]
    return np.concatenate([np.stack([p[:-1], p[1:]], axis=1) for p in parts])


def _scores(windows: _Windows, centroids: Floats, middle_s: Floats) -> Floats:
    """Cosine with each voice at each step: of the windows over it, those whose middle is near count most."""
    cosines = windows.x @ centroids.T
    total = np.zeros((len(middle_s), len(centroids)))
    weight = np.zeros(len(middle_s))
    firsts, lasts = np.searchsorted(middle_s, windows.start_s), np.searchsorted(middle_s, windows.end_s)
    for cosine, first, last, start_s, end_s in zip(cosines, firsts, lasts, windows.start_s, windows.end_s, strict=True):
        off = np.abs(middle_s[first:last] - (start_s + end_s) / 2) / ((end_s - start_s) / 2)
        near = np.maximum(0.02, 1.0 - off) ** 4
        total[first:last] += near[:, None] * cosine
        weight[first:last] += near
    return np.asarray(total / np.maximum(weight, 1e-12)[:, None])


def _centroids(windows: _Windows, labels: _Labels, middle_s: Floats) -> Floats:
    """Mean embedding of each voice over the windows that hold no other; a voice without such a window keeps its old one."""
    first, last = np.searchsorted(middle_s, windows.start_s), np.searchsorted(middle_s, windows.end_s)
    means = labels.centroids.copy()
    for voice in range(len(means)):
        count = np.concatenate([[0], np.cumsum(labels.voice == voice)])
        pure = (last > first) & (count[last] - count[first] == last - first)
        if pure.any():
            means[voice] = unit((windows.x[pure] * windows.seconds[pure, None]).sum(axis=0))
    return means


def _third(windows: _Windows, speech: Sequence[Span], two: _Labels, s: SpeakerSettings) -> _Labels | None:
    """Labels of three voices, if one of the two falls into voices as far apart as the two are; in more than one place."""
    nearest = (windows.x @ two.centroids.T).argmax(axis=1)
    best: _Labels | None = None
    for voice in range(2):
        own = nearest == voice
        if own.sum() < 4:
            continue
        halves = split(windows.x[own], windows.seconds[own])
        three = _label(windows, speech, np.vstack([halves, two.centroids[1 - voice]]), s)
        enough = min(three.seconds(v) for v in range(3)) >= s.third_s
        runs = min(sum(v == key for key, _ in groupby(three.voice)) for v in range(3))
        if enough and runs >= 2 and three.nearest < min(s.third_cosine, best.nearest if best else 1.0):
            best = three
    return best


def _told(labels: _Labels, margin: float, s: SpeakerSettings) -> Voices:
    """Spans of the two who speak most, by their first words, and of the third."""
    most = sorted(range(len(labels.centroids)), key=labels.seconds, reverse=True)
    first = sorted(most[:2], key=lambda v: int(np.argmax(labels.voice == v)))
    spans = {f"voice_{i + 1}": _spans(labels, labels.voice == v) for i, v in enumerate(first)}
    others = _spans(labels, np.isin(labels.voice, most[2:]))
    return Voices(spans, others, _spans(labels, labels.certainty < s.doubt), margin)


def _spans(labels: _Labels, chosen: npt.NDArray[np.bool_]) -> tuple[Span, ...]:
    return merge((Span(float(a), float(b)) for a, b in labels.steps[chosen]), gap_s=1e-6)
