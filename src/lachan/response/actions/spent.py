"""A task whose reason is gone is done: asked with every fact that is recorded about a trace or a report."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.response.rules.tasks import reasons_ended
from lachan.response.tables import task


def end_tasks(unit: Unit, kind: str, subject: str, said: Mapping[str, Any]) -> None:
    """A fact of this kind is recorded about `subject`: tasks whose reason it takes away are done.

    A fact about a trace or a report reaches every task of it, whatever else the task is about.
    """
    reasons = reasons_ended(kind, said)
    if not reasons:
        return
    about: list[sa.ColumnElement[bool]] = [task.c.subject == subject]
    what, _, key = subject.partition(":")
    if what in {"trace", "report"}:
        about.append(task.c[f"{what}_id"] == key)
    query = sa.select(task.c.id).where(task.c.state == "open", task.c.reason.in_(reasons), sa.or_(*about))
    for task_id in unit.conn.execute(query).scalars().all():
        mark_done(unit, task_id, by=kind)


def mark_done(unit: Unit, task_id: str, *, by: str, note: str | None = None) -> None:
    """A task is done: by a fact, or by an officer, who says how."""
    unit.conn.execute(
        sa.update(task)
        .where(task.c.id == task_id)
        .values(state="done", done_at=unit.now, done_by=unit.actor.reference, note=note or by)
    )
    append(unit, "task.done", f"task:{task_id}", {"by": by}, rows=[("response_task", task_id)])
