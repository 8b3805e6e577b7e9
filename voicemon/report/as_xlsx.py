"""``summary.xlsx``: the sheets calls, verdicts, agents and rules. Text is always a string cell, so nothing in it can run as a formula.

Rows go to disk as they come (XlsxWriter's ``constant_memory``): 10,000 calls take no more memory than ten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from ..errors import OutputError
from .render import writable

# Limits of the format (Excel specifications and limits).
MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTH, WIDE = 14, 40
WIDE_COLUMNS = ("title", "quote", "expected", "reason", "rules_missed", "rules_unsure")


class Sheet:
    """A table that grows by rows. One that is full goes on in another sheet, ``NAME 2``, with the same head."""

    def __init__(self, book: Any, name: str, columns: Sequence[str], most_rows: int = MOST_ROWS) -> None:
        self._book, self._name, self._columns, self._most_rows = book, name, columns, most_rows
        self._parts = 0
        self._begin()

    def add(self, values: Sequence[Any]) -> None:
        """Write one row; numbers as numbers, ``None`` as an empty cell, everything else as text."""
        if self._row >= self._most_rows:
            self._begin()
        for column, value in enumerate(values):
            self._cell(column, value)
        self._row += 1

    def _begin(self) -> None:
        self._parts += 1
        self._sheet = self._book.add_worksheet(self._name if self._parts == 1 else f"{self._name} {self._parts}")
        self._sheet.freeze_panes(1, 1)
        bold = self._book.add_format({"bold": True})
        for column, name in enumerate(self._columns):
            self._sheet.set_column(column, column, WIDE if name in WIDE_COLUMNS else WIDTH)
            self._sheet.write_string(0, column, name, bold)
        self._row = 1

    def _cell(self, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(self._row, column, value)
        elif isinstance(value, int | float):
            self._sheet.write_number(self._row, column, value)
        else:
            self._sheet.write_string(self._row, column, writable(str(value).replace("\0", ""))[:MOST_CHARACTERS])


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """A workbook in ``path`` (of which :class:`Sheet` are made), complete when the block ends.

    Raises :class:`~voicemon.errors.OutputError` when it cannot be written.
    """
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    try:
        yield book
    finally:
        try:
            book.close()
        except XlsxWriterException as err:
            raise OutputError(f"{path}: cannot be written ({err}); free some space or give another --out") from err
