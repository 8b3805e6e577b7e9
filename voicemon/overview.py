"""The overview of OUT, written from the finished call reports: index, agents, summary, and what could not be analysed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from . import serial
from .judge.standard import Standard
from .records import FailedCall
from .report.agents import agent_page
from .report.as_csv import summary_csv
from .report.as_xlsx import Sheet, workbook
from .report.overview import index_page
from .report.rows import CallRow, agent_href, row_of, worst_first
from .report.streams import whole_file
from .report.tables import (
    AGENT_COLUMNS,
    CALL_COLUMNS,
    RULE_COLUMNS,
    VERDICT_COLUMNS,
    RuleCounts,
    agent_values,
    call_values,
    verdict_objects,
    verdict_values,
)
from .store import Store


def write_overview(
    store: Store, failed: tuple[FailedCall, ...], standards: Mapping[str, Standard], lang: str
) -> tuple[CallRow, ...]:
    """Write every file of OUT that is about more than one call; return the rows of all calls in it.

    ``standards`` are by name; agent pages take from them what to say instead.
    """
    rows = _write_tables(store)
    store.write_json("failed.json", [serial.to_plain(call) for call in failed])
    store.write("summary.csv", summary_csv(rows))
    _write_agents(store, rows, standards, lang)
    store.write("index.html", index_page(rows, failed, lang, standards))
    return tuple(rows)


def _write_tables(store: Store) -> list[CallRow]:
    """``summary.xlsx`` and ``verdicts.jsonl``, while every call report is read once; the rows of the calls."""
    rows: list[CallRow] = []
    counts = RuleCounts()
    with (
        whole_file(store.out / "summary.xlsx") as xlsx,
        whole_file(store.out / "verdicts.jsonl") as lines,
        workbook(xlsx) as book,
        lines.open("w", encoding="utf-8", newline="\n") as jsonl,
    ):
        calls, verdicts = Sheet(book, "calls", CALL_COLUMNS), Sheet(book, "verdicts", VERDICT_COLUMNS)
        for row, found in _calls(store):
            rows.append(row)
            for verdict in found:
                jsonl.write(json.dumps(verdict, ensure_ascii=False, allow_nan=False) + "\n")
                verdicts.add(verdict_values(verdict))
                counts.add(verdict)
        _fill(calls, map(call_values, sorted(rows, key=worst_first)))
        _fill(Sheet(book, "agents", AGENT_COLUMNS), agent_values(rows))
        _fill(Sheet(book, "rules", RULE_COLUMNS), counts.values())
    return rows


def _calls(store: Store) -> Iterator[tuple[CallRow, list[dict[str, Any]]]]:
    """The row and the verdicts of every finished call, one call at a time."""
    for _, report in store.reports():
        try:
            yield row_of(report), list(verdict_objects(report))
        except (KeyError, TypeError):
            continue  # not a call report of this version


def _fill(sheet: Sheet, lines: Iterable[Sequence[Any]]) -> None:
    for values in lines:
        sheet.add(values)


def _write_agents(store: Store, rows: Sequence[CallRow], standards: Mapping[str, Standard], lang: str) -> None:
    """One page per agent; only that agent's reports are in memory while it is written."""
    own: dict[str, list[str]] = {}
    for row in rows:
        if row.agent_id:
            own.setdefault(row.agent_id, []).append(row.id)
    for agent_id, call_ids in sorted(own.items()):
        reports = [report for report in map(store.report, call_ids) if report is not None]
        page = agent_page(agent_id, reports, standards, lang, lambda call_id: store.load_media(call_id).get("audio_href"))
        store.write(unquote(agent_href(agent_id)), page)
