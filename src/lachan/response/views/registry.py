"""What the registry needs of a hold: the account and its institution, where the money went, whose loss it was."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.response import tables


def held_account(conn: Connection, hold_id: str) -> tuple[str, str | None]:
    """The account on which money is held, and the code of its institution."""
    row = conn.execute(
        sa.select(tables.hold.c.account, tables.hold.c.institution).where(tables.hold.c.id == hold_id)
    ).one()
    return str(row.account), row.institution


def holds_of_loss(conn: Connection, loss_id: str) -> list[str]:
    """Every hold that was asked for because of this loss."""
    query = sa.select(tables.hop.c.hold_id).where(tables.hop.c.loss_id == loss_id).distinct()
    return [str(hold_id) for hold_id in conn.execute(query.order_by(tables.hop.c.hold_id)).scalars()]


def moved_on(conn: Connection, hold_id: str) -> list[tuple[str, str]]:
    """The account and each account to which its money went on, as the institution's last answer says."""
    row = conn.execute(
        sa.select(tables.hold.c.account, tables.hold.c.answer).where(tables.hold.c.id == hold_id)
    ).one()
    parts = (row.answer or {}).get("parts", ())
    return [(str(row.account), str(part["payee"]["account"])) for part in parts if part.get("payee")]
