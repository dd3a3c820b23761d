"""Follow-up tasks: a branch that ended, an institution to telephone, a lift to ask of an authority."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Conflict, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import branch_end, clock, follow_up
from lachan.foundation.trail import append
from lachan.response import tables
from lachan.response.actions.work import Work
from lachan.response.model import Hold, HoldReason, Hop
from lachan.response.rules.settle import BranchEnd

TELEPHONE = "telephone"
HOLD_ENDS_SOON = "hold_ends_soon"
APPEAL_UNDECIDED = "appeal_undecided"
LIFT_REQUEST = "lift_request"
LATE_CONFIRMATION = "late_confirmation"
REVIEW_DUE = "review_due"
REPORT_OVERDUE = "report_overdue"
# Tasks of this desk's own; all others are follow-ups of the taxonomy. Each has a name in both languages.
OWN_KINDS = (
    TELEPHONE, HOLD_ENDS_SOON, APPEAL_UNDECIDED, LIFT_REQUEST, LATE_CONFIRMATION, REVIEW_DUE, REPORT_OVERDUE,
)  # fmt: skip


def open_branch_task(work: Work, hop: Hop, end: BranchEnd) -> None:
    """What the taxonomy says must follow when money leaves by this road; once for each debit and loss."""
    now = work.unit.now
    for code in branch_end(end.kind, now).follow_ups:
        row = follow_up(code, now)
        due_at = clock(row.clock, now).deadline(now) if row.clock else None
        key = f"{code}:{end.reference}:{hop.loss_id}"
        open_task(
            work,
            code,
            key,
            hold_id=hop.hold_id,
            institution=hop.institution,
            amount_vnd=end.amount_vnd,
            due_at=due_at,
        )


def open_telephone_task(work: Work, hold: Hold, amount_vnd: int) -> bool:
    """Telephone an institution that is unconnected or silent, once at a time; True if the task is new."""
    states = list(work.unit.conn.execute(_telephone(hold.id).with_only_columns(tables.task.c.state)).scalars())
    if "open" in states:
        return False
    due_at = clock("hop_answer", work.unit.now).deadline(work.unit.now)
    return open_task(
        work, TELEPHONE, f"{TELEPHONE}:{hold.id}:{len(states)}", hold_id=hold.id, institution=hold.institution,
        amount_vnd=amount_vnd, due_at=due_at,
    )  # fmt: skip


def _telephone(hold_id: str) -> sa.Select[Any]:
    return sa.select(tables.task).where(tables.task.c.hold_id == hold_id, tables.task.c.kind == TELEPHONE)


def open_task(
    work: Work,
    kind: str,
    key: str,
    *,
    hold_id: str | None,
    institution: str | None,
    amount_vnd: int,
    due_at: datetime | None,
) -> bool:
    """Open a task once; True if it is new."""
    conn = work.unit.conn
    if conn.execute(sa.select(tables.task.c.id).where(tables.task.c.key == key)).first() is not None:
        return False
    task_id = new_id()
    conn.execute(
        sa.insert(tables.task).values(
            id=task_id, trace_id=work.trace.id, hold_id=hold_id, kind=kind, key=key, institution=institution,
            amount_vnd=amount_vnd, state="open", opened_at=work.unit.now, due_at=due_at,
        )
    )  # fmt: skip
    work.touch("response_task", task_id)
    work.fact("task.opened", f"task:{task_id}", {"kind": kind, "hold": hold_id, "amount_vnd": amount_vnd})
    return True


def close_telephone_task(unit: Unit, hold_id: str) -> None:
    """The institution has answered: nobody need telephone any more."""
    row = unit.conn.execute(_telephone(hold_id).where(tables.task.c.state == "open")).first()
    if row is not None:
        _close(unit, row.id, "answered")


def finish_task(unit: Unit, task_id: str, *, note: str) -> None:
    """An officer has done a task, and says how."""
    row = unit.conn.execute(
        sa.select(tables.task.c.state, tables.trace.c.desk_id)
        .join(tables.trace, tables.trace.c.id == tables.task.c.trace_id)
        .where(tables.task.c.id == task_id)
    ).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    require(unit.actor, Permission.TASK_WORK, agency_id=row.desk_id)
    if row.state != "open":
        raise Conflict(HoldReason.WRONG_STATE, state=row.state)
    _close(unit, task_id, note)


def _close(unit: Unit, task_id: str, note: str) -> None:
    unit.conn.execute(
        sa.update(tables.task)
        .where(tables.task.c.id == task_id)
        .values(state="done", done_at=unit.now, done_by=unit.actor.reference, note=note)
    )
    append(unit, "task.done", f"task:{task_id}", {}, rows=[("response_task", task_id)])
