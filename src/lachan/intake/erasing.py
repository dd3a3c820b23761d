"""Personal data of reports goes when its time ends, or when its person asks and no law keeps it."""

from collections.abc import Collection

import sqlalchemy as sa

from lachan.foundation.access import Permission, may, require
from lachan.foundation.storage import Unit
from lachan.foundation.trail import Veil, append, destroy_salts
from lachan.intake import tables

CONTACT_COLUMNS = ("victim_phone", "victim_email")
STORY_COLUMNS = ("victim_name", "victim_citizen_id", "story", "contacts", "additions", "remarks")


def erase_contact(unit: Unit, report_id: str) -> None:
    """Forget how to reach the victim; what was told stays."""
    require(unit.actor, Permission.DATASUBJECT_MANAGE)
    nothing = dict.fromkeys(CONTACT_COLUMNS)
    unit.conn.execute(sa.update(tables.report).where(tables.report.c.id == report_id).values(**nothing))
    append(unit, "report.contact_erased", f"report:{report_id}", {}, rows=[("report", report_id)])


def erase_reports(unit: Unit, report_ids: Collection[str]) -> None:
    """Forget who told what: figures and facts stay, the facts' commitments are untied, the live link ends."""
    _ask(unit)
    report = tables.report
    nothing = dict.fromkeys((*CONTACT_COLUMNS, *STORY_COLUMNS))
    for report_id in report_ids:
        unit.conn.execute(
            sa.update(report)
            .where(report.c.id == report_id)
            .values(**nothing, secret_hash=f"erased:{report_id}", erased_at=unit.now)
        )
    destroy_salts(unit, [f"report:{one}" for one in report_ids])
    append(
        unit, "retention.reports_erased", "intake", {"reports": list(report_ids)},
        rows=[("report", one) for one in report_ids],
    )  # fmt: skip


def erase_losses(unit: Unit, report_ids: Collection[str], veil: Veil) -> None:
    """Forget whose accounts the disputed transfers went between; amounts, banks and times stay."""
    _ask(unit)
    loss = tables.loss
    rows = unit.conn.execute(sa.select(loss).where(loss.c.report_id.in_(report_ids))).all()
    for row in rows:
        unit.conn.execute(
            sa.update(loss)
            .where(loss.c.id == row.id)
            .values(
                reference=veil.hide(row.reference), payer_account=veil.hide(row.payer_account),
                payee_account=veil.hide(row.payee_account), payee_name=None, digest_salt=None,
            )
        )  # fmt: skip
    destroy_salts(unit, [f"loss:{row.id}" for row in rows])
    append(
        unit, "retention.transfers_erased", "intake", {"losses": [row.id for row in rows]},
        rows=[("loss", row.id) for row in rows],
    )  # fmt: skip


def _ask(unit: Unit) -> None:
    if not may(unit.actor, Permission.CLOCK_RUN):
        require(unit.actor, Permission.DATASUBJECT_MANAGE)
