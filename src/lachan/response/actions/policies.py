"""Standing policies: signed by a head of desk, limited in step, amount and time, revocable at once."""

from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.response import tables
from lachan.response.actions.entitled import desk_kind
from lachan.response.model import HoldReason
from lachan.response.rules import lawful


def sign_policy(
    unit: Unit, *, desk_id: str, title: str, step_max: int, amount_max_vnd: int, basis: str, expires_at: datetime
) -> str:
    """Sign a standing policy for a desk; it reaches at most step 2 and always ends."""
    require(unit.actor, Permission.POLICY_SIGN, agency_id=desk_id)
    if step_max > lawful.POLICY_STEP_MAX:
        raise BadInput(HoldReason.POLICY_TOO_WEAK, field="step_max")
    lawful.check_basis(step_max, basis, None, unit.now)
    lawful.check_entitled(step_max, desk_kind(unit.conn, desk_id), unit.now)
    if amount_max_vnd <= 0:
        raise BadInput(InputReason.NOT_POSITIVE, field="amount_max_vnd")
    if expires_at <= unit.now:
        raise BadInput(HoldReason.POLICY_EXPIRED, field="expires_at")
    if not title.strip():
        raise BadInput(InputReason.MISSING, field="title")
    policy_id = new_id()
    unit.conn.execute(
        sa.insert(tables.policy).values(
            id=policy_id, desk_id=desk_id, title=title.strip(), step_max=step_max, amount_max_vnd=amount_max_vnd,
            basis=basis, signed_by=unit.actor.reference, signed_by_name=unit.actor.name, signed_at=unit.now,
            expires_at=expires_at,
        )
    )  # fmt: skip
    append(
        unit, "policy.signed", f"policy:{policy_id}", {"step_max": step_max, "amount_max_vnd": amount_max_vnd},
        rows=[("standing_policy", policy_id)], legal_basis=basis,
    )  # fmt: skip
    return policy_id


def revoke_policy(unit: Unit, policy_id: str) -> None:
    """End a policy now; what it approved stays approved."""
    row = unit.conn.execute(sa.select(tables.policy).where(tables.policy.c.id == policy_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    require(unit.actor, Permission.POLICY_SIGN, agency_id=row.desk_id)
    unit.conn.execute(
        sa.update(tables.policy)
        .where(tables.policy.c.id == policy_id, tables.policy.c.revoked_at.is_(None))
        .values(revoked_at=unit.now)
    )
    append(unit, "policy.revoked", f"policy:{policy_id}", {}, rows=[("standing_policy", policy_id)])
