"""The message on the stream: up to 100 transfers as JSON, in the columns of every file of transfers.

    {"received": "2026-11-22T09:41:02+07:00", "source": "970436", "transfers": [{"id": …, "time": …, …}, …]}

`received` is the instant at the edge, `source` the code of who sent it. A message that is sound is read in one
compiled pass; one that is not is read transfer by transfer, so that one bad transfer takes no sound one with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import VND_MAX, BadInput, InputReason
from lachan.ledger import KINDS, OUTSIDE, Refusal, Transfer, TransferKind, transfer_of
from lachan.ledger.rules import YEARS
from lachan.monitoring.files import FURTHER
from lachan.monitoring.stream.model import MESSAGE_BYTES_MAX, TRANSFERS_MAX, DeadLetter, Message, StreamReason

_TEXT_MAX = 200
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=_TEXT_MAX)]
_Time = Annotated[datetime, msgspec.Meta(tz=True)]
_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
_RAW_MAX = 2_000
_MICROSECONDS = 1e6


class Line(msgspec.Struct, omit_defaults=True):
    """One transfer of a message. The further columns are those of `lachan monitor score`."""

    id: _Text
    time: _Time
    payer: _Text
    payee: _Text
    amount: Annotated[int, msgspec.Meta(ge=1, le=VND_MAX)]
    kind: TransferKind = TransferKind.TRANSFER
    reverses: _Text | None = None
    corrects: _Text | None = None
    device: Any = None
    ip_country: Any = None
    biometrics_changed: Any = None
    payer_kind: Any = None
    payee_kind: Any = None
    payer_suspect: Any = None
    payee_suspect: Any = None

    def further(self) -> Mapping[str, Any]:
        """What it says beyond the contract's columns; empty for most."""
        if (
            self.device is self.ip_country is self.biometrics_changed is self.payer_kind is None
            and self.payee_kind is self.payer_suspect is self.payee_suspect is None
        ):
            return _NOTHING
        return {name: getattr(self, name) for name in FURTHER}


class _Body(msgspec.Struct):
    received: _Time
    transfers: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=TRANSFERS_MAX)]
    source: str = ""


class _Loose(msgspec.Struct):
    received: _Time
    transfers: Annotated[list[Any], msgspec.Meta(min_length=1, max_length=TRANSFERS_MAX)]
    source: str = ""


_NOTHING: Mapping[str, Any] = {}
_READ = msgspec.json.Decoder(_Body)
_READ_LOOSE = msgspec.json.Decoder(_Loose)
_WRITE = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message, read: its sound transfers in the order of time (else as they stood), and their places in it."""

    sequence: int
    source: str
    received_us: int
    lines: Sequence[Line]
    places: Sequence[int]
    booked_us: NDArray[np.int64]


def messages_of(
    transfers: Sequence[Transfer], further: Mapping[int, Mapping[str, Any]], source: str, received: datetime
) -> Iterator[bytes]:
    """Messages of these transfers, in the order of time. `further` is by the transfers' row numbers."""
    ordered = sorted(transfers, key=lambda one: one.order)
    for start in range(0, len(ordered), TRANSFERS_MAX):
        lines = [line_of(one, further.get(one.row, _NOTHING)) for one in ordered[start : start + TRANSFERS_MAX]]
        yield _WRITE.encode(_Body(received=received, source=source, transfers=lines))


def line_of(transfer: Transfer, further: Mapping[str, Any]) -> Line:
    """A sound transfer as a line of a message."""
    return Line(
        id=transfer.id, time=transfer.booked_at, payer=transfer.payer, payee=transfer.payee,
        amount=transfer.amount_vnd, kind=transfer.kind, reverses=transfer.reverses, corrects=transfer.corrects,
        **{name: further.get(name) for name in FURTHER},
    )  # fmt: skip


