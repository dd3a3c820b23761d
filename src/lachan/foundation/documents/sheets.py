"""Tables in and out: CSV, NDJSON, Parquet and XLSX by the file's ending; `-` is NDJSON on stdin or stdout.

Rows are dictionaries in the order of the file. CSV knows only texts; the other formats keep numbers and times.
"""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TextIO

import orjson

from lachan.foundation.base import BadInput, InputReason

Row = dict[str, Any]
STANDARD = Path("-")
ENDINGS = (".csv", ".ndjson", ".parquet", ".xlsx")
_READ_ROWS = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_XLSX_ROWS_MAX = 1_048_575


def read_rows(path: Path) -> Iterator[Row | BadInput]:
    """The rows; in place of one that cannot be read, why. BadInput UNREADABLE_FILE for a whole file that cannot."""
    ending = _format(path)
    try:
        yield from _READERS[ending](path)
    except Exception as error:
        # Four libraries, each with its own errors for a file that is not what its name says.
        raise _unreadable(path, ending) from error


@contextmanager
def row_writer(path: Path, columns: Sequence[str] = ()) -> Iterator[Callable[[Row], None]]:
    """A function that writes a row. The first one says the columns, or `columns` does, also where no row comes.

    The file is whole when the block ends well, and untouched when it does not.
    """
    ending = _format(path)
    writer = _WRITERS[ending]
    if path == STANDARD:
        with writer(path, columns) as write:
            yield write
        return
    part = path.with_name(f".{path.name}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(path)
        part.touch()
    except OSError as error:
        raise _unreadable(path, ending) from error
    try:
        with writer(part, columns) as write:
            yield write
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def text(value: Any) -> str:
    """A value as a text cell of a list holds it: a spreadsheet makes numbers and dates of what looks like some."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(flat(value))


def harmless(cell: Any) -> Any:
    """A cell of a CSV file that people open: what begins like a formula would be run by a spreadsheet.

    For files that nobody reads back: a list to look at, refused rows. What another program reads, or this one,
    keeps its cells as they are (in XLSX a text is a text).
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _unreadable(path: Path, ending: str) -> BadInput:
    return BadInput(InputReason.UNREADABLE_FILE, field=str(path), expected=_NAMES[ending])


def _format(path: Path) -> str:
    ending = ".ndjson" if path == STANDARD else path.suffix.lower()
    if ending not in ENDINGS:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(path), expected=", ".join(ENDINGS))
    return ending


def _read_csv(path: Path) -> Iterator[Row | BadInput]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if None in row or None in row.values():
                # A row with more or fewer fields than the head: which is which cannot be known.
                yield BadInput(InputReason.MALFORMED, field="row", expected=",".join(filter(None, row)))
            else:
                yield row


def _read_ndjson(path: Path) -> Iterator[Row | BadInput]:
    if path == STANDARD:
        yield from _lines(sys.stdin.buffer)
        return
    with path.open("rb") as file:
        yield from _lines(file)


def _lines(file: Iterable[bytes]) -> Iterator[Row | BadInput]:
    first = True
    for line in file:
        if not line.strip():
            continue
        if first and not line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
            raise ValueError("no NDJSON")
        line = line.removeprefix(b"\xef\xbb\xbf") if first else line  # a mark that some editors put first
        first = False
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        yield row if isinstance(row, dict) else BadInput(InputReason.MALFORMED, field="row", expected='{"key":"…"}')


def _read_parquet(path: Path) -> Iterator[Row]:
    import duckdb

    with duckdb.connect() as connection:
        columns = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        # Instants with a zone come as texts: as objects they would need one more library.
        chosen = ", ".join(
            f"{_column(name)}::VARCHAR AS {_column(name)}" if "TIME ZONE" in kind else _column(name)
            for name, kind, *_ in columns
        )
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(f"SELECT {chosen} FROM read_parquet(?)", [str(path)])  # noqa: S608 quoted names
        names = [column[0] for column in columns]
        while rows := found.fetchmany(_READ_ROWS):
            yield from (dict(zip(names, row, strict=True)) for row in rows)


