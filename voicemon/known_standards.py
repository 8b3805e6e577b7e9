"""Standards by name, each loaded once per process, and what is asked of all that are shipped."""

from __future__ import annotations

from functools import lru_cache

from .errors import PackError
from .judge.loader import list_standards, load_standard
from .judge.standard import Standard


@lru_cache(maxsize=16)
def standard_named(name: str) -> Standard:
    """A standard, loaded once per process. Raises :class:`PackError`."""
    return load_standard(name)


def cues_with(standard: Standard) -> tuple[str, ...]:
    """Phrases only an agent says: those of the standard at hand and of all shipped ones, so that facts serve every standard."""
    shipped = (cue for other in shipped_standards() for cue in other.cues)
    return tuple(dict.fromkeys((*standard.cues, *shipped)))


def shipped_standards() -> tuple[Standard, ...]:
    """Every shipped standard that loads: one that does not stops only the calls that are judged by it."""
    loaded = []
    for name in list_standards():
        try:
            loaded.append(standard_named(name))
        except PackError:
            continue  # told where it is asked for by name
    return tuple(loaded)


def known_standards(name: str | None = None) -> dict[str, Standard]:
    """Every standard that a report in OUT may name, as far as it is known: the shipped ones and the one named, by name."""
    own = (standard_named(name),) if name else ()
    return {standard.name: standard for standard in (*shipped_standards(), *own)}


@lru_cache(maxsize=16)
def own_cues(standard: str) -> tuple[str, ...]:
    """What the cues of a standard add to those of all shipped ones: nothing, where it is one of them, so that facts serve them all."""
    return tuple(sorted(set(standard_named(standard).cues) - {cue for other in shipped_standards() for cue in other.cues}))
