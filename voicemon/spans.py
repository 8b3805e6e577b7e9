"""Arithmetic on spans. Inputs need not be sorted; results are sorted and never overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .records import Span


def merge(spans: Iterable[Span], gap_s: float = 0.0) -> tuple[Span, ...]:
    """Union of ``spans``; neighbours at most ``gap_s`` apart become one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start_s, s.end_s)):
        if merged and span.start_s <= merged[-1].end_s + gap_s:
            merged[-1] = Span(merged[-1].start_s, max(merged[-1].end_s, span.end_s))
        elif span.end_s > span.start_s:
            merged.append(span)
    return tuple(merged)


def intersect(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """The stretches that lie in both."""
    found = []
    a, b = merge(left), merge(right)
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i].start_s, b[j].start_s), min(a[i].end_s, b[j].end_s)
        if end > start:
            found.append(Span(start, end))
        if a[i].end_s < b[j].end_s:
            i += 1
        else:
            j += 1
    return tuple(found)


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """``spans`` without what lies in ``holes``."""
    left: list[Span] = []
    cut = merge(holes)
    at = 0
    for span in merge(spans):
        while at < len(cut) and cut[at].end_s <= span.start_s:
            at += 1
        start_s, i = span.start_s, at
        while i < len(cut) and cut[i].start_s < span.end_s:
            if start_s < cut[i].start_s:
                left.append(Span(start_s, cut[i].start_s))
            start_s = max(start_s, cut[i].end_s)
            i += 1
        if start_s < span.end_s:
            left.append(Span(start_s, span.end_s))
    return tuple(left)


def covered_s(spans: Sequence[Span], by: Iterable[Span]) -> list[float]:
    """Of each of ``spans`` (in order, not overlapping) the seconds that lie in ``by``."""
    cover = merge(by)
    found, at = [], 0
    for span in spans:
        while at < len(cover) and cover[at].end_s <= span.start_s:
            at += 1
        seconds, i = 0.0, at
        while i < len(cover) and cover[i].start_s < span.end_s:
            seconds += max(0.0, min(cover[i].end_s, span.end_s) - max(cover[i].start_s, span.start_s))
            i += 1
        found.append(seconds)
    return found


def total_s(spans: Iterable[Span]) -> float:
    """Seconds covered by the union of ``spans``."""
    return sum(span.duration_s for span in merge(spans))
