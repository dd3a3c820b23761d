"""Measures of what was told: reports handed in and gathered, texts made public, people reached."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.outreach.tables import item, reach
from lachan.plans.reporting.tables import periodic_report


def reports_handed_in(conn: Connection, since: datetime, until: datetime) -> int:
    """Periodic and single reports that agencies handed in, each once, however often it came back."""
    return _reports(conn, since, until, gathered=False)


def reports_gathered(conn: Connection, since: datetime, until: datetime) -> int:
    """Reports gathered from others' and handed on."""
    return _reports(conn, since, until, gathered=True)


def texts_published(conn: Connection, since: datetime, until: datetime) -> int:
    """Warnings, pieces of campaigns and methods that were made public."""
    query = sa.select(sa.func.count()).select_from(item).where(_within(item.c.published_at, since, until))
    return int(conn.execute(query).scalar_one())


def people_reached(conn: Connection, since: datetime, until: datetime) -> int:
    """People reached by them, as stated; one person may count more than once."""
    query = sa.select(sa.func.coalesce(sa.func.sum(reach.c.people), 0))
    return int(
        conn.execute(
            query.where(reach.c.corrected_by.is_(None), _within(reach.c.used_at, since, until))
        ).scalar_one()
    )


def _reports(conn: Connection, since: datetime, until: datetime, *, gathered: bool) -> int:
    _r = periodic_report.c
    query = sa.select(sa.func.count()).where(
        _r.consolidated.is_(gathered), _r.revision == 1, _within(_r.first_submitted_at, since, until)
    )
    return int(conn.execute(query).scalar_one())


def _within(column: sa.ColumnElement[Any], since: datetime, until: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(column >= since, column < until)
