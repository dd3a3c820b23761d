"""Alarms that ring now."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.alarms.model import HEARD_BY, Alarm, AlarmKind
from lachan.foundation.access.alarms.tables import alarm
from lachan.foundation.access.permissions import may
from lachan.foundation.base import Actor


def alarms(conn: Connection, actor: Actor) -> list[Alarm]:
    """What rings for this person, the nearest deadline first."""
    query = sa.select(alarm).where(_heard(actor)).order_by(alarm.c.due_at, alarm.c.id)
    return [Alarm(AlarmKind(row.kind), row.subject_id, row.due_at, row.rung_at) for row in conn.execute(query)]


def count_alarms(conn: Connection, actor: Actor) -> int:
    """How many ring for this person."""
    return int(conn.execute(sa.select(sa.func.count()).select_from(alarm).where(_heard(actor))).scalar_one())


def _heard(actor: Actor) -> sa.ColumnElement[bool]:
    kinds = [kind.value for kind, permission in HEARD_BY.items() if may(actor, permission)]
    return sa.and_(alarm.c.ended_at.is_(None), alarm.c.kind.in_(kinds))
