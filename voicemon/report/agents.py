"""The agent's self-review: own calls, what went well, three things to work on with own examples, own habits. Nobody else's data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..judge.standard import Rule, Standard
from .gauges import band_words
from .render import clock, day, number, page
from .reviews import outcome_of
from .rows import CallRow, row_of, safe_name
from .targets import Band, targets_of
from .texts import texts

__all__ = ["agent_page", "safe_name"]

MOST_THINGS = 3
MOST_EXAMPLES = 3
MOST_PRAISE = 5
MOST_CONTESTABLE = 500
CONTESTABLE = ("fail", "unsure", "hint")


@dataclass(frozen=True)
class Example:
    """A moment in an own call; ``href`` opens the call's page there."""

    href: str
    label: str
    reason: str
    heard: str


@dataclass(frozen=True)
class Habit:
    """One rule over all own calls in which it could be judged, with own examples and what to say instead."""

    rule: str
    title: str
    quote: str
    say: str
    fatal: bool
    weight: float
    kept: int
    missed: int
    examples: tuple[Example, ...]


def agent_page(
    agent_id: str, call_jsons: Iterable[Mapping[str, Any]], standards: Mapping[str, Standard], lang: str = "zh"
) -> str:
    """Return the page of one agent from call reports; those of other agents are left out. ``standards`` are by name.

    Raises :class:`~voicemon.errors.SettingsError` for a language that is not known.
    """
    t = texts(lang)
    mine = (call for call in call_jsons if call["call"].get("agent_id") == agent_id)
    own = sorted(mine, key=lambda call: (call["call"].get("started_at") or "", call["call"]["id"]))
    rows = [row_of(call) for call in own]
    habits = _habits(own, standards)
    context = {
        "agent_id": agent_id,
        "agent_name": next((r.agent_name for r in reversed(rows) if r.agent_name), None),
        "rows": list(reversed(rows)),
        "points": _points(rows),
        "well": _well(habits),
        "work_on": _work_on(habits),
        "measures": _measures(rows, standards, t),
    }
    contestable = list(_contestable(own, t))[:MOST_CONTESTABLE]
    data = {"agent_id": agent_id, "contestable": [[c["call_id"], c["rule"]] for c in contestable], "saved": t["contest_saved"]}
    return page("agent", lang, data, {**context, "contestable": contestable})


def _contestable(calls: Sequence[Mapping[str, Any]], t: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Own verdicts that an agent may see otherwise, the latest call first."""
    for call in reversed(calls):
        row = row_of(call)
        for verdict in call["verdicts"]:
            if outcome_of(verdict) in CONTESTABLE:
                parts = (day(row.started_at) or row.id, verdict.get("title") or verdict["rule"], t[f"outcome_{outcome_of(verdict)}"])
                yield {"call_id": row.id, "rule": verdict["rule"], "label": " · ".join(parts)}


def _habits(calls: Sequence[Mapping[str, Any]], standards: Mapping[str, Standard]) -> list[Habit]:
    rules = {(name, rule.id): rule for name, standard in standards.items() for rule in standard.rules}
    found: dict[tuple[str, str], list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for call in calls:
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
        examples=tuple(_example(c, v) for c, v in last),
    )


def _example(call: Mapping[str, Any], verdict: Mapping[str, Any]) -> Example:
    row = row_of(call)
    at_s = verdict["spans"][0][0] if verdict["spans"] else None
    label = day(row.started_at) or row.id
    if at_s is not None:
        label += f" · {clock(at_s)}"
    return Example(f"../{row.href}" + ("" if at_s is None else f"#t={at_s:.2f}"), label, verdict["reason"], verdict.get("quote") or "")


def _work_on(habits: Iterable[Habit]) -> list[Habit]:
    """What costs most: fatal rules, then missed weight, then the larger share."""
    missed = [h for h in habits if h.missed]
    return sorted(missed, key=lambda h: (not h.fatal, -h.missed * h.weight, -h.missed / (h.missed + h.kept), h.rule))[:MOST_THINGS]


def _well(habits: Iterable[Habit]) -> list[Habit]:
    """What was kept whenever it applied; moments that can be listened to come first."""
    kept = [h for h in habits if not h.missed]
    return sorted(kept, key=lambda h: ("#t=" not in h.examples[0].href, -h.kept, -h.weight, h.rule))[:MOST_PRAISE]


def _points(rows: Sequence[CallRow]) -> list[dict[str, Any]]:
    """Scores in order of time, evenly spaced, as per cent of the box."""
    scored = [r for r in rows if r.score is not None]
    points = []
    for i, row in enumerate(scored):
        low = row.score_low if row.score_low is not None else row.score
        high = row.score_high if row.score_high is not None else row.score
        left = 50.0 if len(scored) == 1 else round(2 + 96 * i / (len(scored) - 1), 2)
        points.append({"left": left, "at": row.score, "low": low, "high": high, "href": f"../{row.href}", "row": row})
    return points


def _measures(rows: Sequence[CallRow], standards: Mapping[str, Standard], t: Mapping[str, str]) -> list[dict[str, Any]]:
    """Habits in numbers. A band is only held against calls when all of them are judged against the same one."""
    targets = [targets_of(standards[name]) for name in dict.fromkeys(r.standard for r in rows) if name in standards]
    rate_band = _only([x.rate_per_minute if x.rate_basis == "turns" else None for x in targets])
    level_band = _only([x.level_dbov for x in targets])
    return [
        _measure(t["rate"], t["rate_unit"], [r.rate_per_minute for r in rows], rate_band, t),
        _measure(t["level"], "dBov", [r.level_dbov for r in rows], level_band, t),
    ]


def _only(bands: Sequence[Band | None]) -> Band | None:
    return bands[0] if len(set(bands)) == 1 else None


def _measure(label: str, unit: str, values: Sequence[float | None], band: Band | None, t: Mapping[str, str]) -> dict[str, Any]:
    known = [v for v in values if v is not None]
    if not known:
        return {"label": label, "unit": unit, "middle": None, "range": t["not_known"], "target": "", "share": ""}
    inside = sum(band.state(v) == "in" for v in known) if band else 0
    return {
        "label": label,
        "unit": unit,
        "middle": median(known),
        "range": t["habit_range"].format(low=number(min(known)), high=number(max(known))),
        "target": band_words(band, "", t),
        "share": t["habit_in_band"].format(n=len(known), kept=inside) if band else "",
    }
