"""What every table holds: names of the columns (documented in ``docs/tables.md``, never renamed) and the rows under them.

Times are in seconds from the first sample of the recording; an empty cell or ``null`` is "not known" or "does not apply".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import fmean
from typing import Any

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
# the keys of verdicts.jsonl
VERDICT_KEYS = (
    "call_id", "agent_id", "agent_name", "standard", "standard_version", "started_at", "rule", "title", "outcome", "evidence",
    "weight", "fatal", "spans", "quote", "expected", "reason", "score", "score_low", "score_high", "page",
    "review_status", "human_outcome", "reviewed_by", "reviewed_at", "review_reason", "review_history",
)
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


def verdict_objects(call_json: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One object per verdict of a call report, with the keys :data:`VERDICT_KEYS`. Raises ``KeyError`` where it is no call report."""
    call, score = call_json["call"], call_json["score"]
    about = {key: call.get(key) for key in ("agent_id", "agent_name", "standard", "started_at")}
    about |= {"call_id": call["id"], "standard_version": (call_json.get("made_with") or {}).get("standard_version")}
    about |= {"score": score.get("value"), "score_low": score.get("low"), "score_high": score.get("high"), "page": call_href(call["id"])}
    for verdict in call_json["verdicts"]:
        review = verdict.get("review") or {}
        said = {
            "review_status": review.get("status"), "human_outcome": review.get("human_outcome"), "reviewed_by": review.get("by"),
            "reviewed_at": review.get("at"), "review_reason": review.get("reason"), "review_history": review.get("history") or [],
        }
        found = {**about, **said, **{key: verdict.get(key) for key in VERDICT_KEYS if key not in about and key not in said}}
        yield {key: found[key] for key in VERDICT_KEYS}


def verdict_values(found: Mapping[str, Any]) -> list[Any]:
    """The cells of one verdict (of :func:`verdict_objects`) under :data:`VERDICT_COLUMNS`."""
    spans = found["spans"] or [(None, None)]
    flat = {**found, "start_s": spans[0][0], "end_s": spans[0][1], "review_history": history_line(found["review_history"])}
    return [flat[name] for name in VERDICT_COLUMNS]


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


def count_key(found: Mapping[str, Any]) -> str:
    """All that :class:`RuleCounts` asks of one verdict (of :func:`verdict_objects`); the same for many calls."""
    decided = [entry["kind"] for entry in found["review_history"] if entry["kind"] in (UPHOLD, OVERTURN)]
    return _counted(found["standard"] or "", found["rule"], found["title"], found["weight"], found["fatal"], found["outcome"],
                    found["review_status"] == STATUSES[APPEAL], bool(decided), decided[-1:] == [OVERTURN])


@lru_cache(maxsize=8192, typed=True)  # a standard has a few for each of its rules
def _counted(*values: Any) -> str:
    return json.dumps(values, ensure_ascii=False)


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
