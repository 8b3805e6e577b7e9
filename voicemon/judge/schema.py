"""What a pack may write where: the options of check types and event types, and how each is read. Unknown ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property, partial
from typing import Any

from .conditions import ConditionError, parse_condition
from .measure_paths import measure_paths
from .phrases import Phrase, PhraseError, UnreadPhrase, compile_phrase

WHERES = ("call", "opening", "reply", "replies", "after", "before", "turn_before", "turn", "closing", "last_turn", "return")
_WINDOW_KEYS = ("after_s", "before_s", "first_s", "last_s")


@dataclass(frozen=True)
class Option:
    """One option: how it is read (``kind``), whether it must be given, its default and, for ``choice``, the choices.

    One of kind ``words`` that is not given is the word list of its own name, the pack's or that of ``_common.yaml``.
    """

    kind: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Where:
    """A window relative to a trigger (``place``) or in seconds from it (``after_s`` …) or from the call's ends."""

    place: str
    seconds: float | None = None


class OptionError(ValueError):
    """An option of a pack has a value of the wrong kind."""


@dataclass(frozen=True)
class Vocabulary:
    """What options may refer to: the pack's word lists and settings. ``is_right``: its phrases need not be looked through for faults."""

    words: Mapping[str, str]
    settings: Mapping[str, Any]
    is_right: bool = False

    @cached_property
    def phrase(self) -> Callable[[str], Phrase]:
        """Compiles a phrase with these word lists; what a pack writes in many places once."""
        return cache(partial(UnreadPhrase if self.is_right else compile_phrase, words=self.words))


def read_option(name: str, option: Option, value: Any, known: Vocabulary) -> Any:
    """Return ``value`` in the form that checks use. Raises :class:`OptionError`."""
    if isinstance(value, str) and value.startswith("$"):
        if value[1:] not in known.settings:
            raise OptionError(f"{name}: unknown setting {value[1:]!r}")
        value = known.settings[value[1:]]
    return _READERS[option.kind](name, option, value, known)


def _text(name: str, option: Option, value: Any, known: Vocabulary) -> str:
    if not isinstance(value, str):
        raise OptionError(f'{name}: {value!r} is not a text; quote it ("...")')
    return value


def _texts(name: str, option: Option, value: Any, known: Vocabulary) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_text(name, option, v, known) for v in values)


def _measure(name: str, option: Option, value: Any, known: Vocabulary) -> str:
    path = _text(name, option, value, known)
    if path not in measure_paths():
        close = get_close_matches(path, measure_paths(), 1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise OptionError(f"{name}: there is no measure {path!r}{hint}")
    return path


def _phrases(name: str, option: Option, value: Any, known: Vocabulary) -> tuple[Any, ...]:
    try:
        return tuple(known.phrase(text) for text in _texts(name, option, value, known))
    except PhraseError as error:
        raise OptionError(f"{name}: {error}") from error


def _words(name: str, option: Option, value: Any, known: Vocabulary) -> tuple[str, ...]:
    elements = [element for phrase in _phrases(name, option, value, known) for element in phrase.elements]
    for alternative in (a for element in elements for a in element if a.atoms != (a.literal,)):
        raise OptionError(f"{name}: {alternative.written!r} is more than a word; leave out what stands for other characters")
    return tuple(alternative.literal for element in elements for alternative in element)


def _number(name: str, option: Option, value: Any, known: Vocabulary) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OptionError(f"{name}: {value!r} is not a number (times are numbers of seconds)")
    return float(value)


def _flag(name: str, option: Option, value: Any, known: Vocabulary) -> bool:
    if not isinstance(value, bool):
        raise OptionError(f"{name}: {value!r} is neither true nor false")
    return value


def _choice(name: str, option: Option, value: Any, known: Vocabulary) -> str:
    if value not in option.choices:
        raise OptionError(f"{name}: {value!r} is none of {', '.join(option.choices)}")
    return str(value)


def _choices(name: str, option: Option, value: Any, known: Vocabulary) -> tuple[str, ...]:
    return tuple(_choice(name, option, v, known) for v in (value if isinstance(value, list) else [value]))


def _condition(name: str, option: Option, value: Any, known: Vocabulary) -> Any:
    try:
        return parse_condition(_text(name, option, value, known))
    except ConditionError as error:
        raise OptionError(f"{name}: {error}") from error


def _where(name: str, option: Option, value: Any, known: Vocabulary) -> Where:
    if isinstance(value, str) and value in WHERES:
        return Where(value)
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in (*_WINDOW_KEYS, "replies"):
        key, seconds = next(iter(value.items()))
        return Where(key, read_option(name, Option("number"), seconds, known))
    raise OptionError(f"{name}: {value!r} is none of {', '.join(WHERES)} or {{after_s: seconds}} and the like")


def _value(name: str, option: Option, value: Any, known: Vocabulary) -> Any:
    if not isinstance(value, str | int | float | bool | list):
        raise OptionError(f"{name}: {value!r} is not a plain value")
    return tuple(value) if isinstance(value, list) else value


_READERS = {
    "text": _text,
    "texts": _texts,
    "measure": _measure,
    "phrases": _phrases,
    "words": _words,
    "number": _number,
    "flag": _flag,
    "choice": _choice,
    "choices": _choices,
    "condition": _condition,
    "where": _where,
    "value": _value,
}
