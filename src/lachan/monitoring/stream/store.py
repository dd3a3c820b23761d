"""All SQL of the stream: messages on one machine, owners, verdicts and dead letters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from lachan.monitoring.stream.model import DeadLetter, Message, Standing
from lachan.monitoring.stream.tables import (
    stream_owner,
    transfer_dead_letter,
    transfer_message,
    transfer_stream,
    transfer_verdict,
)


def add_messages(conn: Connection, stream: str, bodies: Sequence[bytes], key: str, now: datetime) -> list[int]:
    """Append messages; the same key again returns the sequences that it got."""
    _make(conn, transfer_stream, {"name": stream, "sequence": 0})
    # From here to the commit nobody else appends, so no lower number can be committed later.
    after = conn.execute(
        sa.update(transfer_stream)
        .where(transfer_stream.c.name == stream)
        .values(sequence=transfer_stream.c.sequence + len(bodies))
        .returning(transfer_stream.c.sequence)
    ).scalar_one() - len(bodies)
    names = [f"{key}/{number}" for number in range(len(bodies))]
    query = sa.select(transfer_message.c.sent_as, transfer_message.c.sequence)
    known = {row.sent_as: row.sequence for row in conn.execute(query.where(transfer_message.c.sent_as.in_(names)))}
    if known:
        conn.execute(
            sa.update(transfer_stream).where(transfer_stream.c.name == stream).values(sequence=after)
        )  # fmt: skip
        return [known[name] for name in names if name in known]
    rows = [
        {"stream": stream, "sequence": after + 1 + number, "published_at": now, "sent_as": name, "body": body}
        for number, (name, body) in enumerate(zip(names, bodies, strict=True))
    ]
    conn.execute(sa.insert(transfer_message), rows)
    return [row["sequence"] for row in rows]


def messages_after(conn: Connection, stream: str, after: int, limit: int) -> list[Message]:
    """The next messages, in order."""
    query = sa.select(transfer_message.c.sequence, transfer_message.c.body)
    query = query.where(transfer_message.c.stream == stream, transfer_message.c.sequence > after)
    rows = conn.execute(query.order_by(transfer_message.c.sequence).limit(limit))
    return [Message(row.sequence, bytes(row.body)) for row in rows]


def last_sequence(conn: Connection, stream: str) -> int:
    """The newest message's; 0 before the first."""
    query = sa.select(transfer_stream.c.sequence).where(transfer_stream.c.name == stream)
    return conn.execute(query).scalar() or 0


def make_owner(conn: Connection, owner: str, stream: str, now: datetime) -> None:
    """The owner's row, if it is not there yet."""
    zeros = dict.fromkeys(("sequence", "transfers", "alerts", "dead_letters"), 0)
    _make(conn, stream_owner, {"owner": owner, "stream": stream, "at": now, **zeros})


def standing(conn: Connection, owner: str, stream: str) -> Standing | None:
    """How far an owner has come; None before it first ran."""
    found = [one for one in standings(conn) if (one.owner, one.stream) == (owner, stream)]
    return found[0] if found else None


def standings(conn: Connection) -> list[Standing]:
    """Every owner of every stream, by name."""
    rows = conn.execute(sa.select(stream_owner).order_by(stream_owner.c.stream, stream_owner.c.owner))
    return [
        Standing(
            owner=row.owner, stream=row.stream, sequence=row.sequence, transfers=row.transfers, alerts=row.alerts,
            dead_letters=row.dead_letters, at=row.at,
        )
        for row in rows
    ]  # fmt: skip


def move_owner(conn: Connection, owner: str, stream: str, old: int, new: int, now: datetime, **more: int) -> bool:
    """Move an owner on from `old`; False where it is not there any more, because another one moved it."""
    counted = {name: stream_owner.c[name] + count for name, count in more.items()}
    done = conn.execute(
        sa.update(stream_owner).where(*_is(owner, stream), stream_owner.c.sequence == old)
        .values(sequence=new, at=now, **counted)
    )  # fmt: skip
    return done.rowcount == 1


def add_verdicts(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Verdicts, one row a message."""
    if rows:
        conn.execute(sa.insert(transfer_verdict), rows)


def add_dead_letters(
    conn: Connection, owner: str, stream: str, letters: Sequence[DeadLetter], now: datetime
) -> None:  # fmt: skip
    """What could not be used."""
    if letters:
        conn.execute(
            sa.insert(transfer_dead_letter),
            [
                {
                    "owner": owner, "stream": stream, "sequence": one.sequence, "row": one.row, "at": now,
                    "reason": one.reason.value, "field": one.field, "raw": one.raw,
                }
                for one in letters
            ],
        )  # fmt: skip


def dead_letters(conn: Connection, limit: int) -> list[dict[str, Any]]:
    """What could not be used, newest first."""
    at = transfer_dead_letter.c
    rows = conn.execute(sa.select(transfer_dead_letter).order_by(at.at.desc(), at.sequence, at.row).limit(limit))
    return [dict(row._mapping) for row in rows]


def erase_before(conn: Connection, messages: datetime, letters: datetime) -> int:
    """Drop messages and verdicts of before `messages`, if every owner has judged them, and old dead letters."""
    judged = sa.select(sa.func.min(stream_owner.c.sequence)).where(
        stream_owner.c.stream == transfer_message.c.stream
    )
    due = [
        sa.delete(transfer_message).where(
            transfer_message.c.published_at < messages, transfer_message.c.sequence <= judged.scalar_subquery()
        ),
        sa.delete(transfer_verdict).where(transfer_verdict.c.at < messages),
        sa.delete(transfer_dead_letter).where(transfer_dead_letter.c.at < letters),
    ]
    return sum(conn.execute(one).rowcount for one in due)


def _is(owner: str, stream: str) -> tuple[sa.ColumnElement[bool], ...]:
    return stream_owner.c.owner == owner, stream_owner.c.stream == stream


def _make(conn: Connection, table: sa.Table, values: dict[str, Any]) -> None:
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    conn.execute(insert(table).values(values).on_conflict_do_nothing())
