"""Whether somebody may see personal data now, and who has looked."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.permissions import Permission, may, require
from lachan.foundation.access.purpose.model import Look, Purpose
from lachan.foundation.access.purpose.tables import personal_look
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import Actor, NotAllowed


def may_see_personal(conn: Connection, actor: Actor, subject: str, wall_now: datetime) -> bool:
    """Whether the actor has given a purpose for this subject in the last 15 minutes and still has the role."""
    rows = conn.execute(
        sa.select(personal_look.c.permission).where(
            personal_look.c.viewer == actor.reference,
            personal_look.c.subject == subject,
            personal_look.c.granted_at <= wall_now,
            personal_look.c.expires_at > wall_now,
            personal_look.c.agency_id == actor.agency_id,
        )
    )
    return any(may(actor, Permission(row.permission)) for row in rows)


def require_view(conn: Connection, actor: Actor, subject: str, wall_now: datetime) -> None:
    """Pass, or refuse PURPOSE_NEEDED."""
    if not may_see_personal(conn, actor, subject, wall_now):
        raise NotAllowed(AccessReason.PURPOSE_NEEDED)


def looks(
    conn: Connection, actor: Actor, *, subject: str | None = None, viewer: str | None = None, limit: int = 200
) -> list[Look]:
    """Who looked at whose data and why, the newest first: for the auditor."""
    require(actor, Permission.AUDIT_READ)
    query = sa.select(personal_look).order_by(personal_look.c.granted_at.desc(), personal_look.c.id.desc())
    if subject is not None:
        query = query.where(personal_look.c.subject == subject)
    if viewer is not None:
        query = query.where(personal_look.c.viewer == viewer)
    return [
        Look(
            row.id, row.viewer, row.agency_id, row.subject, Purpose(row.purpose), row.note, row.granted_at,
            row.expires_at,
        )
        for row in conn.execute(query.limit(limit))
    ]  # fmt: skip
