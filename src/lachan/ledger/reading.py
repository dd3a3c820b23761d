"""Files of transfers and of opening balances, row by row: CSV, NDJSON, Parquet, XLSX; `-` is NDJSON on stdin.

An `.xml` is a bank's own message (ISO 20022): its entries are the rows.
"""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.documents.sheets import ENDINGS, STANDARD, Row, read_rows
from lachan.ledger.model import Balances, LedgerReason, Refusal, Rejected, Transfer, TransferFile
from lachan.ledger.rules import OPTIONAL, REQUIRED, Unfit, amount_cell, row_of, text_cell, transfer_of, unsound

Progress = Callable[[int], None]
"""Called now and then with the number of rows read so far."""
Elsewhere = Callable[[Collection[str]], Container[str]]
"""Told which ids a file refers to and does not have, says which of them are known elsewhere."""
_PROGRESS_ROWS = 10_000
_BALANCE_COLUMNS = ("account", "opening_vnd")
MESSAGE_ENDING = ".xml"
_NAMES = {*REQUIRED, *OPTIONAL, *_BALANCE_COLUMNS}


def read_transfers(
    path: Path,
    *,
    strict: bool = False,
    progress: Progress = lambda _done: None,
    elsewhere: Elsewhere = lambda _ids: (),
) -> TransferFile:
    """Every sound transfer of the file, and every row that is none with its reason.

    A row may reverse or correct another row of the file, or what is known `elsewhere`. `strict`: the first bad
    row is raised instead. BadInput for a file that cannot be read or lacks a column.
    """
    if path.suffix.lower() == MESSAGE_ENDING:
        return _message(path, strict=strict, progress=progress, elsewhere=elsewhere)
    if path != STANDARD and path.suffix.lower() not in ENDINGS:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(path), expected=", ".join((*ENDINGS, MESSAGE_ENDING)))
    return judged(_rows(path, REQUIRED, progress), path, strict=strict, elsewhere=elsewhere)


def _message(path: Path, *, strict: bool, progress: Progress, elsewhere: Elsewhere) -> TransferFile:
    """A bank's message as a file of transfers."""
    from lachan.ledger.sources import MESSAGE_BYTES_MAX, read_message  # its parser is loaded by few commands

    try:
        with path.open("rb") as file:
            content = file.read(MESSAGE_BYTES_MAX + 1)
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(path), expected="XML") from error
    try:
        found = read_message(content, learned_at=None)
    except BadInput as error:
        raise BadInput(error.reason, field=f"{path}, {error.field or 'XML'}", **error.params) from error
    progress(len(found.transfers) + len(found.rejected))
    if strict and found.rejected:
        raise found.rejected[0].error(path)
    sound = _together(found.transfers, found.rejected, path, strict=strict, elsewhere=elsewhere)
    return TransferFile(sound.transfers, sound.rejected, found.openings)


def judged(
    rows: Iterable[tuple[int, Row | Refusal]],
    path: Path,
    *,
    strict: bool = False,
    elsewhere: Elsewhere = lambda _ids: (),
) -> TransferFile:
    """Numbered rows with the contract's columns as transfers: each checked alone, then against the others."""
    transfers: list[Transfer] = []
    rejected: list[Rejected] = []
    for number, row in rows:
        found = row if isinstance(row, Refusal) else transfer_of(row, number)
        if isinstance(found, Transfer):
            transfers.append(found)
            continue
        rejected.append(Rejected(number, found, {} if isinstance(row, Refusal) else row))
        if strict:
            raise rejected[0].error(path)
    return _together(transfers, rejected, path, strict=strict, elsewhere=elsewhere)


def _together(
    read: Iterable[Transfer], refused_alone: Iterable[Rejected], path: Path, *, strict: bool, elsewhere: Elsewhere
) -> TransferFile:
    """Transfers that are sound each alone, checked against the others."""
    transfers, rejected = list(read), list(refused_alone)
    named = {name for one in transfers for name in (one.reverses, one.corrects) if name}
    absent = named - {one.id for one in transfers}
    if refused := unsound(transfers, elsewhere(absent) if absent else ()):
        rejected += [Rejected(one.row, refused[one.row], row_of(one)) for one in transfers if one.row in refused]
        rejected.sort(key=lambda one: one.row)
        transfers = [one for one in transfers if one.row not in refused]
        if strict:
            raise rejected[0].error(path)
    return TransferFile(tuple(transfers), tuple(rejected))


def read_balances(path: Path, *, strict: bool = False, progress: Progress = lambda _done: None) -> Balances:
    """Stated opening balances: columns `account` and `opening_vnd`, 0 or more. Refuses as `read_transfers` does."""
    openings: dict[str, int] = {}
    rejected: list[Rejected] = []
    for number, row in _rows(path, _BALANCE_COLUMNS, progress):
        found = row if isinstance(row, Refusal) else _opening(row)
        if not isinstance(found, Refusal):
            account, opening_vnd = found
            if openings.setdefault(account, opening_vnd) == opening_vnd:
                continue  # saying the same twice harms nobody
            found = Refusal(LedgerReason.REPEATED_ACCOUNT, "account")
        rejected.append(Rejected(number, found, {} if isinstance(row, Refusal) else row))
        if strict:
            raise rejected[0].error(path)
    return Balances(openings, tuple(rejected))


def _opening(row: Row) -> tuple[str, int] | Refusal:
    try:
        return text_cell(row.get("account"), "account"), amount_cell(row.get("opening_vnd"), "opening_vnd", least=0)
    except Unfit as error:
        return error.refusal


def named_row(row: Row) -> Row:
    """The row with its columns named as the contract does, in lower case; empty where no cell says anything."""
    if not _NAMES.issuperset(row):
        row = {name.strip().lower(): value for name, value in row.items()}
    return row if any(map(_says_something, row.values())) else {}


def _rows(path: Path, needed: Sequence[str], progress: Progress) -> Iterator[tuple[int, Row | Refusal]]:
    """Rows with their numbers from 1. A row of empty cells is none."""
    each_line_alone = path == STANDARD or path.suffix.lower() == ".ndjson"
    number = 0
    for number, row in enumerate(read_rows(path), 1):
        if number % _PROGRESS_ROWS == 0:
            progress(number)
        if isinstance(row, BadInput):
            yield number, Refusal(row.reason, row.field or "row", row.params)
        elif named := named_row(row):
            if not each_line_alone:
                _need(path, named, needed)
                each_line_alone = True  # the columns of a table are the same in each row
            yield number, named
    progress(number)


def _need(path: Path, known: Iterable[str], needed: Sequence[str]) -> None:
    for name in needed:
        if name not in known:
            raise BadInput(LedgerReason.COLUMN_MISSING, field=str(path), expected=name)


def _says_something(value: Any) -> bool:
    return value is not None and value != ""
