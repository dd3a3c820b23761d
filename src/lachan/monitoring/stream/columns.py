"""The stream's transfers as the engines' columns: days that are over lie on disk, what came since is in memory.

All of it is made of the stream's messages, by whoever asks, and kept no longer than they are.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path

import numpy as np

from lachan.foundation.base import VIETNAM, Conflict, NotReady
from lachan.ledger import Columns, Segments, Transfer
from lachan.ledger.columns import NOWHERE, Int64, frozen
from lachan.ledger.rules import unsound
from lachan.monitoring.columns import EPOCH
from lachan.monitoring.stream.message import Line, Parcel, opened
from lachan.monitoring.stream.model import KEPT, LATE_MAX, Message, Source, StreamReason

_READ_EACH = 256


class StreamColumns:
    """The ledger of one stream: `ledger` has its transfers, each once, and what refers to what."""

    def __init__(self, source: Source, folder: Path, secret: bytes) -> None:
        """`folder` holds the closed days.

        Raises:
            NotReady: the stream ends before what is closed, so it is another one; or the folder is torn or altered.
        """
        self._source = source
        self.ledger = Segments(folder / source.name, secret)
        self._sequence = self.ledger.mark
        if self._sequence > source.last():
            raise NotReady(StreamReason.SHORTER_THAN_RECORD, stream=source.name)
        self._open: list[tuple[datetime, int]] = []  # when each was booked, and the message it came with

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
        """Write down the days that are over, and leave out those whose messages the stream keeps no longer.

        Raises:
            Conflict: another process writes, or has written since this one read.
        """
        over = (now - LATE_MAX).astimezone(VIETNAM).date()
        until = datetime.combine(over, time(), VIETNAM)
        left = [one for one in self._open if one[0] >= until]
        if self.ledger.close(until, min((sequence for _, sequence in left), default=self._sequence + 1) - 1):
            self._open = left
        self.ledger.forget(_kept_from(now))

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
        newest = max((one.day for one in self.ledger.closed if one.day), default=date.min)
        for line, place in zip(parcel.lines, parcel.places, strict=True):
            said = line.payer, line.payee, line.amount
            for number in count(1):  # another payment under a known id has its number behind it
                name = line.id if number == 1 else f"{line.id}#{number}"
                one = found.get(name)
                known = (one.payer, one.payee, one.amount_vnd) if one else None
                if one is None:
                    # Looking through the days on disk takes long, and what is of today is not there.
                    old = (line.time - LATE_MAX).astimezone(VIETNAM).date() <= newest
                    known = self.ledger.said(name, closed=old)
                if known is None:
                    found[name] = _transfer(name, line, parcel, place)
                if known is None or known == said:
                    break
        return self._sound(list(found.values()))

    def _sound(self, fresh: list[Transfer]) -> list[Transfer]:
        """A row about a transfer that nobody told of is a row of its own."""
        if not any(one.reverses or one.corrects for one in fresh):
            return fresh
        named = {name for one in fresh for name in (one.reverses, one.corrects) if name}
        refused = unsound(fresh, {name for name in named if self.ledger.said(name) is not None})
        return [replace(one, reverses=None, corrects=None) if one.row in refused else one for one in fresh]


def _transfer(name: str, line: Line, parcel: Parcel, place: int) -> Transfer:
    return Transfer(
        name, line.time, line.payer, line.payee, line.amount, line.kind,
        learned_at=EPOCH + timedelta(microseconds=parcel.received_us), reverses=line.reverses,
        corrects=line.corrects, row=place,
    )  # fmt: skip


def forget_columns(folder: Path, secret: bytes, now: datetime) -> int:
    """Leave out what the streams keep no longer, though nobody asks any more; returns how many days.

    What cannot be read any more is removed: it is made of the stream again.
    """
    days = 0
    for one in folder.iterdir() if folder.is_dir() else ():
        try:
            days += Segments(one, secret).forget(_kept_from(now))
        except NotReady:
            shutil.rmtree(one, ignore_errors=True)
        except Conflict:
            continue  # who writes just now looks himself
    return days


def _kept_from(now: datetime) -> date:
    """The first day of which the stream still has all messages."""
    return (now - KEPT).astimezone(VIETNAM).date() + timedelta(days=1)
