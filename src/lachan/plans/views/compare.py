"""Plan against plan: what each demand has come to in every plan that serves it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.plans import tables
from lachan.plans.kept.model import Plan
from lachan.plans.tasks.model import WAITING, TaskState
from lachan.plans.views.counts import COUNTED, Counts
from lachan.plans.views.sight import Sight, seen_plan

SIDE_BY_SIDE_MOST = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """Plans side by side. `rows`: a demand (0: tasks that serve none) and its tasks in each plan, in their order.

    A task that serves two demands stands in two rows: `totals` says how many tasks there are.
    """

    plans: tuple[Plan, ...]
    totals: tuple[Counts, ...]
    rows: tuple[tuple[int, tuple[Counts, ...]], ...]


def compare(conn: Connection, sight: Sight, plan_ids: Sequence[str]) -> Comparison:
    """The first few of the plans named, each once; NotFound where one is not there for this person."""
    plans = tuple(seen_plan(conn, sight, one) for one in list(dict.fromkeys(plan_ids))[:SIDE_BY_SIDE_MOST])
    place = {one.id: at for at, one in enumerate(plans)}
    _t, _c = tables.task, tables.clause
    late = sa.and_(_t.c.due_on < sight.today.isoformat(), _t.c.state.in_([state.value for state in WAITING]))
    query = (
        sa.select(
            _t.c.plan_id, _c.c.demands, _t.c.state, sa.func.count().label("number"),
            sa.func.sum(sa.case((late, 1), else_=0)).label("overdue"),
        )
        .join(_c, _c.c.id == _t.c.clause_id)
        .where(_t.c.plan_id.in_(list(place)), _t.c.state.in_([state.value for state in COUNTED]), sight.tasks())
        .group_by(_t.c.plan_id, _c.c.demands, _t.c.state)
    )  # fmt: skip
    totals = tuple(Counts() for _ in plans)
    cells: dict[int, tuple[Counts, ...]] = defaultdict(lambda: tuple(Counts() for _ in plans))
    for row in conn.execute(query) if place else ():
        said = (TaskState(row.state), int(row.number), int(row.overdue))
        totals[place[row.plan_id]].add(*said)
        for demand in dict.fromkeys(row.demands) or (0,):
            cells[demand][place[row.plan_id]].add(*said)
    order = sorted(cells, key=lambda demand: (demand == 0, demand))
    return Comparison(plans, totals, tuple((demand, cells[demand]) for demand in order))
