"""Ask for a purpose, and log it, before personal data is shown."""

from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.access.checks import clean_text
from lachan.foundation.access.permissions import Permission, Whose, require
from lachan.foundation.access.purpose.model import Look, Purpose
from lachan.foundation.access.purpose.rules import LOOK
from lachan.foundation.access.purpose.tables import personal_look
from lachan.foundation.base import new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import append


def grant_view(
    unit: Unit,
    subject: str,
    purpose: Purpose,
    note: str,
    *,
    wall_now: datetime,
    permission: Permission = Permission.REPORT_READ_PERSONAL,
    agency_id: str | Whose | None = Whose.ANY,
) -> Look:
    """Let the actor see the personal data of `subject` (`report:018f…`) for 15 minutes, and record the look.

    `permission` is what allows it (an institution's officer: `INBOX_READ`), `agency_id` whose subject it is.
    """
    require(unit.actor, permission, agency_id)
    words = clean_text(note, "note", at_least=5, limit=500)
    made = Look(
        new_id(), unit.actor.reference, unit.actor.agency_id, subject, purpose, words, wall_now, wall_now + LOOK
    )
    unit.conn.execute(
        sa.insert(personal_look).values(
            id=made.id, viewer=made.viewer, agency_id=made.agency_id, subject=subject, purpose=purpose.value,
            permission=permission.value, note=words, granted_at=made.granted_at, expires_at=made.expires_at,
        )
    )  # fmt: skip
    append(
        unit, "personal.viewed", subject, {"permission": permission.value}, rows=[("personal_look", made.id)],
        purpose=purpose.value, personal={"note": words},
        destroy_salt_after=retention("retention_access_log", unit.now).deadline(unit.now),
    )  # fmt: skip
    return made
