"""Who is on duty, and who is asked next."""

from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.access.people import actor_at
from lachan.foundation.access.permissions import Permission, may
from lachan.foundation.access.roster import rules, store
from lachan.foundation.access.roster.model import Position, Shift


def on_duty(conn: Connection, desk: str, now: datetime) -> list[Shift]:
    """Those on duty at a desk: shift head, deputies by rank, officers."""
    return rules.in_order(store.at(conn, desk, now), now)


def shifts(conn: Connection, desk: str, start: datetime, end: datetime) -> list[Shift]:
    """A desk's roster that touches `[start, end)`."""
    return store.between(conn, desk, start, end)


def approvers(conn: Connection, desk: str, now: datetime) -> list[Shift]:
    """Those on duty who may approve now, in the order in which they are asked."""
    found = []
    for shift in on_duty(conn, desk, now):
        if shift.position is not Position.OFFICER:
            actor = actor_at(conn, shift.person_id, desk, now)
            if actor is not None and may(actor, Permission.HOLD_APPROVE, desk):
                found.append(shift)
    return found


def next_approver(
    conn: Connection, desk: str, now: datetime, *, after: int = 0, requester: str | None = None
) -> Shift | None:
    """Whom an unapproved request goes to when `after` people have been asked; None when nobody is left.

    `requester` (a person's id) is passed over: nobody approves what they asked for.
    """
    asked = [shift for shift in approvers(conn, desk, now) if shift.person_id != requester]
    return asked[after] if after < len(asked) else None
