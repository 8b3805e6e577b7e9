"""The overview of OUT, written from the finished call reports: index, agents, summary, and what could not be analysed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from . import __version__
from .judge.standard import Standard
from .records import FailedCall
from .report.agents import agent_page
from .report.as_csv import summary_csv
from .report.as_xlsx import Sheet, row_of_cells, workbook
from .report.overview import index_page
from .report.parts import MADE_BY, Part, packed_part, part_of, unpacked_part, unpacked_row
from .report.rows import CallRow, agent_href, worst_first
from .report.streams import whole_file
from .report.tables import AGENT_COLUMNS, CALL_COLUMNS, RULE_COLUMNS, VERDICT_COLUMNS, RuleCounts, agent_values, call_values
from .store import Store

STATE = "overview"  # what the files about more than one call were written from
AGENTS = "agents"  # the same of each agent's page, by the hash of the page's name
KEPT_AT_ONCE = 100
FILES = ("index.html", "summary.csv", "summary.xlsx", "verdicts.jsonl", "failed.json")


def overview(store: Store, standards: Mapping[str, Standard], lang: str) -> tuple[CallRow, ...]:
    """See that every file about more than one call is right, and write them all where one is not; the rows of all calls."""
    shown = store.shown(__version__, lang, [standard.digest for standard in standards.values()])
    if store.state(STATE) == shown and all((store.out / name).is_file() for name in FILES):
        rows = tuple(_rows(store))
        if all((store.out / unquote(agent_href(row.agent_id))).is_file() for row in rows if row.agent_id):
            return rows
    store.set_state(STATE, None)
    rows = write_overview(store, store.failures(), standards, lang)
    store.set_state(STATE, shown)
    return rows


def language_of(page: Path) -> str:
    """The language that a page of OUT was written in."""
    try:
        with page.open(encoding="utf-8") as lines:
            return "en" if '<html lang="en">' in lines.read(200) else "zh"
    except OSError:
        return "zh"


def write_overview(
    store: Store, failed: tuple[FailedCall, ...], standards: Mapping[str, Standard], lang: str
) -> tuple[CallRow, ...]:
    """Write every file of OUT that is about more than one call; return the rows of all calls in it.

    ``standards`` are by name; agent pages take from them what to say instead.
    """
    rows = _write_tables(store)
    store.write_json("failed.json", [{"id": call.id, "path": call.path, "reason": call.reason} for call in failed])
    store.write("summary.csv", summary_csv(rows))
    _write_agents(store, rows, standards, lang)
    store.write("index.html", index_page(rows, failed, lang, standards))
    return tuple(rows)


def _write_tables(store: Store) -> list[CallRow]:
    """``summary.xlsx`` and ``verdicts.jsonl``, put together from the parts of all calls; the rows of the calls."""
    rows: list[CallRow] = []
    counts = RuleCounts()
    with (
        whole_file(store.out / "summary.xlsx") as xlsx,
        whole_file(store.out / "verdicts.jsonl") as lines,
        workbook(xlsx) as book,
        lines.open("w", encoding="utf-8", newline="\n") as jsonl,
    ):
        calls, verdicts = Sheet(book, "calls", CALL_COLUMNS), Sheet(book, "verdicts", VERDICT_COLUMNS)
        for part in _parts(store):
            rows.append(part.row)
            jsonl.write(part.lines)
            verdicts.add_rows(part.cells)
            counts.add(part.counted)
        for sheet, values in ((calls, map(call_values, sorted(rows, key=worst_first))),
                              (Sheet(book, "agents", AGENT_COLUMNS), agent_values(rows)),
                              (Sheet(book, "rules", RULE_COLUMNS), counts.values())):
            sheet.add_rows(map(row_of_cells, values))
    return rows


def _parts(store: Store) -> Iterator[Part]:
    """The part of every finished call; what has none yet gets it, so that the next time it is only read."""
    fresh: dict[str, dict[str, bytes]] = {}
    for call_id, kept in store.parts(MADE_BY, "row", "lines", "cells"):
        part = unpacked_part(*kept) if kept else None
        if part is None:
            part = _made(store, call_id)
            if part is None:
                continue
            fresh[call_id] = packed_part(part)
        yield part
        if len(fresh) >= KEPT_AT_ONCE:
            store.save_parts(MADE_BY, fresh)
            fresh = {}
    store.save_parts(MADE_BY, fresh)


def _made(store: Store, call_id: str) -> Part | None:
    report = store.report(call_id)
    try:
        return None if report is None else part_of(report)
    except (KeyError, TypeError):
        return None  # not a call report of this version


def _rows(store: Store) -> list[CallRow]:
    """The row of every finished call."""
    found = ((call_id, unpacked_row(*kept) if kept else None) for call_id, kept in store.parts(MADE_BY, "row"))
    every = (row or ((part := _made(store, call_id)) and part.row) for call_id, row in found)
    return [row for row in every if row]


def _write_agents(store: Store, rows: Sequence[CallRow], standards: Mapping[str, Standard], lang: str) -> None:
    """One page per agent and no other, where it is not right as it is; only that agent's reports are in memory while it is written."""
    own: dict[str, list[str]] = {}
    for row in rows:
        if row.agent_id:
            own.setdefault(row.agent_id, []).append(row.id)
    names = {agent_id: unquote(agent_href(agent_id)) for agent_id in own}
    store.drop_others("agents", {store.out / name for name in names.values()})
    written, told = json.loads(store.state(AGENTS) or "{}"), store.report_keys()
    made_from = {}
    for agent_id, call_ids in sorted(own.items()):
        name = names[agent_id]
        key = _hash([__version__, lang, [s.digest for s in standards.values()], agent_id, [(i, told.get(i)) for i in sorted(call_ids)]])
        made_from[_hash(name)] = key
        # One more review of one call changes one page, not those of all the others.
        if written.get(_hash(name)) == key and (store.out / name).is_file():
            continue
        reports = [report for report in map(store.report, call_ids) if report is not None]
        page = agent_page(agent_id, reports, standards, lang, lambda call_id: store.load_media(call_id).get("audio_href"))
        store.write(name, page)
    store.set_state(AGENTS, json.dumps(made_from))


def _hash(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()
