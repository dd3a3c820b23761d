"""Columns to Parquet files, through DuckDB on one thread, so that the same columns give the same bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]


class Files:
    """The Parquet files of one folder; `rows` counts what each got."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, int] = {}
        self._connection = duckdb.connect()
        self._connection.execute("SET threads = 1")
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET enable_progress_bar = false")

    def write(self, name: str, columns: Mapping[str, Column], select: str = "*") -> None:
        """One file `name`.parquet; `select` is the SQL that makes its columns out of the given ones."""
        self._copy(select, self.folder / f"{name}.parquet", columns)
        self.rows[name] = len(next(iter(columns.values())))

    def part(self, name: str, number: int, columns: Mapping[str, Column], select: str) -> None:
        """A piece of a file that is too long to be made at once; `join` puts the pieces together."""
        self._copy(select, self._piece(name, number), columns)
        self.rows[name] = self.rows.get(name, 0) + len(next(iter(columns.values())))

    def join(self, name: str, pieces: int) -> None:
        """Make `name`.parquet of the pieces in their order, and remove them."""
        files = [self._piece(name, number) for number in range(pieces)]
        listed = ", ".join(_quoted(file) for file in files)
        target = _quoted(self.folder / f"{name}.parquet")
        self._connection.execute(f"COPY (SELECT * FROM read_parquet([{listed}])) TO {target} {_OPTIONS}")  # noqa: S608
        for file in files:
            file.unlink()

    def close(self) -> None:
        """Free what DuckDB holds."""
        self._connection.close()

    def _piece(self, name: str, number: int) -> Path:
        return self.folder / f"{name}.{number:04d}.part"

    def _copy(self, select: str, target: Path, columns: Mapping[str, Column]) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self._connection.register("given", dict(columns))
        self._connection.execute(f"COPY (SELECT {select} FROM given) TO {_quoted(target)} {_OPTIONS}")  # noqa: S608
        self._connection.unregister("given")


_OPTIONS = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"


def words(values: "list[str] | list[str | None]") -> Column:
    """Texts as a column."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def ints(values: Sequence[int]) -> NDArray[np.int64]:
    """Whole numbers as a column."""
    return np.array(values, dtype=np.int64)


def times(microseconds: "list[int | None] | NDArray[np.int64]") -> Column:
    """Instants as a column; None stays none."""
    if isinstance(microseconds, np.ndarray):
        return microseconds.astype("datetime64[us]")
    return np.array([np.datetime64("NaT") if one is None else np.datetime64(one, "us") for one in microseconds],
                    dtype="datetime64[us]")  # fmt: skip


def digest(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