def _read_xlsx(path: Path) -> Iterator[Row]:
    from python_calamine import CalamineWorkbook

    rows = iter(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
    names = [str(name) for name in next(rows, [])]
    for row in rows:
        yield dict(zip(names, row, strict=False))


@contextmanager
def _csv_writer(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Row], None]]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None

        def begin(names: Sequence[str]) -> "csv.DictWriter[str]":
            made = csv.DictWriter(file, names, restval="", extrasaction="ignore")
            made.writeheader()
            return made

        def write(row: Row) -> None:
            nonlocal writer
            writer = writer or begin(list(row))
            writer.writerow({name: flat(value) for name, value in row.items()})

        writer = begin(columns) if columns else None
        yield write


@contextmanager
def _ndjson_writer(path: Path, _columns: Sequence[str]) -> Iterator[Callable[[Row], None]]:
    if path == STANDARD:
        yield _writes_to(sys.stdout)
        return
    with path.open("w", encoding="utf-8") as file:
        yield _writes_to(file)


def _writes_to(file: TextIO) -> Callable[[Row], None]:
    return lambda row: _write_line(file, row)


def _write_line(file: Any, row: Row) -> None:
    file.write(orjson.dumps(row, default=str).decode() + "\n")


@contextmanager
def _xlsx_writer(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Row], None]]:
    import xlsxwriter

    # Texts stay texts: a key that begins with = or looks like a number is neither.
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "remove_timezone": True, "default_date_format": "yyyy-mm-dd hh:mm:ss",
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet()
    names = list(columns)
    sheet.write_row(0, 0, names)
    count = 0

    def write(row: Row) -> None:
        nonlocal names, count
        if not names:
            names = list(row)
            sheet.write_row(0, 0, names)
        count += 1
        if count > _XLSX_ROWS_MAX:
            raise BadInput(InputReason.TOO_LARGE, field=path.suffix, limit=_XLSX_ROWS_MAX)
        sheet.write_row(count, 0, [flat(row.get(name)) for name in names])

    try:
        yield write
    finally:
        book.close()


@contextmanager
def _parquet_writer(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Row], None]]:
    import duckdb

    types = dict.fromkeys(columns, "")
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".ndjson", dir=path.parent) as file:

        def write(row: Row) -> None:
            for name, value in row.items():
                kind = "" if value is None else _SQL_TYPES.get(type(value), "VARCHAR")
                known = types.setdefault(name, kind)
                if kind and known != kind:
                    types[name] = "VARCHAR" if known else kind
            _write_line(file, {name: flat(value) for name, value in row.items()})

        yield write
        file.flush()
        if not types:
            types["key"] = "VARCHAR"  # a file without a column is no Parquet file
        with duckdb.connect() as connection:
            described = ", ".join(f"{_quoted(name)}: '{kind or 'VARCHAR'}'" for name, kind in types.items())
            source = f"read_json({_quoted(file.name)}, format='newline_delimited', columns={{{described}}})"
            connection.execute(f"COPY (SELECT * FROM {source}) TO {_quoted(str(path))} (FORMAT parquet)")  # noqa: S608


_SQL_TYPES: Mapping[type, str] = {str: "VARCHAR", bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE"}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def flat(value: Any) -> Any:
    """A value for formats without lists: their members, divided by `;`."""
    return ";".join(map(str, value)) if isinstance(value, list | tuple) else value


_READERS: Mapping[str, Callable[[Path], Iterator[Row | BadInput]]] = {
    ".csv": _read_csv, ".ndjson": _read_ndjson, ".parquet": _read_parquet, ".xlsx": _read_xlsx,
}  # fmt: skip
_NAMES = {".csv": "CSV (UTF-8)", ".ndjson": "NDJSON", ".parquet": "Parquet", ".xlsx": "XLSX"}
_WRITERS = {".csv": _csv_writer, ".ndjson": _ndjson_writer, ".parquet": _parquet_writer, ".xlsx": _xlsx_writer}
