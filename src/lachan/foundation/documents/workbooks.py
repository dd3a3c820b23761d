"""A spreadsheet as people have it becomes a grid of cells: XLSX with merged cells, CSV with `;`, `,` or tabs."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lachan.foundation.base import BadInput, InputReason

GRID_ENDINGS = (".xlsx", ".csv")
_UNPACKED_MAX = 64 * 1024 * 1024
_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br\s*=\s*["']([A-Za-z]+)([0-9]+)["']""")
_COLUMN_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Grid:
    """The first sheet. `rows[0]` is line 1; `merged` are rectangles: first line and column, last line and column.

    Lines and columns of `merged` count from 0.
    """

    rows: Sequence[Sequence[Any]]
    merged: tuple[tuple[int, int, int, int], ...]


def read_grid(name: str, content: bytes, *, rows_most: int, bytes_most: int) -> Grid:
    """The cells of a file. BadInput TOO_LARGE, or UNREADABLE_FILE for what is no table."""
    if len(content) > bytes_most:
        raise BadInput(InputReason.TOO_LARGE, field="file", limit=f"{bytes_most // 1024 // 1024} MB")
    ending = Path(name).suffix.lower()
    if ending not in GRID_ENDINGS:
        raise _unreadable()
    grid = _csv(content) if ending == ".csv" else _xlsx(content, rows_most)
    if len(grid.rows) > rows_most + 1:
        raise BadInput(InputReason.TOO_LARGE, field="file", limit=rows_most)
    return grid


def column_letter(number: int) -> str:
    """`A` for 0, `AA` for 26."""
    letters = ""
    while number >= 0:
        number, rest = divmod(number, 26)
        letters = chr(ord("A") + rest) + letters
        number -= 1
    return letters


def require_modest(content: bytes, rows_most: int, limit: str, letters: int = 1) -> None:
    """A sheet is read as a rectangle up to its last cell: one far cell, or a packed page, would fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _UNPACKED_MAX:
                raise BadInput(InputReason.TOO_LARGE, field="file", limit=limit)
            # A sheet may have any name: only the book's relations say where it is.
            for found in (cell for name in packed.namelist() for cell in _CELL.finditer(packed.read(name))):
                if len(found[1]) > letters or int(found[2]) > rows_most + 1:
                    raise BadInput(InputReason.TOO_LARGE, field="file", limit=limit)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError):
        raise _unreadable() from None


def _xlsx(content: bytes, rows_most: int) -> Grid:
    from python_calamine import CalamineWorkbook

    require_modest(content, rows_most, str(rows_most), _COLUMN_LETTERS)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        merged = sheet.merged_cell_ranges or []
        # With the empty area before the first cell, so that lines are those of the file.
        rows = sheet.to_python(skip_empty_area=False)
    except Exception as error:
        raise _unreadable() from error
    return Grid(rows, tuple((one[0][0], one[0][1], one[1][0], one[1][1]) for one in merged))


def _csv(content: bytes) -> Grid:
    try:
        text = content.decode("utf-8-sig")
        first = text.partition("\n")[0]
        rows = list(csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise _unreadable() from None
    return Grid(rows, ())


def _unreadable() -> BadInput:
    return BadInput(InputReason.UNREADABLE_FILE, field="file", expected=", ".join(GRID_ENDINGS))
