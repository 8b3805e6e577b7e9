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
    left = list(merge(spans))
    for hole in merge(holes):
        rest: list[Span] = []
        for span in left:
            if hole.end_s <= span.start_s or hole.start_s >= span.end_s:
                rest.append(span)
                continue
            if span.start_s < hole.start_s:
                rest.append(Span(span.start_s, hole.start_s))
            if hole.end_s < span.end_s:
                rest.append(Span(hole.end_s, span.end_s))
        left = rest
    return tuple(left)


def total_s(spans: Iterable[Span]) -> float:
    """Seconds covered by the union of ``spans``."""
    return sum(span.duration_s for span in merge(spans))
