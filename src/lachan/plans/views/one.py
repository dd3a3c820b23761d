"""One plan and one task, whole."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.plans import tables
from lachan.plans.kept import store as kept
from lachan.plans.kept.model import Clause, Correction, Plan, Reading
from lachan.plans.register.model import Lineage, Receipt, SubPlanRow
from lachan.plans.register.views import lineage, receipts, sub_plans
from lachan.plans.tasks import store as tasks
from lachan.plans.tasks.model import Evidence, Step, Task, TaskState
from lachan.plans.tasks.showing import Pointed, pointed
from lachan.plans.views.counts import Counts
from lachan.plans.views.sight import Sight, seen_plan, seen_task


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """A clause, the tasks that follow from it as far as they may be seen, and how much evidence each has."""

    clause: Clause
    tasks: tuple[Task, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A plan with all its clauses. `shown`: pieces of evidence by task; `corrections`: of the plan as a whole."""

    plan: Plan
    sections: tuple[tuple[str, tuple[ClauseRow, ...]], ...]
    counts: Counts
    shown: dict[str, int]
    reading: Reading
    duties: tuple[Any, ...]
    corrections: tuple[Correction, ...]

    @property
    def undecided(self) -> tuple[ClauseRow, ...]:
        """The clauses that the newest reading lacks, and of which nobody has said whether they go on."""
        return tuple(row for _, rows in self.sections for row in rows if row.clause.undecided)


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A task with its clause, history and evidence; `shown`: where its viewer finds each piece, or None.

    Of evidence that is not the viewer's to see the `reference` is empty.
    """

    task: Task
    clause: Clause
    plan: Plan
    steps: tuple[Step, ...]
    evidence: tuple[Evidence, ...]
    shown: Mapping[str, Pointed | None]


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Where a plan comes from, who has taken note, and whose own plans came in."""

    plan: Plan
    lineage: Lineage
    receipts: tuple[Receipt, ...]
    sub_plans: tuple[SubPlanRow, ...]


def plan_page(conn: Connection, sight: Sight, plan_id: str) -> PlanPage:
    """One plan, its clauses by section in the document's order."""
    plan = seen_plan(conn, sight, plan_id)
    clauses = kept.clauses(conn, plan.id)
    corrections: dict[str | None, list[Correction]] = defaultdict(list)
    for each in kept.corrections(conn, plan.id):
        corrections[each.clause_id].append(each)
    of: dict[str, list[Task]] = defaultdict(list)
    counts = Counts()
    query = sa.select(tables.task).where(tables.task.c.plan_id == plan.id, sight.tasks())
    for row in conn.execute(query.order_by(tables.task.c.id)):
        task = tasks.task_from_row(row)
        of[task.clause_id].append(task)
        if task.state not in {TaskState.CANCELLED, TaskState.CARRIED_OVER}:
            counts.add(task.state, 1, int(task.overdue(sight.today)))
    sections: dict[str, list[ClauseRow]] = defaultdict(list)
    for one in clauses:
        rows = ClauseRow(one, tuple(of[one.id]), tuple(corrections[one.id]))
        sections[one.section].append(rows)
    _e = tables.evidence
    shown = conn.execute(
        sa.select(_e.c.task_id, sa.func.count())
        .join(tables.task, tables.task.c.id == _e.c.task_id)
        .where(tables.task.c.plan_id == plan.id)
        .group_by(_e.c.task_id)
    )
    duties = conn.execute(
        sa.select(tables.report_duty)
        .where(tables.report_duty.c.plan_id == plan.id)
        .order_by(tables.report_duty.c.due.is_(None), tables.report_duty.c.due, tables.report_duty.c.id)
    ).all()
    return PlanPage(
        plan, tuple((name, tuple(rows)) for name, rows in sections.items()), counts,
        {row[0]: int(row[1]) for row in shown}, kept.readings(conn, plan.id)[0], tuple(duties),
        tuple(corrections[None]),
    )  # fmt: skip


def task_page(conn: Connection, sight: Sight, task_id: str) -> TaskPage:
    """One task; its history goes back into the plans from which it was carried over."""
    one = seen_task(conn, sight, task_id)
    evidence = tasks.evidence(conn, one.id)
    shown = {each.id: pointed(conn, sight.actor, each.kind, each.reference, sight.today) for each in evidence}
    return TaskPage(
        one, kept.clause(conn, one.clause_id), kept.find(conn, one.plan_id), tuple(tasks.steps(conn, one.id)),
        tuple(_told(each, shown[each.id]) for each in evidence), shown,
    )  # fmt: skip


def _told(one: Evidence, at: Pointed | None) -> Evidence:
    """Evidence as its viewer is told of it: what leads to a record that is not theirs is left out.

    A report's code alone opens its state to whoever types it.
    """
    return replace(one, reference="") if at is None else replace(one, title=one.title or at.label)


def register_page(conn: Connection, sight: Sight, plan_id: str) -> RegisterPage:
    """Lineage, receipts and sub-plans of a plan."""
    plan = seen_plan(conn, sight, plan_id)
    return RegisterPage(
        plan, lineage(conn, plan), receipts(conn, plan.id), sub_plans(conn, plan, sight.today)
    )  # fmt: skip
