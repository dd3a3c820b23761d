"""Questions about reports."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.base.ids import is_reference_code
from lachan.intake import store, tables
from lachan.intake.model import ContactVector, Report, ReportStatus

_STATUS = sa.select(tables.report.c.status).where(tables.report.c.id == sa.bindparam("id"))

loss_by_id = store.loss
losses_by_transfer = store.losses_by_transfer
losses_of = store.losses_of


def report_by_id(conn: Connection, report_id: str) -> Report:
    """One report."""
    return store.report(conn, id=report_id)


def report_by_code(conn: Connection, code: str) -> Report:
    """The report a person names by its code; a mistyped code is not looked up at all."""
    code = code.strip().upper()
    if not is_reference_code(code):
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    return store.report(conn, code=code)


def status_of(conn: Connection, report_id: str) -> ReportStatus:
    """How far a report has come."""
    return ReportStatus(conn.execute(_STATUS, {"id": report_id}).scalar_one())


def contacts_of(conn: Connection, report_id: str) -> tuple[ContactVector, ...]:
    """How the offender reached the victim, as the report says it; nothing once the report was erased."""
    found = conn.execute(sa.select(tables.report.c.contacts).where(tables.report.c.id == report_id)).scalar()
    return tuple(ContactVector(one["kind"], one["value"]) for one in found or ())


def report_by_secret(conn: Connection, secret: str) -> Report:
    """The report whose live page this secret opens."""
    return store.report(conn, secret_hash=store.secret_hash(secret))
