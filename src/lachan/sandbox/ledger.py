"""A published ledger of transfers, read from a folder in AMLSim's layout: `nodes.csv` and `transactions.csv`.

Money becomes whole VND at once (`value × 25,000`, exact decimals), the id of a transfer is its row number
(the first row after the header is 1), and a transfer from an account to itself is dropped and counted,
because it changes nothing. Nothing is ever guessed: a row that cannot be read refuses the file.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path
from typing import TypeVar

from lachan.foundation.base import VND_MAX, BadInput, InputReason

Key = TypeVar("Key")
VND_PER_UNIT = 25_000
NODE_COLUMNS = ("nodeid", "isFraud", "init_balance", "fraudStep")
TRANSFER_COLUMNS = ("sourceNodeId", "targetNodeId", "value", "time")


@dataclass(frozen=True, slots=True)
class Node:
    """One account of the published graph: `fraud` is the publisher's mark, `stated_vnd` its opening."""

    number: int
    fraud: bool
    stated_vnd: int


@dataclass(frozen=True, slots=True)
class Row:
    """One transfer of the published graph; `id` is its row number in the file, `step` its time."""

    id: int
    payer: int
    payee: int
    amount_vnd: int
    step: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """Accounts and transfers in their order (step, then row number), of the steps that were asked for."""

    nodes: Mapping[int, Node]
    rows: tuple[Row, ...]
    first_step: int
    steps: int
    self_transfers_dropped: int


def bundled_ledger_folder() -> Path:
    """The folder of the bundled slice: the first 60 steps of AMLSim's 20K graph (see NOTICE)."""
    return Path(str(resources.files("lachan.sandbox").joinpath("data", "ledger")))


def read_ledger(folder: Path, *, first_step: int | None = None, steps: int | None = None) -> Ledger:
    """Read a ledger folder, or the `steps` steps of it from `first_step` on (both default to all).

    Refuses with `BadInput` naming file, line, field and what was expected.
    """
    nodes = {node.number: node for node in _read_nodes(folder / "nodes.csv")}
    everything = _read_rows(folder / "transactions.csv", nodes)
    if not everything:
        raise BadInput(
            InputReason.MISSING, field="time", file="transactions.csv", line=2, expected="at least one transfer"
        )
    start = min(row.step for row in everything) if first_step is None else first_step
    last = max(row.step for row in everything)
    count = last - start + 1 if steps is None else min(steps, last - start + 1)
    if count <= 0:
        raise BadInput(
            InputReason.UNKNOWN_VALUE, field="first_step", file="transactions.csv", expected=f"a step <= {last}"
        )
    chosen = [row for row in everything if start <= row.step < start + count]
    kept = sorted((row for row in chosen if row.payer != row.payee), key=lambda row: (row.step, row.id))
    return Ledger(nodes, tuple(kept), start, count, len(chosen) - len(kept))


def raised_openings(
    stated_vnd: Mapping[Key, int], movements: Iterable[tuple[Key, Key | None, int]]
) -> dict[Key, int]:
    """Each account's opening, raised by its shortfall: the smallest that keeps its balance at 0 or more.

    `movements` are (payer, payee or None, amount_vnd) in their order; an account that states no opening
    gets the implied one.
    """
    change: dict[Key, int] = {}
    lowest: dict[Key, int] = {}
    for payer, payee, amount_vnd in movements:
        after = change.get(payer, 0) - amount_vnd
        change[payer] = after
        if after < lowest.get(payer, 0):
            lowest[payer] = after
        if payee is not None:
            change[payee] = change.get(payee, 0) + amount_vnd
    accounts = dict.fromkeys([*stated_vnd, *change])
    return {account: max(stated_vnd.get(account, 0), -lowest.get(account, 0)) for account in accounts}


def _read_nodes(file: Path) -> Iterator[Node]:
    seen: set[int] = set()
    for line, (number, fraud, balance, _) in _records(file, NODE_COLUMNS):
        node = _whole(number, file, line, "nodeid")
        if node in seen:
            raise _malformed(file, line, "nodeid", "each account once")
        seen.add(node)
        if fraud not in ("0", "1"):
            raise _malformed(file, line, "isFraud", "0 or 1")
        yield Node(node, fraud == "1", _vnd(balance, file, line, "init_balance", least=0))


def _read_rows(file: Path, nodes: Mapping[int, Node]) -> list[Row]:
    rows = []
    for identity, (line, (payer, payee, value, time)) in enumerate(_records(file, TRANSFER_COLUMNS), start=1):
        row = Row(
            identity,
            _whole(payer, file, line, "sourceNodeId"),
            _whole(payee, file, line, "targetNodeId"),
            _vnd(value, file, line, "value", least=1),
            _whole(time, file, line, "time"),
        )
        for field, account in (("sourceNodeId", row.payer), ("targetNodeId", row.payee)):
            if account not in nodes:
                raise BadInput(
                    InputReason.UNKNOWN_VALUE,
                    field=field,
                    file=file.name,
                    line=line,
                    expected="a nodeid of nodes.csv",
                )
        rows.append(row)
    return rows


def _records(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The wanted columns of each row, with its line number; columns are found by their heading."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            for column in columns:
                if column not in header:
                    raise BadInput(
                        InputReason.MISSING, field=column, file=file.name, line=1, expected=",".join(columns)
                    )
            places = [header.index(column) for column in columns]
            for record in reader:
                if len(record) != len(header):
                    raise _malformed(file, reader.line_num, columns[0], f"{len(header)} fields")
                yield reader.line_num, tuple(record[place] for place in places)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            InputReason.UNREADABLE_FILE, field="ledger", file=file.name, expected="CSV text in UTF-8"
        ) from error


def _whole(text: str, file: Path, line: int, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise _malformed(file, line, field, "a whole number, 0 or more")
    return int(text)


def _vnd(text: str, file: Path, line: int, field: str, *, least: int) -> int:
    try:
        amount = Decimal(text) * VND_PER_UNIT
        if not (amount.is_finite() and amount <= VND_MAX):
            raise _malformed(file, line, field, f"a decimal up to {VND_MAX // VND_PER_UNIT}")
    except InvalidOperation as error:
        raise _malformed(file, line, field, "a decimal such as 147.80") from error
    amount_vnd = round(amount)
    if amount_vnd < least:
        raise _malformed(file, line, field, "a decimal above 0" if least else "a decimal, 0 or more")
    return amount_vnd


def _malformed(file: Path, line: int, field: str, expected: str) -> BadInput:
    return BadInput(InputReason.MALFORMED, field=field, file=file.name, line=line, expected=expected)
