"""Which channel is the agent's: by option, by sidecar, else by what is said on each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from .records import AGENT, CUSTOMER, Roles
from .serial import shipped_yaml
from .speech.text import normalise, numbers_as_read

LEAST_ODDS = 1.0  # natural-log odds; below, an agent could be charged with the customer's words
CUE_WEIGHT = 1.0  # a customer may name the company too
LONG_CUE_WEIGHT = 2.5
LONG_CUE_CHARACTERS = 8  # a sentence, no name
LONG_CUE_SHARE = 0.5  # of a long cue's pairs of characters; recognition gets some wrong


@dataclass(frozen=True)
class RoleContext:
    """What else helps: ``direction`` (``inbound``, ``outbound``) and the channel that speaks first."""

    direction: str | None = None
    first_channel: str | None = None


@dataclass(frozen=True)
class RoleCues:
    """Natural-log odds of the agent: of each word that only one party says (below 0: the customer's), and of speaking first."""

    words: Mapping[str, float]
    first_speaker: float


def assign_roles(
    texts: Mapping[str, str],
    cues: Sequence[str] = (),
    option: str | None = None,
    sidecar_channel: str | None = None,
    context: RoleContext | None = None,
) -> Roles:
    """Roles of a call. ``texts`` maps each channel (or separated voice) to all that is said on it, in order of time.

    ``cues`` are phrases only an agent says (company name, opening of the chosen standard). An ``option`` or
    ``sidecar_channel`` that is no channel of this recording is passed over, and the reason says so. The ``margin`` is how much likelier
    the roles are than the same swapped (0 to 1).
    """
    passed_over: list[str] = []
    for channel, method in ((option, "option"), (sidecar_channel, "sidecar")):
        if channel is not None and channel in texts:
            return Roles(channel, _other(texts, channel), method, 1.0, "; ".join(passed_over) or None)
        if channel is not None:
            passed_over.append(f"the {method} names the channel {channel!r}, which this recording does not have")
    roles = _by_evidence(texts, cues, context or RoleContext())
    reason = "; ".join([*passed_over, roles.reason] if roles.reason else passed_over) or None
    return Roles(roles.agent, roles.customer, roles.method, roles.margin, reason)


def role_words(text: str) -> frozenset[str]:
    """What :class:`RoleCues` weighs of a text: its characters and pairs of characters, numerals as they are read."""
    said = normalise(numbers_as_read(text))
    return frozenset(said) | frozenset(a + b for a, b in zip(said, said[1:], strict=False))


def _other(texts: Mapping[str, str], channel: str) -> str | None:
    rest = [name for name in texts if name != channel]
    return rest[0] if len(rest) == 1 else None


def _by_evidence(texts: Mapping[str, str], cues: Sequence[str], context: RoleContext) -> Roles:
    if len(texts) < 2:
        return Roles(None, None, "unknown", 0.0, "one voice or channel only: nothing to compare it with")
    odds = {name: _evidence(text) + _cues_evidence(cues, normalise(text)) for name, text in texts.items()}
    if all(normalise(text) for text in texts.values()) and context.first_channel in odds and context.direction != "outbound":
        odds[context.first_channel] += role_cues().first_speaker
    ranked = sorted(((value, name) for name, value in odds.items()), reverse=True)
    (most, agent), (next_most, _) = ranked[:2]
    margin = math.tanh((most - next_most) / 2)
    if most - next_most < LEAST_ODDS:
        return Roles(None, None, "unknown", margin, "too little is said that only an agent or only a customer would say")
    return Roles(agent, _other(texts, agent), "evidence", margin)


def _evidence(text: str) -> float:
    """Natural-log odds that an agent says ``text``; what both parties say cancels out in the difference."""
    weights = role_cues().words
    return math.fsum(weights.get(word, 0.0) for word in role_words(text))


def _cues_evidence(cues: Sequence[str], words: str) -> float:
    return sum(_cue_evidence(cue, words) for cue in _apart({normalise(cue) for cue in cues}, words))


def _apart(cues: set[str], words: str) -> list[str]:
    """Cues without those of which only a shorter one is said: that is counted by itself."""
    return sorted(c for c in cues if c in words or not any(other != c and other in c and other in words for other in cues))


def _cue_evidence(cue: str, words: str) -> float:
    if len(cue) < 2:
        return 0.0
    if len(cue) < LONG_CUE_CHARACTERS:
        return CUE_WEIGHT if cue in words else 0.0
    pairs = [cue[i : i + 2] for i in range(len(cue) - 1)]
    found = sum(pair in words for pair in pairs) / len(pairs)
    return LONG_CUE_WEIGHT * found if found >= LONG_CUE_SHARE else 0.0


@lru_cache(maxsize=1)
def role_cues() -> RoleCues:
    """The weights of ``role_cues.yaml`` (data)."""
    told = shipped_yaml(resources.files(__package__).joinpath("role_cues.yaml").read_text(encoding="utf-8"))
    signed = ((words, sign) for words, sign in ((told[AGENT], 1.0), (told[CUSTOMER], -1.0)))
    return RoleCues({str(w): sign * float(odds) for words, sign in signed for w, odds in words.items()}, float(told["first_speaker"]))
