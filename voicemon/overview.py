"""The overview of OUT, written from the finished call reports: index, agents, summary, and what could not be analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from .judge.standard import Standard
from .records import FailedCall
from .report.agents import agent_page
from .report.as_csv import summary_csv
from .report.overview import index_page
from .report.rows import CallRow, agent_href, row_of
from .store import Store


def write_overview(
    store: Store, failed: tuple[FailedCall, ...], standards: Mapping[str, Standard], lang: str
) -> tuple[CallRow, ...]:
    """Write every file of OUT that is about more than one call; return the rows of all calls in it.

    ``standards`` are by name; agent pages take from them what to say instead.
    """
    rows = []
    for _, report in store.reports():
        try:
            rows.append(row_of(report))
        except (KeyError, TypeError):
            continue  # not a call report of this version
    store.write_failed(failed)
    store.write("summary.csv", summary_csv(rows))
    _write_agents(store, rows, standards, lang)
    store.write("index.html", index_page(rows, failed, lang))
    return tuple(rows)


def _write_agents(store: Store, rows: Sequence[CallRow], standards: Mapping[str, Standard], lang: str) -> None:
    """One page per agent; only that agent's reports are in memory while it is written."""
    own: dict[str, list[str]] = {}
    for row in rows:
        if row.agent_id:
            own.setdefault(row.agent_id, []).append(row.id)
    for agent_id, call_ids in sorted(own.items()):
        reports = [report for report in map(store.report, call_ids) if report is not None]
        store.write(unquote(agent_href(agent_id)), agent_page(agent_id, reports, standards, lang))
