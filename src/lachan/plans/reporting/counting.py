"""Figures from the golden hour, the registry and the alerts: what each agency did in a period."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.storage import among
from lachan.intake.tables import loss, report
from lachan.monitoring.alerts.tables import alert
from lachan.plans.reporting.asked import Asked, Counted
from lachan.registry.tables import claim
from lachan.response.tables import hold, trace
from lachan.response.views.figures import speed_of
from lachan.response.views.placed import placed_vnd

_S_A_MINUTE = 60
_ALERTS, _REPORTS, _FIGURES, _REGISTRY = "/alerts", "/desk/reports", "/figures", "/registry/claims"
_HOLDS = "/desk?tab=all&having=first_hold"


def reports_received(conn: Connection, asked: Asked) -> Counted:
    """Reports of fraud that the agencies' desks received."""
    return Counted(
        _number(conn, sa.select(sa.func.count()).select_from(report).where(*_received(conn, asked))), _REPORTS
    )


def reports_loss(conn: Connection, asked: Asked) -> Counted:
    """What victims say they lost, in VND; what a second report says again is left out."""
    query = sa.select(sa.func.sum(loss.c.amount_vnd)).join(report, report.c.id == loss.c.report_id)
    return Counted(_number(conn, query.where(*_received(conn, asked), loss.c.duplicate_of.is_(None))), _REPORTS)


def holds_placed(conn: Connection, asked: Asked) -> Counted:
    """Holds that institutions placed for the agencies."""
    return Counted(
        _number(conn, sa.select(sa.func.count()).select_from(_HELD).where(*_placed(conn, asked))), _HOLDS
    )


def held(conn: Connection, asked: Asked) -> Counted:
    """What institutions' answers confirmed as held in the period, in VND, whatever became of it since."""
    vnd = placed_vnd(conn, asked.begin, asked.until, asked.known_at, asked.agency_ids)
    return Counted(Decimal(vnd), _HOLDS)


def first_hold_minutes(conn: Connection, asked: Asked) -> Counted:
    """Median minutes from a report to its first hold, of traces opened in the period."""
    query = sa.select(trace.c.opened_at, trace.c.first_hold_at).where(
        among(conn, trace.c.desk_id, asked.agency_ids), trace.c.opened_at >= asked.begin,
        trace.c.opened_at < asked.until, trace.c.first_hold_at <= asked.known_at,
    )  # fmt: skip
    median_s = speed_of([(placed - opened).total_seconds() for opened, placed in conn.execute(query)]).median_s
    return Counted(None if median_s is None else _tenths(Decimal(median_s) / _S_A_MINUTE), _FIGURES)


def alerts_opened(conn: Connection, asked: Asked) -> Counted:
    """Alerts that the agencies' officers took, by when they were raised."""
    return Counted(
        _number(conn, sa.select(sa.func.count()).select_from(alert).where(*_raised(conn, asked))), _ALERTS
    )


def alerts_decided_share(conn: Connection, asked: Asked) -> Counted:
    """Of those alerts how many in a hundred are decided."""
    decided = sa.func.sum(sa.case((alert.c.closed_at <= asked.known_at, 1), else_=0))
    row = conn.execute(sa.select(sa.func.count(), decided).where(*_raised(conn, asked))).one()
    share = _tenths(Decimal(100) * int(row[1]) / int(row[0])) if row[0] else None
    return Counted(share, _ALERTS)


def accounts_listed(conn: Connection, asked: Asked) -> Counted:
    """Claims of suspicion that the agencies entered in the registry."""
    query = sa.select(sa.func.count()).where(
        among(conn, claim.c.claimant, asked.agency_ids), claim.c.claimed_at >= asked.begin,
        claim.c.claimed_at < asked.until,
    )  # fmt: skip
    return Counted(_number(conn, query), _REGISTRY)


_HELD = hold.join(trace, trace.c.id == hold.c.trace_id)


def _received(conn: Connection, asked: Asked) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        among(conn, report.c.agency_id, asked.agency_ids), report.c.received_at >= asked.begin,
        report.c.received_at < asked.until,
    )  # fmt: skip


def _placed(conn: Connection, asked: Asked) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        among(conn, trace.c.desk_id, asked.agency_ids), hold.c.placed_at >= asked.begin,
        hold.c.placed_at < asked.until,
    )  # fmt: skip


def _raised(conn: Connection, asked: Asked) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        among(conn, alert.c.taken_agency, asked.agency_ids), alert.c.opened_at >= asked.begin,
        alert.c.opened_at < asked.until,
    )  # fmt: skip


def _number(conn: Connection, query: sa.Select[Any]) -> Decimal:
    return Decimal(int(conn.execute(query).scalar() or 0))


def _tenths(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"))
