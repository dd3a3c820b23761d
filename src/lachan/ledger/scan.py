"""One pass over the columns of a Parquet or CSV file in DuckDB: what is plainly sound, and what must be looked at.

A row is *plain* when each cell is written as most files write it, so that SQL reads it exactly as `rules` would.
Texts do not leave DuckDB: ids and accounts come as 64-bit marks, and each account's text once.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import VND_MAX
from lachan.ledger.model import KINDS, OUTSIDE
from lachan.ledger.rules import OPTIONAL, REQUIRED, TEXT_MAX, YEARS

Marks = NDArray[np.uint64]
_BATCH_ROWS = 10_000
_EXACT_FLOAT = 2**53
_PATTERN = frozenset("*?[")  # in a path they would name other files too
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_FLOATS = {"FLOAT", "DOUBLE"}
_ZONED = "TIMESTAMP WITH TIME ZONE"
_DAY = r"[12]\d{3}-[01]\d-[0-3]\d"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
_OFFSET = r"(Z|[+-][01]\d:[0-5]\d)"
_PLAIN_TIME = f"{_DAY}[T ]{_CLOCK}{_OFFSET}"
_YEARS = f"TIMESTAMPTZ '{YEARS[0]}-01-01 00:00:00+00' AND TIMESTAMPTZ '{YEARS[1]}-12-31 00:00:00+00'"
_PLAIN_TEXT = f"[!-~]{{1,{TEXT_MAX}}}"
_KIND_CASES = " ".join(f"WHEN '{kind.value}' THEN {number}" for number, kind in enumerate(KINDS))


@dataclass(frozen=True, slots=True)
class Cell:
    """A column in SQL: its value, and whether it is plain. The value of a cell that is not means nothing."""

    value: str
    plain: str


@dataclass(frozen=True, slots=True)
class Scan(AbstractContextManager["Scan"]):
    """What one pass found: arrays by name in the order of the file; every account in order, its mark, and which of
    them a row may not be taken for as they stand.

    Arrays: `plain`, `booked_us`, `payer`, `payee` and `id` (marks), `amount_vnd`, `kind`; `sequence` and
    `learned_us` where the file has them; `ids` where asked for.
    """

    connection: duckdb.DuckDBPyConnection
    source: str
    names: Mapping[str, str]
    types: Mapping[str, str]
    arrays: Mapping[str, NDArray[Any]]
    accounts: list[str]
    account_marks: Marks
    odd_accounts: list[int]

    def rows(self, numbers: Iterable[int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows of these numbers (from 1) as they stand, in their order."""
        cells = ", ".join(
            f"{quoted(name)}::VARCHAR" if kind == _ZONED else quoted(name) for name, kind in self.types.items()
        )
        wanted = "SELECT unnest($1::BIGINT[]) AS wanted"
        query = f"SELECT number, {cells} FROM ({self.source}) JOIN ({wanted}) ON number = wanted ORDER BY number"  # noqa: S608
        found = self.connection.execute(query, [list(numbers)])
        while batch := found.fetchmany(_BATCH_ROWS):
            for number, *values in batch:
                yield number, dict(zip(self.types, values, strict=True))

    def numbers_of(self, ids: Iterable[str]) -> list[int]:
        """The numbers of the rows that have one of these ids."""
        name = quoted(self.names["id"])
        query = f"SELECT number FROM ({self.source}) WHERE {name}::VARCHAR IN (SELECT unnest($1::VARCHAR[]))"  # noqa: S608
        return [number for (number,) in self.connection.execute(query, [list(ids)]).fetchall()]

    def ids_among(self, ids: Iterable[str]) -> dict[str, int]:
        """Of the rows that have one of these ids as it stands, the first of each: its number."""
        wanted = list(ids)
        if not wanted:
            return {}
        name = f"{quoted(self.names['id'])}::VARCHAR"
        asked = f"{name} IN (SELECT unnest($1::VARCHAR[]))"
        query = f"SELECT {name}, min(number) FROM ({self.source}) WHERE {asked} GROUP BY 1"  # noqa: S608 quoted names
        return dict(self.connection.execute(query, [wanted]).fetchall())

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.connection.close()


