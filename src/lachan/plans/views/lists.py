"""Lists: plans with how far they are, tasks as they are narrowed, deadlines ahead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import works_for
from lachan.foundation.base import BadInput, InputReason
from lachan.plans import tables
from lachan.plans.kept.model import Plan, PlanState
from lachan.plans.kept.store import plan_from_row
from lachan.plans.tasks.model import OPEN, WAITING, Task, TaskState
from lachan.plans.tasks.store import task_from_row
from lachan.plans.views.counts import AHEAD, COUNTED, Counts, Tally, counted, tallies
from lachan.plans.views.places import of_place
from lachan.plans.views.sight import Sight

_P, _T, _C = tables.plan, tables.task, tables.clause
PAGE_ROWS = 50
# What has no day comes after every day.
_NO_DAY = "9999-99-99"
_PLACE = re.compile(r"(\d{4}-\d\d-\d\d)\.([0-9a-f-]{36})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan and how far its tasks are."""

    plan: Plan
    counts: Counts


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task beside its clause and its plan's number."""

    task: Task
    ref: str
    text: str
    plan_number: str
    demands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Narrow:
    """Only tasks like these, and what counts: carried over or cancelled ones only by their state, or with `ended`.

    `agency_id`: that the agency has today, its forerunners' too; `place`: a province or commune whose bodies have
    them; `demand`: 0 for those that serve none; `mine`: that the agency has; `gathered`: that wait for it.
    """

    plan_id: str | None = None
    agency_id: str | None = None
    place: str | None = None
    state: TaskState | None = None
    head: str | None = None
    demand: int | None = None
    late: bool = False
    open: bool = False
    ahead: bool = False
    mine: bool = False
    gathered: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of tasks, the soonest due first; `more` says whether there is another."""

    rows: tuple[TaskRow, ...]
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A piece of a long list. `after` is where the next piece begins; empty where there is none."""

    rows: tuple[TaskRow, ...]
    after: str


def plans(
    conn: Connection, sight: Sight, *, drafts: bool = True, lines: Sequence[Tally] | None = None
) -> list[PlanRow]:  # fmt: skip
    """The plans somebody may see, the newest first, those in force before what has ended.

    `lines`: the tallies, where they were counted already.
    """
    query = sa.select(_P).where(sight.plans()).order_by(_P.c.made_at.desc(), _P.c.id)
    if not drafts:
        query = query.where(_P.c.state == PlanState.IN_FORCE.value)
    found = [plan_from_row(row) for row in conn.execute(query)]
    known = lines if lines is not None else tallies(conn, sight, in_force=False)
    by_plan = counted(known, lambda one: one.plan_id)
    order = list(PlanState)
    found.sort(key=lambda one: order.index(one.state) if one.state is not PlanState.IN_FORCE else -1)
    return [PlanRow(one, by_plan.get(one.id, Counts())) for one in found]


def kept_here(conn: Connection, sight: Sight) -> list[Plan]:
    """The plans that the viewer's own agency keeps, the newest first."""
    query = sa.select(_P).where(_P.c.keeper_id.in_(sight.own)).order_by(_P.c.made_at.desc(), _P.c.id)
    return [plan_from_row(row) for row in conn.execute(query)]


def task_page(conn: Connection, sight: Sight, narrow: Narrow, *, page: int = 0, rows: int = PAGE_ROWS) -> Page:
    """Tasks like `narrow`, page by page."""
    # One's own and what one gathers are always in sight: asking for both makes the store look at everything.
    seen = [] if narrow.mine or narrow.gathered else [sight.tasks()]
    where = [*seen, *_conditions(conn, sight, narrow)]
    query = (
        sa.select(_T, _C.c.ref, _C.c.text, _C.c.demands, _P.c.number.label("plan_number"))
        .join(_C, _C.c.id == _T.c.clause_id)
        .join(_P, _P.c.id == _T.c.plan_id)
        .where(*where)
    )
    count = sa.select(sa.func.count()).select_from(_T.join(_P, _P.c.id == _T.c.plan_id)).where(*where)
    if narrow.demand is not None:
        found = [row for row in conn.execute(_sorted(query)) if _serves(row.demands, narrow.demand)]
        total = len(found)
        shown: Sequence[Any] = found[page * rows : (page + 1) * rows]
    else:
        total = int(conn.execute(count).scalar_one())
        shown = conn.execute(_sorted(query).limit(rows).offset(page * rows)).all()
    return Page(tuple(_row(one) for one in shown), total, (page + 1) * rows < total)


