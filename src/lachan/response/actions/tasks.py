"""Tasks of the desk: a branch that ended, an institution to telephone, a lift to ask of an authority, a deadline.

What ends them is in `rules/tasks.py`; `spent.py` asks with every fact.
"""

from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Conflict, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import branch_end, clock, follow_up
from lachan.foundation.trail import append
from lachan.intake import Report
from lachan.intake.tables import report as report_table
from lachan.response import tables
from lachan.response.actions.spent import mark_done
from lachan.response.actions.wording import words
from lachan.response.actions.work import Work
from lachan.response.model import Hold, HoldReason, Hop
from lachan.response.rules.settle import BranchEnd
from lachan.response.rules.tasks import (
    BRANCH_END,
    CALL_PAYER_BANK,
    SILENT,
    TELEPHONE,
    ends_only_by_fact,
)


def open_branch_task(work: Work, hop: Hop, end: BranchEnd) -> None:
    """What the taxonomy says must follow when money leaves by this road; once for each debit and loss."""
    now = work.unit.now
    for code in branch_end(end.kind, now).follow_ups:
        row = follow_up(code, now)
        due_at = clock(row.clock, now).deadline(now) if row.clock else None
        open_task(
            work, code, f"{code}:{end.reference}:{hop.loss_id}", hold_id=hop.hold_id, institution=hop.institution,
            amount_vnd=end.amount_vnd, due_at=due_at, reason=BRANCH_END, subject=f"loss:{hop.loss_id}",
            trace_id=hop.trace_id,
        )  # fmt: skip


def open_telephone_task(work: Work, hold: Hold, amount_vnd: int, reason: str = SILENT) -> bool:
    """Telephone an institution that is unconnected or silent, once at a time for a reason; True if it is new."""
    mine = sa.select(tables.task.c.state).where(
        tables.task.c.hold_id == hold.id, tables.task.c.kind == TELEPHONE, tables.task.c.reason == reason
    )
    states = list(work.unit.conn.execute(mine).scalars())
    if "open" in states:
        return False
    due_at = clock("hop_answer", work.unit.now).deadline(work.unit.now)
    return open_task(
        work, TELEPHONE, f"{TELEPHONE}:{reason}:{hold.id}:{len(states)}", hold_id=hold.id,
        institution=hold.institution, amount_vnd=amount_vnd, due_at=due_at, reason=reason, trace_id=hold.trace_id,
    )  # fmt: skip


def open_task(
    work: Work,
    kind: str,
    key: str,
    *,
    hold_id: str | None,
    institution: str | None,
    amount_vnd: int,
    due_at: datetime | None,
    reason: str | None = None,
    subject: str | None = None,
    trace_id: str | None = None,
) -> bool:
    """Open a task of a trace once; True if it is new. It is about its hold, else its trace, if nothing is said.

    `trace_id`: whose it is, where one answer serves several: another victim's file is nobody else's business.
    """
    trace = work.trace_of(trace_id or work.trace_id)
    about = subject or (f"hold:{hold_id}" if hold_id else f"trace:{trace.id}")
    made = _insert(
        work.unit, kind, key, report_id=trace.report_id, trace_id=trace.id, hold_id=hold_id,
        institution=institution, amount_vnd=amount_vnd, due_at=due_at, reason=reason or kind, subject=about,
    )  # fmt: skip
    if made is None:
        return False
    work.touch("response_task", made)
    said = {"trace": trace.id, "kind": kind, "hold": hold_id, "amount_vnd": amount_vnd}
    work.fact("task.opened", f"task:{made}", said)
    return True


def open_report_task(
    unit: Unit, report: Report, kind: str, *, trace_id: str | None, amount_vnd: int, due_at: datetime | None
) -> bool:
    """Open a task about a report once for each of its deadlines, with or without a trace; True if it is new."""
    key = f"{kind}:{report.id}:{due_at.isoformat() if due_at else ''}"
    made = _insert(
        unit, kind, key, report_id=report.id, trace_id=trace_id, hold_id=None, institution=None,
        amount_vnd=amount_vnd, due_at=due_at, reason=kind, subject=f"report:{report.id}",
    )  # fmt: skip
    if made is None:
        return False
    said = {"kind": kind, "report": report.id, "amount_vnd": amount_vnd}
    append(unit, "task.opened", f"task:{made}", said, rows=[("response_task", made)])
    return True


def open_call_task(
    unit: Unit, key: str, *, desk_id: str | None, institution: str, amount_vnd: int, due_at: datetime, subject: str
) -> bool:
    """Open a task of a desk that belongs to no report, once; True if it is new."""
    made = _insert(
        unit, CALL_PAYER_BANK, key, report_id=None, desk_id=desk_id, trace_id=None, hold_id=None,
        institution=institution, amount_vnd=amount_vnd, due_at=due_at, reason=CALL_PAYER_BANK, subject=subject,
    )  # fmt: skip
    if made is None:
        return False
    said = {"kind": CALL_PAYER_BANK, "institution": institution, "amount_vnd": amount_vnd}
    append(unit, "task.opened", f"task:{made}", said, rows=[("response_task", made)])
    return True


def close_task(unit: Unit, key: str, by: str, *, note: str | None = None) -> None:
    """What the task of that key was for has happened by itself; a person's name is a `note`, not `by`."""
    row = unit.conn.execute(
        sa.select(tables.task.c.id).where(tables.task.c.key == key, tables.task.c.state == "open")
    ).first()
    if row is not None:
        mark_done(unit, row.id, by=by, note=note)


def finish_task(unit: Unit, task_id: str, *, note: str) -> None:
    """An officer has done a task, and says how. What a recorded fact must end, nobody notes as done."""
    task = tables.task
    desk_id = sa.case((task.c.report_id.is_(None), task.c.desk_id), else_=report_table.c.agency_id)
    row = unit.conn.execute(
        sa.select(task.c.state, task.c.reason, desk_id.label("desk_id"))
        .outerjoin(report_table, report_table.c.id == task.c.report_id)
        .where(task.c.id == task_id)
    ).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    require(unit.actor, Permission.TASK_WORK, agency_id=row.desk_id)
    if row.state != "open":
        raise Conflict(HoldReason.WRONG_STATE, state=row.state)
    if ends_only_by_fact(row.reason):
        raise Conflict(HoldReason.TASK_ENDS_BY_FACT)
    mark_done(unit, task_id, by=unit.actor.reference, note=words(note, "note"))


def _insert(unit: Unit, kind: str, key: str, **values: object) -> str | None:
    conn = unit.conn
    if conn.execute(sa.select(tables.task.c.id).where(tables.task.c.key == key)).first() is not None:
        return None
    task_id = new_id()
    conn.execute(
        sa.insert(tables.task).values(
            id=task_id, kind=kind, key=key, state="open", opened_at=unit.now, **values,
        )
    )  # fmt: skip
    return task_id
