"""Checks on what the sidecar says: ``release`` (who hung up, when), ``sidecar`` (a field), ``callback`` (in time), ``register``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ...records import AGENT, CUSTOMER
from ..answers import PERHAPS, UNKNOWN, YES, Answer, When
from ..calendar import is_utc, local_time
from ..context import MISSING, Context
from ..schema import Option
from ..trust import GUESSED_CONFIDENCE
from .base import Check, anchor_span

NONE_WRITTEN = ("无", "没有")
"""What people write where there is nothing to write: an entry of sorts, which a person has to weigh."""


def judge_release(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """Pass if the customer released the line, or the agent did after what the pack asks for; fail if the agent was first.

    Unsure where the agent waited long enough and the last words before were not understood: they may have announced it.
    """
    by = context.sidecar("released_by")
    if by is MISSING:
        return Answer("not_checked", "sidecar_lacks", {"field": "released_by"})
    if by == CUSTOMER:
        return Answer("pass", "customer_released")
    excused = context.holds(options["allowed_when"]) if options["allowed_when"] is not None else When("no")
    after_s = context.sidecar("released_after_s")
    args = {"after_s": "?" if after_s is MISSING else round(float(after_s), 1), "limit_s": options["least_s"] or 0}
    end_s = context.facts.call.duration_s
    span = ((max(0.0, end_s - 3.0), end_s),)
    waited = not options["least_s"] or (after_s is not MISSING and float(after_s) >= options["least_s"] - 0.3)
    if excused.state in (YES, PERHAPS):
        if waited:
            return Answer("pass" if excused.state == YES else "unsure", "agent_released_properly", args, span)
        if after_s is MISSING:
            return Answer("not_checked", "sidecar_lacks", {"field": "released_after_s"})
    if excused.state == UNKNOWN:
        return Answer("not_checked", excused.reason, excused.args)
    if options["allowed_when"] is not None and waited and _ending_guessed(context):
        return Answer("unsure", "words_doubtful", {"what": ""}, span)
    return Answer("fail", "agent_released_some_time" if after_s is MISSING else "agent_released_first", args, span)


def _ending_guessed(context: Context) -> bool:
    """Whether the recogniser hardly believes the agent's last words: they may be the ones that excuse it."""
    own = context.dialogue.of(AGENT)
    return bool(own) and own[-1].utterances[-1].confidence < GUESSED_CONFIDENCE


