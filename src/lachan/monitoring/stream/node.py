"""A node: the monitor's state over a stream, fed message by message, and the transfers that evidence can name.

What a node is depends on the messages and their order alone, never on how they were batched or when they came; so a
node that takes the same messages again is the same node, and finds the same.
"""

from bisect import bisect_right
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import InputReason
from lachan.foundation.taxonomy import vietnam_date
from lachan.ledger import KINDS, OUTSIDE, Transfer
from lachan.monitoring.columns import EPOCH, NONE, Columns, Numbering, signs_of
from lachan.monitoring.constants import Constants
from lachan.monitoring.engine import Monitor
from lachan.monitoring.kernel.layout import SIGNS
from lachan.monitoring.loading import typologies
from lachan.monitoring.model import Scored
from lachan.monitoring.models.model import Model
from lachan.monitoring.stream.message import Line, Parcel, is_inert, kind_number, opened
from lachan.monitoring.stream.model import AHEAD_MAX, LATE_MAX, DeadLetter, Message, StreamReason

_MICROSECOND = timedelta(microseconds=1)
_LATE_US, _AHEAD_US = LATE_MAX // _MICROSECOND, AHEAD_MAX // _MICROSECOND
_COLUMNS = ("booked_us", "payer", "payee", "amount_vnd", "kind")


@dataclass(frozen=True, slots=True)
class Judged:
    """Messages that were judged together: what was found, where each transfer stood, and what could not be used.

    `sequences` and `places` are of the scored rows; `first` is the number in the node of the first of them.
    `model`: with which they were scored, beside the typologies.
    """

    scored: Scored
    first: int
    sequences: NDArray[np.int64]
    places: NDArray[np.int32]
    letters: Sequence[DeadLetter]
    model: Model | None


@dataclass(frozen=True, slots=True)
class _Page:
    """Consecutive transfers, as evidence names them: their columns, and their ids end to end."""

    first: int
    columns: Mapping[str, NDArray[Any]]
    ids: bytes
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)


