"""What an account holder sees of a hold on the own account: the notice, the appeal, its clock and its end."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, Language, NotFound
from lachan.foundation.protocol import total
from lachan.foundation.taxonomy import legal_basis, vietnam_date
from lachan.response import store, tables
from lachan.response.actions.appeals import LAST_LEVEL
from lachan.response.model import HOLDING
from lachan.response.shapes import AppealPage, Choice, Deadline, Field, Message, State
from lachan.response.views.names import names_of

GROUNDS = ("mine", "taken", "error", "too_much")


def notice_page(conn: Connection, notice_code: str, language: Language) -> AppealPage:
    """The hold that a notice speaks of, with the form; where an appeal is already open, that appeal.

    NotFound where no notice has this code. It never says who reported, or that anybody reported to the bank.
    """
    row = conn.execute(sa.select(tables.hold.c.id).where(tables.hold.c.notice_code == notice_code)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="notice")
    last = conn.execute(
        sa.select(tables.appeal.c.code, tables.appeal.c.state)
        .where(tables.appeal.c.hold_id == row.id)
        .order_by(tables.appeal.c.level.desc())
    ).first()
    if last is not None and last.state != "decided":
        return appeal_page(conn, last.code)
    hold = store.hold(conn, row.id)
    if hold.state not in HOLDING:
        return AppealPage(Field(notice_code, Message("web.appeal.ended")))
    return AppealPage(
        notice=Field(notice_code),
        found=True,
        account=names_of(conn).identifier(hold.account, hold.institution, state=State.HELD),
        held_vnd=total(hold.held),
        basis=legal_basis(hold.basis, hold.drafted_at).citation(language),
        held_at=hold.placed_at or hold.drafted_at,
        expires=_until(hold.placed_at or hold.drafted_at, hold.expires_at),
        grounds=tuple(
            Choice(
                ground, Message(f"web.say.appeal_{ground}"),
                note=Message("web.say.appeal_mine_note") if ground == "mine" else None,
            )
            for ground in GROUNDS
        ),
    )  # fmt: skip


def appeal_page(conn: Connection, code: str) -> AppealPage:
    """An appeal by its own code: received, by when it is decided, or how it was. NotFound where there is none."""
    appeal = tables.appeal
    row = conn.execute(
        sa.select(appeal, tables.hold.c.notice_code, tables.hold.c.state.label("hold_state"))
        .join(tables.hold, tables.hold.c.id == appeal.c.hold_id)
        .where(appeal.c.code == code)
    ).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    notice = Field(row.notice_code or "")
    if row.state != "decided":
        late = _late(row)
        return AppealPage(
            notice, opened_code=row.code, level=row.level, late=late,
            # At the last level the time has passed, and no other comes.
            decide_by=None if late and row.decide_by <= row.escalated_at else _until(row.opened_at, row.decide_by),
        )  # fmt: skip
    said = {"released_vnd": row.released_vnd, "at": row.decided_at, "day": vietnam_date(row.decided_at)}
    disagrees = row.decision in {"rejected", "partly"} and row.hold_state in HOLDING
    again = disagrees and row.level < LAST_LEVEL
    return AppealPage(
        notice,
        opened_code=row.code,
        decided=Message(f"web.appeal.decided_{row.decision}", said),
        reasons=row.reasons or "",
        level=row.level,
        court=disagrees and not again,
        again_href=f"/appeal?notice={row.notice_code}" if again else None,
    )


def _late(row: sa.Row[Any]) -> Message | None:
    """What is said where a level let its time pass."""
    if row.escalated_at is None:
        return None
    if row.decide_by > row.escalated_at:
        return Message("web.appeal.escalated", {"level": row.level})
    return Message("web.appeal.late_at_last")


def _until(since: datetime, due_at: datetime | None) -> Deadline | None:
    return Deadline(due_at, since) if due_at else None
