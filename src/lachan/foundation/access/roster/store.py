"""The roster: rows to model and back."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.roster.model import Position, Shift
from lachan.foundation.access.roster.tables import duty_shift


def _shift(row: sa.Row[Any]) -> Shift:
    return Shift(row.id, row.agency_id, row.person_id, Position(row.position), row.rank, row.starts_at, row.ends_at)


def between(conn: Connection, agency_id: str, start: datetime, end: datetime) -> list[Shift]:
    """A desk's shifts that touch `[start, end)`, in time."""
    query = (
        sa.select(duty_shift)
        .where(duty_shift.c.agency_id == agency_id, duty_shift.c.ends_at > start, duty_shift.c.starts_at < end)
        .order_by(duty_shift.c.starts_at, duty_shift.c.id)
    )
    return [_shift(row) for row in conn.execute(query)]


def at(conn: Connection, agency_id: str, now: datetime) -> list[Shift]:
    """A desk's shifts that run at an instant."""
    query = sa.select(duty_shift).where(
        duty_shift.c.agency_id == agency_id, duty_shift.c.ends_at > now, duty_shift.c.starts_at <= now
    )
    return [_shift(row) for row in conn.execute(query)]


def find(conn: Connection, shift_id: str) -> Shift | None:
    """One shift."""
    row = conn.execute(sa.select(duty_shift).where(duty_shift.c.id == shift_id)).first()
    return _shift(row) if row else None


def insert(conn: Connection, made: Shift) -> None:
    """Record a shift."""
    conn.execute(
        sa.insert(duty_shift).values(
            id=made.id, agency_id=made.agency_id, person_id=made.person_id, position=made.position.value,
            rank=made.rank, starts_at=made.starts_at, ends_at=made.ends_at,
        )
    )  # fmt: skip


def delete(conn: Connection, shift_id: str) -> None:
    """Take a shift off the roster."""
    conn.execute(sa.delete(duty_shift).where(duty_shift.c.id == shift_id))


def end(conn: Connection, shift_id: str, at_instant: datetime) -> None:
    """End a running shift."""
    conn.execute(sa.update(duty_shift).where(duty_shift.c.id == shift_id).values(ends_at=at_instant))
