"""Measures of what is suspected: entries in force, claims, what was screened, payers warned, alerts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.monitoring.alerts.tables import alert
from lachan.registry.model import Standing, Verdict
from lachan.registry.tables import claim, entry
from lachan.screening.tables import screening_count


def accounts_listed(conn: Connection, since: datetime, until: datetime) -> int:
    """Accounts and wallets of which an entry was opened."""
    return _entries(conn, ("account", "wallet"), _within(entry.c.opened_at, since, until))


def accounts(conn: Connection, _since: datetime, until: datetime) -> int:
    """Accounts and wallets about which payers are warned now."""
    return _entries(conn, ("account", "wallet"), _in_force(until))


def phones(conn: Connection, _since: datetime, until: datetime) -> int:
    """Telephone numbers that warn now."""
    return _entries(conn, ("phone",), _in_force(until))


def crypto(conn: Connection, _since: datetime, until: datetime) -> int:
    """Addresses of virtual currency that warn now."""
    return _entries(conn, ("crypto",), _in_force(until))


def claims(conn: Connection, since: datetime, until: datetime) -> int:
    """What banks, wallets and carriers said of their own accord."""
    said = claim.c.standing == Standing.INSTITUTION.value
    query = sa.select(sa.func.count()).select_from(claim).where(said, _within(claim.c.claimed_at, since, until))
    return int(conn.execute(query).scalar_one())


def screened(conn: Connection, since: datetime, until: datetime) -> int:
    """Identifiers that were screened before money moved."""
    return _sum(conn, screening_count.c.asked, since, until)


def warned(conn: Connection, since: datetime, until: datetime) -> int:
    """Payers who were warned, asked again, or stopped."""
    _s = screening_count.c
    return _sum(conn, _s.warned + _s.stepped_up + _s.blocked, since, until)


def alerts(conn: Connection, since: datetime, until: datetime) -> int:
    """Alerts on the desk."""
    query = sa.select(sa.func.count()).select_from(alert).where(_within(alert.c.opened_at, since, until))
    return int(conn.execute(query).scalar_one())


def alerts_decided(conn: Connection, since: datetime, until: datetime) -> int:
    """Alerts about which people decided."""
    query = sa.select(sa.func.count()).select_from(alert).where(_within(alert.c.closed_at, since, until))
    return int(conn.execute(query).scalar_one())


def _entries(conn: Connection, kinds: tuple[str, ...], *where: sa.ColumnElement[bool]) -> int:
    # In the order of keys, so that the index finds them: `account:…` lies before `account;`.
    named = sa.or_(*(sa.and_(entry.c.key >= f"{kind}:", entry.c.key < f"{kind};") for kind in kinds))
    query = sa.select(sa.func.count()).select_from(entry).where(named, *where)
    return int(conn.execute(query).scalar_one())


def _in_force(now: datetime) -> sa.ColumnElement[bool]:
    lasts = sa.or_(entry.c.until.is_(None), entry.c.until > now)
    return sa.and_(entry.c.verdict != Verdict.CLEAR.value, lasts)


def _sum(conn: Connection, what: Any, since: datetime, until: datetime) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(what), 0)).where(_within(screening_count.c.at, since, until))
    return int(conn.execute(query).scalar_one())


def _within(at: Any, since: datetime, until: datetime) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = sa.and_(at >= since, at <= until)
    return found
