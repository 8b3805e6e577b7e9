"""Hold episodes: waits that belong together because only a word of reassurance lies between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from ..records import AGENT, CUSTOMER, Wait
from .answers import Occurrence
from .context import Context
from .dialogue import Line
from .finder import SAID
from .phrases import Phrase
from .windows import EDGE_S

HOLD_KINDS = ("hold", "response", "dead_air")
FIRST_WORDS_S = 4.0  # of a turn: long enough for 喂,女士,您好,您还在吗


@dataclass(frozen=True)
class OwnTime:
    """Words that make a silence the customer's own, if it is the customer who ends it or whom the agent asks after."""

    asked: tuple[Phrase, ...] = ()  # the agent asked something
    taken: tuple[Phrase, ...] = ()  # the customer asked for the time: 等一下,我找找
    checked: tuple[Phrase, ...] = ()  # the agent ends it by asking after the customer: 您还在吗,找到了吗


def hold_episodes(
    context: Context,
    joined_by: tuple[Phrase, ...],
    longer_s: float,
    kinds: tuple[str, ...] = HOLD_KINDS,
    own_time: OwnTime = OwnTime(),
) -> list[Occurrence]:
    """Episodes of waiting longer than ``longer_s`` in all, from the first silence to the agent's return with an answer.

    Two waits are one episode if the customer says nothing substantial between them and the agent only one of ``joined_by``.
    A silence that the customer ends is the customer's own after the words of ``own_time``.
    """
    episodes: list[Occurrence] = []
    for wait in context.facts.measures.waits:
        if wait.kind not in kinds or _customers_own(context, wait, own_time):
            continue
        if episodes and _reassured(context, joined_by, episodes[-1].end_s, wait.start_s):
            episodes[-1] = Occurrence(episodes[-1].start_s, wait.end_s)
        else:
            episodes.append(Occurrence(wait.start_s, wait.end_s))
    return [e for e in episodes if e.end_s - e.start_s > longer_s]


def _customers_own(context: Context, wait: Wait, own_time: OwnTime) -> bool:
    """Whether the customer ends the silence that followed a question of the agent's or his own request for a moment.

    A moment that he asked for stays his if the agent said 请稍等 to it, or asks in the end whether he is still there.
    """
    if not (own_time.asked or own_time.taken):
        return False
    earlier = (x for x in context.dialogue.timed.last_near(to_s=wait.start_s) if x.start_s < wait.start_s)
    before = tuple(islice(earlier, 2))  # the latest first
    after = next((x for x in context.dialogue.timed.near(wait.end_s) if x.end_s > wait.end_s), None)
    if not before or not after:
        return False
    ended_by_customer, asked_by_agent = after.speaker == CUSTOMER, before[0].speaker == AGENT and not wait.announced
    if wait.kind == "dead_air" and ended_by_customer and asked_by_agent and _said_in(context, before[0], own_time.asked):
        return True
    customer = next((x for x in before if x.speaker == CUSTOMER), None)
    if customer is None or not (ended_by_customer or _begins_with(context, after, own_time.checked)):
        return False
    if wait.announced and customer is before[0]:  # 好,我等一下 in answer to 请稍等
        return False
    return _said_in(context, customer, own_time.taken)


def _said_in(context: Context, line: Line, phrases: tuple[Phrase, ...]) -> bool:
    span = (line.start_s - EDGE_S, line.end_s + EDGE_S)
    return bool(phrases) and context.finder.best_of(line.speaker, phrases, span, fuzzy=False).state == SAID


def _begins_with(context: Context, line: Line, phrases: tuple[Phrase, ...]) -> bool:
    span = (line.start_s - EDGE_S, min(line.end_s, line.start_s + FIRST_WORDS_S))
    return bool(phrases) and context.finder.best_of(line.speaker, phrases, span, fuzzy=False).state == SAID


def longest_stretch_s(context: Context, episode: Occurrence) -> float:
    """The longest stretch of an episode without a word of the agent, in seconds."""
    near = context.waits.near(episode.start_s - 0.05, episode.end_s + 0.05)
    inside = [w for w in near if episode.start_s - 0.05 <= w.start_s and w.end_s <= episode.end_s + 0.05]
    return max((w.end_s - w.start_s for w in inside), default=0.0)


def _reassured(context: Context, joined_by: tuple[Phrase, ...], start_s: float, end_s: float) -> bool:
    first, last = context.finder.stream(CUSTOMER).between(start_s - 0.5, end_s)
    if last - first > 2 or not joined_by:
        return False
    return context.finder.best_of(AGENT, joined_by, (start_s - 0.5, end_s)).state == SAID
