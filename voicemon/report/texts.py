"""The words of the reports in Chinese and English: one table, ``templates/texts.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from ..errors import SettingsError
from ..serial import shipped_yaml

LANGUAGES = ("zh", "en")


@lru_cache(maxsize=1)
def table() -> Mapping[str, Mapping[str, str]]:
    """Every text: key -> language -> words."""
    loaded = shipped_yaml((Path(__file__).parent / "templates" / "texts.yaml").read_text(encoding="utf-8"))
    return MappingProxyType(loaded)


@lru_cache(maxsize=len(LANGUAGES))
def texts(lang: str) -> Mapping[str, str]:
    """The texts of one language. Raises :class:`~voicemon.errors.SettingsError` for a language that is not there."""
    if lang not in LANGUAGES:
        raise SettingsError(f"--lang {lang!r} is not known: use one of {', '.join(LANGUAGES)}")
    return MappingProxyType({key: words[lang] for key, words in table().items()})
