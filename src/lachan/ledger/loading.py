"""Columns from a file at the speed of the engines: Parquet and CSV in compiled code, whatever is odd row by row.

What `scan` can show to be sound is taken as it is. Every other row is read by the same rules as `read_transfers`
reads it: both ways give the same transfers and the same refusals.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.ledger.columns import KIND_NUMBERS, NOWHERE, Columns, columns_of, frozen, microseconds
from lachan.ledger.kernel import is_ordered, numbered, perhaps_repeated
from lachan.ledger.model import OUTSIDE, Rejected, Transfer, TransferFile
from lachan.ledger.reading import judged, named_row, read_transfers
from lachan.ledger.rules import text_cell, transfer_of
from lachan.ledger.scan import Marks, Scan, scan

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The sound transfers of a file as columns, and the rows that are not among them.

    `places` says where the transfers stand that were asked for by their ids, those that there are.
    """

    columns: Columns
    rejected: tuple[Rejected, ...]
    places: Mapping[str, int]


def load_columns(path: Path, *, with_ids: bool = False, places_of: Sequence[str] = ()) -> Loaded:
    """The sound transfers of a file as columns; the same ones that `read_transfers` gives, and the same refusals.

    `with_ids` keeps each transfer's id, which takes more memory than all else. BadInput as `read_transfers`.
    """
    found = scan(path, with_ids=with_ids)
    if found is None:
        read = read_transfers(path)
        columns = columns_of(read.transfers)
        wanted = set(places_of)
        places = {name: place for place, name in enumerate(columns.ids) if name in wanted}
        return Loaded(columns, read.rejected, places)
    with found:
        return _loaded(path, found, places_of)


def ids_of(path: Path, rows: Sequence[int]) -> dict[int, str]:
    """The ids of a file's sound transfers by their rows (from 1): of some of the many that `load_columns` gave."""
    found = scan(path, with_ids=False) if len(rows) else None
    if found is None:
        wanted = set(rows)
        return {one.row: one.id for one in read_transfers(path).transfers if one.row in wanted} if wanted else {}
    with found:
        return {
            number: text_cell(row.get("id"), "id")
            for number, cells in found.rows(rows)
            if (row := named_row(cells))
        }


def _loaded(path: Path, found: Scan, places_of: Sequence[str]) -> Loaded:
    """The plain rows as they are, with those that were looked at put in their places."""
    arrays = {name: array for name, array in found.arrays.items() if name not in {"id", "plain"}}
    count = len(found.arrays["plain"])
    arrays["row"] = np.arange(1, count + 1)
    arrays.setdefault("sequence", arrays["row"])
    arrays.setdefault("learned_us", arrays["booked_us"])
    arrays["payer"], arrays["payee"] = numbered(arrays["payer"], arrays["payee"], found.account_marks)
    keys = found.accounts
    doubtful = ~found.arrays["plain"].astype(bool) | _repeated(found.arrays["id"])
    if odd := found.odd_accounts:
        doubtful |= np.isin(arrays["payer"], odd) | np.isin(arrays["payee"], odd)
    looked_at = TransferFile((), ())
    if doubtful.any():
        looked_at = _looked_at(path, found, doubtful)
        keys = _put(looked_at.transfers, arrays, keys)
        kept = ~doubtful
        kept[[one.row - 1 for one in looked_at.transfers]] = True
        arrays = {name: array[kept] for name, array in arrays.items()}
    if not is_ordered(arrays["booked_us"], arrays["sequence"]):
        order = np.lexsort((arrays["row"], arrays["sequence"], arrays["booked_us"]))
        arrays = {name: array[order] for name, array in arrays.items()}
    accounts = _dense(arrays, keys, in_order=keys is found.accounts)
    reverses, corrects = _references(looked_at.transfers, arrays["row"], count)
    ids = tuple(arrays.pop("ids", np.empty(0)).tolist())
    numbers = found.ids_among(places_of) | {one.id: one.row for one in looked_at.transfers if one.id in places_of}
    places = {
        name: int(place[0])
        for name, number in numbers.items()
        if len(place := np.flatnonzero(arrays["row"] == number))
    }
    columns = {name: frozen(array) for name, array in arrays.items()}
    return Loaded(
        Columns(**columns, reverses=reverses, corrects=corrects, accounts=tuple(accounts), ids=ids),
        looked_at.rejected,
        places,
    )


