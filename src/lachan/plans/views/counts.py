"""How far the work is: tasks counted by plan, agency and head, in one pass over the record."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.plans import tables
from lachan.plans.kept.model import PlanState
from lachan.plans.kept.rules import day_of
from lachan.plans.tasks.model import OPEN, WAITING, TaskState
from lachan.plans.views.sight import Sight

_P, _T = tables.plan, tables.task
COUNTED = (*OPEN, TaskState.DONE)
AHEAD = timedelta(days=30)


@dataclass(slots=True)
class Counts:
    """Tasks by state, and of those that wait for their lead: past their day, due soon. Mutable while counted.

    `oldest`: the earliest day that went by with nothing reported.
    """

    states: dict[TaskState, int] = field(default_factory=lambda: defaultdict(int))
    overdue: int = 0
    ahead: int = 0
    oldest: date | None = None

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

    @property
    def done(self) -> int:
        """What is done."""
        return self.states[TaskState.DONE]

    def days_late(self, today: date) -> int:
        """For how long the oldest overdue task has been waited for."""
        return (today - self.oldest).days if self.oldest else 0

    def add(self, state: TaskState, number: int, overdue: int, ahead: int = 0, oldest: date | None = None) -> None:
        """Count more of one state."""
        self.states[state] += number
        self.overdue += overdue
        self.ahead += ahead
        if oldest is not None and (self.oldest is None or oldest < self.oldest):
            self.oldest = oldest


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of the one pass: the tasks of a plan, lead and head in one state; how many are overdue, due soon."""

    plan_id: str
    lead_id: str
    head: str
    state: TaskState
    number: int
    overdue: int
    ahead: int
    oldest: date | None


def tallies(conn: Connection, sight: Sight, *, in_force: bool = True) -> list[Tally]:
    """Everything that the dashboards are made of: of plans in force, or of all."""
    today, waiting = sight.today.isoformat(), _T.c.state.in_([state.value for state in WAITING])
    late = sa.and_(_T.c.due_on < today, waiting)
    soon = sa.and_(_T.c.due_on >= today, _T.c.due_on <= (sight.today + AHEAD).isoformat(), waiting)
    query = (
        sa.select(
            _T.c.plan_id, _T.c.lead_id, _T.c.head, _T.c.state, sa.func.count().label("number"),
            sa.func.sum(sa.case((late, 1), else_=0)).label("overdue"),
            sa.func.sum(sa.case((soon, 1), else_=0)).label("ahead"),
            sa.func.min(sa.case((late, _T.c.due_on))).label("oldest"),
        )
        .where(_T.c.state.in_([state.value for state in COUNTED]), sight.tasks())
        .group_by(_T.c.plan_id, _T.c.lead_id, _T.c.head, _T.c.state)
    )  # fmt: skip
    if in_force:
        query = query.where(_T.c.plan_id.in_(sa.select(_P.c.id).where(_P.c.state == PlanState.IN_FORCE.value)))
    return [
        Tally(
            row.plan_id, row.lead_id, row.head, TaskState(row.state), int(row.number), int(row.overdue),
            int(row.ahead), day_of(row.oldest),
        )
        for row in conn.execute(query)
    ]  # fmt: skip


def counted(lines: Iterable[Tally], by: Callable[[Tally], Any]) -> dict[Any, Counts]:
    """The tallies, gathered by what `by` says of each."""
    found: dict[Any, Counts] = defaultdict(Counts)
    for one in lines:
        found[by(one)].add(one.state, one.number, one.overdue, one.ahead, one.oldest)
    return dict(found)
