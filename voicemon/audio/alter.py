"""Changing a recording on purpose: silencing, lengthening a pause, speaking faster, speaking lower. Inputs are never edited.

Samples are int16 of shape ``(channels, n)`` at ``rate_hz``, as :func:`voicemon.audio.decode.decode` gives them. What is filled in
is the line's own background, so that no one takes it for a muted line or for the end of the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import av
import av.filter
import numpy as np
from av.audio.frame import AudioFrame

from ..records import Span
from .decode import Int16

LEAST_PAUSE_S = 0.2
EDGE_S = 0.05  # the first and last moments of a pause may still hold a word's tail
MOST_AT_ONCE = 2.0  # FFmpeg's atempo drops samples above this factor, so larger ones are done in two steps


def background(x: Int16, rate_hz: int, pauses: Iterable[Span], n: int) -> Int16:
    """``n`` samples of the line's own noise: its quietest pause that is not digital silence, to and fro; zeros where there is none."""
    best: Int16 | None = None
    least = np.inf
    for pause in pauses:
        first, last = round((pause.start_s + EDGE_S) * rate_hz), round((pause.end_s - EDGE_S) * rate_hz)
        piece = x[max(0, first) : max(0, last)]
        if piece.size < (LEAST_PAUSE_S - 2 * EDGE_S) * rate_hz:
            continue
        power = float(np.mean(piece.astype(np.float64) ** 2))
        if 0.0 < power < least:
            best, least = piece, power
    return np.zeros(n, dtype=np.int16) if best is None else _to_and_fro(best, n)


def silence(samples: Int16, rate_hz: int, channel: int, spans: Sequence[Span], pauses: Sequence[Span]) -> Int16:
    """``samples`` with ``spans`` of one channel replaced by that line's :func:`background`."""
    changed = samples.copy()
    for span in spans:
        first, last = max(0, round(span.start_s * rate_hz)), min(samples.shape[1], round(span.end_s * rate_hz))
        if last > first:
            changed[channel, first:last] = background(samples[channel], rate_hz, pauses, last - first)
    return changed


def lengthen(samples: Int16, rate_hz: int, pause: Span, by_s: float) -> Int16:
    """``samples`` with ``pause`` made longer by ``by_s``: what lies in it, to and fro, on all channels. All that follows comes later."""
    middle = round((pause.start_s + pause.end_s) / 2 * rate_hz)
    half = max(1, round((pause.end_s - pause.start_s) / 4 * rate_hz))
    piece = samples[:, max(0, middle - half) : middle + half]
    more = np.stack([_to_and_fro(line, round(by_s * rate_hz)) for line in piece])
    return np.concatenate([samples[:, :middle], more, samples[:, middle:]], axis=1)


def hasten(samples: Int16, rate_hz: int, channel: int, turns: Sequence[Span], factor: float) -> Int16:
    """``samples`` with each turn of one channel spoken ``factor`` times as fast at the same pitch, from the moment it began.

    The time that is won is filled with the line's :func:`background`, so that the other channel stays where it was.
    """
    changed = samples.copy()
    edges = [0.0, *(t for turn in turns for t in (turn.start_s, turn.end_s)), samples.shape[1] / rate_hz]
    pauses = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    for turn in turns:
        first, last = round(turn.start_s * rate_hz), min(samples.shape[1], round(turn.end_s * rate_hz))
        faster = tempo(samples[channel, first:last], rate_hz, factor)[: last - first]
        rest = background(samples[channel], rate_hz, pauses, last - first - faster.size)
        changed[channel, first:last] = np.concatenate([faster, rest])
    return changed


def lower(samples: Int16, channel: int, by_db: float) -> Int16:
    """``samples`` with one channel ``by_db`` fainter, its noise too, as if the speaker's whole line were."""
    changed = samples.copy()
    changed[channel] = np.rint(samples[channel] * 10.0 ** (-by_db / 20.0)).astype(np.int16)
    return changed


def tempo(x: Int16, rate_hz: int, factor: float) -> Int16:
    """``x`` (shape ``(n,)``) ``factor`` times as fast at the same pitch (FFmpeg's ``atempo``: waveform-similarity overlap-add)."""
    if x.size == 0 or factor == 1.0:
        return x
    steps = 1 if factor <= MOST_AT_ONCE else 2
    for _ in range(steps):
        x = _atempo(x, rate_hz, factor ** (1.0 / steps))
    return x


def _atempo(x: Int16, rate_hz: int, factor: float) -> Int16:
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate_hz, format="s16", layout="mono", time_base=Fraction(1, rate_hz))
    sink = graph.add("abuffersink")
    filtered = graph.add("atempo", f"{factor:.6f}")
    source.link_to(filtered)
    filtered.link_to(sink)
    graph.configure()
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(x)[np.newaxis], format="s16", layout="mono")
    frame.sample_rate, frame.pts = rate_hz, 0
    graph.push(frame)
    graph.push(None)
    pieces = []
    while True:
        try:
            pieces.append(graph.pull().to_ndarray()[0])
        except (av.FFmpegError, EOFError, StopIteration):
            break  # the filter has given all it had
    return np.concatenate(pieces).astype(np.int16) if pieces else np.zeros(0, dtype=np.int16)


def _to_and_fro(piece: Int16, n: int) -> Int16:
    """``n`` samples of ``piece``, forwards and backwards in turn: no jump where one meets the next."""
    if piece.size == 0 or n <= 0:
        return np.zeros(max(0, n), dtype=np.int16)
    both = np.concatenate([piece, piece[::-1]])
    return np.asarray(np.tile(both, -(-n // both.size))[:n])
