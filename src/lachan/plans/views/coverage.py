"""All demands: where each is done, by whom, what shows it, and today's value."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.activities import Total
from lachan.activities.views import leading
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans import tables
from lachan.plans.demands import DEMANDS, Demand, Standing
from lachan.plans.demands.kinds import kinds_by_demand
from lachan.plans.kept.model import PlanState
from lachan.plans.measures import Shown
from lachan.plans.measures.catalogue import MEASURES
from lachan.plans.measures.views import shown, year_begins
from lachan.plans.views.counts import COUNTED
from lachan.plans.views.sight import Sight


@dataclass(frozen=True, slots=True)
class Coverage:
    """One demand as it stands. `tasks`: those that may be seen of plans in force; `leads`: who has them.

    `worked`: of each kind of activity that serves it, and is open to all, its first figure of this year.
    """

    demand: Demand
    standing: Standing
    kinds: tuple[str, ...]
    shown: tuple[Shown, ...]
    tasks: int
    leads: tuple[str, ...]
    worked: tuple[tuple[str, Total], ...]


def coverage(conn: Connection, sight: Sight, now: datetime) -> tuple[Coverage, ...]:
    """D1 to D103, each measure counted once."""
    codes = {code for one in DEMANDS for code in one.measures}
    values = {code: shown(conn, MEASURES[code], sight, now) for code in sorted(codes)}
    tasks, leads = _tasks(conn, sight)
    kinds = kinds_by_demand()
    work = leading(conn, now, vietnam_date(year_begins(now)), sight.today)
    return tuple(
        Coverage(
            one, standing_of(one, kinds.get(one.number, ())), kinds.get(one.number, ()),
            tuple(values[code] for code in one.measures), tasks[one.number], tuple(sorted(leads[one.number])),
            tuple((code, work[code]) for code in kinds.get(one.number, ()) if code in work),
        )
        for one in DEMANDS
    )  # fmt: skip


def standing_of(one: Demand, kinds: tuple[str, ...]) -> Standing:
    """Here where its home is built, or where a kind of activity names it; homeless where activities forgot it."""
    if kinds:
        return Standing.HERE
    if one.home == "activities" and one.standing is Standing.HERE:
        return Standing.HOMELESS
    return one.standing


def _tasks(conn: Connection, sight: Sight) -> tuple[dict[int, int], dict[int, set[str]]]:
    _t, _c, _p = tables.task, tables.clause, tables.plan
    query = (
        sa.select(_c.c.demands, _t.c.lead_id, sa.func.count().label("number"))
        .join(_t, _t.c.clause_id == _c.c.id)
        .join(_p, _p.c.id == _t.c.plan_id)
        .where(
            _p.c.state == PlanState.IN_FORCE.value,
            _t.c.state.in_([state.value for state in COUNTED]),
            sight.tasks(),
        )
        # By what they say, not by clause: few sayings, and each is read once.
        .group_by(_c.c.demands, _t.c.lead_id)
    )  # fmt: skip
    numbers: dict[int, int] = defaultdict(int)
    leads: dict[int, set[str]] = defaultdict(set)
    for row in conn.execute(query):
        for demand in row.demands:
            numbers[demand] += int(row.number)
            leads[demand].add(row.lead_id)
    return numbers, leads