def scan(path: Path, *, with_ids: bool) -> Scan | None:
    """The pass over the file; None where it is of another kind, or not regular enough to be read so."""
    source = _SOURCES.get(path.suffix.lower())
    if source is None or not path.is_file() or not _PATTERN.isdisjoint(str(path)):
        return None
    connection = duckdb.connect()
    try:
        found = _scanned(connection, source(path), with_ids=with_ids)
    except (duckdb.Error, OSError, UnicodeDecodeError, csv.Error):
        found = None  # the careful way says what is wrong with it
    if found is None:
        connection.close()
    return found


def _scanned(connection: duckdb.DuckDBPyConnection, source: str, *, with_ids: bool) -> Scan | None:
    connection.execute("SET TimeZone = 'UTC'")
    described = connection.execute(f"DESCRIBE {source}").fetchall()
    types = {name: kind for name, kind, *_ in described if name != "number"}
    names = {name.strip().lower(): name for name in types}
    if len(names) < len(types) or len(types) < len(described) - 1 or not set(REQUIRED) <= set(names):
        return None
    columns = _columns(names, types, with_ids=with_ids)
    chosen = ", ".join(f"{value} AS {name}" for name, value in columns.items())
    arrays = connection.execute(f"SELECT {chosen} FROM ({source})").fetchnumpy()  # noqa: S608 quoted names
    sides = [_text(names[side], types[names[side]]).value for side in ("payer", "payee")]
    accounts = " UNION ".join(f"SELECT {side} AS account FROM ({source})" for side in sides)  # noqa: S608
    found = connection.execute(
        f"SELECT account, hash(account) AS mark, regexp_full_match(account, '{_PLAIN_TEXT}') AS plain "  # noqa: S608
        f"FROM ({accounts}) WHERE account IS NOT NULL AND account NOT IN ('', '{OUTSIDE}') ORDER BY account"
    ).fetchnumpy()
    marks = np.ascontiguousarray(np.ma.getdata(found["mark"]))
    ordered = np.sort(marks)
    if (ordered[1:] == ordered[:-1]).any():
        return None  # two accounts share a mark: once in many lives
    keys = np.ma.getdata(found["account"]).tolist()
    doubtful = np.flatnonzero(~np.ma.getdata(found["plain"]).astype(bool)).tolist()
    odd = [place for place in doubtful if _is_odd(keys[place])]
    data = {name: np.ascontiguousarray(np.ma.getdata(array)) for name, array in arrays.items()}
    return Scan(connection, source, names, types, data, keys, marks, odd)


def _is_odd(key: str) -> bool:
    return not key.isprintable() or len(key) > TEXT_MAX or key != key.strip()


def _columns(names: Mapping[str, str], types: Mapping[str, str], *, with_ids: bool) -> dict[str, str]:
    """What to select, by the name of the array."""
    stated = {name: (names[name], types[names[name]]) for name in (*REQUIRED, *OPTIONAL) if name in names}
    ids, payer, payee = (_text(*stated[name]) for name in ("id", "payer", "payee"))
    booked = _instant(*stated["time"])
    amount = _amount(*stated["amount"])
    kind = _kind(*stated["kind"]) if "kind" in stated else Cell("0", "TRUE")
    nowhere = f"coalesce({payee.value}, '') = ''"
    receiver = f"CASE WHEN {nowhere} THEN '{OUTSIDE}' ELSE {payee.value} END"
    plain = [
        f"regexp_full_match({ids.value}, '{_PLAIN_TEXT}')", booked.plain, amount.plain, kind.plain,
        payer.plain, f"{payer.value} <> ''",
        payee.plain if payee.plain == "FALSE" else f"({kind.value} > 0 OR NOT ({nowhere}))",
        f"NOT ({payer.value} = '{OUTSIDE}' AND {receiver} = '{OUTSIDE}')",
    ]  # fmt: skip
    columns = {
        "id": f"hash({ids.value})",
        "booked_us": f"coalesce({booked.value}, 0)",
        "payer": f"hash({payer.value})",
        "payee": f"hash({receiver})",
        "amount_vnd": f"coalesce({amount.value}, 0)",
        "kind": f"coalesce({kind.value}, 0)::UTINYINT",
    }
    if "sequence" in stated:
        sequence = _whole(*stated["sequence"])
        columns["sequence"] = f"coalesce({sequence.value}, number)"
        plain.append(f"({_is_empty(*stated['sequence'])} OR {sequence.plain})")
    if "learned" in stated:
        learned = _instant(*stated["learned"])
        columns["learned_us"] = f"coalesce({learned.value}, {booked.value}, 0)"
        plain.append(f"({_is_empty(*stated['learned'])} OR {learned.plain})")
    # What refers to another transfer is checked against it, row by row.
    plain += [_is_empty(*stated[name]) for name in ("reverses", "corrects") if name in stated]
    columns["plain"] = f"coalesce({' AND '.join(plain)}, FALSE)"
    if with_ids:
        columns["ids"] = f"coalesce({ids.value}, '')"
    return columns


