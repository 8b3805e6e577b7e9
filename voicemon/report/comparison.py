"""Agents side by side, honestly: a mean with its confidence interval, and nothing where there are too few calls."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, stdev

from .rows import CallRow

FEWEST_CALLS = 6
# Student's t, two-sided 95 %, by degrees of freedom; the next lower tabulated one is used in between (wider, never narrower).
STUDENT_T_95 = {5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 12: 2.179, 15: 2.131, 20: 2.086, 30: 2.042, 60: 2.0, 120: 1.98}


@dataclass(frozen=True)
class AgentScore:
    """Scores of one agent: ``mean``, ``low`` and ``high`` are ``None`` below :data:`FEWEST_CALLS` calls with a score."""

    agent_id: str
    agent_name: str | None
    calls: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None


def compare_agents(rows: Iterable[CallRow], reviewed: bool = False) -> tuple[AgentScore, ...]:
    """Every agent with calls, those with an interval first, lowest mean first.

    ``reviewed`` takes the score after review where there is one.
    """
    by_agent: dict[str, list[CallRow]] = {}
    for row in rows:
        if row.agent_id:
            by_agent.setdefault(row.agent_id, []).append(row)
    found = [_agent(agent_id, own, reviewed) for agent_id, own in by_agent.items()]
    return tuple(sorted(found, key=lambda a: (a.mean is None, a.mean or 0.0, a.agent_id)))


def _agent(agent_id: str, rows: list[CallRow], reviewed: bool) -> AgentScore:
    name = next((row.agent_name for row in rows if row.agent_name), None)
    found = [row.standing.score if reviewed else row.score for row in rows]
    scores = [score for score in found if score is not None]
    if len(scores) < FEWEST_CALLS:
        return AgentScore(agent_id, name, len(rows))
    mean = fmean(scores)
    half = _student_t(len(scores) - 1) * stdev(scores) / math.sqrt(len(scores))
    return AgentScore(agent_id, name, len(rows), mean, max(0.0, mean - half), min(100.0, mean + half))


def _student_t(degrees: int) -> float:
    return STUDENT_T_95[max(d for d in STUDENT_T_95 if d <= degrees)]