def _looked_at(path: Path, found: Scan, doubtful: Bools) -> TransferFile:
    """The doubtful rows by the rules, together with the plain ones they name or share an id with.

    Those are marked doubtful too: their places are filled from what the rules say.
    """
    rows = dict(found.rows((np.flatnonzero(doubtful) + 1).tolist()))
    read = [transfer_of(named_row(row), number) for number, row in rows.items()]
    named = {
        name
        for one in read if isinstance(one, Transfer)
        for name in (one.id, one.reverses, one.corrects) if name
    }  # fmt: skip
    more = [number for number in found.numbers_of(named) if not doubtful[number - 1]]
    doubtful[np.array(more, np.int64) - 1] = True
    rows |= dict(found.rows(more))
    named_rows = ((number, named_row(row)) for number, row in sorted(rows.items()))
    return judged(((number, row) for number, row in named_rows if row), path)


def _put(transfers: Iterable[Transfer], arrays: dict[str, NDArray[Any]], keys: Sequence[str]) -> list[str]:
    """Write the transfers over their rows; returns the accounts with those that only they name."""
    for name in ("sequence", "learned_us"):  # may be the same arrays as others
        arrays[name] = arrays[name].copy()
    number = {key: place for place, key in enumerate(keys)} | {OUTSIDE: NOWHERE}
    made = list(keys)
    for one in transfers:
        place = one.row - 1
        for side, key in (("payer", one.payer), ("payee", one.payee)):
            if key not in number:
                number[key] = len(made)
                made.append(key)
            arrays[side][place] = number[key]
        arrays["booked_us"][place] = microseconds(one.booked_at)
        arrays["sequence"][place] = one.order[1]
        arrays["learned_us"][place] = microseconds(one.known_at)
        arrays["amount_vnd"][place] = one.amount_vnd
        arrays["kind"][place] = KIND_NUMBERS[one.kind]
        if "ids" in arrays:
            arrays["ids"][place] = one.id
    return made


def _dense(arrays: dict[str, NDArray[Any]], keys: Sequence[str], *, in_order: bool) -> Sequence[str]:
    """Number the accounts that have a transfer, in the order of their keys."""
    used = np.zeros(len(keys) + 1, bool)  # the last place is that of NOWHERE
    for side in ("payer", "payee"):
        used[arrays[side]] = True
    if in_order and used[:-1].all():
        return keys
    ordered = sorted(np.flatnonzero(used[:-1]).tolist(), key=keys.__getitem__)
    number = np.full(len(keys) + 1, NOWHERE, np.int32)
    number[ordered] = np.arange(len(ordered))
    for side in ("payer", "payee"):
        arrays[side] = number[arrays[side]]
    return [keys[place] for place in ordered]


def _references(
    transfers: Sequence[Transfer], row: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where what a transfer reverses or corrects stands. Whatever refers or is referred to was looked at."""
    reverses = np.full(len(row), NOWHERE, np.int64)
    referring = [one for one in transfers if one.reverses or one.corrects]
    if not referring:
        return frozen(reverses), reverses
    corrects = reverses.copy()
    place = np.full(count + 1, NOWHERE, np.int64)
    place[row] = np.arange(len(row))
    rows = {one.id: one.row for one in transfers}
    for one in referring:
        if one.reverses:
            reverses[place[one.row]] = place[rows[one.reverses]]
        if one.corrects:
            corrects[place[one.row]] = place[rows[one.corrects]]
    return frozen(reverses), frozen(corrects)


def _repeated(marks: Marks) -> Bools:
    """Which marks others have too."""
    # 32 bits of a map for each: about one in sixteen is looked at closely.
    found: Bools = perhaps_repeated(marks, np.uint64(max(10, (len(marks) * 32).bit_length() - 1)))
    close = np.flatnonzero(found)
    ordered = np.sort(marks[close])
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    found[close] = np.isin(marks[close], twice)
    return found
