"""Figures across plans: agencies × states, the heads who answer, plan against plan, the map; one plan's matrix.

Each figure is the length of a list: `lists.task_page`, narrowed as the figure was.
"""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Agency, agency_on
from lachan.plans import tables
from lachan.plans.kept.model import Plan
from lachan.plans.tasks.model import WAITING, TaskState
from lachan.plans.views.counts import COUNTED, Counts, counted, tallies
from lachan.plans.views.lists import PlanRow, TaskRow, ahead, plans
from lachan.plans.views.places import Places, by_place
from lachan.plans.views.sight import Sight, seen_plan, who_has


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What a leader looks at. `agencies` and `heads` have what is overdue first; `heads` by agency and name."""

    counts: Counts
    agencies: tuple[tuple[str, Counts], ...]
    heads: tuple[tuple[tuple[str, str], Counts], ...]
    plans: tuple[PlanRow, ...]
    ahead: tuple[TaskRow, ...]
    places: Places


@dataclass(frozen=True, slots=True)
class Cell:
    """One task of the matrix."""

    task_id: str
    ref: str
    state: TaskState
    overdue: bool
    position: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Agencies × tasks of one plan: for each agency its tasks in the document's order."""

    plan: Plan
    rows: tuple[tuple[str, Counts, tuple[Cell, ...]], ...]


def dashboard(conn: Connection, sight: Sight) -> Dashboard:
    """Everything in force that somebody may see."""
    lines = tallies(conn, sight)
    whole = counted(lines, lambda one: None).get(None, Counts())
    has: dict[str, Agency] = {lead: agency_on(conn, lead, sight.today) for lead in {line.lead_id for line in lines}}
    agencies = counted(lines, lambda one: has[one.lead_id].id)
    heads = counted((one for one in lines if one.head), lambda one: (has[one.lead_id].id, one.head))
    return Dashboard(
        whole, tuple(sorted(agencies.items(), key=_worst)), tuple(sorted(heads.items(), key=_worst)),
        tuple(plans(conn, sight, drafts=False, lines=lines)), ahead(conn, sight),
        by_place(lines, has),
    )  # fmt: skip


def matrix(conn: Connection, sight: Sight, plan_id: str) -> Matrix:
    """One plan's tasks, a row for each agency that has them today."""
    plan = seen_plan(conn, sight, plan_id)
    _t, _c = tables.task, tables.clause
    query = (
        sa.select(_t.c.id, _t.c.lead_id, _t.c.state, _t.c.due_on, _c.c.ref, _c.c.position)
        .join(_c, _c.c.id == _t.c.clause_id)
        .where(_t.c.plan_id == plan.id, _t.c.state.in_([state.value for state in COUNTED]), sight.tasks())
        .order_by(_c.c.position, _t.c.id)
    )
    today, cells, has = sight.today.isoformat(), defaultdict(list), {}
    for row in conn.execute(query):
        if row.lead_id not in has:
            has[row.lead_id] = who_has(conn, row.lead_id, sight.today)
        state = TaskState(row.state)
        late = row.due_on is not None and row.due_on < today and state in WAITING
        cells[has[row.lead_id]].append(Cell(row.id, row.ref, state, late, row.position))
    rows = []
    for agency_id, found in cells.items():
        counts = Counts()
        for one in found:
            counts.add(one.state, 1, int(one.overdue))
        rows.append((agency_id, counts, tuple(found)))
    rows.sort(key=lambda row: (row[2][0].position, row[0]))
    return Matrix(plan, tuple(rows))


def _worst(item: tuple[object, Counts]) -> tuple[int, int, str]:
    return (-item[1].overdue, -item[1].open, str(item[0]))
