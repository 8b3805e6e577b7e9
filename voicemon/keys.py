"""Names of what facts and judgements depend on: as long as they are the same, what is kept serves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from . import __version__, serial
from .judge.standard import Standard
from .known_standards import own_cues
from .records import Facts
from .settings import Settings
from .speech.models import read_manifest

JUDGING = ("voicemon.judge", "voicemon.judge.checks", "voicemon.speech")
"""Packages whose code decides what a verdict is, once a call is heard."""


def facts_key(sha256: str, sidecar: Mapping[str, Any], model_sha256: str, settings: Settings, standard: str) -> str:
    """Names all that hearing depends on: sound, sidecar, model, settings, version, and the cues of a pack that is not shipped.

    Raises :class:`PackError`.
    """
    return key_of(__version__, sha256, dict(sidecar), model_sha256, dict(settings.for_hearing()), *own_cues(standard))


def judged_key(heard: Any, standard: Standard, lang: str) -> str:
    """Names all that a judgement depends on: facts (by their key), pack, language of its reasons, calibrated limits, version, code."""
    return key_of(heard, standard.digest, lang, __version__, _calibration(), judging_code())


@lru_cache(maxsize=1)
def judging_code() -> str:
    """A hash of the code that judges and its texts, as installed: changed code judges again even while the version is the same.

    1.3 ms, once a process. Where the code cannot be listed (a frozen program) it is that of nothing, and the version alone tells.
    """
    found = hashlib.sha256()
    for package in JUDGING:
        for file in sorted(files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith((".py", ".yaml")):
                found.update(f"{package}/{file.name}\n".encode() + file.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()


@lru_cache(maxsize=1)
def _calibration() -> str:
    return repr(sorted((name, entry.get("phrase_check"), entry.get("confusions")) for name, entry in read_manifest().items()))


def redacted_key(key: Any) -> str:
    """The key of facts that were redacted: another than that of the same facts with all words."""
    return key_of(key, "redacted")


def made_with(facts: Facts) -> dict[str, Any]:
    """What is needed to hear a call again, without the key of the store."""
    return {name: value for name, value in facts.hearing.items() if name != "key"}


def key_of(*parts: Any) -> str:
    """One hash of all ``parts`` (plain values)."""
    return hashlib.sha256(serial.dumps(list(parts)).encode("utf-8", "surrogatepass")).hexdigest()
