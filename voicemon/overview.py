"""The overview of OUT, written from the finished call reports: index, agents, summary, and what could not be analysed."""

from __future__ import annotations

from .records import FailedCall
from .report.as_csv import summary_csv
from .report.overview import index_page
from .report.rows import CallRow, row_of
from .store import Store


def write_overview(store: Store, failed: tuple[FailedCall, ...], lang: str) -> tuple[CallRow, ...]:
    """Write every file of OUT that is about more than one call; return the rows of all calls in it."""
    rows = []
    for _, report in store.reports():
        try:
            rows.append(row_of(report))
        except (KeyError, TypeError):
            continue  # not a call report of this version
    store.write_failed(failed)
    store.write("summary.csv", summary_csv(rows))
    store.write("index.html", index_page(rows, failed, lang))
    return tuple(rows)
