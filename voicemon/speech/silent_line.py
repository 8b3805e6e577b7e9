"""A line on which only one party speaks, and says that nobody answers: an agent whose caller is silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from ..records import Utterance
from ..serial import shipped_yaml
from .text import normalise, numbers_as_read

PAUSE_S = 1.5
"""Who calls into a silent line waits that long for an answer."""
LEAST_STRETCHES = 2
LONGEST_OPENING = 60  # characters; a greeting has about 40, talk that answers at once has more


def nobody_answers(said: Sequence[Utterance]) -> bool:
    """Whether all that is ``said`` on a line, in order of time, is said into silence.

    Between its pauses it must open the line, call into it or say that nobody is heard, which comes last. An agent's side of a
    conversation, whose customer is on a channel that was not kept, has other words between its pauses.
    """
    stretches = _stretches(said)
    if len(stretches) < LEAST_STRETCHES or len(stretches[0]) > LONGEST_OPENING or any(_says(text, "somebody") for text in stretches):
        return False
    return _says(stretches[-1], "nobody") and all(_says(text, "nobody") or _says(text, "calls") for text in stretches[1:-1])


def _stretches(said: Sequence[Utterance]) -> list[str]:
    """What is said between pauses of :data:`PAUSE_S`."""
    texts = [u.text for u in said[:1]]
    for before, behind in pairwise(said):
        if behind.start_s - before.end_s > PAUSE_S:
            texts.append("")
        texts[-1] += behind.text
    return [normalise(numbers_as_read(text)) for text in texts]


def _says(text: str, kind: str) -> bool:
    return any(phrase in text for phrase in silent_line_phrases()[kind])


@lru_cache(maxsize=1)
def silent_line_phrases() -> Mapping[str, tuple[str, ...]]:
    """The phrases of ``silent_line.yaml`` (data) by their kind."""
    text = resources.files(__package__).joinpath("silent_line.yaml").read_text(encoding="utf-8")
    return {kind: tuple(map(str, phrases)) for kind, phrases in shipped_yaml(text).items()}
