"""A desk's standing policies."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import Language
from lachan.foundation.taxonomy import legal_basis
from lachan.response import store, tables
from lachan.response.shapes import Action, Deadline, Message, PolicyRow


def policy_rows(conn: Connection, desk_id: str | None, language: Language, now: datetime) -> tuple[PolicyRow, ...]:
    """Those in force first, the newest on top; `used` counts the requests that each approved."""
    hold = tables.hold
    used = {
        row.policy_id: int(row.number)
        for row in conn.execute(
            sa.select(hold.c.policy_id, sa.func.count().label("number"))
            .where(hold.c.policy_id.is_not(None))
            .group_by(hold.c.policy_id)
        )
    }
    found = sorted(store.policies(conn, desk_id), key=lambda one: one.signed_at, reverse=True)
    found.sort(key=lambda one: one.revoked_at is not None or one.expires_at <= now)
    rows = []
    for one in found:
        over = one.revoked_at is not None or one.expires_at <= now
        revoke = Action(Message("web.admin.revoke_policy"), f"/admin/policies/{one.id}/revoke", post=True)
        rows.append(
            PolicyRow(
                one.id, one.signed_by_name, one.amount_max_vnd, one.step_max,
                legal_basis(one.basis, one.signed_at).citation(language), one.signed_at,
                Deadline(one.revoked_at or one.expires_at, one.signed_at), used.get(one.id, 0),
                None if over else revoke, one.title,
            )
        )  # fmt: skip
    return tuple(rows)
