"""Messages from institutions, each once: what came of it is remembered, and said again word for word.

A message id is remembered for ever, so that it can never have a second effect; the words of the answer only for
a while and sealed, because a report's receipt holds the victim's own link.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.base import Conflict, InputReason
from lachan.foundation.storage import Instant, Unit, insert_into, metadata

received = sa.Table(
    "received_message",
    metadata,
    # Under its institution: nobody can take, or try out, another one's ids.
    sa.Column("institution", sa.String(40), primary_key=True),
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("outcome", sa.String(64), nullable=False),
    sa.Column("sealed_answer", sa.Text, nullable=True),
    sa.Column("sealed_until", Instant, nullable=True, index=True),
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What came of a message when it came first; `sealed_answer` while its words are kept."""

    received_at: datetime
    outcome: str
    sealed_answer: str | None


def take_once(unit: Unit, institution: str, message_id: str, content_sha256: str) -> Earlier | None:
    """Claim a message for this transaction (None), or say what came of it earlier.

    Two that come at once meet here: the second waits for the first one's commit. Conflict where the id stood for
    other content.
    """
    claimed = unit.conn.execute(
        insert_into(unit.conn.dialect.name, received)
        .values(
            institution=institution, id=message_id, content_sha256=content_sha256, received_at=unit.now, outcome="",
        )
        .on_conflict_do_nothing()
        .returning(received.c.id)
    )  # fmt: skip
    if claimed.first() is not None:
        return None
    row = unit.conn.execute(sa.select(received).where(_is(institution, message_id))).one()
    if row.content_sha256 != content_sha256:
        raise Conflict(InputReason.IDEMPOTENCY_KEY_REUSED, field="message_id")
    kept = row.sealed_until is not None and row.sealed_until > unit.now
    return Earlier(row.received_at, row.outcome, row.sealed_answer if kept else None)


def settle(
    unit: Unit, institution: str, message_id: str, outcome: str, sealed_answer: str | None, sealed_until: datetime
) -> None:
    """Note what came of a claimed message."""
    unit.conn.execute(
        _SETTLE,
        {"by": institution, "message_id": message_id, "outcome": outcome, "sealed_answer": sealed_answer,
         "sealed_until": sealed_until},
    )  # fmt: skip


def forget_words(unit: Unit) -> int:
    """The words of old answers whose time is over go; how many."""
    old = sa.update(received).where(received.c.sealed_until <= unit.now)
    return unit.conn.execute(old.values(sealed_answer=None, sealed_until=None)).rowcount


_SETTLE = (
    sa.update(received)
    .where(received.c.institution == sa.bindparam("by"), received.c.id == sa.bindparam("message_id"))
    .values(
        {
            name: sa.bindparam(name, type_=received.c[name].type)
            for name in ("outcome", "sealed_answer", "sealed_until")
        }
    )
)


def _is(institution: str, message_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(received.c.institution == institution, received.c.id == message_id)
