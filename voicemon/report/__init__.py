"""Telling: reports in JSON, HTML and tables. Computes nothing that a verdict or a measure does not already say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..judge.standard import Standard
from ..records import CallReport
from .as_html import call_page
from .as_json import call_text
from .media import Media

Writer = Callable[[CallReport, Standard, Media, str], str]


def _json(report: CallReport, standard: Standard, media: Media, lang: str) -> str:
    return call_text(report, standard, lang)


# Formats of one call: ending of the file in OUT/calls -> writer(report, standard, media, lang) -> text. A new format is a new line here.
WRITERS: Mapping[str, Writer] = MappingProxyType({"json": _json, "html": call_page})
