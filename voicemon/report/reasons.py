"""The reasons and notes of hearing in the language of a page: English as they come, or their Chinese form (``templates/reasons.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..records import CallReport, Measures
from ..serial import shipped_yaml

_NAME = re.compile(r"\{(\w+)\}")
_JOINT = "; "


def in_words(text: str, lang: str) -> str:
    """``text``, a reason or several joined by semicolons, in ``lang``; what the table does not know stays as it is."""
    if lang != "zh":
        return text
    whole = _chinese(text)
    return whole if whole is not None else "；".join(_chinese(part) or part for part in text.split(_JOINT))


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


def _chinese(text: str) -> str | None:
    for pattern, form in _table().items():
        found = pattern.fullmatch(text)
        if found:
            return form.format(**found.groupdict())
    return None


@lru_cache(maxsize=1)
def _table() -> Mapping[re.Pattern[str], str]:
    """Pattern of each English form -> Chinese form, in the order of the file."""
    loaded = shipped_yaml((Path(__file__).parent / "templates" / "reasons.yaml").read_text(encoding="utf-8"))
    return {_pattern(english): chinese for english, chinese in loaded.items()}


def _pattern(english: str) -> re.Pattern[str]:
    parts = _NAME.split(english)
    return re.compile("".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts)), re.DOTALL)