def judge_sidecar(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """A sidecar field has the value, is filled, is empty, or lies within limits; without the field it is not checked."""
    value = context.sidecar(options["field"])
    args: dict[str, Any] = {"field": options["field"], "value": value if isinstance(value, str | int | float | bool) else ""}
    if value is MISSING or value is None:
        return Answer("not_checked", "sidecar_lacks", {"field": options["field"]})
    limited = options["least"] is not None or options["most"] is not None
    if limited and options["filled"] is None and not isinstance(value, int | float | list | tuple):
        return Answer("not_checked", "record_no_number", args)
    good = _satisfies(options, value)
    return Answer("pass" if good else "fail", "record_right" if good else "record_wrong", args)


def _satisfies(options: Mapping[str, Any], value: Any) -> bool:
    if options["filled"] is not None:
        return bool(value) == options["filled"]
    if options["least"] is not None or options["most"] is not None:
        number = len(value) if isinstance(value, list | tuple) else float(value)
        return (options["least"] is None or number >= options["least"]) and (options["most"] is None or number <= options["most"])
    wanted = options["is"] if isinstance(options["is"], tuple) else (options["is"],)
    return value in wanted


def judge_register(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """The call register holds an entry with these fields filled."""
    entries = context.sidecar("register")
    if entries is MISSING:
        return Answer("not_checked", "sidecar_lacks", {"field": "register"})
    if not entries:
        return Answer("fail", "no_register_entry", {})
    missing = [f for f in options["fields"] if not any(_filled(e, f, options["empty_counts"]) for e in entries)]
    if missing:
        none = any(isinstance(e, Mapping) and e.get(f) in NONE_WRITTEN for e in entries for f in missing)
        return Answer("unsure" if none else options["otherwise"], "register_lacks", {"what": _names(missing)}, anchor_span(when))
    return Answer("pass", "register_complete", {"what": _names(options["fields"])})


def _names(fields: Sequence[str]) -> list[str]:
    """The keys of the table of reasons under which the fields of a register entry have their names."""
    return [f"register.{field}" for field in fields]


def _filled(entry: Any, name: str, empty_counts: bool) -> bool:
    value = entry.get(name) if isinstance(entry, Mapping) else None
    if empty_counts:
        return value is not None
    return value not in (None, "", [], *NONE_WRITTEN)


def judge_callback(context: Context, options: Mapping[str, Any], when: When) -> Answer:
    """A later call (or follow-up) to the customer is on record, within ``within_min`` minutes of the end of the call."""
    promised = context.sidecar("callback_of")
    if isinstance(promised, Mapping) and options["or_is_callback"]:
        return _own_callback(promised, options)
    lists = [context.sidecar(f) for f in options["fields"]]
    known = [x for x in lists if x is not MISSING]
    if not known:
        return Answer("not_checked", "sidecar_lacks", {"field": options["fields"][0]})
    events = [e for x in known for e in (x or ()) if _made_by(e, options["by"])]
    if not events:
        return Answer("fail", "no_callback", {}, anchor_span(when))
    strict = options["strict_when"] is not None and context.holds(options["strict_when"]).state == YES
    limit_min = options["strict_within_min"] if strict else options["within_min"]
    if limit_min is None:
        return Answer("pass", "callback_made", {})
    return _in_time(context, limit_min, events, when)


def _made_by(event: Any, who: str) -> bool:
    return not who or not isinstance(event, Mapping) or (event.get("by") or who) == who


def _own_callback(promised: Mapping[str, Any], options: Mapping[str, Any]) -> Answer:
    """The call is the call-back itself: it was made, and what is left to ask is when."""
    made, limit = promised.get("made_after_min"), promised.get("promised_within_min") or options["within_min"]
    if limit is None:
        return Answer("pass", "callback_made", {})
    if made is None:
        return Answer("not_checked", "sidecar_lacks", {"field": "callback_of.made_after_min"})
    if made <= limit:
        return Answer("pass", "callback_made", {})
    return Answer("fail", "callback_late", {"minutes": round(made), "limit_min": limit})


def _in_time(context: Context, limit_min: float, events: list[Any], when: When) -> Answer:
    started = local_time(context.facts.call.started_at)
    if started is None:
        return Answer("not_checked", "sidecar_lacks", {"field": "started_at"})
    ended = started + timedelta(seconds=context.facts.call.duration_s)
    times = [local_time(e.get("at")) if isinstance(e, Mapping) else None for e in events]
    after_min = [None if t is None else _minutes_between(ended, t) for t in times]
    first = min((m for m in after_min if m is not None), default=None)
    if first is None or (first > limit_min and None in after_min):  # one whose time is not known may have been in time
        return Answer("not_checked", "sidecar_lacks", {"field": "callbacks.at"})
    args = {"minutes": round(first), "limit_min": limit_min}
    return Answer("pass", "callback_in_time", args) if first <= limit_min else Answer("fail", "callback_late", args)


def _minutes_between(first: datetime, then: datetime) -> float | None:
    """Minutes from one time to another. Without a zone a time is by the other's clock; ``None`` where that is UTC, which is nobody's."""
    if (first.tzinfo is None) != (then.tzinfo is None):
        if is_utc(first) or is_utc(then):
            return None
        first = first.replace(tzinfo=then.tzinfo)
    return (then - first).total_seconds() / 60


RELEASE = Check(
    {"allowed_when": Option("condition"), "least_s": Option("number", default=0.0)}, judge_release, by_words=False
)
SIDECAR = Check(
    {
        "field": Option("text", required=True),
        "is": Option("value"),
        "filled": Option("flag"),
        "least": Option("number"),
        "most": Option("number"),
    },
    judge_sidecar,
    by_words=False,
)
REGISTER = Check(
    {
        "fields": Option("texts", required=True),
        "empty_counts": Option("flag", default=False),
        "otherwise": Option("choice", default="fail", choices=("fail", "unsure", "not_checked")),
    },
    judge_register,
    by_words=False,
)
CALLBACK = Check(
    {
        "fields": Option("texts", default=("callbacks", "follow_ups")),
        "within_min": Option("number"),
        "by": Option("text", default=""),
        "strict_when": Option("condition"),
        "strict_within_min": Option("number"),
        "or_is_callback": Option("flag", default=False),
    },
    judge_callback,
    by_words=False,
)
