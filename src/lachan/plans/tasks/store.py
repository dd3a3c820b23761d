"""Tasks: rows to model and back."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.plans import tables
from lachan.plans.kept.rules import day_of, recurrence_of
from lachan.plans.tasks.model import Evidence, EvidenceKind, Step, Task, TaskState, Verb

_T = tables.task


def task_from_row(row: Any) -> Task:
    """A row as the model has it."""
    return Task(
        row.id, row.plan_id, row.clause_id, row.lead_id, row.delegate_id, row.head, row.person,
        TaskState(row.state), day_of(row.due_on), day_of(row.deadline), day_of(row.period_to),
        recurrence_of(row.recurrence), row.carried_from, row.given_at, row.reported_by, row.ended_at, row.version,
    )  # fmt: skip


def find(conn: Connection, task_id: str, *, lock: bool = False) -> Task:
    """One task; NotFound where there is none."""
    query = sa.select(_T).where(_T.c.id == task_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="task")
    return task_from_row(row)


def of_plan(conn: Connection, plan_id: str) -> list[Task]:
    """The tasks of a plan."""
    return [task_from_row(row) for row in conn.execute(sa.select(_T).where(_T.c.plan_id == plan_id))]


def steps(conn: Connection, task_id: str) -> list[Step]:
    """The history of a task, oldest first; what came before it was carried over stands first."""
    found: list[Step] = []
    before: str | None = task_id
    seen: set[str] = set()
    while before is not None and before not in seen:
        seen.add(before)
        query = sa.select(tables.step).where(tables.step.c.task_id == before)
        found = [_step(row) for row in conn.execute(query.order_by(tables.step.c.at, tables.step.c.id))] + found
        before = conn.execute(sa.select(_T.c.carried_from).where(_T.c.id == before)).scalar()
    return found


def evidence(conn: Connection, task_id: str) -> list[Evidence]:
    """What shows the work on a task, newest first."""
    query = sa.select(tables.evidence).where(tables.evidence.c.task_id == task_id)
    return [
        Evidence(
            row.id, row.task_id, EvidenceKind(row.kind), row.reference, row.title, row.added_by, row.added_at
        )
        for row in conn.execute(query.order_by(tables.evidence.c.added_at.desc(), tables.evidence.c.id.desc()))
    ]  # fmt: skip


def _step(row: Any) -> Step:
    return Step(
        row.id, row.task_id, Verb(row.verb), TaskState(row.from_state), TaskState(row.state), row.by, row.by_name,
        row.agency_id, row.at, row.words, day_of(row.period_to), row.details,
    )  # fmt: skip
