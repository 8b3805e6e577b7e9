"""What every table holds: names of the columns (documented in ``docs/tables.md``, never renamed) and the rows under them.

Times are in seconds from the first sample of the recording; an empty cell or ``null`` is "not known" or "does not apply".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from .. import serial
from ..records import OUTCOMES
from .comparison import compare_agents
from .reviews import APPEAL, OVERTURN, STATUSES, UPHOLD, history_line
from .rows import CallRow, agent_href, call_href

# summary.csv, and the sheet "calls"
CALL_COLUMNS = (
    "call_id", "agent_id", "agent_name", "standard", "direction", "started_at", "duration_s",
    "score", "score_low", "score_high", "fatal_rules", *OUTCOMES, "rules_missed", "rules_unsure",
    "rate_per_minute", "level_dbov", "ring_to_answer_s", "ring_count", "longest_wait_s", "page",
    "rules_appealed", "rules_upheld", "rules_overturned", "line_quality_mos",
    "score_reviewed", "score_reviewed_low", "score_reviewed_high",
)
# the keys of verdicts.jsonl: what all verdicts of a call share, what each says, and what people said about it
OF_CALL = ("call_id", "agent_id", "agent_name", "standard", "standard_version", "started_at")
OF_VERDICT = ("rule", "title", "outcome", "evidence", "weight", "fatal", "spans", "quote", "expected", "reason")
OF_SCORE = ("score", "score_low", "score_high", "page")
OF_REVIEW = ("review_status", "human_outcome", "reviewed_by", "reviewed_at", "review_reason", "review_history")
VERDICT_KEYS = (*OF_CALL, *OF_VERDICT, *OF_SCORE, *OF_REVIEW)
# the sheet "verdicts": the first span instead of all of them
VERDICT_COLUMNS = tuple(name for key in VERDICT_KEYS for name in (("start_s", "end_s") if key == "spans" else (key,)))
AGENT_COLUMNS = (
    "agent_id", "agent_name", "calls", "score_mean", "score_mean_low", "score_mean_high", "fatal_calls", *OUTCOMES,
    "rate_per_minute_mean", "level_dbov_mean", "page", "score_reviewed_mean",
)
RULE_COLUMNS = ("standard", "rule", "title", "weight", "fatal", "calls", *OUTCOMES, "missed_share",
                "appealed", "reviewed", "overturned", "overturned_share")


def call_values(row: CallRow) -> list[Any]:
    """The cells of one call under :data:`CALL_COLUMNS`."""
    return [
        row.id, row.agent_id, row.agent_name, row.standard, row.direction, row.started_at, row.duration_s,
        row.score, row.score_low, row.score_high, " ".join(row.fatal), *(row.outcomes.get(o, 0) for o in OUTCOMES),
        " ".join(rule for rule, _ in row.failed), " ".join(row.unsure),
        row.rate_per_minute, row.level_dbov, row.ring_to_answer_s, row.ring_count, row.longest_wait_s, row.href,
        *(" ".join(r.rule for r in row.reviews if r.status == status) for status in STATUSES.values()),
        row.line_quality_mos, *((now.score, now.score_low, now.score_high) if (now := row.reviewed) else (None, None, None)),
    ]


def of_call(call_json: Mapping[str, Any]) -> dict[str, Any]:
    """What :data:`OF_CALL` are in a call report. Raises ``KeyError`` where it is none."""
    call = call_json["call"]
    return {
        "call_id": call["id"], "agent_id": call.get("agent_id"), "agent_name": call.get("agent_name"), "standard": call.get("standard"),
        "standard_version": (call_json.get("made_with") or {}).get("standard_version"), "started_at": call.get("started_at"),
    }


def of_score(call_json: Mapping[str, Any]) -> dict[str, Any]:
    """The same for :data:`OF_SCORE`."""
    score = call_json["score"]
    return {"score": score.get("value"), "score_low": score.get("low"), "score_high": score.get("high"),
            "page": call_href(call_json["call"]["id"])}


def of_review(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """What :data:`OF_REVIEW` are of one verdict of a call report."""
    review = verdict.get("review") or {}
    return {
        "review_status": review.get("status"), "human_outcome": review.get("human_outcome"), "reviewed_by": review.get("by"),
        "reviewed_at": review.get("at"), "review_reason": review.get("reason"), "review_history": review.get("history") or [],
    }


def values_of(found: Mapping[str, Any]) -> list[Any]:
    """The values of keys of :data:`VERDICT_KEYS` under the columns that stand for them."""
    values: list[Any] = []
    for key, value in found.items():
        if key == "spans":
            values += value[0] if value else (None, None)
        else:
            values.append(history_line(value) if key == "review_history" else value)
    return values


def agent_values(rows: Sequence[CallRow]) -> Iterator[list[Any]]:
    """The cells of every agent under :data:`AGENT_COLUMNS`; a mean score only where there are calls enough to give its interval."""
    own: dict[str, list[CallRow]] = {}
    for row in rows:
        if row.agent_id:
            own.setdefault(row.agent_id, []).append(row)
    reviewed = {agent.agent_id: agent.mean for agent in compare_agents(rows, reviewed=True)}
    for agent in compare_agents(rows):
        calls = own[agent.agent_id]
        yield [
            agent.agent_id, agent.agent_name, agent.calls, _round(agent.mean), _round(agent.low), _round(agent.high),
            sum(bool(row.fatal) for row in calls), *(sum(row.outcomes.get(o, 0) for row in calls) for o in OUTCOMES),
            _mean(row.rate_per_minute for row in calls), _mean(row.level_dbov for row in calls), agent_href(agent.agent_id),
            _round(reviewed[agent.agent_id]) if any(row.reviewed for row in calls) else None,
        ]


def count_key(standard: str | None, found: Mapping[str, Any], review: Mapping[str, Any]) -> str:
    """All that :class:`RuleCounts` asks of one verdict (its :data:`OF_VERDICT` and :func:`of_review`); the same for many calls."""
    decided = [entry["kind"] for entry in review["review_history"] if entry["kind"] in (UPHOLD, OVERTURN)]
    values = (standard or "", found["rule"], found["title"], found["weight"], found["fatal"], found["outcome"],
              review["review_status"] == STATUSES[APPEAL], bool(decided), decided[-1:] == [OVERTURN])
    return serial.on_one_line(values)


@dataclass
class RuleCounts:
    """Counts per standard and rule, gathered while verdicts stream past; as large as the standards, not as the calls."""

    _keys: Counter[str] = field(default_factory=Counter)

    def add(self, keys: Iterable[str]) -> None:
        """Count verdicts by their :func:`count_key`."""
        self._keys.update(keys)

    def _by_rule(self) -> dict[tuple[str, str], dict[str, Any]]:
        seen: dict[tuple[str, str], dict[str, Any]] = {}
        for key, calls in self._keys.items():
            standard, rule, title, weight, fatal, outcome, *said = json.loads(key)
            counted = seen.setdefault((standard, rule), dict.fromkeys((*OUTCOMES, "appealed", "reviewed", "overturned"), 0))
            counted |= {"title": title, "weight": weight, "fatal": fatal}
            counted[outcome] = counted.get(outcome, 0) + calls
            for name, so in zip(("appealed", "reviewed", "overturned"), said, strict=True):
                counted[name] += calls * so
        return seen

    def values(self) -> Iterator[list[Any]]:
        """The cells of every rule under :data:`RULE_COLUMNS`, the most often missed first."""
        for (standard, rule), counted in sorted(self._by_rule().items(), key=lambda item: (-item[1]["fail"], item[0])):
            decided = counted["fail"] + counted["pass"]
            yield [
                standard, rule, counted["title"], counted["weight"], counted["fatal"], sum(counted[o] for o in OUTCOMES),
                *(counted[o] for o in OUTCOMES), round(counted["fail"] / decided, 4) if decided else None,
                counted["appealed"], counted["reviewed"], counted["overturned"],
                round(counted["overturned"] / counted["reviewed"], 4) if counted["reviewed"] else None,
            ]


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _round(fmean(known)) if known else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