class Node:
    """One owner's state of a stream."""

    def __init__(self, on: date | datetime) -> None:
        """`on` is the day whose thresholds count."""
        self._on = vietnam_date(on)
        self.monitor = Monitor(typologies(on), Constants.on(on))
        self._accounts, self._devices = Numbering(), Numbering()
        self._names: list[str] = []
        self._pages: deque[_Page] = deque()
        # What was told of late -> when it was booked, in the order of telling. A plain dict would look over all
        # that has left its front again for each one that leaves.
        self._told: OrderedDict[int, int] = OrderedDict()

    def judge_by(self, on: date | datetime, model: Model | None) -> None:
        """By which day's thresholds and which model the next messages are judged; what is known stays."""
        if (vietnam_date(on), model) == (self._on, self.monitor.model):
            return
        self._on = vietnam_date(on)
        self.monitor.judge_by(typologies(on), Constants.on(on), model, keep=model is not None)

    def take(self, messages: Sequence[Message]) -> Judged:
        """Judge messages, which come in the stream's order. Never refuses: what cannot be used is a dead letter."""
        parcels: list[Parcel] = []
        letters: list[DeadLetter] = []
        for message in messages:
            parcel, unusable = opened(message)
            letters += unusable
            if parcel is not None:
                parcels.append(parcel)
        lines = [line for parcel in parcels for line in parcel.lines]
        sequences = np.repeat([one.sequence for one in parcels], [len(one.lines) for one in parcels])
        places = np.fromiter((place for one in parcels for place in one.places), np.int32, len(lines))
        booked = np.concatenate([np.zeros(0, np.int64), *(one.booked_us for one in parcels)])
        judged, kept, refused = self._in_time(parcels, booked)
        for row, reason in refused.items():
            letters.append(_out_of_time(int(sequences[row]), int(places[row]), lines[row], reason))
        kept &= self._first_told(lines, booked, judged, kept)
        if not kept.all():
            lines = [line for line, good in zip(lines, kept.tolist(), strict=True) if good]
            sequences, places, booked, judged = sequences[kept], places[kept], booked[kept], judged[kept]
        first = self.monitor.rows
        columns = self._columns(lines, judged)
        scored = self.monitor.score(columns)
        self._remember(first, columns, lines, booked)
        letters.sort(key=lambda one: (one.sequence, one.row))
        return Judged(scored, first, sequences.astype(np.int64), places, letters, self.monitor.model)

    def transfer_at(self, number: int) -> Transfer:
        """The transfer with this number in the node, of the last seven days."""
        page = self._pages[bisect_right(self._pages, number, key=lambda one: one.first) - 1]
        row = number - page.first
        start = int(page.ends[row - 1]) if row else 0
        at = page.columns
        return Transfer(
            id=page.ids[start : int(page.ends[row])].decode(),
            booked_at=EPOCH + timedelta(microseconds=int(at["booked_us"][row])),
            payer=self._name(int(at["payer"][row])), payee=self._name(int(at["payee"][row])),
            amount_vnd=int(at["amount_vnd"][row]), kind=KINDS[int(at["kind"][row])], row=number,
        )  # fmt: skip

    def state(self) -> dict[str, NDArray[Any]]:
        """All of it, as arrays by name."""
        columns = {
            f"page_{name}": np.concatenate([page.columns[name] for page in self._pages])
            if self._pages
            else np.zeros(0, np.int64)
            for name in _COLUMNS
        }
        ends = [np.diff(page.ends, prepend=0) for page in self._pages]
        return {
            **self.monitor.state(),
            **columns,
            "page_ids": np.frombuffer(b"".join(page.ids for page in self._pages), np.uint8),
            "page_lengths": np.concatenate(ends) if ends else np.zeros(0, np.int64),
            "page_first": np.array([self._pages[0].first if self._pages else 0], np.int64),
            "names": _text(self._names),
            "device_names": _text(list(self._devices.numbers)),
        }

    def resume(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `state` gave."""
        self.monitor.resume(state)
        self._names = _words(state["names"])
        self._accounts = Numbering({name: number for number, name in enumerate(self._names)})
        self._devices = Numbering({name: number for number, name in enumerate(_words(state["device_names"]))})
        self._pages.clear()
        if len(state["page_lengths"]):
            columns = {name: state[f"page_{name}"] for name in _COLUMNS}
            ends = np.cumsum(state["page_lengths"])
            self._pages.append(_Page(int(state["page_first"][0]), columns, state["page_ids"].tobytes(), ends))
        self._remember_told()

    def _first_told(
        self,
        lines: Sequence[Line],
        booked: NDArray[np.int64],
        judged: NDArray[np.int64],
        in_time: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Which transfers nobody has told before.

        Payer's and payee's bank both tell of a transfer between them. It counts once, as it was told first: the
        same id, parties and amount, as long as a later word of it is in time at all. What is remembered is when
        it was booked, as that is what a node knows that is resumed.
        """
        found = np.ones(len(lines), np.bool_)
        rows = zip(lines, booked.tolist(), judged.tolist(), in_time.tolist(), strict=True)
        for row, (line, booked_at, at, good) in enumerate(rows):
            if good:
                mark = hash((line.id, line.payer, line.payee, line.amount))
                before = self._told.get(mark)
                if before is not None and at - before <= _LATE_US:
                    found[row] = False
                else:
                    self._told.pop(mark, None)
                    self._told[mark] = booked_at
        forgotten = self.monitor.now_us - _LATE_US
        while self._told and next(iter(self._told.values())) < forgotten:
            self._told.popitem(last=False)
        return found

    def _remember_told(self) -> None:
        """What was told of late, from the transfers that are remembered."""
        self._told.clear()
        for page in self._pages:
            at = page.columns
            for row in np.flatnonzero(at["booked_us"] >= self.monitor.now_us - _LATE_US).tolist():
                one = self.transfer_at(page.first + row)
                self._told[hash((one.id, one.payer, one.payee, one.amount_vnd))] = int(at["booked_us"][row])

    def _in_time(
        self, parcels: Sequence[Parcel], booked: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_], dict[int, StreamReason | InputReason]]:
        """When each counts as booked; which can be judged; and why the others cannot, by their row.

        A bank's line was down for a minute: its transfers lie a minute back, and are judged as of the newest one,
        because nothing that was answered before may change. What lies too far back would be judged wrongly.
        """
        if not parcels:
            return booked, np.zeros(0, np.bool_), {}
        received = np.repeat([one.received_us for one in parcels], [len(one.lines) for one in parcels])
        ahead = booked > received + _AHEAD_US
        now = self.monitor.now_us
        newest = np.maximum(np.maximum.accumulate(np.where(ahead, 0, booked)), now)
        late = (booked < newest - _LATE_US) & ~ahead
        refused: dict[int, StreamReason | InputReason] = dict.fromkeys(
            np.flatnonzero(late).tolist(), StreamReason.TOO_LATE
        )
        refused |= dict.fromkeys(np.flatnonzero(ahead).tolist(), InputReason.IN_THE_FUTURE)
        return newest, ~(late | ahead), refused

    def _columns(self, lines: Sequence[Line], booked: NDArray[np.int64]) -> Columns:
        count = len(lines)
        devices = np.full(count, NONE, np.int32)
        signs = np.full((count, len(SIGNS)), NONE, np.int8)
        for row, line in enumerate(lines):
            if further := line.further():
                device, said = signs_of(further)
                devices[row], signs[row] = self._devices.of(device), said
        # One after the other, as the numbers are given in the order of the stream.
        parties = np.fromiter((self._number(key) for one in lines for key in (one.payer, one.payee)), np.int32)
        return Columns(
            booked_us=booked, payer=np.ascontiguousarray(parties[0::2]),
            payee=np.ascontiguousarray(parties[1::2]),
            amount_vnd=np.fromiter((one.amount for one in lines), np.int64, count),
            kind=np.fromiter((kind_number(one) for one in lines), np.uint8, count),
            inert=np.fromiter((is_inert(one) for one in lines), np.uint8, count), device=devices, signs=signs,
        )  # fmt: skip

    def _number(self, key: str) -> int:
        if key == OUTSIDE:
            return NONE
        number = self._accounts.of(key)
        if number == len(self._names):
            self._names.append(key)
        return number

    def _name(self, number: int) -> str:
        return OUTSIDE if number == NONE else self._names[number]

    def _remember(self, first: int, columns: Columns, lines: Sequence[Line], booked: NDArray[np.int64]) -> None:
        if lines:
            ids = [one.id.encode() for one in lines]
            ends = np.cumsum(np.fromiter(map(len, ids), np.int64, len(ids)))
            kept = {name: getattr(columns, name) for name in _COLUMNS} | {"booked_us": booked}
            self._pages.append(_Page(first, kept, b"".join(ids), ends))
        while self._pages and self._pages[0].first + len(self._pages[0]) <= self.monitor.remembered:
            self._pages.popleft()


def _out_of_time(sequence: int, place: int, line: Line, reason: StreamReason | InputReason) -> DeadLetter:
    raw = f"{line.id} {line.time.isoformat()} {line.payer} {line.payee} {line.amount}"
    return DeadLetter(sequence, place, reason, "time", raw)


def _text(words: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer(msgspec.json.encode(words), np.uint8)


def _words(text: NDArray[np.uint8]) -> list[str]:
    return msgspec.json.decode(text.tobytes(), type=list[str])
