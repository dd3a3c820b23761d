"""The stream's transfers as the engines' columns: days that are over lie on disk, what came since is in memory.

All of it is made of the stream's messages, by whoever asks, and kept as long as they are, whenever it was booked.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from lachan.foundation.base import VIETNAM, Conflict, NotReady
from lachan.ledger import Columns, LedgerReason, Segments, Transfer
from lachan.ledger.columns import NOWHERE, Int64, frozen
from lachan.ledger.segments import throw_away
from lachan.monitoring.columns import EPOCH
from lachan.monitoring.stream.message import Line, Parcel, opened
from lachan.monitoring.stream.model import KEPT, LATE_MAX, Message, Source, StreamReason

_READ_EACH = 256
Said = tuple[str, str, int]
"""Payer, payee and amount: what makes two words under one id the same transfer."""


class StreamColumns:
    """The ledger of one stream: `ledger` has its transfers, each once, and what refers to what."""

    def __init__(self, source: Source, folder: Path, secret: bytes) -> None:
        """`folder` holds the closed days; what is torn there is thrown away, and made of the stream again.

        Raises:
            NotReady: the stream ends before what is closed, so it is another one; or what is torn is just written.
        """
        self._source = source
        self.ledger = _ledger(folder / source.name, secret)
        self._sequence = self.ledger.mark
        if self._sequence > source.last():
            raise NotReady(StreamReason.SHORTER_THAN_RECORD, stream=source.name)
        self._open: list[tuple[datetime, int]] = []  # when each was booked, and the message it came with
        self._repeated: dict[str, _Repeated] = {}

    def take(self, progress: Callable[[int], None] = lambda _done: None) -> list[Transfer]:
        """Read what came since; returns the transfers that were not known yet."""
        taken: list[Transfer] = []
        while messages := self._source.read(self._sequence, _READ_EACH):
            for message in messages:
                fresh = self._fresh(message)
                self.ledger.add(fresh)
                self._open += [(one.booked_at, message.sequence) for one in fresh]
                taken += fresh
            self._sequence = messages[-1].sequence
            progress(len(taken))
        return taken

    def close(self, now: datetime) -> None:
        """Write down the days that are over, and leave out what the stream keeps no longer.

        Raises:
            Conflict: another process writes, or has written since this one read.
        """
        until = datetime.combine(days_over(now), time(), VIETNAM)
        left = [one for one in self._open if one[0] >= until]
        if self.ledger.close(until, min((sequence for _, sequence in left), default=self._sequence + 1) - 1):
            self._open = left
        if self.ledger.forget(_kept_from(now)):
            self._repeated.clear()

    def columns(self) -> tuple[Columns, Int64]:
        """All transfers, in their order, with the accounts in theirs; and the ledger's number of each transfer."""
        found, numbers = self.ledger.whole()
        names = self.ledger.accounts
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.full(len(names) + 1, NOWHERE, np.int32)  # the last place is that of NOWHERE
        place[order] = np.arange(len(names))
        arrays = found.arrays | {
            "payer": place[found.payer], "payee": place[found.payee], "row": np.arange(1, len(found) + 1),
        }  # fmt: skip
        arrays = {name: frozen(array) for name, array in arrays.items()}
        return Columns(**arrays, accounts=tuple(names[one] for one in order), ids=()), numbers

    def places(self, identities: Sequence[str], numbers: Int64) -> dict[str, int]:
        """Where the transfers of these ids stand in `columns`, those that there are."""
        asked = {one: self.ledger.number(one) for one in identities}
        return {one: int(np.flatnonzero(numbers == number)[0]) for one, number in asked.items() if number >= 0}

    def _fresh(self, message: Message) -> list[Transfer]:
        """What a message tells that nobody told before: payer's and payee's bank both tell of a transfer."""
        parcel, _ = opened(message)
        if parcel is None:
            return []
        found: dict[str, Transfer] = {}
        # Looking through the days on disk takes long, and what is of today is not there.
        closed = self.ledger.perhaps_closed([line.id for line in parcel.lines])
        for line, place in zip(parcel.lines, parcel.places, strict=True):
            name = self._name(line, found, closed=line.id in closed)
            if name is not None:
                found[name] = _transfer(name, line, parcel, place)
        return list(found.values())

    def _name(self, line: Line, fresh: Mapping[str, Transfer], *, closed: bool) -> str | None:
        """Under which id a transfer is kept; None where it was told before. `fresh` are those of its message.

        Another payment under a known id has its number behind it. `closed`: whether the id may be among the days
        on disk.
        """

        def said_of(name: str, *, closed: bool = True) -> Said | None:
            one = fresh.get(name)
            return (one.payer, one.payee, one.amount_vnd) if one else self.ledger.said(name, closed=closed)

        said = line.payer, line.payee, line.amount
        many = self._repeated.get(line.id)
        if many is None:
            first = said_of(line.id, closed=closed)
            if first is None:
                return line.id
            if first == said:
                return None
            many = self._repeated[line.id] = _Repeated(first)
        # Each number is asked about once, however often a bank uses one id.
        while said not in many.said:
            many.number += 1
            name = f"{line.id}#{many.number}"
            known = said_of(name)
            many.said.add(said if known is None else known)
            if known is None:
                return name
        return None


class _Repeated:
    """What was told under one id: the different payments, and the last number behind it that is taken."""

    def __init__(self, first: Said) -> None:
        self.said, self.number = {first}, 1


def _transfer(name: str, line: Line, parcel: Parcel, place: int) -> Transfer:
    return Transfer(
        name, line.time, line.payer, line.payee, line.amount, line.kind,
        learned_at=EPOCH + timedelta(microseconds=parcel.received_us), reverses=line.reverses,
        corrects=line.corrects, row=place,
    )  # fmt: skip


def forget_columns(folder: Path, secret: bytes, now: datetime) -> int:
    """Leave out what the streams keep no longer, though nobody asks any more; returns how many transfers.

    What cannot be read any more is removed: it is made of the stream again.
    """
    forgotten = 0
    for one in filter(Path.is_dir, folder.iterdir()) if folder.is_dir() else ():
        try:
            forgotten += _ledger(one, secret).forget(_kept_from(now))
        except (Conflict, NotReady):
            continue  # who writes just now looks himself
    return forgotten


def days_over(now: datetime) -> date:
    """The first day of which transfers may still come in time: those before it are over."""
    return (now - LATE_MAX).astimezone(VIETNAM).date()


def _ledger(folder: Path, secret: bytes) -> Segments:
    """The ledger of a folder; an empty one, and nothing left there, where it cannot be read."""
    try:
        return Segments(folder, secret)
    except NotReady as error:
        if error.reason is not LedgerReason.LEDGER_SEGMENT_REFUSED:
            raise
        try:
            throw_away(folder)
        except Conflict:
            raise error from None
        return Segments(folder, secret)


def _kept_from(now: datetime) -> datetime:
    """From when on what was sent is kept: of that day the stream still has all messages."""
    return datetime.combine((now - KEPT).astimezone(VIETNAM).date() + timedelta(days=1), time(), VIETNAM)
