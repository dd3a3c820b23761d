"""Messages to institutions: written with the action that causes them, delivered at least once afterwards.

The body is fixed when it is written; each delivery attempt signs it anew, because a signature carries its time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.protocol.messages import (
    Envelope,
    EventData,
    EventType,
    Issuer,
    TrailHead,
    read_envelope,
    wrap,
)
from lachan.foundation.storage import Instant, Unit, enqueue, metadata, rows_by
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail import current_head

DELIVER = "deliver"
# Nothing is said in reply: having read it is all. Only of a list that may have been paid more is to be said.
# Questions about receipts go to machines, which answer them; people only read them.
READ_ONLY = frozenset(
    {
        EventType.REQUEST_CANCELLED, EventType.HOLD_EXTENDED, EventType.HOLD_CONVERTED, EventType.PAYER_ALERT,
        EventType.RECEIPTS_ASKED,
    }
)  # fmt: skip

message = sa.Table(
    "message",
    metadata,
    sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("institution", sa.String(40), nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(80), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    # By when something has to come of it, as it was when it was sent; a hold's own deadlines may be newer.
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("delivered_at", Instant, nullable=True),
    sa.Column("acknowledged_at", Instant, nullable=True),
    sa.Column("closed_at", Instant, nullable=True),
)
sa.Index("ix_message_inbox", message.c.institution, message.c.closed_at, message.c.ordinal)


_INSERT = sa.insert(message)
_CLOSE = (
    sa.update(message)
    .where(
        message.c.institution == sa.bindparam("by"), message.c.subject == sa.bindparam("about"),
        message.c.type.in_(sa.bindparam("types", expanding=True)), message.c.closed_at.is_(None),
    )
    .values(closed_at=sa.bindparam("now", type_=Instant))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it waits in an institution's inbox."""

    id: str
    ordinal: int
    institution: str
    type: str
    subject: str
    body: str
    created_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    closed_at: datetime | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Outbox:
    """Who speaks: fixed at start, passed to every action that sends."""

    issuer: Issuer

    def send(self, unit: Unit, institution: str, subject: str, data: EventData, *, priority: int = 0) -> str:
        """Write one message in this transaction and wake the delivery; returns its id."""
        head = unit.once(("trail head",), lambda: current_head(unit.conn))
        envelope = wrap(
            data,
            issued_at=unit.now,
            issuer=self.issuer,
            trail_head=TrailHead(sequence=head.sequence, hash=head.hash) if head else None,
        )
        unit.conn.execute(
            _INSERT,
            {
                "id": envelope.message_id, "institution": institution, "type": envelope.type, "subject": subject,
                "body": envelope.model_dump_json(exclude_none=True), "created_at": unit.now,
                "due_at": due_of(data, EventType(envelope.type), subject, unit.now),
            },
        )  # fmt: skip
        enqueue(unit, DELIVER, {"message_id": envelope.message_id}, priority=priority)
        return envelope.message_id


def due_of(data: EventData, kind: EventType, subject: str, sent: datetime) -> datetime:
    """By when a message is to be dealt with: the day or hour that it names, else the clock of its kind."""
    named: datetime | None = getattr(data, "answer_by", None) or getattr(data, "pay_by", None)
    if named is not None:
        return named
    # A pay-out list that is taken back may have been paid: that is to be said, not only to be read.
    read_only = kind in READ_ONLY and not subject.startswith("refund:")
    return clock("hop_acknowledgement" if read_only else "hop_answer", sent).deadline(sent)


def message_by_id(conn: Connection, message_id: str) -> Message:
    """One message."""
    row = conn.execute(rows_by(message, "id"), {"id": message_id}).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return message_from_row(row)


