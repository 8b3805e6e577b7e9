"""Characters as they are spoken: what a speaking rate counts (``docs/definitions.md``)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .text import numbers_as_read, simplify

_LATIN_RUN = re.compile(r"[a-z]+(?:'[a-z]+)?", re.IGNORECASE)
_VOWELS = re.compile(r"[aeiouy]+")
_SPELT_UP_TO = 4  # VIP, DHL, APP in capitals are spelt; longer runs in capitals are words


@lru_cache(maxsize=4096)  # mostly single words, counted by several measures and by the page
def count_characters(text: str) -> int:
    """Spoken characters of a text: Han characters, numerals as read aloud, a spelt letter 1, an English word its syllables."""
    plain = numbers_as_read(simplify(unicodedata.normalize("NFKC", text)))
    return sum(map(is_han, plain)) + sum(_latin(run) for run in _LATIN_RUN.findall(plain))


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one (CJK unified ideographs, extension A, or 〇)."""
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" or character == "〇"


def _latin(run: str) -> int:
    letters = run.replace("'", "")
    spelt = len(letters) == 1 or (letters.isupper() and len(letters) <= _SPELT_UP_TO) or not _VOWELS.search(letters.lower())
    return len(letters) if spelt else _word_syllables(letters.lower())


def _word_syllables(word: str) -> int:
    """Groups of vowels, without a silent final e (online 2, table 2, email 2)."""
    groups = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee", "ye")) and groups > 1
    return max(1, groups - silent)
