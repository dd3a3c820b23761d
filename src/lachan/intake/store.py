"""Reports and losses: rows to model and back."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.protocol import Situation
from lachan.foundation.storage import hold_names, rows_by
from lachan.intake import tables
from lachan.intake.model import Channel, Loss, LossConfirmation, Outcome, Remark, Report, ReportStatus

_COURSE = (
    "forward_by", "forwarded_at", "formalised_at", "complex_at", "extension_requested_at", "extended_at",
    "extension_decision", "referred_to", "closed_at", "notice_by", "notified_at",
)  # fmt: skip


def secret_hash(secret: str) -> str:
    """What is stored of a live page's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def loss_from_row(row: sa.Row[Any]) -> Loss:
    """A stored loss."""
    return Loss(
        id=row.id, report_id=row.report_id, position=row.position, reference=row.reference,
        amount_vnd=row.amount_vnd, booked_at=row.booked_at, rail=row.rail,
        payer_institution=row.payer_institution, payer_account=row.payer_account,
        payee_institution=row.payee_institution, payee_account=row.payee_account, payee_name=row.payee_name,
        duplicate_of=row.duplicate_of, confirmation=LossConfirmation(row.confirmation), confirm_by=row.confirm_by,
    )  # fmt: skip


def losses_of(conn: Connection, report_id: str) -> tuple[Loss, ...]:
    """A report's losses in the order they were told."""
    rows = conn.execute(rows_by(tables.loss, "report_id"), {"report_id": report_id})
    return tuple(sorted(map(loss_from_row, rows), key=lambda one: one.position))


def loss(conn: Connection, loss_id: str) -> Loss:
    """One loss; NotFound if there is none."""
    row = conn.execute(rows_by(tables.loss, "id"), {"id": loss_id}).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return loss_from_row(row)


def losses_by_transfer(conn: Connection, reference: str, account: str) -> tuple[Loss, ...]:
    """Who disputes this transfer, earliest first; duplicates left out."""
    query = (
        sa.select(tables.loss)
        .where(
            tables.loss.c.reference == reference,
            tables.loss.c.payee_account == account,
            tables.loss.c.duplicate_of.is_(None),
        )
        .order_by(tables.loss.c.id)
    )
    return tuple(map(loss_from_row, conn.execute(query)))


def wait_for_transfers(conn: Connection, accounts: Iterable[tuple[str, int]]) -> None:
    """From here to the end of the transaction nobody else receives a report of these transfers.

    Two reports of one transfer that arrive at once would each not see the other, and both count as new. On SQLite
    there is one writer anyway; on PostgreSQL each payee account with its amount has a lock of its own, so that
    reports of other transfers wait for nobody.
    """
    hold_names(conn, (f"{account} {amount_vnd}" for account, amount_vnd in accounts))


def similar_losses(conn: Connection, accounts: Iterable[tuple[str, int]]) -> list[Loss]:
    """Earlier losses to the same payee accounts with the same amounts, whose report still stands."""
    wanted = [
        sa.and_(tables.loss.c.payee_account == account, tables.loss.c.amount_vnd == amount)
        for account, amount in accounts
    ]
    query = (
        sa.select(tables.loss)
        .join(tables.report)
        .where(
            sa.or_(*wanted),
            tables.loss.c.duplicate_of.is_(None),
            # A report that nobody confirmed must not stand in the way of the real victim.
            tables.loss.c.confirmation.not_in([LossConfirmation.DENIED, LossConfirmation.LAPSED]),
            tables.report.c.status.not_in([ReportStatus.WITHDRAWN, ReportStatus.REFERRED]),
        )
        .order_by(tables.loss.c.id)
    )
    return list(map(loss_from_row, conn.execute(query)))


def report(conn: Connection, **by: str) -> Report:
    """The one report whose column has this value; NotFound if there is none."""
    row = conn.execute(rows_by(tables.report, *by), by).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return Report(
        id=row.id, code=row.code, channel=Channel(row.channel), status=ReportStatus(row.status),
        situation=Situation(row.situation), agency_id=row.agency_id, victim_name=row.victim_name,
        victim_phone=row.victim_phone, victim_citizen_id=row.victim_citizen_id, victim_email=row.victim_email,
        story=row.story, place=row.place, scam_form=row.scam_form, language=row.language,
        received_at=row.received_at, duplicate_of=row.duplicate_of, police_number=row.police_number,
        resolve_by=row.resolve_by, losses=losses_of(conn, row.id),
        **{name: getattr(row, name) for name in _COURSE},
        outcome=Outcome(row.outcome) if row.outcome else None,
        remarks=tuple(
            Remark(datetime.fromisoformat(one["at"]), one["by"], one["what"], one["why"])
            for one in row.remarks or ()
        ),
    )  # fmt: skip