def open_messages(conn: Connection, codes: Collection[str], *, after: int = 0, limit: int = 100) -> list[Message]:
    """What waits in an institution's inbox, oldest first; a late commit is seen on the next look from 0."""
    query = (
        sa.select(message)
        .where(message.c.institution.in_(codes), message.c.closed_at.is_(None), message.c.ordinal > after)
        .order_by(message.c.ordinal)
        .limit(limit)
    )
    return list(map(message_from_row, conn.execute(query)))


def undelivered(conn: Connection) -> dict[str, int]:
    """How many messages wait for each institution: not delivered, not fetched, not dealt with."""
    waits = sa.and_(
        message.c.delivered_at.is_(None), message.c.acknowledged_at.is_(None), message.c.closed_at.is_(None)
    )
    rows = conn.execute(
        sa.select(message.c.institution, sa.func.count().label("waiting"))
        .where(waits)
        .group_by(message.c.institution)
    )
    return {row.institution: row.waiting for row in rows}


def mark(unit: Unit, message_id: str, **instants: datetime) -> None:
    """Note when a message was delivered, acknowledged or closed; the first instant stays."""
    unit.conn.execute(_first(*instants), {"message_id": message_id, **instants})


@cache
def _first(*names: str) -> sa.Update:
    first = {name: sa.func.coalesce(message.c[name], sa.bindparam(name, type_=Instant)) for name in names}
    return sa.update(message).where(message.c.id == sa.bindparam("message_id")).values(first)


def close_subject(unit: Unit, institution: str, subject: str, types: Collection[EventType]) -> None:
    """These messages about this subject are dealt with and leave the inbox; others still wait to be read."""
    unit.conn.execute(
        _CLOSE, {"by": institution, "about": subject, "types": [str(one) for one in types], "now": unit.now}
    )


def close_all(unit: Unit, subjects: Collection[str], type_: EventType, *, institution: str | None = None) -> None:
    """No institution, or not this one, need deal with these messages about any of these subjects any more."""
    open_ = [message.c.type == type_.value, message.c.closed_at.is_(None)]
    if institution is not None:
        open_.append(message.c.institution == institution)
    unit.conn.execute(
        sa.update(message).where(message.c.subject.in_(list(subjects)), *open_).values(closed_at=unit.now)
    )


def sent_since(conn: Connection, subjects: Collection[str], type_: EventType, since: datetime) -> list[Message]:
    """The messages of a kind about any of these subjects that were sent later than that, oldest first."""
    query = (
        sa.select(message)
        .where(
            message.c.subject.in_(list(subjects)), message.c.type == type_.value, message.c.created_at > since
        )
        .order_by(message.c.ordinal)
    )  # fmt: skip
    return list(map(message_from_row, conn.execute(query)))


def is_newest(conn: Connection, one: Message, subjects: Collection[str]) -> bool:
    """Whether this institution was sent no later message of this kind about any of these subjects."""
    later = sa.select(message.c.id).where(
        message.c.subject.in_(list(subjects)), message.c.institution == one.institution,
        message.c.type == one.type, message.c.ordinal > one.ordinal,
    )  # fmt: skip
    return conn.execute(later.limit(1)).first() is None


def is_sent(conn: Connection, subject: str, type_: EventType) -> bool:
    """Whether an institution was ever sent such a message about this subject."""
    query = sa.select(message.c.id).where(message.c.subject == subject, message.c.type == type_)
    return conn.execute(query.limit(1)).first() is not None


def delete_messages(unit: Unit, subjects: Collection[str]) -> None:
    """Messages about these subjects have had their time."""
    unit.conn.execute(sa.delete(message).where(message.c.subject.in_(list(subjects))))


def envelope_of(one: Message) -> Envelope:
    """The message's content."""
    return read_envelope(one.body.encode())


def message_from_row(row: sa.Row[Any]) -> Message:
    """A stored message."""
    return Message(
        row.id, row.ordinal, row.institution, row.type, row.subject, row.body, row.created_at, row.delivered_at,
        row.acknowledged_at, row.closed_at, row.due_at,
    )  # fmt: skip
