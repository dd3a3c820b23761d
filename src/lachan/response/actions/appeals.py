"""An account holder objects to a hold; whoever decides gives reasons, and frees exactly what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotAllowed, NotFound, new_id, new_reference_code
from lachan.foundation.protocol import total
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock, retention
from lachan.response import store, tables
from lachan.response.actions.endings import free
from lachan.response.actions.tasks import open_task
from lachan.response.actions.wording import words
from lachan.response.actions.work import working
from lachan.response.model import HOLDING, EndReason, HoldReason
from lachan.response.refunds.proposing import stop_for_appeal
from lachan.response.rules import lawful
from lachan.response.rules.tasks import APPEAL_ESCALATED, APPEAL_UNDECIDED, LIFT_REQUEST

GROUNDS_MAX = 4_000
_LIMITS = {1: "appeal_first_decision_limit", 2: "appeal_second_decision", 3: "appeal_third_decision"}
# After this one only a court decides.
LAST_LEVEL = max(_LIMITS)


@dataclass(frozen=True, slots=True)
class Objection:
    """What a holder says: who, how to be reached, why, and how much of the hold is contested."""

    holder_name: str
    holder_contact: str
    grounds: str
    claimed_vnd: int | None = None


def open_appeal(unit: Unit, outbox: Outbox, notice_code: str, objection: Objection) -> str:
    """Open an appeal by the notice's code; returns the appeal's own code. One open appeal a hold and level."""
    row = unit.conn.execute(
        sa.select(tables.hold.c.id, tables.hold.c.trace_id).where(tables.hold.c.notice_code == notice_code)
    ).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    for field in ("holder_name", "holder_contact", "grounds"):
        value = getattr(objection, field).strip()
        if not value:
            raise BadInput(InputReason.MISSING, field=field)
        if len(value) > GROUNDS_MAX:
            raise BadInput(InputReason.TOO_LONG, field=field, limit=GROUNDS_MAX)
    with working(unit, outbox, row.trace_id) as work:
        hold = work.hold(row.id)
        if hold.state not in HOLDING:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        claimed = total(hold.held) if objection.claimed_vnd is None else objection.claimed_vnd
        if not 0 < claimed <= total(hold.held):
            raise BadInput(HoldReason.RELEASE_ABOVE_HELD, field="claimed_vnd")
        earlier = unit.conn.execute(
            sa.select(tables.appeal.c.state, tables.appeal.c.level)
            .where(tables.appeal.c.hold_id == hold.id)
            .order_by(tables.appeal.c.level.desc())
        ).first()
        if earlier is not None and earlier.state != "decided":
            raise Conflict(HoldReason.WRONG_STATE, state=earlier.state)
        if earlier is not None and earlier.level >= LAST_LEVEL:
            raise Conflict(HoldReason.APPEAL_LAST_LEVEL)
        level = (earlier.level if earlier else 0) + 1
        stop_for_appeal(work, hold)
        appeal_id, code = new_id(), new_reference_code("KN")
        decide_by = clock(_LIMITS[level], unit.now).deadline(unit.now)
        target = clock("appeal_first_decision_target", unit.now).deadline(unit.now) if level == 1 else decide_by
        unit.conn.execute(
            sa.insert(tables.appeal).values(
                id=appeal_id, code=code, hold_id=hold.id, trace_id=hold.trace_id, level=level, state="opened",
                claimed_vnd=claimed, holder_name=objection.holder_name.strip(),
                holder_contact=objection.holder_contact.strip(), grounds=objection.grounds.strip(),
                opened_at=unit.now, target_at=target, decide_by=decide_by, released_vnd=0,
            )
        )  # fmt: skip
        work.touch("appeal", appeal_id)
        work.fact(
            "appeal.opened", f"appeal:{appeal_id}", {"hold": hold.id, "level": level, "claimed_vnd": claimed},
            personal={"grounds": objection.grounds},
            destroy_salt_after=retention("retention_appeal", unit.now).deadline(unit.now),
        )  # fmt: skip
        enqueue(unit, "appeal_overdue", {"appeal_id": appeal_id}, key=f"appeal:{appeal_id}", due_at=target)
        _start_limit(unit, appeal_id, decide_by)
    return code


def decide_appeal(unit: Unit, outbox: Outbox, appeal_id: str, *, release_vnd: int, reasons: str) -> None:
    """Decide with reasons: free exactly `release_vnd` (0 rejects, all upholds). Not by who asked or approved.

    Where the hold has ended meanwhile nothing is left to free: the appeal is moot, and the reasons say why.
    """
    row = unit.conn.execute(sa.select(tables.appeal).where(tables.appeal.c.id == appeal_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    hold = store.hold(unit.conn, row.hold_id)
    require(unit.actor, Permission.APPEAL_DECIDE, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    earlier = unit.conn.execute(
        sa.select(tables.appeal.c.decided_by).where(
            tables.appeal.c.hold_id == hold.id, tables.appeal.c.decided_by.is_not(None)
        )
    ).scalars()
    if unit.actor.reference in {hold.requester, hold.approver, *earlier}:
        raise NotAllowed(HoldReason.SAME_PERSON)
    given = words(reasons, "reasons", GROUNDS_MAX)
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(row.hold_id)
        # Read again: two may have come to decide at once, and the second must not free the money twice.
        state = unit.conn.execute(
            sa.select(tables.appeal.c.state).where(tables.appeal.c.id == appeal_id)
        ).scalar_one()
        if state == "decided":
            raise Conflict(HoldReason.WRONG_STATE, state=state)
        over = hold.state not in HOLDING
        if not 0 <= release_vnd <= (0 if over else row.claimed_vnd):
            raise BadInput(HoldReason.RELEASE_ABOVE_HELD, field="release_vnd")
        if release_vnd and hold.step >= lawful.FIRST_STEP_BY_DECISION:
            # Only its issuer lifts an authority's freeze: the decision becomes a request to them.
            open_task(
                work, LIFT_REQUEST, f"{LIFT_REQUEST}:{appeal_id}", hold_id=hold.id, institution=hold.institution,
                amount_vnd=release_vnd, due_at=clock("follow_up_urgent", unit.now).deadline(unit.now),
            )  # fmt: skip
        elif release_vnd:
            free(work, hold, release_vnd, EndReason.APPEAL_UPHELD)
        whole_vnd = min(row.claimed_vnd, total(hold.held))
        decision = "rejected" if release_vnd == 0 else "upheld" if release_vnd == whole_vnd else "partly"
        if over:
            decision = "moot"
        unit.conn.execute(
            sa.update(tables.appeal)
            .where(tables.appeal.c.id == appeal_id)
            .values(
                state="decided", decided_at=unit.now, decided_by=unit.actor.reference, decision=decision,
                released_vnd=release_vnd, reasons=given,
            )
        )  # fmt: skip
        for name in ("appeal", "appeal_limit"):
            cancel(unit, f"{name}:{appeal_id}")
        work.touch("appeal", appeal_id)
        work.fact(
            "appeal.decided", f"appeal:{appeal_id}",
            {"hold": hold.id, "decision": decision, "released_vnd": release_vnd}, legal_basis=hold.basis,
        )  # fmt: skip


def appeal_overdue(unit: Unit, outbox: Outbox, appeal_id: str) -> None:
    """The target for a decision has come and nobody has decided: it becomes a task before the limit does."""
    row = unit.conn.execute(sa.select(tables.appeal).where(tables.appeal.c.id == appeal_id)).one()
    if row.state == "decided":
        return
    with working(unit, outbox, row.trace_id) as work:
        open_task(
            work, APPEAL_UNDECIDED, f"{APPEAL_UNDECIDED}:{appeal_id}", hold_id=row.hold_id, institution=None,
            amount_vnd=row.claimed_vnd, due_at=row.decide_by, subject=f"appeal:{appeal_id}",
        )  # fmt: skip


def escalate_appeal(unit: Unit, outbox: Outbox, appeal_id: str) -> None:
    """The limit has passed and nobody has decided: the appeal goes up one level by itself, with an alarm.

    Letting the time pass must not be a way to keep money: the holder need not complain again, and is told. After
    the last level the alarm stands, and the holder is shown the way to court.
    """
    row = unit.conn.execute(sa.select(tables.appeal).where(tables.appeal.c.id == appeal_id)).one()
    if row.state == "decided" or row.decide_by > unit.now:
        return
    with working(unit, outbox, row.trace_id) as work:
        open_task(
            work, APPEAL_ESCALATED, f"{APPEAL_ESCALATED}:{appeal_id}:{row.level}", hold_id=row.hold_id,
            institution=None, amount_vnd=row.claimed_vnd, due_at=unit.now, subject=f"appeal:{appeal_id}",
        )  # fmt: skip
        values: dict[str, Any] = {"escalated_at": unit.now}
        if row.level < LAST_LEVEL:
            decide_by = clock(_LIMITS[row.level + 1], unit.now).deadline(unit.now)
            values |= {"level": row.level + 1, "decide_by": decide_by, "target_at": decide_by}
            _start_limit(unit, appeal_id, decide_by)
        unit.conn.execute(sa.update(tables.appeal).where(tables.appeal.c.id == appeal_id).values(values))
        work.touch("appeal", appeal_id)
        work.fact(
            "appeal.escalated", f"appeal:{appeal_id}",
            {"hold": row.hold_id, "from": row.level, "to": values.get("level")},
        )  # fmt: skip


def _start_limit(unit: Unit, appeal_id: str, decide_by: datetime) -> None:
    enqueue(unit, "appeal_limit", {"appeal_id": appeal_id}, key=f"appeal_limit:{appeal_id}", due_at=decide_by)
