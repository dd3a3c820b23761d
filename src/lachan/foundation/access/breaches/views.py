"""The breach register, to be read."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.breaches.model import Breach, BreachState
from lachan.foundation.access.breaches.tables import breach
from lachan.foundation.access.permissions import Permission, require
from lachan.foundation.base import Actor, InputReason, NotFound


def find(conn: Connection, breach_id: str) -> Breach:
    """One breach; NotFound where there is none."""
    row = conn.execute(sa.select(breach).where(breach.c.id == breach_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="breach_id")
    return _breach(row)


def breaches(conn: Connection, actor: Actor) -> list[Breach]:
    """The whole register, the newest first."""
    require(actor, Permission.BREACH_MANAGE)
    return [_breach(row) for row in conn.execute(sa.select(breach).order_by(breach.c.found_at.desc(), breach.c.id))]


def _breach(row: sa.Row[Any]) -> Breach:
    return Breach(
        row.id, BreachState(row.state), row.found_at, row.what, row.people_count, row.notify_by, row.notified_at,
        row.notified_to, row.conclusion,
    )  # fmt: skip
