"""Transfers as columns for the engines, in their order."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.ledger.model import KINDS, OUTSIDE, Transfer

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Kinds = NDArray[np.uint8]

NOWHERE = -1
"""The number of the party that is no account, and of the transfer that is none."""
KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
"""The number of each kind in the columns."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Arrays of equal length in the order of the transfers: booked at, then sequence (else row), then row.

    Times are microseconds since 1970 UTC. `payer` and `payee` are places in `accounts`, which is sorted; -1 is
    outside. `kind` is a place in `KINDS`. `reverses` and `corrects` are places in these same arrays, -1 is none.
    `ids` holds each transfer's id, or nothing where ids were not asked for; `row` is its number in the file.
    """

    booked_us: Int64
    sequence: Int64
    learned_us: Int64
    payer: Int32
    payee: Int32
    amount_vnd: Int64
    kind: Kinds
    reverses: Int64
    corrects: Int64
    row: Int64
    accounts: Sequence[str]
    ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.booked_us)

    def account(self, key: str) -> int:
        """The number of an account; -1 where it has no transfer."""
        place = bisect_left(self.accounts, key)
        return place if place < len(self.accounts) and self.accounts[place] == key else NOWHERE

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name, without the texts."""
        return {
            each.name: getattr(self, each.name) for each in fields(self) if each.name not in {"accounts", "ids"}
        }


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    return (instant - _EPOCH) // _MICROSECOND


def columns_of(transfers: Iterable[Transfer]) -> Columns:
    """The transfers as columns. What reverses or corrects a transfer that is not among them points nowhere."""
    ordered = sorted(transfers, key=lambda one: one.order)
    accounts = sorted({key for one in ordered for key in (one.payer, one.payee)} - {OUTSIDE})
    numbers = {key: place for place, key in enumerate(accounts)} | {OUTSIDE: NOWHERE}
    places = {one.id: place for place, one in enumerate(ordered)}
    rows = np.fromiter((one.row for one in ordered), np.int64, len(ordered))
    arrays = arrays_of(ordered, rows, numbers)
    for name in ("reverses", "corrects"):
        about = (places.get(getattr(one, name), NOWHERE) for one in ordered)
        arrays[name] = np.fromiter(about, np.int64, len(ordered))
    frozen_ones = {name: frozen(array) for name, array in arrays.items()}
    return Columns(**frozen_ones, accounts=tuple(accounts), ids=tuple(one.id for one in ordered))


def arrays_of(transfers: Sequence[Transfer], rows: Int64, numbers: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """The arrays of `Columns` but what refers to what, in the order of the transfers as given: `rows` are their
    numbers, those of accounts are in `numbers`.
    """
    count = len(transfers)

    def array(values: Iterable[int], kind: type[np.generic] = np.int64) -> NDArray[Any]:
        return np.fromiter(values, kind, count)

    stated = zip(transfers, rows.tolist(), strict=True)
    return {
        "booked_us": array(microseconds(one.booked_at) for one in transfers),
        "sequence": array(row if one.sequence is None else one.sequence for one, row in stated),
        "learned_us": array(microseconds(one.known_at) for one in transfers),
        "payer": array((numbers[one.payer] for one in transfers), np.int32),
        "payee": array((numbers[one.payee] for one in transfers), np.int32),
        "amount_vnd": array(one.amount_vnd for one in transfers),
        "kind": array((KIND_NUMBERS[one.kind] for one in transfers), np.uint8),
        "row": rows,
    }


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The array, which nobody may write to any more: engines share it."""
    array.flags.writeable = False
    return array
