"""Who speaks on one channel, by the words: for voices that sound too much alike, and where it is not certain, with what chance.

A logistic regression over the utterances of a call: what an agent says, what a customer says, what stands before and behind it.
``benchmarks/word_speakers.py`` fits its weights. It is never one answer alone: :func:`tell_speakers` draws labellings of the whole
call from what the model thinks possible, so that who judges can see what hangs on a doubt. Who spoke before is not weighed beside what
was said: fitted so, the words tell less, and where one utterance is mistaken its neighbours follow.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from random import Random

from ..records import AGENT, CUSTOMER, Reading
from .pinyin import syllables
from .text import normalise, numbers_as_read

PARTIES = (AGENT, CUSTOMER)
DRAWN, LEAST_DRAWN, DRAWN_UTTERANCES = 40, 8, 4000
"""Labellings drawn of a call, and of how many utterances in all: a call of hours is judged fewer times, and what its readings do not all
agree on then accuses nobody."""
LONGEST, LONGEST_SOUND, EDGE, MOST_LONG = 3, 3, 2, 6

SpeakerWeights = Mapping[str, float]
"""Natural-log odds of the agent for each feature."""


@dataclass(frozen=True)
class WordSpeakers:
    """``agent`` is the chance of each utterance to be the agent's, ``(n,)``; ``readings`` are the labellings drawn, likeliest first;
    ``known`` is the share of the pairs of characters that the model knows: of what is not talk of its kind it knows little."""

    agent: tuple[float, ...]
    readings: tuple[Reading, ...]
    known: float


def tell_speakers(texts: Sequence[str], mixed: Set[int] = frozenset(), weights: SpeakerWeights | None = None) -> WordSpeakers:
    """Who says each of ``texts``, the utterances of one channel in order of time. Deterministic.

    ``mixed``: which of them may hold words of both, so that what they say does not tell; readings give them to one party or the other.
    """
    weights = weights or speaker_weights()
    said = [normalise(numbers_as_read(text)) for text in texts]
    if not said:
        return WordSpeakers((), (), 0.0)
    agent = tuple(0.5 if i in mixed else _chance(odds) for i, odds in enumerate(_odds(said, weights)))
    rng = Random(0)
    count_drawn = max(LEAST_DRAWN, min(DRAWN, DRAWN_UTTERANCES // len(said)))
    drawn = Counter(tuple(int(rng.random() >= chance) for chance in agent) for _ in range(count_drawn))
    ranked = sorted(drawn.items(), key=lambda pair: (-pair[1], pair[0]))
    readings = tuple(Reading(round(count / count_drawn, 4), tuple(PARTIES[p] for p in path)) for path, count in ranked)
    pairs = [f"0{text[i : i + 2]}" for text in said for i in range(len(text) - 1)]
    return WordSpeakers(agent, readings, sum(pair in weights for pair in pairs) / max(1, len(pairs)))


def one_speakers_odds(texts: Sequence[str]) -> float:
    """Natural-log odds that all of ``texts``, in order of time, are the agent's, against all being the customer's."""
    return math.fsum(_odds([normalise(numbers_as_read(text)) for text in texts], speaker_weights()))


def own_odds(text: str) -> float:
    """Natural-log odds that ``text`` is an agent's, by its own words alone."""
    weights = speaker_weights()
    return math.fsum(weights.get(feature, 0.0) for feature in _own(normalise(numbers_as_read(text))))


def _odds(said: Sequence[str], weights: SpeakerWeights) -> list[float]:
    """Of each utterance of the normalised texts ``said`` to be the agent's."""
    return [math.fsum(weights.get(f, 0.0) for f in features(said, i)) for i in range(len(said))]


def _chance(odds: float) -> float:
    """Of natural-log ``odds``."""
    return 1 / (1 + math.exp(min(700.0, -odds)))


def features(said: Sequence[str], i: int) -> list[str]:
    """What the model weighs of utterance ``i`` of the normalised texts ``said``: its characters, pairs and triples, its syllables, which
    the recogniser mistakes less, how it begins and ends, how long it is, where it stands; and of the utterances before (``-``) and after
    it (``+``) their characters and pairs, how they begin and end, how long they are."""
    found = _own(said[i]) | {f"p{min(i, 2)}", f"e{min(len(said) - 1 - i, 2)}"}
    if i:
        found |= _grams(said[i - 1], "-", 2) | _edges(said[i - 1], "-")
    if i + 1 < len(said):
        found |= _grams(said[i + 1], "+", 2) | _edges(said[i + 1], "+")
    return sorted(found)


def inner_features(text: str) -> set[str]:
    """What the model weighs of normalised ``text`` wherever in an utterance it stands."""
    return _inner(text, _sounds(text))


def _own(text: str) -> set[str]:
    sounds = _sounds(text)
    edges = {"s^" + ".".join(sounds[:EDGE]), "s" + ".".join(sounds[-EDGE:]) + "$"}
    return _inner(text, sounds) | _edges(text, "0") | edges


def _inner(text: str, sounds: Sequence[str]) -> set[str]:
    groups = {"s" + ".".join(sounds[i : i + n]) for n in range(2, LONGEST_SOUND + 1) for i in range(len(sounds) - n + 1)}
    return _grams(text, "0", LONGEST) | groups


def _sounds(text: str) -> list[str]:
    return [_blurred(s.initial) + s.final.removesuffix("g") for s in syllables(text)]


def _blurred(initial: str) -> str:
    """What speakers of many regions and recognisers confuse is one."""
    return initial.removesuffix("h") if initial in ("zh", "ch", "sh") else "n" if initial == "l" else initial


def _edges(text: str, mark: str) -> set[str]:
    length = min(MOST_LONG, int(math.log2(len(text) + 1)))
    return {f"{mark}^{text[:EDGE]}", f"{mark}{text[-EDGE:]}$", f"{mark}{text[-1:]}$", f"{mark}#{length}"}


def _grams(text: str, mark: str, longest: int) -> set[str]:
    return {mark + text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)}


@lru_cache(maxsize=1)
def speaker_weights() -> SpeakerWeights:
    """The weights of ``word_speakers.json`` (data)."""
    weights: SpeakerWeights = json.loads(resources.files(__package__).joinpath("word_speakers.json").read_text(encoding="utf-8"))["agent"]
    return weights
