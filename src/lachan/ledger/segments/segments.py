"""The ledger's columns of all days: what is closed and on disk, and what is open."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import numpy as np

from lachan.foundation.base import VIETNAM, Conflict
from lachan.foundation.base.mapped import append_file, file_of, map_file
from lachan.ledger.columns import NOWHERE, Columns, Int64, columns_of
from lachan.ledger.kernel import is_ordered
from lachan.ledger.model import OUTSIDE, LedgerReason, Transfer
from lachan.ledger.segments.files import (
    FORMAT,
    current,
    mapped,
    only_writer,
    publish,
    refused,
    stored_accounts,
    write_segment,
)
from lachan.ledger.segments.gathering import Gathering
from lachan.ledger.segments.model import Closed, Manifest, Segment, columns_from


class Segments:
    """The closed segments of a folder, and the open one of what was added since. One process writes at a time."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        """Map what CURRENT names. NotReady LEDGER_SEGMENT_REFUSED: it is torn, altered or another instance's."""
        self._folder, self._secret = folder, secret
        self._manifest = current(folder, secret)
        self.accounts = stored_accounts(folder, self._manifest)
        self._numbers = {key: number for number, key in enumerate(self.accounts)} | {OUTSIDE: NOWHERE}
        self.closed = tuple(mapped(folder, one) for one in self._manifest.segments)
        self._stored_accounts = len(self.accounts)
        self._open = Gathering(self._closed_rows)

    @property
    def _closed_rows(self) -> int:
        return sum(one.rows for one in self._manifest.segments)

    def account(self, key: str) -> int:
        """The ledger's number of an account; -1 for one it has not met, and for outside."""
        return self._numbers.get(key, NOWHERE)

    def find(self, identity: str) -> int:
        """The number of the transfer of this id among the closed segments; -1 where it is in none."""
        for segment in reversed(self.closed):
            place = segment.ids.place(identity)
            if place >= 0:
                return segment.base + place
        return NOWHERE

    def add(self, transfers: Iterable[Transfer]) -> None:
        """New facts, sound and not told before: whoever keeps the record vouches for that."""
        new = list(transfers)
        for one in new:
            for key in (one.payer, one.payee):
                if key not in self._numbers:
                    self._numbers[key] = len(self.accounts)
                    self.accounts.append(key)
        self._open.add(new, self._numbers, self.find)

    def open(self) -> Segment | None:
        """What was added and is not closed yet, as of now; None where there is nothing."""
        return self._open.segment(self._closed_rows, len(self.accounts)) if self._open.transfers else None

    def whole(self) -> tuple[Columns, Int64]:
        """All transfers, closed and open, in their order; and the ledger's number of each.

        `reverses` and `corrects` are places in these same columns; the accounts are the ledger's, and many:
        `edges_of(columns, len(ledger.accounts))`.
        """
        parts = [*self.closed, *filter(None, [self.open()])]
        if not parts:
            return columns_of(()), np.zeros(0, np.int64)
        names = parts[0].columns.arrays
        arrays = {name: np.concatenate([one.columns.arrays[name] for one in parts]) for name in names}
        numbers = np.arange(len(arrays["row"]))
        if not is_ordered(arrays["booked_us"], arrays["sequence"]):
            numbers = np.lexsort((arrays["row"], arrays["sequence"], arrays["booked_us"]))
            arrays = {name: array[numbers] for name, array in arrays.items()}
            places = np.empty(len(numbers), np.int64)
            places[numbers] = np.arange(len(numbers))
            for name in ("reverses", "corrects"):
                arrays[name] = np.where(arrays[name] >= 0, places[arrays[name]], NOWHERE)
        return columns_from(arrays), numbers

    def close(self, until: datetime) -> int:
        """Write what was booked before `until` as segments of their days in Việt Nam; returns how many.

        A fact about one that stays open stays open with it. Conflict LEDGER_WRITTEN_MEANWHILE where another process
        writes, or has written since this one read.
        """
        done, left = _divided(self._open.transfers, until)
        if not done:
            return 0
        self._folder.mkdir(parents=True, exist_ok=True)
        with only_writer(self._folder):
            if current(self._folder, self._secret).number != self._manifest.number:
                raise Conflict(LedgerReason.LEDGER_WRITTEN_MEANWHILE)
            named = self._written(done)
            self._manifest = self._published(named)
        self.closed = (*self.closed, *(mapped(self._folder, one) for one in named))
        self._open = Gathering(self._closed_rows)
        self._open.add(left, self._numbers, self.find)
        return len(named)

    def _written(self, transfers: list[Transfer]) -> list[Closed]:
        """One segment for each day. In their order the transfers of a day stand together."""
        base = self._closed_rows
        gathered = Gathering(base)
        gathered.add(transfers, self._numbers, self.find)
        arrays, order, _ = gathered.ordered(base)
        ids = [transfers[place].id for place in order.tolist()]
        named = []
        for day, grouped in groupby(range(len(ids)), key=lambda place: _day(transfers[int(order[place])])):
            places = list(grouped)
            first, end = places[0], places[-1] + 1
            part = {name: array[first:end] for name, array in arrays.items()}
            named.append(write_segment(self._folder, day, base + first, part, ids[first:end], len(self.accounts)))
        return named

    def _published(self, named: list[Closed]) -> Manifest:
        file = self._manifest.accounts_file or f"accounts-{secrets.token_hex(8)}"
        known = sum(part.bytes for part in self._manifest.accounts)
        new = "".join(f"{key}\n" for key in self.accounts[self._stored_accounts :]).encode()
        added = append_file(self._folder / file, known, np.frombuffer(new, np.uint8))
        made = Manifest(
            FORMAT, self._manifest.number + 1, file, (*self._manifest.accounts, added),
            (*self._manifest.segments, *named),
        )  # fmt: skip
        publish(self._folder, self._secret, made)
        self._stored_accounts = len(self.accounts)
        return made

    def verify(self) -> None:
        """Read every byte and compare it with the manifest. NotReady LEDGER_SEGMENT_REFUSED names what differs."""
        for one in self._manifest.segments:
            for name, said in one.files.items():
                if file_of(map_file(self._folder / one.name / name)) != said:
                    raise refused(f"{one.name}/{name}")
        stored_accounts(self._folder, self._manifest)


def _divided(transfers: Sequence[Transfer], until: datetime) -> tuple[list[Transfer], list[Transfer]]:
    """Those to close, and those that stay open: booked later, or about one that stays open."""
    staying = {one.id for one in transfers if one.booked_at >= until}
    found = -1
    while found != len(staying):
        found = len(staying)
        staying |= {one.id for one in transfers if one.reverses in staying or one.corrects in staying}
    return [one for one in transfers if one.id not in staying], [one for one in transfers if one.id in staying]


def _day(transfer: Transfer) -> date:
    return transfer.booked_at.astimezone(VIETNAM).date()