def _text(name: str, kind: str) -> Cell:
    column = quoted(name)
    if kind in _INTEGERS:
        return Cell(f"{column}::VARCHAR", "TRUE")
    return Cell(column, "TRUE") if _is_text(kind) else Cell("''", "FALSE")


def _instant(name: str, kind: str) -> Cell:
    column = quoted(name)
    if kind == _ZONED:
        return Cell(
            f"epoch_us(CASE WHEN {column} BETWEEN {_YEARS} THEN {column} END)", f"{column} BETWEEN {_YEARS}"
        )
    if not _is_text(kind):
        return Cell("0::BIGINT", "FALSE")
    read = f"TRY_CAST({column} AS TIMESTAMPTZ)"
    return Cell(f"epoch_us({read})", f"(regexp_full_match({column}, '{_PLAIN_TIME}') AND {read} BETWEEN {_YEARS})")


def _amount(name: str, kind: str) -> Cell:
    whole = _whole(name, kind)
    return Cell(whole.value, f"({whole.plain} AND {whole.value} BETWEEN 1 AND {VND_MAX})")


def _whole(name: str, kind: str) -> Cell:
    column = quoted(name)
    if kind in _INTEGERS:
        return Cell(f"{column}::BIGINT", f"{column} IS NOT NULL")
    if kind in _FLOATS:
        exact = f"({column} = floor({column}) AND abs({column}) < {_EXACT_FLOAT})"
        return Cell(f"TRY_CAST({column} AS BIGINT)", exact)
    if not _is_text(kind):
        return Cell("0::BIGINT", "FALSE")
    return Cell(f"TRY_CAST({column} AS BIGINT)", f"regexp_full_match({column}, '-?[0-9]{{1,18}}')")


def _kind(name: str, kind: str) -> Cell:
    if not _is_text(kind):
        return Cell("0", "FALSE")
    number = f"CASE coalesce({quoted(name)}::VARCHAR, '') {_KIND_CASES} WHEN '' THEN 0 END"
    return Cell(f"({number})", f"({number}) IS NOT NULL")


def _is_empty(name: str, kind: str) -> str:
    column = quoted(name)
    return f"({column} IS NULL OR {column} = '')" if _is_text(kind) else f"({column} IS NULL)"


def _is_text(kind: str) -> bool:
    return kind == "VARCHAR"


def _parquet(path: Path) -> str:
    file = f"read_parquet({_literal(str(path))}, file_row_number = true)"
    return f"SELECT * EXCLUDE file_row_number, file_row_number + 1 AS number FROM {file}"  # noqa: S608 a literal


def _csv(path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = next(csv.reader(file), [])
    columns = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in head)
    dialect = """auto_detect = false, header = true, delim = ',', quote = '"', escape = '"'"""
    never_null = f"force_not_null = [{', '.join(map(quoted, head))}]"
    rows = f"read_csv({_literal(str(path))}, {dialect}, {never_null}, columns = {{{columns}}})"
    return f"SELECT *, row_number() OVER () AS number FROM {rows}"  # noqa: S608 a literal


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_SOURCES: Mapping[str, Callable[[Path], str]] = {".parquet": _parquet, ".csv": _csv}
