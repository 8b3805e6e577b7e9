"""The agent's self-review: own calls, what went well, three things to work on with own examples, own habits. Nobody else's data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ..judge.calendar import local_time
from ..judge.standard import Rule, Standard
from .habit_view import habit_strips
from .render import clock, day, page
from .reviews import outcome_of
from .rows import CallRow, row_of, safe_name
from .texts import texts

__all__ = ["agent_page", "safe_name"]

MOST_THINGS = 3
MOST_EXAMPLES = 3
MOST_PRAISE = 5
MOST_CONTESTABLE = 500
CLIP_LEAD_S = 0.5  # a little before, so that the first word is whole
SHORTEST_CLIP_S, LONGEST_CLIP_S = 3.0, 20.0
CONTESTABLE = ("fail", "unsure", "hint")


@dataclass(frozen=True)
class Example:
    """A moment in an own call; ``href`` opens the call's page there, ``clip`` is (recording, start in s, end in s) to play it here.

    ``contest`` is its place in the list of verdicts that can be contested, ``None`` where it is not in it.
    """

    href: str
    label: str
    reason: str
    heard: str
    clip: tuple[str, float, float] | None = None
    contest: int | None = None


@dataclass(frozen=True)
class Habit:
    """One rule over all own calls in which it could be judged, and what to say instead. ``moments`` are calls with their verdicts,
    the latest first; ``examples`` the same as they are shown."""

    rule: str
    title: str
    quote: str
    say: str
    fatal: bool
    weight: float
    kept: int
    missed: int
    moments: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class _Own:
    """All that the page is made from: own calls, oldest first, the standards by name, and how a moment of them is shown."""

    calls: Sequence[Mapping[str, Any]]
    standards: Mapping[str, Standard]
    contestable: Mapping[tuple[str, str], int]
    audio_of: Callable[[str], str | None]


def agent_page(
    agent_id: str,
    call_jsons: Iterable[Mapping[str, Any]],
    standards: Mapping[str, Standard],
    lang: str = "zh",
    audio_of: Callable[[str], str | None] = lambda call_id: None,
) -> str:
    """Return the page of one agent from call reports; those of other agents are left out. ``standards`` are by name.

    ``audio_of`` gives the link from ``OUT/calls`` to the recording of a call by its id, ``None`` where there is none to play.

    Raises :class:`~voicemon.errors.SettingsError` for a language that is not known.
    """
    t = texts(lang)
    mine = (call for call in call_jsons if call["call"].get("agent_id") == agent_id)
    calls = sorted(mine, key=lambda call: (_started(call), call["call"]["id"]))
    rows = [row_of(call) for call in calls]
    contestable = list(_contestable(calls, t))[:MOST_CONTESTABLE]
    own = _Own(calls, standards, {(c["call_id"], c["rule"]): i for i, c in enumerate(contestable)}, audio_of)
    habits = _habits(own)
    context = {
        "agent_id": agent_id,
        "agent_name": next((r.agent_name for r in reversed(rows) if r.agent_name), None),
        "rows": list(reversed(rows)),
        "points": _points(rows),
        "well": [_with_clips(h, own) for h in _well(habits)],
        "work_on": [_with_clips(h, own) for h in _work_on(habits)],
        "measures": habit_strips(rows, standards, t),
        "answers": list(_answers(calls)),
        "contestable": contestable,
    }
    data = {"agent_id": agent_id, "contestable": [[c["call_id"], c["rule"]] for c in contestable], "saved": t["contest_saved"],
            "clip_error": t["audio_error"]}
    return page("agent", lang, data, context)


def _answers(calls: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What came of own appeals and of reviews, the latest call first. Who decided stays off the page: it is about the agent alone."""
    for call in reversed(calls):
        row = row_of(call)
        for verdict in call["verdicts"]:
            review = verdict.get("review")
            if review:
                label = " · ".join((day(row.started_at) or row.id, verdict.get("title") or verdict["rule"]))
                yield {"href": f"../{row.href}", "label": label, "status": review["status"], "outcome": outcome_of(verdict),
                       "machine": verdict["outcome"], "reason": review.get("reason") or ""}


