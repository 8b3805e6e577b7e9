"""The supervisor's overview: all calls, worst first, the rules most often missed, agents compared, and what could not be analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..judge.standard import Standard
from ..records import FailedCall
from .comparison import FEWEST_CALLS, STUDENT_T_95, compare_agents
from .gauges import band_words
from .render import page
from .reviews import APPEAL, OVERTURN, STATUSES
from .rows import CallRow, RowReview, Standing, agent_href, worst_first
from .targets import targets_of
from .texts import texts

SCRIPT_TEXTS = (
    "any", "shown", "no_match", "none_broken", "fatal", "list_comma", "day_mean", "dist_line", "dist_in_band", "not_known", "machine_had",
    "too_few", "mean_of", "no_call_missed",
)
COLUMNS = (
    ("id", "call"), ("score", "score"), ("fail", "col_missed"), ("unsure", "col_unsure"), ("rules", "col_broken"),
    ("agent", "agent"), ("started", "started_at"), ("standard", "standard"),
    ("rate", "col_rate"), ("level", "col_level"), ("ring", "col_ring"), ("wait", "col_wait"),
)
# The four measures: key of the row in the script, name, unit.
MEASURES = (
    ("rate", "rate", "rate_unit"), ("level", "level", "dBov"), ("ring", "ring_to_answer", "unit_s"), ("wait", "longest_wait", "unit_s"),
)
NUMERIC_COLUMNS = ("score", "fail", "unsure", "rate", "level", "ring", "wait")


def index_page(
    rows: Sequence[CallRow], failed: Sequence[FailedCall], lang: str = "zh", standards: Mapping[str, Standard] = MappingProxyType({})
) -> str:
    """Return the overview as one self-contained HTML text. Rows travel as JSON and are shown a page at a time: thousands stay quick.

    ``standards`` are by name; the distributions of measures are held against their targets.

    Raises :class:`~voicemon.errors.SettingsError` for a language that is not known.
    """
    t = texts(lang)
    ordered = sorted(rows, key=worst_first)
    agents = [(a, agent_href(a.agent_id), " ".join(filter(None, (a.agent_name, a.agent_id)))) for a in compare_agents(rows, reviewed=True)]
    context = {
        "n_calls": len(ordered),
        "failed": failed,
        "agents": agents,
        "fewest": FEWEST_CALLS,
        "reviewed": reviewed_rules(ordered),
        "measures": [(key, t[label], unit if unit == "dBov" else t[unit]) for key, label, unit in MEASURES],
        "columns": [(key, t[text], key in NUMERIC_COLUMNS) for key, text in COLUMNS],
    }
    return page("overview", lang, {**_data(ordered, t), "targets": _targets(ordered, standards, t)}, context)


def _targets(rows: Sequence[CallRow], standards: Mapping[str, Standard], t: Mapping[str, str]) -> list[list[list[Any] | None]]:
    """Per standard (in the order of the data) and measure ``[low, high, tolerance, tolerance share, in words]``, or ``None``."""
    found = []
    for name in dict.fromkeys(row.standard for row in rows):
        targets = targets_of(standards[name]) if name in standards else None
        rate = targets.rate_per_minute if targets and targets.rate_basis == "turns" else None
        bands = (rate, targets.level_dbov, targets.ring_to_answer_s, None) if targets else (None,) * len(MEASURES)
        found.append([
            None if b is None else [b.low, b.high, b.tolerance, b.tolerance_share, band_words(b, "", t)] for b in bands
        ])
    return found


@dataclass(frozen=True)
class ReviewedRule:
    """Reviews of one rule over all calls: ``decided`` by a person, of these ``overturned``; ``appealed``: appeals still open."""

    standard: str
    rule: str
    title: str
    decided: int
    overturned: int
    appealed: int


def reviewed_rules(rows: Sequence[CallRow]) -> tuple[ReviewedRule, ...]:
    """Every rule that somebody said something about, the most often overturned first."""
    found: dict[tuple[str, str], list[RowReview]] = {}
    for row in rows:
        for review in row.reviews:
            found.setdefault((row.standard, review.rule), []).append(review)
    counted = [
        ReviewedRule(standard, rule, said[0].title, sum(r.decision is not None for r in said), sum(r.decision == OVERTURN for r in said),
                     sum(r.status == STATUSES[APPEAL] for r in said))
        for (standard, rule), said in found.items()
    ]
    return tuple(sorted(counted, key=lambda r: (-r.overturned, -r.appealed, r.standard, r.rule)))


def _data(rows: Sequence[CallRow], t: Mapping[str, str]) -> dict[str, Any]:
    """Rows as short arrays of what holds, with the machine's figures last where people have decided.

    Agents, standards and rules are named by their place in lists, so that 5,000 calls stay small.
    """
    agents = {a: i for i, a in enumerate(dict.fromkeys(r.agent_id for r in rows if r.agent_id))}
    names = {r.agent_id: r.agent_name for r in rows if r.agent_id and r.agent_name}
    standards = {s: i for i, s in enumerate(dict.fromkeys(r.standard for r in rows))}
    rules = {rule: i for i, rule in enumerate(dict.fromkeys((r.standard, *pair) for r in rows for pair in r.standing.missed))}
    return {
        "rows": [_row(r, agents, standards, rules) for r in rows],
        "agents": [[a, names.get(a) or "", agent_href(a)] for a in agents],
        "standards": list(standards),
        "rules": [[standards[s], rule_id, title] for s, rule_id, title in rules],
        "student": [FEWEST_CALLS, *STUDENT_T_95.items()],
        "texts": {key: t[key] for key in SCRIPT_TEXTS},
    }


def _row(
    row: CallRow, agents: Mapping[str, int], standards: Mapping[str, int], rules: Mapping[tuple[str, str, str], int]
) -> list[Any]:
    return [
        row.href, row.id, agents[row.agent_id] if row.agent_id else -1, standards[row.standard], row.started_at or "",
        *_counts(row.standing), [rules[row.standard, rule_id, title] for rule_id, title in row.standing.missed],
        _round(row.rate_per_minute), _round(row.level_dbov), _round(row.ring_to_answer_s), _round(row.longest_wait_s),
        sum(r.status == STATUSES[APPEAL] for r in row.reviews), _counts(row.by_machine) if row.reviewed else 0,
    ]


def _counts(now: Standing) -> list[Any]:
    return [_round(now.score), _round(now.score_low), _round(now.score_high), len(now.fatal), now.fail, now.unsure]


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
