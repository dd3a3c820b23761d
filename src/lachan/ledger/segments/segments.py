"""The ledger's columns of all days: what is closed and on disk, and what is open."""

import secrets
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np

from lachan.foundation.base import VIETNAM, Conflict
from lachan.foundation.base.mapped import append_file, file_of, map_file
from lachan.ledger.columns import NOWHERE, Columns, Int64, columns_of
from lachan.ledger.kernel import is_ordered
from lachan.ledger.model import KINDS, OUTSIDE, LedgerReason, Transfer
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

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    def mark(self) -> int:
        """Up to which message of what the facts come from nothing is missing in the closed segments."""
        return self._manifest.mark

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

    def number(self, identity: str) -> int:
        """The number of the transfer of this id, closed or open; -1 where there is none."""
        opened = self.open() if self._open.transfer(identity) else None
        return self.find(identity) if opened is None else opened.base + opened.ids.place(identity)

    def said(self, identity: str, *, closed: bool = True) -> tuple[str, str, int] | None:
        """Payer, payee and amount of the transfer of this id; None where there is none.

        Not `closed`: only among the open ones, which is quick.
        """
        if (one := self._open.transfer(identity)) is not None:
            return one.payer, one.payee, one.amount_vnd
        number = self.find(identity) if closed else NOWHERE
        if number < 0:
            return None
        part = self.closed[bisect_right([one.base for one in self.closed], number) - 1]
        place = number - part.base
        payer, payee = (
            self.accounts[side] if side >= 0 else OUTSIDE
            for side in (int(part.columns.payer[place]), int(part.columns.payee[place]))
        )
        return payer, payee, int(part.columns.amount_vnd[place])

    def add(self, transfers: Iterable[Transfer]) -> None:
        """New facts, sound and not told before: whoever keeps the record vouches for that."""
        new = list(transfers)
        self._name_accounts(new)
        self._open.add(new, self._numbers, self.find)

    def _name_accounts(self, transfers: Iterable[Transfer]) -> None:
        for one in transfers:
            for key in (one.payer, one.payee):
                if key not in self._numbers:
                    self._numbers[key] = len(self.accounts)
                    self.accounts.append(key)

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

    def ids(self, numbers: Iterable[int]) -> list[str]:
        """The ids of the ledger's transfers with these numbers."""
        parts = [*self.closed, *filter(None, [self.open()])]
        return [_id_in(parts, number) for number in numbers]

    def transfers(self) -> list[Transfer]:
        """All transfers as facts, in their order: for what no engine answers."""
        columns, numbers = self.whole()
        ids = self.ids(numbers.tolist())
        return _facts(columns, ids, self.accounts, lambda place: ids[place])

    def close(self, until: datetime, mark: int = 0) -> int:
        """Write what was booked before `until` as segments of their days in Việt Nam; returns how many.

        A fact about one that stays open stays open with it. `mark`: see the property; it never falls. Conflict
        LEDGER_WRITTEN_MEANWHILE where another process writes, or has written since this one read.
        """
        done, left = _divided(self._open.transfers, until)
        if not done:
            return 0
        with self._writing():
            named = self._written(done)
            self._manifest = self._published(named, max(mark, self.mark))
        self.closed = (*self.closed, *(mapped(self._folder, one) for one in named))
        self._open = Gathering(self._closed_rows)
        self._open.add(left, self._numbers, self.find)
        return len(named)

    def forget(self, before: date) -> int:
        """Leave out the closed days before that one, and every account that only they name; returns how many.

        What is left is written anew, so that no file keeps what is to be forgotten. Conflict as `close`.
        """
        was, names, opened = self.closed, self.accounts, self._open.transfers
        kept = [one for one in was if one.day is not None and one.day >= before]
        if len(kept) == len(was):
            return 0
        with self._writing():
            self._manifest = Manifest(FORMAT, self._manifest.number, "", (), (), self.mark)
            self.accounts, self._numbers, self._stored_accounts = [], {OUTSIDE: NOWHERE}, 0
            self.closed = ()
            for one in kept:
                ids = [one.ids[place] for place in range(len(one.columns))]
                facts = _facts(one.columns, ids, names, lambda number: _id_in(was, number))
                self._name_accounts(facts)
                named = self._written(facts)
                self._manifest = replace(self._manifest, segments=(*self._manifest.segments, *named))
                self.closed = (*self.closed, *(mapped(self._folder, each) for each in named))
            self._manifest = self._published([], self.mark)
        self._open = Gathering(self._closed_rows)
        self.add(opened)
        return len(was) - len(kept)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with only_writer(self._folder):
            if current(self._folder, self._secret).number != self._manifest.number:
                raise Conflict(LedgerReason.LEDGER_WRITTEN_MEANWHILE)
            yield

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

    def _published(self, named: list[Closed], mark: int) -> Manifest:
        file = self._manifest.accounts_file or f"accounts-{secrets.token_hex(8)}"
        known = sum(part.bytes for part in self._manifest.accounts)
        new = "".join(f"{key}\n" for key in self.accounts[self._stored_accounts :]).encode()
        added = append_file(self._folder / file, known, np.frombuffer(new, np.uint8))
        made = Manifest(
            FORMAT, self._manifest.number + 1, file, (*self._manifest.accounts, added),
            (*self._manifest.segments, *named), mark,
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


def _id_in(parts: Sequence[Segment], number: int) -> str:
    part = parts[bisect_right([one.base for one in parts], number) - 1]
    return part.ids[number - part.base]


def _facts(
    columns: Columns, ids: Sequence[str], accounts: Sequence[str], id_of: Callable[[int], str]
) -> list[Transfer]:
    """The columns' transfers; `id_of` names what they reverse or correct."""
    names = [*accounts, OUTSIDE]  # -1 is outside
    values = zip(*(array.tolist() for array in columns.arrays.values()), ids, strict=True)
    return [
        Transfer(
            identity, _EPOCH + timedelta(microseconds=booked_us), names[payer], names[payee], amount_vnd,
            KINDS[kind], sequence, _EPOCH + timedelta(microseconds=learned_us),
            id_of(reverses) if reverses >= 0 else None, id_of(corrects) if corrects >= 0 else None, row,
        )
        for row, (
            booked_us, sequence, learned_us, payer, payee, amount_vnd, kind, reverses, corrects, _, identity,
        ) in enumerate(values, 1)
    ]  # fmt: skip


def _day(transfer: Transfer) -> date:
    return transfer.booked_at.astimezone(VIETNAM).date()
