"""What institutions do with the stream: they send transfers, all of a call or none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.ledger import LedgerReason, Refusal, Transfer, transfer_of
from lachan.monitoring.columns import CELLS, unclear
from lachan.monitoring.files import FURTHER
from lachan.monitoring.stream import store
from lachan.monitoring.stream.local import LOCAL, LocalStream
from lachan.monitoring.stream.message import messages_of
from lachan.monitoring.stream.model import AHEAD_MAX, KEPT, LETTERS_KEPT, Source, StreamReason

TEXT_MAX = 200
SENT_MAX = 1_000
"""The most transfers of one call."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Transfers that the stream has: how many, and from which to which number their messages stand there."""

    transfers: int
    first: int
    last: int


def send_transfers(
    unit: Unit, source: Source, rows: Sequence[Any], key: str, sender: str, codes: Collection[str]
) -> Sent:
    """Put an institution's transfers onto the stream. `key` names the call: the same again adds nothing.

    `codes` are the institution's own: each transfer's payer or payee has its account there.

    Raises:
        BadInput: a row cannot be used, and nothing was sent; `field` says which row and column.
        NotReady: the stream is not connected.
    """
    require(unit.actor, Permission.TRANSFERS_SEND, unit.actor.agency_id)
    if not rows:
        raise BadInput(InputReason.MISSING, field="transfers")
    if len(rows) > SENT_MAX:
        raise BadInput(InputReason.TOO_LARGE, field="transfers", limit=SENT_MAX)
    transfers: dict[str, Transfer] = {}
    further: dict[int, Mapping[str, Any]] = {}
    for number, row in enumerate(rows, 1):
        found = transfer_of(row, number) if isinstance(row, dict) else Refusal(InputReason.MALFORMED, "row")
        if isinstance(found, Transfer) and found.booked_at > unit.now + AHEAD_MAX:
            found = Refusal(InputReason.IN_THE_FUTURE, "time")
        if isinstance(found, Transfer) and (wrong := _unfit(row)):
            found = Refusal(InputReason.MALFORMED, wrong, {"expected": CELLS.get(wrong, f"≤ {TEXT_MAX}")})
        if isinstance(found, Transfer) and not {_held_at(found.payer), _held_at(found.payee)} & set(codes):
            found = Refusal(StreamReason.NOT_YOURS, "payer")
        if isinstance(found, Transfer) and found.id in transfers:
            found = Refusal(LedgerReason.REPEATED_TRANSFER, "id")
        if isinstance(found, Refusal):
            params = {"expected": "{id, time, payer, payee, amount}"} | dict(found.params)
            raise BadInput(found.reason, field=f"transfers.{number - 1}.{found.field}", **params)
        transfers[found.id] = found
        further[number] = row
    bodies = list(messages_of(list(transfers.values()), further, sender, unit.now))
    if isinstance(source, LocalStream):
        # In the same transaction: what is acknowledged is on the stream, and the other way round.
        sequences = store.add_messages(unit.conn, LOCAL, bodies, key, unit.now)
    else:
        sequences = source.publish(bodies, key)
    append(
        unit, "transfers.sent", f"stream:{source.name}",
        {"sender": sender, "transfers": len(rows), "first": sequences[0], "last": sequences[-1]},
    )  # fmt: skip
    return Sent(len(rows), sequences[0], sequences[-1])


def look_through(unit: Unit, source: Source) -> None:
    """Somebody at the console asks what went where of all that was sent: that this was done stands in the trail."""
    require(unit.actor, Permission.LEDGER_IMPORT)
    append(unit, "transfers.looked_through", f"stream:{source.name}", {"last": source.last()})


def _held_at(key: str) -> str:
    """The institution in the key of an account or a wallet: `account:970436:0123456789`, `970436:0123456789`."""
    parts = key.split(":")
    return parts[1] if len(parts) > 2 else parts[0]


def _unfit(row: Mapping[str, Any]) -> str | None:
    """The further column whose cell is no short text, number or yes and no, or says nothing that is known."""
    for name in FURTHER:
        value = row.get(name)
        if not isinstance(value, str | int | float | None) or (isinstance(value, str) and len(value) > TEXT_MAX):
            return name
    return unclear(row)


def erase_judged(unit: Unit) -> int:
    """Drop what the stream on one machine has kept long enough; how many rows."""
    return store.erase_before(unit.conn, unit.now - KEPT, unit.now - LETTERS_KEPT)
