"""``summary.xlsx``: the sheets calls, verdicts, agents and rules. Text is always a string cell, so nothing in it can run as a formula.

XlsxWriter makes the workbook; the rows, which are millions of cells, are written here, straight into the zip: a fifth of the time, and
10,000 calls take no more memory than ten. Format: ECMA-376 part 1, 18.3.1 (worksheets) and 22.9.2.19 (``_xHHHH_`` in text).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.utility import xl_col_to_name

from ..errors import OutputError
from .render import writable

# Limits of the format (Excel specifications and limits).
MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
KEPT_CHARACTERS = 100
MOST_BYTES = 3 << 29  # of a sheet: beyond 2 GiB the zip would need extensions that not every program reads
WIDTH, WIDE = 14, 40
WIDE_COLUMNS = ("title", "quote", "expected", "reason", "rules_missed", "rules_unsure")
# What cannot stand in the text of a cell as it is.
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_CONTROL = re.compile(r"[\x01-\x08\x0b-\x1f\ufffe\uffff]")
_END = "</sheetData>"
_ROW = "\0"  # stands for the number of a row; no text in a cell can hold it


class Book:
    """A workbook that is being written: one sheet at a time, each from its first row to its last."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._heads: list[tuple[str, Sequence[str]]] = []
        self._open: IO[bytes] | None = None
        self._current = 0
        self._written: set[int] = set()

    def new_sheet(self, name: str, columns: Sequence[str]) -> int:
        """Make a sheet; its number."""
        self._heads.append((name, columns))
        return len(self._heads)

    def write(self, sheet: int, rows: bytes) -> None:
        """Add rows to a sheet. One that was left for another cannot be gone on with."""
        if sheet not in self._written:
            self._end_sheet()
            self._open, self._current = self._file.open(f"xl/worksheets/sheet{sheet}.xml", "w"), sheet
            self._written.add(sheet)
            self._open.write(_beginning(self._heads[sheet - 1][1]).encode())
        if self._open is None or sheet != self._current:
            raise RuntimeError(f"sheet {sheet} is finished")
        self._open.write(rows)

    def close(self) -> None:
        """Write what is left: sheets without rows, and all else that makes a workbook."""
        for sheet in range(1, len(self._heads) + 1):
            if sheet not in self._written:
                self.write(sheet, b"")
        self._end_sheet()
        with zipfile.ZipFile(_frame(self._heads)) as frame:
            for part in frame.infolist():
                if not part.filename.startswith("xl/worksheets/sheet"):
                    self._file.writestr(part, frame.read(part), zipfile.ZIP_DEFLATED)

    def drop(self) -> None:
        """Let go of a workbook that could not be finished."""
        if self._open is not None:
            self._open.close()

    def _end_sheet(self) -> None:
        if self._open is not None:
            self._open.write(f"{_END}</worksheet>".encode())
            self._open.close()
            self._open = None


class Sheet:
    """A table that grows by rows. One that is full goes on in another sheet, ``NAME 2``, with the same head."""

    def __init__(self, book: Book, name: str, columns: Sequence[str], most_rows: int = MOST_ROWS) -> None:
        self._book, self._name, self._columns, self._most_rows = book, name, columns, most_rows
        self._parts = 0
        self._begin()

    def add(self, values: Sequence[Any]) -> None:
        """Write one row; numbers as numbers, ``None`` as an empty cell, everything else as text."""
        self.add_rows([row_of_cells(values)])

    def add_rows(self, rows: Iterable[str]) -> None:
        """Write rows that :func:`row_of_cells` made."""
        ready: list[str] = []
        for row in rows:
            if self._row > self._most_rows or self._bytes > MOST_BYTES:
                self._write(ready)
                ready = []
                self._begin()
            ready.append(row.replace(_ROW, str(self._row)))
            self._row += 1
        self._write(ready)

    def _write(self, rows: Sequence[str]) -> None:
        content = "".join(rows).encode()
        self._book.write(self._number, content)
        self._bytes += len(content)

    def _begin(self) -> None:
        self._parts += 1
        self._number = self._book.new_sheet(self._name if self._parts == 1 else f"{self._name} {self._parts}", self._columns)
        self._row, self._bytes = 2, 0


def row_of_cells(values: Sequence[Any]) -> str:
    """A row of a worksheet whose number is still to be filled in, so that it can be kept and come anywhere."""
    return row_of(cells_of(values))


def row_of(cells: str) -> str:
    """A row of what :func:`cells_of` gave."""
    return f'<row r="{_ROW}">{cells}</row>'


def cells_of(values: Sequence[Any], first: int = 0) -> str:
    """The cells of a row from column ``first`` on (counted from 0)."""
    cells = [_kept_cell(place, value) if isinstance(value, str) and len(value) <= KEPT_CHARACTERS else _cell(place, value)
             for place, value in zip(_places(first, len(values)), values, strict=True) if value is not None and value != ""]
    return "".join(cells)


@lru_cache(maxsize=16)
def _places(first: int, columns: int) -> tuple[str, ...]:
    return tuple(xl_col_to_name(i) + _ROW for i in range(first, first + columns))


@contextmanager
def workbook(path: Path) -> Iterator[Book]:
    """A workbook in ``path`` (of which :class:`Sheet` are made), complete when the block ends.

    Raises :class:`~voicemon.errors.OutputError` when it cannot be written.
    """
    file = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    book = Book(file)
    try:
        yield book
        book.close()
        file.close()
    except (XlsxWriterException, zipfile.LargeZipFile) as err:
        raise OutputError(f"{path}: cannot be written ({err}); free some space or give another OUT") from err
    finally:  # after a fault each of these fails again, and the first is the one to be told
        for end in (book.drop, file.close):
            with suppress(OSError, ValueError):
                end()


def _frame(heads: Sequence[tuple[str, Sequence[str]]]) -> BytesIO:
    """A workbook of the same sheets with nothing in them but a bold cell each."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    bold = book.add_format({"bold": True})
    for name, _ in heads:
        book.add_worksheet(name).write_blank(0, 0, None, bold)
    book.close()
    return made


def _beginning(columns: Sequence[str]) -> str:
    """A worksheet up to its first row of data: the head is bold (format 1 of the workbook) and stays in sight."""
    widths = "".join(f'<col min="{i}" max="{i}" width="{WIDE if name in WIDE_COLUMNS else WIDTH}" customWidth="1"/>'
                     for i, name in enumerate(columns, 1))
    head = "".join(_cell(f"{xl_col_to_name(i)}1", name).replace(" t=", ' s="1" t=', 1) for i, name in enumerate(columns))
    return ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">'
            '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols><sheetData><row r="1">{head}</row>')


@lru_cache(maxsize=8192)
def _kept_cell(place: str, text: str) -> str:
    """A short text; most verdicts hold what those of other rules or other calls hold."""
    return _cell(place, text)


def _cell(place: str, value: Any) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value:.16G}</v></c>'
    text = str(value)
    if 2 * len(text) > MOST_CHARACTERS:  # counted as UTF-16, where some take two
        text = text.encode("utf-16-le", "surrogatepass")[: 2 * MOST_CHARACTERS].decode("utf-16-le", "replace")
    if _SPECIAL.search(text):
        text = _written(text)
    keep = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
    return f'<c r="{place}" t="inlineStr"><is><t{keep}>{text}</t></is></c>'


def _written(text: str) -> str:
    """``text`` as XML may hold it and Excel reads it back: a control character as ``_xHHHH_``, what looks like one with its ``_`` so."""
    plain = re.sub(r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", writable(text.replace("\0", "")))
    return escape(_CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", plain))
