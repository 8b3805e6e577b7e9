"""The reasons and notes that hearing writes in English, in the language of who reads them (``heard_reasons.yaml``, data)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from .serial import shipped_yaml

_NAME = re.compile(r"\{(\w+)\}")
_JOINT = "; "


def in_words(text: str, lang: str) -> str:
    """``text``, a reason or several joined by semicolons, in ``lang``; what the table does not know stays as it is."""
    if lang != "zh":
        return text
    whole = _chinese(text)
    return whole if whole is not None else "；".join(_chinese(part) or part for part in text.split(_JOINT))


def _chinese(text: str) -> str | None:
    for pattern, form in _table().items():
        found = pattern.fullmatch(text)
        if found:
            return form.format(**found.groupdict())
    return None


@lru_cache(maxsize=1)
def _table() -> Mapping[re.Pattern[str], str]:
    """Pattern of each English form -> Chinese form, in the order of the file."""
    loaded = shipped_yaml(Path(__file__).with_name("heard_reasons.yaml").read_text(encoding="utf-8"))
    return {_pattern(english): chinese for english, chinese in loaded.items()}


def _pattern(english: str) -> re.Pattern[str]:
    parts = _NAME.split(english)
    return re.compile("".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts)), re.DOTALL)
