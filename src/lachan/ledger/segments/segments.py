"""The ledger's columns of all days: what is closed and on disk, and what is open."""

import secrets
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import VIETNAM, Conflict
from lachan.foundation.base.mapped import append_file, file_of, map_file
from lachan.ledger.columns import NOWHERE, Columns, Int64, columns_of
from lachan.ledger.edges import SUMS_END
from lachan.ledger.kernel import is_ordered
from lachan.ledger.model import KINDS, OUTSIDE, LedgerReason, Transfer
from lachan.ledger.segments.files import (
    FORMAT,
    current,
    mapped,
    only_writer,
    opened,
    publish,
    refused,
    stored_accounts,
    write_segment,
)
from lachan.ledger.segments.gathering import Gathering
from lachan.ledger.segments.model import Closed, Ids, Manifest, Part, Segment, columns_from, marks_of
from lachan.ledger.segments.references import resolved

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEGMENT_VND = SUMS_END // 2


class Segments:
    """The closed segments of a folder, and the open one of what was added since. One process writes at a time."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        """Map what CURRENT names. NotReady LEDGER_SEGMENT_REFUSED: it is torn, altered or another instance's."""
        self._folder, self._secret = folder, secret
        self._manifest, self.accounts, self.closed = opened(folder, secret)
        self._numbers = {key: number for number, key in enumerate(self.accounts)} | {OUTSIDE: NOWHERE}
        self._stored_accounts = len(self.accounts)
        self._open = Gathering(self._closed_rows)
        self._referred = {one.named for segment in self.closed for one in segment.about}

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

    def perhaps_closed(self, identities: Sequence[str]) -> set[str]:
        """Those of these ids that closed segments may have; they have none of the others. Quick for many."""
        marks = marks_of(identities)
        there = np.zeros(len(marks), np.bool_)
        for segment in self.closed:
            if isinstance(segment.ids, Ids):  # as that of each closed one is
                there |= segment.ids.marked(marks)
        return {identities[place] for place in np.flatnonzero(there).tolist()}

    def number(self, identity: str) -> int:
        """The number of the transfer of this id, closed or open; -1 where there is none."""
        if self._open.transfer(identity) is None:
            return self.find(identity)
        part = self._open.part(self._closed_rows)
        return part.base + part.ids.place(identity)

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
        """New facts, not told before: whoever keeps the record vouches for that.

        What one reverses or corrects may be told later: it is looked for when somebody asks.
        """
        new = list(transfers)
        self._name_accounts(new)
        self._open.add(new, self._numbers)
        self._referred |= {one.reverses or one.corrects or "" for one in new} - {""}

    def is_referred_to(self, identity: str) -> bool:
        """Whether a fact names the transfer of this id, told or not, as the one that it reverses or corrects."""
        return identity in self._referred

    def _name_accounts(self, transfers: Iterable[Transfer]) -> None:
        for one in transfers:
            for key in (one.payer, one.payee):
                if key not in self._numbers:
                    self._numbers[key] = len(self.accounts)
                    self.accounts.append(key)

    def open(self) -> Segment | None:
        """What was added and is not closed yet, as of now; None where nothing is. ValueError as `edges_of`."""
        return self._open.segment(self._closed_rows, len(self.accounts)) if self._open.transfers else None

    def _parts(self) -> list[Part]:
        """What is closed, and what is open where there is something."""
        parts = [Part(one.base, one.columns, one.ids, one.about) for one in self.closed]
        return [*parts, self._open.part(self._closed_rows)] if self._open.transfers else parts

    def whole(self) -> tuple[Columns, Int64]:
        """All transfers, closed and open, in their order; and the ledger's number of each.

        `reverses` and `corrects` are places in these same columns; a row about a transfer that nobody told of, or
        about itself in a circle, is a row of its own. The accounts are the ledger's, and many:
        `edges_of(columns, len(ledger.accounts))`.
        """
        parts = self._parts()
        if not parts:
            return columns_of(()), np.zeros(0, np.int64)
        names = parts[0].columns.arrays.keys() - {"reverses", "corrects"}
        arrays = {name: np.concatenate([one.columns.arrays[name] for one in parts]) for name in names}
        arrays["reverses"], arrays["corrects"] = resolved(parts)
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
        parts = self._parts()
        return [_id_in(parts, number) for number in numbers]

    def transfers(self) -> list[Transfer]:
        """All transfers as facts, in their order: for what no engine answers."""
        columns, numbers = self.whole()
        ids = self.ids(numbers.tolist())
        return _facts(columns, ids, self.accounts, lambda place: ids[place])

    def close(self, until: datetime, mark: int = 0) -> int:
        """Write what was booked before `until` as segments of their days in Việt Nam; returns how many.

        `mark`: see the property; it never falls. Conflict LEDGER_WRITTEN_MEANWHILE where another process writes, or
        has written since this one read.
        """
        done = [one for one in self._open.transfers if one.booked_at < until]
        left = [one for one in self._open.transfers if one.booked_at >= until]
        if not done:
            return 0
        with self._writing():
            named = self._written(done)
            self._manifest = self._published(named, max(mark, self.mark))
        self.closed = (*self.closed, *(mapped(self._folder, one) for one in named))
        self._open = Gathering(self._closed_rows)
        self._open.add(left, self._numbers)
        return len(named)

    def forget(self, before: datetime) -> int:
        """Leave out what is closed and was learned before, and every account that only it names; returns how many.

        What is left is written anew, so that no file keeps what is to be forgotten. What is about the others keeps
        the id that it names, as its message does, and refers to nothing unless that is told again. Conflict as
        `close`.
        """
        limit_us = (before - _EPOCH) // timedelta(microseconds=1)
        was, opened_ones = self.closed, self._open.transfers
        kept = [one.columns.learned_us >= limit_us for one in was]
        if all(mask.all() for mask in kept):
            return 0
        used = [np.unique(one.columns.arrays[side][mask]) for one, mask in zip(was, kept, strict=True)
                for side in ("payer", "payee")]  # fmt: skip
        named = np.unique(np.concatenate(used))
        named = named[named >= 0]
        account = np.full(len(self.accounts) + 1, NOWHERE, np.int32)  # the last place is that of NOWHERE
        account[named] = np.arange(len(named))
        with self._writing():
            self.accounts = [self.accounts[number] for number in named.tolist()]
            self._numbers = {key: number for number, key in enumerate(self.accounts)} | {OUTSIDE: NOWHERE}
            self._stored_accounts = 0
            left: list[Closed] = []
            for one, mask in zip(was, kept, strict=True):
                if mask.any() and one.day is not None:
                    base = sum(segment.rows for segment in left)
                    ids = [one.ids[number] for number in np.flatnonzero(mask).tolist()]
                    arrays = _renumbered(one.columns, mask, base, account)
                    place = np.cumsum(mask) - 1
                    about = [each._replace(place=int(place[each.place])) for each in one.about if mask[each.place]]
                    left.append(write_segment(self._folder, one.day, base, arrays, ids, about, len(self.accounts)))
            self._manifest = Manifest(FORMAT, self._manifest.number, "", (), (), self.mark)
            self._manifest = self._published(left, self.mark)
        self.closed = tuple(mapped(self._folder, one) for one in left)
        self._open = Gathering(self._closed_rows)
        self._referred = {each.named for one in self.closed for each in one.about}
        self.add(opened_ones)
        return sum(int(np.count_nonzero(~mask)) for mask in kept)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with only_writer(self._folder):
            if replace(current(self._folder, self._secret), mac="") != replace(self._manifest, mac=""):
                raise Conflict(LedgerReason.LEDGER_WRITTEN_MEANWHILE)
            yield

    def _written(self, transfers: list[Transfer]) -> list[Closed]:
        """One segment for each day, more where edges could not hold its sums. A day's transfers stand together."""
        base = self._closed_rows
        gathered = Gathering(base)
        gathered.add(transfers, self._numbers)
        arrays, order, _ = gathered.ordered()
        about = gathered.part(base).about
        ids = [transfers[place].id for place in order.tolist()]
        sums = accumulate(arrays["amount_vnd"].tolist())
        keys = [
            (_day(transfers[place]), sum_vnd // _SEGMENT_VND) for place, sum_vnd in zip(order, sums, strict=True)
        ]
        named = []
        for (day, _), grouped in groupby(range(len(ids)), key=keys.__getitem__):
            places = list(grouped)
            first, end = places[0], places[-1] + 1
            part = {name: array[first:end] for name, array in arrays.items()}
            mine = [one._replace(place=one.place - first) for one in about if first <= one.place < end]
            count = len(self.accounts)
            named.append(write_segment(self._folder, day, base + first, part, ids[first:end], mine, count))
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


def _renumbered(
    columns: Columns, kept: NDArray[np.bool_], base: int, account: NDArray[np.int32]
) -> dict[str, NDArray[Any]]:
    """The kept facts' arrays, the first with the ledger's number `base`; where accounts stand by now."""
    arrays = {name: array[kept] for name, array in columns.arrays.items()}
    for side in ("payer", "payee"):
        arrays[side] = account[arrays[side]]
    rows = np.arange(base + 1, base + 1 + len(arrays["row"]))
    # What has no sequence of its own is ordered by its row, also among what is learned later.
    arrays["sequence"] = np.where(arrays["sequence"] == arrays["row"], rows, arrays["sequence"])
    arrays["row"] = rows
    return arrays


def _id_in(parts: Sequence[Part], number: int) -> str:
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
