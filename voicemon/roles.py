"""Which channel is the agent's: by option, by sidecar, else by what is said on each."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from .records import Roles

MIN_MARGIN = 0.4  # below this an agent could be charged with the customer's words
MARGIN_SCALE = 4.0  # an evidence difference of this many natural-log odds is a margin of tanh(1) = 0.76
COUNT_AT_MOST = 2  # a phrase said ten times is no tenfold evidence
FIRST_SPEAKER_WEIGHT = 1.0  # on an inbound call the agent answers, and so speaks first
ONLY_SPEAKER_WEIGHT = 1.5  # on a silent line it is the agent who speaks
ONLY_SPEAKER_MIN = 0.8  # but a customer whom nobody answers says 喂 and 再见 too
CUE_WEIGHT = 1.0  # a customer may name the company too
LONG_CUE_WEIGHT = 2.5
LONG_CUE_CHARACTERS = 6
SHORTER_CHARACTERS = 4
LONG_CUE_SHARE = 0.5  # of a long cue's pairs of characters; recognition gets some wrong
_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class RoleContext:
    """What else helps: ``direction`` (``inbound``, ``outbound``) and the channel that speaks first."""

    direction: str | None = None
    first_channel: str | None = None


def assign_roles(
    texts: Mapping[str, str],
    cues: Sequence[str] = (),
    option: str | None = None,
    sidecar_channel: str | None = None,
    context: RoleContext | None = None,
) -> Roles:
    """Roles of a call. ``texts`` maps each channel (or separated voice) to all that is said on it, in order of time.

    ``cues`` are phrases only an agent says (company name, opening of the chosen standard). An ``option`` or
    ``sidecar_channel`` that is no channel of this recording is passed over, and the reason says so.
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


def _other(texts: Mapping[str, str], channel: str) -> str | None:
    rest = [name for name in texts if name != channel]
    return rest[0] if len(rest) == 1 else None


def _by_evidence(texts: Mapping[str, str], cues: Sequence[str], context: RoleContext) -> Roles:
    if len(texts) < 2:
        return Roles(None, None, "unknown", 0.0, "one voice or channel only: nothing to compare it with")
    spoken = [name for name, text in texts.items() if _NOT_WORDS.sub("", text)]
    odds = {name: _evidence(text, cues) for name, text in texts.items()}
    if len(spoken) == 1 and odds[spoken[0]] >= ONLY_SPEAKER_MIN:
        odds[spoken[0]] += ONLY_SPEAKER_WEIGHT
    elif len(spoken) > 1 and context.first_channel in odds and context.direction != "outbound":
        odds[context.first_channel] += FIRST_SPEAKER_WEIGHT
    ranked = sorted(((value, name) for name, value in odds.items()), reverse=True)
    (most, agent), (next_most, _) = ranked[:2]
    margin = math.tanh((most - next_most) / MARGIN_SCALE)
    if margin < MIN_MARGIN:
        reason = "too little is said that only an agent or only a customer would say"
        return Roles(None, None, "unknown", margin, reason)
    return Roles(agent, _other(texts, agent), "evidence", margin)


def _evidence(text: str, cues: Sequence[str]) -> float:
    """Natural-log odds that it is an agent who says ``text``."""
    words = _NOT_WORDS.sub("", text)
    lexicon = role_cues()
    agent = sum(weight * min(words.count(p), COUNT_AT_MOST) for p, weight in lexicon["agent"].items())
    customer = sum(weight * min(words.count(p), COUNT_AT_MOST) for p, weight in lexicon["customer"].items())
    return agent - customer + sum(_cue_evidence(cue, words) for cue in _apart({_NOT_WORDS.sub("", cue) for cue in cues}, words))


def _apart(cues: set[str], words: str) -> list[str]:
    """Cues without those of which only a shorter one (a cue or a phrase of the list) is said: that is counted by itself."""
    shorter = cues | {p for p in role_cues()["agent"] if len(p) >= SHORTER_CHARACTERS}
    return sorted(c for c in cues if c in words or not any(other != c and other in c and other in words for other in shorter))


def _cue_evidence(cue: str, words: str) -> float:
    if len(cue) < 2:
        return 0.0
    if len(cue) < LONG_CUE_CHARACTERS:
        return CUE_WEIGHT if cue in words else 0.0
    pairs = [cue[i : i + 2] for i in range(len(cue) - 1)]
    found = sum(pair in words for pair in pairs) / len(pairs)
    return LONG_CUE_WEIGHT * found if found >= LONG_CUE_SHARE else 0.0


@lru_cache(maxsize=1)
def role_cues() -> Mapping[str, Mapping[str, float]]:
    """The weighted phrases of ``role_cues.yaml`` (data), by party."""
    import yaml

    text = resources.files(__package__).joinpath("role_cues.yaml").read_text(encoding="utf-8")
    return {party: {str(p): float(w) for p, w in phrases.items()} for party, phrases in yaml.safe_load(text).items()}
