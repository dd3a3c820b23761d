"""Measures of the golden hour: reports, traces, holds, money held and given back."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.intake.model import Channel
from lachan.intake.tables import report
from lachan.response.tables import hold, trace
from lachan.response.views.figures import speed_of


def reports(conn: Connection, since: datetime, until: datetime) -> int:
    """Reports that came in."""
    return _count(conn, report, report.c.received_at, since, until)


def public_reports(conn: Connection, since: datetime, until: datetime) -> int:
    """Reports through the public pages."""
    return _count(conn, report, report.c.received_at, since, until, report.c.channel == Channel.WEB.value)


def resolved_in_time(conn: Connection, since: datetime, until: datetime) -> int:
    """Reports that were closed by the day on which the law wants them resolved."""
    in_time = sa.or_(report.c.resolve_by.is_(None), report.c.closed_at <= report.c.resolve_by)
    return _count(conn, report, report.c.closed_at, since, until, in_time)


def traces(conn: Connection, since: datetime, until: datetime) -> int:
    """Money that is followed."""
    return _count(conn, trace, trace.c.opened_at, since, until)


def institutions(conn: Connection, since: datetime, until: datetime) -> int:
    """Institutions that were asked to hold."""
    asked = sa.select(sa.func.count(sa.distinct(hold.c.institution)))
    return int(conn.execute(asked.where(_within(hold.c.requested_at, since, until))).scalar_one())


def holds(conn: Connection, since: datetime, until: datetime) -> int:
    """Holds that institutions placed."""
    return _count(conn, hold, hold.c.placed_at, since, until)


def held(conn: Connection, since: datetime, until: datetime) -> int:
    """Money that is held, of what was reported since."""
    return _sum(conn, trace.c.held_vnd, since, until)


def refunded(conn: Connection, since: datetime, until: datetime) -> int:
    """Money that was given back, of what was reported since."""
    return _sum(conn, trace.c.returned_vnd, since, until)


def first_hold(conn: Connection, since: datetime, until: datetime) -> int | None:
    """Minutes from report to first hold: the median of the figures' page, begun minutes whole."""
    query = sa.select(trace.c.opened_at, trace.c.first_hold_at).where(
        trace.c.first_hold_at.is_not(None), _within(trace.c.opened_at, since, until)
    )
    taken = [(row.first_hold_at - row.opened_at).total_seconds() for row in conn.execute(query)]
    median_s = speed_of(taken).median_s
    return None if median_s is None else -(-median_s // 60)


def _count(
    conn: Connection, table: sa.Table, at: "sa.Column[Any]", since: datetime, until: datetime,
    *where: sa.ColumnElement[bool],
) -> int:  # fmt: skip
    query = sa.select(sa.func.count()).select_from(table).where(_within(at, since, until), *where)
    return int(conn.execute(query).scalar_one())


def _sum(conn: Connection, column: "sa.Column[Any]", since: datetime, until: datetime) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(_within(trace.c.opened_at, since, until))
    return int(conn.execute(query).scalar_one())


def _within(at: "sa.Column[Any]", since: datetime, until: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(at >= since, at <= until)