def _contestable(calls: Sequence[Mapping[str, Any]], t: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Own verdicts that an agent may see otherwise, the latest call first."""
    for call in reversed(calls):
        row = row_of(call)
        for verdict in call["verdicts"]:
            if outcome_of(verdict) in CONTESTABLE:
                parts = (day(row.started_at) or row.id, verdict.get("title") or verdict["rule"], t[f"outcome_{outcome_of(verdict)}"])
                yield {"call_id": row.id, "rule": verdict["rule"], "label": " · ".join(parts)}


def _started(call: Mapping[str, Any]) -> datetime:
    """When a call began, to order calls by, whatever zone it is written in; without a zone as UTC, unknown ones before all others."""
    moment = local_time(call["call"].get("started_at")) or datetime.min
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _habits(own: _Own) -> list[Habit]:
    rules = {(name, rule.id): rule for name, standard in own.standards.items() for rule in standard.rules}
    found: dict[tuple[str, str], list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for call in own.calls:
        for verdict in call["verdicts"]:
            if outcome_of(verdict) in ("pass", "fail"):
                found.setdefault((call["call"].get("standard") or "", verdict["rule"]), []).append((call, verdict))
    return [_habit(key[1], rules.get(key), pairs) for key, pairs in found.items()]


def _habit(rule_id: str, rule: Rule | None, pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Habit:
    missed = [(c, v) for c, v in pairs if outcome_of(v) == "fail"]
    shown = missed or [(c, v) for c, v in pairs if v["spans"]] or list(pairs)
    last = list(reversed(shown))[:MOST_EXAMPLES]
    say = (rule.say_instead if rule else "") or next((v.get("expected") for _, v in missed if v.get("expected")), "") or ""
    return Habit(
        rule=rule_id,
        title=rule.title if rule else pairs[0][1].get("title") or rule_id,
        quote=rule.quote if rule else "",
        say=say,
        fatal=rule.fatal if rule else False,
        weight=rule.weight if rule else 1.0,
        kept=len(pairs) - len(missed),
        missed=len(missed),
        moments=tuple(last),
    )


def _with_clips(habit: Habit, own: _Own) -> Habit:
    """Only what is shown asks for its recording."""
    return replace(habit, examples=tuple(_example(call, verdict, own) for call, verdict in habit.moments))


def _example(call: Mapping[str, Any], verdict: Mapping[str, Any], own: _Own) -> Example:
    row = row_of(call)
    span = verdict["spans"][0] if verdict["spans"] else None
    label, contest = day(row.started_at) or row.id, own.contestable.get((row.id, verdict["rule"]))
    heard = verdict.get("quote") or ""
    if span is None:
        return Example(f"../{row.href}", label, verdict["reason"], heard, None, contest)
    audio = own.audio_of(row.id)
    start_s = max(0.0, span[0] - CLIP_LEAD_S)
    end_s = min(call["call"]["duration_s"], start_s + min(LONGEST_CLIP_S, max(SHORTEST_CLIP_S, span[1] - start_s + CLIP_LEAD_S)))
    clip = (f"../calls/{audio}", round(start_s, 2), round(end_s, 2)) if audio else None
    return Example(f"../{row.href}#t={span[0]:.2f}", f"{label} · {clock(span[0])}", verdict["reason"], heard, clip, contest)


def _work_on(habits: Iterable[Habit]) -> list[Habit]:
    """What costs most: fatal rules, then missed weight, then the larger share."""
    missed = [h for h in habits if h.missed]
    return sorted(missed, key=lambda h: (not h.fatal, -h.missed * h.weight, -h.missed / (h.missed + h.kept), h.rule))[:MOST_THINGS]


def _well(habits: Iterable[Habit]) -> list[Habit]:
    """What was kept whenever it applied; moments that can be listened to come first."""
    kept = [h for h in habits if not h.missed]
    return sorted(kept, key=lambda h: (not h.moments[0][1]["spans"], -h.kept, -h.weight, h.rule))[:MOST_PRAISE]


def _points(rows: Sequence[CallRow]) -> list[dict[str, Any]]:
    """Scores that hold in order of time, evenly spaced, as per cent of the box."""
    scored = [r for r in rows if r.standing.score is not None]
    points = []
    for i, row in enumerate(scored):
        now = row.standing
        low, high = (now.score if end is None else end for end in (now.score_low, now.score_high))
        left = 50.0 if len(scored) == 1 else round(2 + 96 * i / (len(scored) - 1), 2)
        points.append({"left": left, "at": now.score, "low": low, "high": high, "href": f"../{row.href}", "row": row})
    return points
