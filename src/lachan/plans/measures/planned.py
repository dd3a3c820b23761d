"""Measures of the plans themselves: who took note, what came in, who answers, who was reminded."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.plans import tables
from lachan.plans.tasks.model import TaskState

_T = tables.task
_GONE = (TaskState.CANCELLED.value, TaskState.CARRIED_OVER.value)


def noted(conn: Connection, since: datetime, until: datetime) -> int:
    """How many people took note of a plan."""
    return _count(conn, tables.receipt, tables.receipt.c.at, since, until)


def sub_plans(conn: Connection, since: datetime, until: datetime) -> int:
    """Agencies' own plans that came in."""
    return _count(conn, tables.sub_plan, tables.sub_plan.c.submitted_at, since, until)


def with_person(conn: Connection, since: datetime, until: datetime) -> int:
    """Tasks for which somebody is named."""
    return _tasks(conn, since, until, _T.c.person != "", _T.c.state.not_in(_GONE))


def with_head(conn: Connection, since: datetime, until: datetime) -> int:
    """Tasks for which a head answers by name."""
    return _tasks(conn, since, until, _T.c.head != "", _T.c.state.not_in(_GONE))


def accepted(conn: Connection, since: datetime, until: datetime) -> int:
    """Tasks that their leads took on."""
    return _tasks(conn, since, until, _T.c.state.not_in((*_GONE, TaskState.GIVEN.value)))


def carried_over(conn: Connection, since: datetime, until: datetime) -> int:
    """Tasks that came from a plan before, with their history."""
    return _tasks(conn, since, until, _T.c.carried_from.is_not(None))


def reminders(conn: Connection, since: datetime, until: datetime) -> int:
    """Reminders that became due."""
    return _count(conn, tables.reminder, tables.reminder.c.made_at, since, until)


def mails(conn: Connection, since: datetime, until: datetime) -> int:
    """Letters that a mail server took."""
    return _count(conn, tables.mail, tables.mail.c.sent_at, since, until)


def _tasks(conn: Connection, since: datetime, until: datetime, *where: sa.ColumnElement[bool]) -> int:
    return _count(conn, _T, _T.c.given_at, since, until, *where)


def _count(
    conn: Connection, table: sa.Table, at: "sa.Column[Any]", since: datetime, until: datetime,
    *where: sa.ColumnElement[bool],
) -> int:  # fmt: skip
    query = sa.select(sa.func.count()).select_from(table).where(at >= since, at <= until, *where)
    return int(conn.execute(query).scalar_one())
