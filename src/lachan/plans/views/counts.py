"""How far the work is: tasks counted by plan, agency and head, in one pass over the record."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.plans import tables
from lachan.plans.kept.model import PlanState
from lachan.plans.tasks.model import OPEN, WAITING, TaskState
from lachan.plans.views.sight import Sight

_P, _T = tables.plan, tables.task
COUNTED = (*OPEN, TaskState.DONE)


@dataclass(slots=True)
class Counts:
    """Tasks by state, and how many of those that wait for their lead are past their day. Mutable while counted."""

    states: dict[TaskState, int] = field(default_factory=lambda: defaultdict(int))
    overdue: int = 0

    @property
    def total(self) -> int:
        """All that count: open and done."""
        return sum(self.states[state] for state in COUNTED)

    @property
    def open(self) -> int:
        """What still has to be done."""
        return sum(self.states[state] for state in OPEN)

    @property
    def done_permille(self) -> int:
        """Share that is done, in thousandths; work that lasts counts while it is in time and in progress."""
        return round(1000 * self.states[TaskState.DONE] / self.total) if self.total else 0

    def add(self, state: TaskState, number: int, overdue: int) -> None:
        """Count more of one state."""
        self.states[state] += number
        self.overdue += overdue


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of the one pass: the tasks of a plan, lead and head in one state, and how many are overdue."""

    plan_id: str
    lead_id: str
    head: str
    state: TaskState
    number: int
    overdue: int


def tallies(conn: Connection, sight: Sight, *, plan_id: str | None = None) -> list[Tally]:
    """Everything that the dashboards are made of, of plans in force or of one plan."""
    late = sa.and_(
        _T.c.due_on < sight.today.isoformat(), _T.c.state.in_([state.value for state in WAITING])
    )  # fmt: skip
    query = (
        sa.select(
            _T.c.plan_id, _T.c.lead_id, _T.c.head, _T.c.state, sa.func.count().label("number"),
            sa.func.sum(sa.case((late, 1), else_=0)).label("overdue"),
        )
        .where(_T.c.state.in_([state.value for state in COUNTED]), sight.tasks())
        .group_by(_T.c.plan_id, _T.c.lead_id, _T.c.head, _T.c.state)
    )  # fmt: skip
    if plan_id is not None:
        query = query.where(_T.c.plan_id == plan_id)
    else:
        query = query.where(_T.c.plan_id.in_(sa.select(_P.c.id).where(_P.c.state == PlanState.IN_FORCE.value)))
    return [
        Tally(row.plan_id, row.lead_id, row.head, TaskState(row.state), int(row.number), int(row.overdue))
        for row in conn.execute(query)
    ]  # fmt: skip


def counted(lines: Iterable[Tally], by: Callable[[Tally], Any]) -> dict[Any, Counts]:
    """The tallies, gathered by what `by` says of each."""
    found: dict[Any, Counts] = defaultdict(Counts)
    for one in lines:
        found[by(one)].add(one.state, one.number, one.overdue)
    return dict(found)
