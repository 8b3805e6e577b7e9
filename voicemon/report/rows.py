"""One call as one row: all that the overview, the tables and the terminal need, taken from the call's JSON report."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..records import AGENT, OUTCOMES
from .media import link_to
from .reviews import outcome_of

# The telephone's waits: before the answer and after the last word. The agent is not asked about them.
TELEPHONE_WAITS = ("ring", "unknown_wait", "closing")
_PLAIN_NAME = re.compile(r"\w[\w\-]{0,39}")
# Names that Windows keeps for devices.
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)\d")
_HASH_CHARACTERS = 8


@dataclass(frozen=True)
class RowReview:
    """Where the review of one verdict stands: ``status`` and the last ``decision`` (see :mod:`.reviews`)."""

    rule: str
    title: str
    status: str
    decision: str | None


@dataclass(frozen=True)
class Standing:
    """What a call comes to: its score, how many verdicts are ``fail`` and ``unsure``, and the rules ``missed`` as (rule id, title)."""

    score: float | None
    score_low: float | None
    score_high: float | None
    fatal: tuple[str, ...]
    fail: int
    unsure: int
    missed: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CallRow:
    """A call in the overview. ``href`` is relative to OUT; ``outcomes`` counts verdicts; ``failed`` are (rule id, title).

    All of it is the machine's; ``reviewed`` is what it comes to with the decisions of people, ``None`` where nobody has decided.
    """

    id: str
    href: str
    agent_id: str | None
    agent_name: str | None
    standard: str
    direction: str | None
    started_at: str | None
    duration_s: float
    score: float | None
    score_low: float | None
    score_high: float | None
    fatal: tuple[str, ...]
    outcomes: Mapping[str, int]
    failed: tuple[tuple[str, str], ...]
    unsure: tuple[str, ...]
    rate_per_minute: float | None
    level_dbov: float | None
    ring_to_answer_s: float | None
    ring_count: int | None
    longest_wait_s: float | None
    line_quality_mos: float | None = None
    reviews: tuple[RowReview, ...] = ()
    reviewed: Standing | None = None

    @property
    def by_machine(self) -> Standing:
        """What the call comes to by the machine alone."""
        counts = (self.outcomes.get("fail", 0), self.outcomes.get("unsure", 0))
        return Standing(self.score, self.score_low, self.score_high, self.fatal, *counts, self.failed)

    @property
    def standing(self) -> Standing:
        """What holds: after review where people have decided, else the machine's."""
        return self.reviewed or self.by_machine


def row_of(call_json: Mapping[str, Any]) -> CallRow:
    """The row of one ``OUT/calls/<id>.json``. Raises ``KeyError`` where it is not a call report."""
    call, measures, score, verdicts = (call_json[key] for key in ("call", "measures", "score", "verdicts"))
    waits = [w["end_s"] - w["start_s"] for w in measures["waits"] if w["kind"] not in TELEPHONE_WAITS]
    ring = measures.get("ring") or {}
    counted = Counter(v["outcome"] for v in verdicts)
    return CallRow(
        id=call["id"],
        href=call_href(call["id"]),
        agent_id=call.get("agent_id"),
        agent_name=call.get("agent_name"),
        standard=call.get("standard") or "",
        direction=call.get("direction"),
        started_at=call.get("started_at"),
        duration_s=call["duration_s"],
        score=score.get("value"),
        score_low=score.get("low", score.get("value")),
        score_high=score.get("high", score.get("value")),
        fatal=tuple(score.get("fatal") or ()),
        outcomes={outcome: counted[outcome] for outcome in OUTCOMES},
        failed=tuple((v["rule"], v.get("title") or v["rule"]) for v in verdicts if v["outcome"] == "fail"),
        unsure=tuple(v["rule"] for v in verdicts if v["outcome"] == "unsure"),
        rate_per_minute=_figure(measures, "speaking_rate", "per_minute_of_turns"),
        level_dbov=_figure(measures, "level", "active_level_dbov"),
        ring_to_answer_s=ring.get("ring_to_answer_s"),
        ring_count=ring.get("count"),
        longest_wait_s=round(max(waits), 3) if waits else None,
        line_quality_mos=_figure(measures, "line_quality", "overall_mos"),
        reviews=tuple(
            RowReview(v["rule"], v.get("title") or v["rule"], v["review"]["status"], v["review"]["decision"])
            for v in verdicts if v.get("review")
        ),
        reviewed=_reviewed(call_json.get("score_reviewed"), verdicts),
    )


def _reviewed(score: Mapping[str, Any] | None, verdicts: Sequence[Mapping[str, Any]]) -> Standing | None:
    if score is None:
        return None
    missed = tuple((v["rule"], v.get("title") or v["rule"]) for v in verdicts if outcome_of(v) == "fail")
    unsure = sum(outcome_of(v) == "unsure" for v in verdicts)
    return Standing(score["value"], score["low"], score["high"], tuple(score["fatal"]), len(missed), unsure, missed)


def worst_first(row: CallRow) -> tuple[Any, ...]:
    """Sort key over what holds: fatal ones, then the lowest score, then what it could fall to; calls without a score last."""
    now = row.standing
    low = now.score_low if now.score_low is not None else now.score
    value = now.score if now.score is not None else low
    return (not now.fatal, value is None, value or 0.0, low or 0.0, -now.fail, row.id)


def call_href(call_id: str) -> str:
    """Link from OUT to the page of a call."""
    return "calls/" + link_to(f"{call_id}.html").replace("/", "%2F")


def agent_href(agent_id: str) -> str:
    """Link from OUT to the page of an agent."""
    return "agents/" + link_to(f"{safe_name(agent_id)}.html")


def safe_name(agent_id: str) -> str:
    """A file name (without ending) for an agent id: readable, safe on every system, and never shared by two ids.

    A hash of the id keeps apart what cleaning or a file system that ignores case would make equal.
    """
    plain = unicodedata.normalize("NFC", agent_id)
    cleaned = re.sub(r"[^\w\-]+", "_", plain).strip("_-")[:40]
    untouched = plain == agent_id == cleaned == agent_id.casefold() and _PLAIN_NAME.fullmatch(agent_id)
    if untouched and not _DEVICES.fullmatch(agent_id):
        return agent_id
    digest = hashlib.sha256(agent_id.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_CHARACTERS]
    return f"{cleaned or 'agent'}.{digest}"


def _figure(measures: Mapping[str, Any], measure: str, figure: str) -> float | None:
    party = (measures.get(measure) or {}).get(AGENT) or {}
    value = party.get(figure)
    return None if value is None else float(value)
