"""A list's file as cells: CSV and plain text, NDJSON, Parquet, XLSX, by the file's ending.

CSV is read here, as it is needed: a file may hold millions of rows. The other formats come through `sheets`.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lachan.foundation.base import VIETNAM, BadInput, InputReason
from lachan.foundation.documents import sheets
from lachan.registry.model import RegistryReason

_SHEETS = frozenset(sheets.ENDINGS) - {".csv"}


class Table(NamedTuple):
    """Names of the columns in lower case, the number of the first row, and the rows.

    A row of another width than the header cannot be read; an empty one is none.
    """

    header: list[str]
    first: int
    rows: Iterator[list[str]]


class Line(NamedTuple):
    """One row of a list that has few columns: its number, itself as text, and the cells asked for."""

    number: int
    raw: str
    cells: tuple[str, ...]


def table(file: Path) -> Table:
    """Header and rows. BadInput where the file cannot be read, or is not what its ending says."""
    if file.suffix.lower() in _SHEETS:
        return _of_sheet(file)
    try:
        source = file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise _unreadable(file) from error

    def rows() -> Iterator[list[str]]:
        with source:
            try:
                yield from csv.reader(source)
            except (csv.Error, UnicodeDecodeError) as error:
                raise _unreadable(file) from error

    found = rows()
    return Table([name.strip().lower() for name in next(found, [])], 2, found)


def lines(file: Path, name: str, *more: str) -> Iterator[Line]:
    """The rows of a list that is a table with the column `name`, or else plain text, a line each.

    Of plain text the whole line is the first cell. Blank lines and comments (`#`, `!`) are no rows.
    """
    if file.suffix.lower() in _SHEETS:
        found = _of_sheet(file)
        need(file, found.header, name)
        yield from _picked(found, (name, *more))
        return
    found = table(file)
    if name in found.header:
        yield from _picked(found, (name, *more))
        return
    text = _text(file)
    empty = ("",) * len(more)
    for number, line in enumerate(text, 1):
        if not _is_silent(line):
            yield Line(number, line, (line, *empty))


def need(file: Path, header: Sequence[str], *names: str) -> None:
    """BadInput where the file lacks a column."""
    for name in names:
        if name not in header:
            raise BadInput(RegistryReason.COLUMN_MISSING, field=f"{file}:1", expected=name)


@lru_cache(maxsize=8_192)
def read_time(text: str) -> datetime | None:
    """An ISO 8601 instant or day (its beginning in Việt Nam); None where empty. ValueError where it is neither."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=VIETNAM)).astimezone(UTC)


def _picked(found: Table, names: Sequence[str]) -> Iterator[Line]:
    header = found.header
    places = [header.index(name) if name in header else -1 for name in names]
    for number, row in enumerate(found.rows, found.first):
        if row and not _is_silent(row[0]):
            cells = tuple(row[place].strip() if 0 <= place < len(row) else "" for place in places)
            yield Line(number, ",".join(row), cells)


def _is_silent(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith(("#", "!"))


def _of_sheet(file: Path) -> Table:
    """Every column that any row names: a line of NDJSON may leave out what it has nothing to say about."""
    names: dict[str, None] = {}
    ndjson = file.suffix.lower() == ".ndjson"
    for row in sheets.read_rows(file):
        if isinstance(row, dict):
            names.update(dict.fromkeys(row))
            if not ndjson:
                break
    header = [name.strip().lower() for name in names]
    unreadable = [""] * (len(header) + 1)

    def rows() -> Iterator[list[str]]:
        for row in sheets.read_rows(file):
            if isinstance(row, BadInput):
                yield unreadable
            else:
                cells = [sheets.text(row.get(name)) for name in names]
                yield cells if any(cells) else []

    return Table(header, 2 if file.suffix.lower() == ".xlsx" else 1, rows())


def _text(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file) from error


def _unreadable(file: Path) -> BadInput:
    return BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="CSV (UTF-8)")
