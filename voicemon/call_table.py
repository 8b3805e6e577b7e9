"""``calls.csv``: one row of texts per recording. A table that cannot be understood is refused, not passed over: what it says may decide."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from .errors import SidecarError
from .names import printable

TABLE_NAME = "calls.csv"
NAME_COLUMNS = ("file", "name", "id")


@dataclass(frozen=True)
class Row:
    """The cells of one recording by column, or the fault that makes them useless; ``named`` is how the table calls it."""

    number: int
    named: str
    cells: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


def table_row(recording: Path, columns: Collection[str]) -> tuple[Mapping[str, str], str] | None:
    """The cells that are not empty and where they are from; ``None`` without a table or a row. ``columns`` are those with a meaning.

    Raises :class:`SidecarError` for a table, or a row of this recording, that can be read in more than one way or in none.
    """
    table = recording.parent / TABLE_NAME
    if not table.is_file():
        return None
    check_link(table)
    status = table.stat()
    rows = _rows_by_name(table, status.st_size, status.st_mtime, frozenset(columns))
    found = [rows[name] for name in (recording.name, recording.stem) if name in rows]
    if not found:
        return None
    row = found[0]
    source = f"{table}, row of {row.named}"
    if row.fault:
        raise SidecarError(f"{printable(source)}: {row.fault}")
    if any(other.cells != row.cells for other in found):
        lines = " and ".join(str(number) for number in sorted(other.number for other in found))
        raise SidecarError(f"{printable(source)}: is there with and without its ending and differs (lines {lines}); keep one")
    return row.cells, source


def check_link(path: Path) -> None:
    """Whoever may put files beside recordings must not get another file of this machine into a report."""
    if path.is_symlink() and path.parent.resolve() not in path.resolve().parents:
        raise SidecarError(f"{printable(path)}: is a link that leads out of its folder; put the file itself there")


@lru_cache(maxsize=4)
def _rows_by_name(table: Path, size_bytes: int, changed_s: float, columns: frozenset[str]) -> dict[str, Row]:
    """The row of each name; read once per table and not once per recording, as long as it does not change."""
    lines = _lines(table)
    if not any(cell.strip() for line in lines for cell in line):
        return {}
    head = _head(table, lines[0], columns)
    found: dict[str, Row] = {}
    for number, line in enumerate(lines[1:], start=2):
        cells = {name: cell.strip() for name, cell in zip(head, line, strict=False) if name and cell.strip()}
        named = next((cells[column] for column in NAME_COLUMNS if column in cells), None)
        if named is None:
            continue
        row = Row(number, named, {name: cell for name, cell in cells.items() if name not in NAME_COLUMNS}, _fault(number, head, line))
        before = found.setdefault(named, row)
        if before.cells != row.cells and not before.fault:
            found[named] = Row(before.number, named, fault=f"is there twice and differs (lines {before.number} and {number}); keep one")
    return found


def _head(table: Path, line: list[str], columns: Collection[str]) -> list[str]:
    """Names of the columns; those with a meaning in whatever case they are written."""
    plain = [cell.strip() for cell in line]
    head = [cell.casefold() if cell.casefold() in {*columns, *NAME_COLUMNS} else cell for cell in plain]
    if not set(head) & set(NAME_COLUMNS):
        raise SidecarError(f"{printable(table)}: its first line must name the columns, with commas between them, and one must be "
                           f"{', '.join(NAME_COLUMNS[:-1])} or {NAME_COLUMNS[-1]}")
    doubled = sorted({name for name in head if name and head.count(name) > 1})
    if doubled:
        raise SidecarError(f"{printable(table)}: has the column {printable(doubled[0])} twice; remove one")
    return head


def _fault(number: int, head: list[str], line: list[str]) -> str:
    if any(cell.strip() for cell in line[len(head):]):
        return f"line {number} has more cells than the first line names; put quotes around a cell that holds a comma"
    return ""


def _lines(table: Path) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(_table_text(table)), strict=True))
    except csv.Error as err:
        raise SidecarError(f"{printable(table)}: not a table of comma-separated values ({printable(err)}); save it again as CSV") from err


def _table_text(table: Path) -> str:
    """Text of the table: UTF-8, else GB 18030 as Chinese spreadsheets save it."""
    try:
        raw = table.read_bytes()
    except OSError as err:
        raise SidecarError(f"{printable(table)}: cannot be read ({err.strerror})") from err
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SidecarError(f"{printable(table)}: neither UTF-8 nor GB 18030; save it as UTF-8")