def rows_in(body: bytes) -> list[Any]:
    """The rows of a caller's document: a JSON array, an object with `transfers`, or one JSON object a line.

    Raises:
        BadInput: it is none of them.
    """
    try:
        if body.lstrip()[:1] == b"[":
            return msgspec.json.decode(body, type=list[Any])
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) != 1:
            return [msgspec.json.decode(line) for line in lines]
        only = msgspec.json.decode(lines[0])
    except msgspec.DecodeError as error:
        raise BadInput(InputReason.MALFORMED, field="body", expected="JSON, NDJSON") from error
    listed = only.get("transfers") if isinstance(only, dict) else None
    return listed if isinstance(listed, list) else [only]


def opened(message: Message) -> tuple[Parcel | None, list[DeadLetter]]:
    """What a message holds, and what of it cannot be used. Nothing is lost: it is in one or in the other."""
    if len(message.body) > MESSAGE_BYTES_MAX:
        return None, [_unusable(message, StreamReason.MESSAGE_TOO_LARGE)]
    try:
        body = _READ.decode(message.body)
    except msgspec.DecodeError:
        return _opened_by_line(message)
    if not all(_is_plain(line) for line in body.transfers):
        return _opened_by_line(message)
    return _parcel(message.sequence, body, body.transfers, range(1, len(body.transfers) + 1)), []


def _is_plain(line: Line) -> bool:
    """Whether a line is what the careful way would read as well, and in the same way."""
    return (
        line.id.isprintable() and line.payer.isprintable() and line.payee.isprintable()
        and line.id == line.id.strip() and line.payer == line.payer.strip() and line.payee == line.payee.strip()
        and not (line.payer == OUTSIDE and line.payee == OUTSIDE) and not (line.reverses and line.corrects)
        and YEARS[0] < line.time.year < YEARS[1]
    )  # fmt: skip


def _opened_by_line(message: Message) -> tuple[Parcel | None, list[DeadLetter]]:
    try:
        body = _READ_LOOSE.decode(message.body)
    except msgspec.DecodeError:
        return None, [_unusable(message, StreamReason.MESSAGE_UNREADABLE)]
    lines: list[Line] = []
    places: list[int] = []
    letters: list[DeadLetter] = []
    for place, raw in enumerate(body.transfers, 1):
        found = (
            transfer_of(raw, place) if isinstance(raw, dict) else Refusal(InputReason.MALFORMED, "row", _ROW_PARAMS)
        )
        if isinstance(found, Transfer):
            lines.append(line_of(found, raw))
            places.append(place)
        else:
            text = _WRITE.encode(raw).decode()[:_RAW_MAX]
            letters.append(
                DeadLetter(message.sequence, place, found.reason, found.field, text, found.params)
            )  # fmt: skip
    return (_parcel(message.sequence, body, lines, places) if lines else None), letters


_ROW_PARAMS: Mapping[str, object] = {"expected": '{"id": …, "time": …, "payer": …, "payee": …, "amount": …}'}


def _parcel(sequence: int, body: _Body | _Loose, lines: Sequence[Line], places: Sequence[int]) -> Parcel:
    # Exact: a double holds the microseconds of any instant before the year 2100 to a quarter of one.
    booked = np.rint(np.array([line.time.timestamp() for line in lines]) * _MICROSECONDS).astype(np.int64)
    if len(booked) > 1 and bool(np.any(booked[1:] < booked[:-1])):
        order = np.argsort(booked, kind="stable").tolist()
        lines, places, booked = [lines[n] for n in order], [places[n] for n in order], booked[order]
    received = int(np.rint(body.received.timestamp() * _MICROSECONDS))
    return Parcel(sequence, body.source, received, lines, places, booked)


def _unusable(message: Message, reason: StreamReason) -> DeadLetter:
    return DeadLetter(message.sequence, 0, reason, "message", message.body[:_RAW_MAX].decode(errors="replace"))


def kind_number(line: Line) -> int:
    """The kind's number in the columns."""
    return _NUMBER[line.kind]


def is_inert(line: Line) -> bool:
    """Whether it moves no new money."""
    return line.reverses is not None or line.corrects is not None
