"""Who speaks on one channel, by the words: for voices that sound too much alike, and where it is not certain, with what chance.

A linear-chain conditional random field (Lafferty et al. 2001) over the utterances of a call: what an agent says, what a customer says, what
answers what. ``benchmarks/word_speakers.py`` fits its weights. It is never one answer alone: :func:`tell_speakers` draws labellings
of the whole call from what the model thinks possible, so that who judges can see what hangs on a doubt.
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

import numpy as np
import numpy.typing as npt

from ..records import AGENT, CUSTOMER, Reading
from .pinyin import syllables
from .text import normalise, numbers_as_read

PARTIES = (AGENT, CUSTOMER)
DRAWN, LEAST_DRAWN, DRAWN_UTTERANCES = 40, 8, 4000
"""Labellings drawn of a call, and of how many utterances in all: a call of hours is judged fewer times, and what its readings do not all
agree on then accuses nobody."""
LONGEST, LONGEST_SOUND, EDGE, MOST_LONG = 3, 3, 2, 6

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SpeakerWeights:
    """Natural-log odds of the agent for each feature, and of each change of speaker: ``changes[a][b]``, :data:`PARTIES` in order."""

    words: Mapping[str, float]
    changes: Floats


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
    odds = _odds(said, weights)
    odds[list(mixed)] = 0.0
    ahead = _ahead(odds, weights.changes)
    rng = Random(0)
    count_drawn = max(LEAST_DRAWN, min(DRAWN, DRAWN_UTTERANCES // len(said)))
    drawn = Counter(_drawn(odds, ahead, weights.changes, rng) for _ in range(count_drawn))
    ranked = sorted(drawn.items(), key=lambda pair: (-pair[1], pair[0]))
    readings = tuple(Reading(round(count / count_drawn, 4), tuple(PARTIES[p] for p in path)) for path, count in ranked)
    pairs = [f"0{text[i : i + 2]}" for text in said for i in range(len(text) - 1)]
    known = sum(pair in weights.words for pair in pairs) / max(1, len(pairs))
    return WordSpeakers(tuple(float(p) for p in _chances(odds, ahead, weights.changes)), readings, known)


def one_speakers_odds(texts: Sequence[str]) -> float:
    """Natural-log odds that all of ``texts``, in order of time, are the agent's, against all being the customer's."""
    weights = speaker_weights()
    changes = float(weights.changes[0, 0] - weights.changes[1, 1]) * max(0, len(texts) - 1)
    return changes + float(_odds([normalise(numbers_as_read(text)) for text in texts], weights).sum())


def own_odds(text: str) -> float:
    """Natural-log odds that ``text`` is an agent's, by its own words alone."""
    weights = speaker_weights().words
    return math.fsum(weights.get(feature, 0.0) for feature in sorted(_own(normalise(numbers_as_read(text)))))


def _odds(said: Sequence[str], weights: SpeakerWeights) -> Floats:
    """Of each utterance of the normalised texts ``said`` to be the agent's, whoever speaks before and after it."""
    return np.array([math.fsum(weights.words.get(f, 0.0) for f in features(said, i)) for i in range(len(said))])


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


def _own(text: str) -> set[str]:
    sounds = [_blurred(s.initial) + s.final.removesuffix("g") for s in syllables(text)]
    groups = {"s" + ".".join(sounds[i : i + n]) for n in range(2, LONGEST_SOUND + 1) for i in range(len(sounds) - n + 1)}
    edges = {"s^" + ".".join(sounds[:EDGE]), "s" + ".".join(sounds[-EDGE:]) + "$"}
    return _grams(text, "0", LONGEST) | _edges(text, "0") | groups | edges


def _blurred(initial: str) -> str:
    """What speakers of many regions and recognisers confuse is one."""
    return initial.removesuffix("h") if initial in ("zh", "ch", "sh") else "n" if initial == "l" else initial


def _edges(text: str, mark: str) -> set[str]:
    length = min(MOST_LONG, int(math.log2(len(text) + 1)))
    return {f"{mark}^{text[:EDGE]}", f"{mark}{text[-EDGE:]}$", f"{mark}{text[-1:]}$", f"{mark}#{length}"}


def _grams(text: str, mark: str, longest: int) -> set[str]:
    return {mark + text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)}


def _ahead(odds: Floats, changes: Floats) -> Floats:
    """Log of what may still come behind each utterance, ``(n, 2)``, by who said it."""
    behind = np.zeros((len(odds), 2))
    for i in range(len(odds) - 2, -1, -1):
        behind[i] = np.logaddexp.reduce(changes + _score(odds[i + 1]) + behind[i + 1], axis=1)
    return behind


def _score(odds: float) -> Floats:
    return np.array([odds, 0.0])


def _chances(odds: Floats, ahead: Floats, changes: Floats) -> Floats:
    """Chance of the agent at each utterance (forward-backward)."""
    reached = np.zeros((len(odds), 2))
    reached[0] = _score(odds[0])
    for i in range(1, len(odds)):
        reached[i] = np.logaddexp.reduce(reached[i - 1][:, None] + changes, axis=0) + _score(odds[i])
    both = reached + ahead
    return np.asarray(np.exp(both[:, 0] - np.logaddexp(both[:, 0], both[:, 1])))


def _drawn(odds: Floats, ahead: Floats, changes: Floats, rng: Random) -> tuple[int, ...]:
    """One labelling of the call, drawn as likely as the model holds it."""
    path: list[int] = []
    for i, value in enumerate(odds):
        scores = _score(value) + ahead[i] + (changes[path[-1]] if path else 0.0)
        path.append(int(rng.random() >= 1 / (1 + math.exp(min(700.0, scores[1] - scores[0])))))
    return tuple(path)


@lru_cache(maxsize=1)
def speaker_weights() -> SpeakerWeights:
    """The weights of ``word_speakers.json`` (data)."""
    told = json.loads(resources.files(__package__).joinpath("word_speakers.json").read_text(encoding="utf-8"))
    return SpeakerWeights(told["agent"], np.array(told["changes"], dtype=np.float64))