def task_queue(conn: Connection, sight: Sight, narrow: Narrow, *, after: str = "", limit: int = PAGE_ROWS) -> Queue:
    """Tasks like `narrow`, the soonest due first, for who reads all of them: a task that changes moves no other.

    Raises:
        BadInput: MALFORMED where `after` is none that was handed out.
    """
    query = (
        sa.select(_T, _C.c.ref, _C.c.text, _C.c.demands, _P.c.number.label("plan_number"))
        .join(_C, _C.c.id == _T.c.clause_id)
        .join(_P, _P.c.id == _T.c.plan_id)
        .where(sight.tasks(), *_conditions(conn, sight, narrow))
    )
    day = sa.func.coalesce(_T.c.due_on, _NO_DAY)
    if after:
        place = _PLACE.fullmatch(after)
        if place is None:
            raise BadInput(InputReason.MALFORMED, field="after", expected="next")
        query = query.where(sa.or_(day > place[1], sa.and_(day == place[1], _T.c.id > place[2])))
    rows = conn.execute(query.order_by(day, _T.c.id).limit(limit + 1)).all()
    more = f"{rows[limit - 1].due_on or _NO_DAY}.{rows[limit - 1].id}" if len(rows) > limit else ""
    return Queue(tuple(_row(one) for one in rows[:limit]), more)


def ahead(conn: Connection, sight: Sight, rows: int = 12) -> tuple[TaskRow, ...]:
    """What is due next in the month to come."""
    return task_page(conn, sight, Narrow(ahead=True), rows=rows).rows


def _conditions(conn: Connection, sight: Sight, narrow: Narrow) -> list[sa.ColumnElement[bool]]:
    today = sight.today.isoformat()
    waiting = _T.c.state.in_([state.value for state in WAITING])
    found: list[sa.ColumnElement[bool]] = []
    if narrow.plan_id is None:
        found.append(_P.c.state == PlanState.IN_FORCE.value)
    else:
        found.append(_T.c.plan_id == narrow.plan_id)
    if narrow.agency_id is not None:
        found.append(_T.c.lead_id.in_(works_for(conn, narrow.agency_id, sight.today)))
    if narrow.place is not None:
        found.append(_T.c.lead_id.in_(of_place(conn, narrow.place, sight.today)))
    if narrow.state is not None:
        found.append(_T.c.state == narrow.state.value)
    elif not narrow.ended:
        found.append(_T.c.state.in_([state.value for state in COUNTED]))
    if narrow.head is not None:
        found.append(_T.c.head == narrow.head)
    if narrow.late:
        found += [_T.c.due_on < today, waiting]
    if narrow.open:
        found.append(_T.c.state.in_([state.value for state in OPEN]))
    if narrow.ahead:
        found += [_T.c.due_on >= today, _T.c.due_on <= (sight.today + AHEAD).isoformat(), waiting]
    if narrow.mine:
        found.append(sa.or_(_T.c.lead_id.in_(sight.own), _T.c.delegate_id.in_(sight.own)))
    if narrow.gathered:
        found += [_T.c.state == TaskState.REPORTED.value, _P.c.consolidator_id.in_(sight.own)]
    return found


def _serves(demands: Sequence[int], demand: int) -> bool:
    return demand in demands if demand else not demands


def _sorted(query: sa.Select[Any]) -> sa.Select[Any]:
    # What has no day comes last, on both stores.
    return query.order_by(_T.c.due_on.is_(None), _T.c.due_on, _C.c.position, _T.c.id)


def _row(row: Any) -> TaskRow:
    return TaskRow(task_from_row(row), row.ref, row.text, row.plan_number, tuple(row.demands))
