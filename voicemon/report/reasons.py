"""The reasons and notes of a call in the language of a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..heard_reasons import in_words
from ..records import CallReport, Measures


def with_reasons_in(report: CallReport, lang: str) -> CallReport:
    """``report`` with every reason and note of hearing and of the score in ``lang``; verdicts have their own language."""
    if lang == "en":
        return report
    facts = report.facts
    told = replace(facts, roles=_told(facts.roles, lang), measures=_measures(facts.measures, lang),
                   notes=tuple(in_words(note, lang) for note in facts.notes))
    return replace(report, facts=told, score=_told(report.score, lang))


def _measures(measures: Measures, lang: str) -> Measures:
    rates = {party: _told(value, lang) for party, value in measures.speaking_rate.items()}
    levels = {party: _told(value, lang) for party, value in measures.level.items()}
    tones = {party: _told(value, lang) for party, value in measures.tone.items()}
    lines = {party: _told(value, lang) for party, value in measures.line_quality.items()}
    return replace(measures, speaking_rate=rates, level=levels, tone=tones, line_quality=lines, ring=_told(measures.ring, lang))


def _told(value: Any, lang: str) -> Any:
    return replace(value, reason=in_words(value.reason, lang)) if value.reason else value
