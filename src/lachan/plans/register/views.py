"""Questions about where a plan comes from and whom it has reached."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import agency_on
from lachan.foundation.base import VIETNAM
from lachan.foundation.storage import among
from lachan.plans import tables
from lachan.plans.kept.model import PartyRole, Plan, PlanState
from lachan.plans.register.model import (
    Ancestor,
    Descendant,
    Directive,
    Lineage,
    Receipt,
    Registered,
    SubPlanRow,
    SubPlanState,
)
from lachan.plans.views import lists
from lachan.plans.views.lists import PlanRow
from lachan.plans.views.sight import Sight

_DEPTH_MOST = 6
_P, _D, _I = tables.plan, tables.directive, tables.implements


def lineage(conn: Connection, plan: Plan) -> Lineage:
    """Directive → city plan → department plan → commune plan, both ways from a plan."""
    above: list[Ancestor] = []
    below: list[Descendant] = []
    seen, level = {plan.id}, [plan.id]
    for depth in range(1, _DEPTH_MOST):
        found = conn.execute(
            sa.select(_D.c.text, _P.c.id.label("kept"))
            .join(_I, _I.c.directive_id == _D.c.id)
            .outerjoin(_P, _is_named(_P))
            .where(_I.c.plan_id.in_(level))
        ).all()
        above += [Ancestor(row.text, row.kept, depth) for row in found if row.kept not in seen]
        level = [row.kept for row in found if row.kept and row.kept not in seen]
        seen.update(level)
        if not level:
            break
    seen, level = {plan.id}, [plan.id]
    for depth in range(1, _DEPTH_MOST):
        rows = conn.execute(_children(level)).all()
        new = {row.id: row for row in rows if row.id not in seen}
        below += [Descendant(row.id, row.number, row.issuer, depth) for row in new.values()]
        seen.update(new)
        level = list(new)
        if not level:
            break
    return Lineage(tuple(above), tuple(below))


def registered(conn: Connection, sight: Sight) -> tuple[Directive, ...]:
    """Every directive that a plan in sight carries out, and under it the plans, the ones below those further in.

    What is itself a plan that is kept stands under what it carries out, and not as a directive of its own.
    """
    rows = lists.plans(conn, sight)
    shown = {row.plan.id: row for row in rows}
    if not shown:
        return ()
    below: dict[str, list[str]] = defaultdict(list)
    for child, parent in sorted(_edges(conn, list(shown)), key=lambda edge: shown[edge[0]].plan.number):
        below[parent].append(child)
    noted, came = _heard(conn, list(shown)), _came(conn, list(shown))
    named: dict[str, tuple[str, list[str]]] = {}
    query = (
        sa.select(_D.c.id, _D.c.text, _I.c.plan_id, _P.c.id.label("kept"))
        .join(_I, _I.c.directive_id == _D.c.id)
        .outerjoin(_P, _is_named(_P))
        .where(among(conn, _I.c.plan_id, list(shown)))
        .order_by(_D.c.first_at.desc(), _D.c.id)
    )
    for row in conn.execute(query):
        if row.kept not in shown:
            named.setdefault(row.id, (row.text, []))[1].append(row.plan_id)
    found = []
    for text, plan_ids in named.values():
        lines: list[Registered] = []
        under = {child for one in plan_ids for child in below[one]}
        for one in sorted(set(plan_ids) - under, key=lambda each: (shown[each].plan.number, each)):
            _hang(one, 0, below, shown, noted, came, lines)
        found.append(Directive(text, tuple(lines)))
    return tuple(found)


def _hang(
    one: str, depth: int, below: Mapping[str, list[str]], shown: Mapping[str, PlanRow],
    noted: Mapping[str, tuple[int, int]], came: Mapping[str, int], lines: list[Registered],
) -> None:  # fmt: skip
    """A plan and what hangs under it, each once: two plans may name each other."""
    if depth >= _DEPTH_MOST or any(line.plan.id == one for line in lines):
        return
    heard, owe = noted.get(one, (0, 0))
    lines.append(Registered(shown[one].plan, depth, shown[one].counts, heard, owe, came.get(one, 0)))
    for child in below[one]:
        _hang(child, depth + 1, below, shown, noted, came, lines)


def _edges(conn: Connection, ids: list[str]) -> set[tuple[str, str]]:
    """(plan, the plan that it carries out) among some plans: by what it names, or because it was sent in for it."""
    parent, _s = _P.alias(), tables.sub_plan
    by_number = (
        sa.select(_I.c.plan_id, parent.c.id)
        .join(_D, _D.c.id == _I.c.directive_id)
        .join(parent, _is_named(parent))
        .where(among(conn, _I.c.plan_id, ids), among(conn, parent.c.id, ids))
    )
    sent = sa.select(_s.c.kept_id, _s.c.plan_id).where(
        among(conn, _s.c.kept_id, ids), among(conn, _s.c.plan_id, ids)
    )
    return {(child, above) for query in (by_number, sent) for child, above in conn.execute(query) if child != above}


def _heard(conn: Connection, ids: list[str]) -> dict[str, tuple[int, int]]:
    """Of how many agencies somebody has read a plan, and how many take part in it."""
    read, part = (
        {
            row.plan_id: int(row.agencies)
            for row in conn.execute(
                sa.select(table.c.plan_id, sa.func.count(sa.distinct(table.c.agency_id)).label("agencies"))
                .where(among(conn, table.c.plan_id, ids))
                .group_by(table.c.plan_id)
            )
        }
        for table in (tables.receipt, tables.party)
    )
    return {one: (read.get(one, 0), part.get(one, 0)) for one in ids}


def _came(conn: Connection, ids: list[str]) -> dict[str, int]:
    """How many agencies' own plans came in for each."""
    _s = tables.sub_plan
    query = sa.select(_s.c.plan_id, sa.func.count()).where(among(conn, _s.c.plan_id, ids)).group_by(_s.c.plan_id)
    return {row[0]: int(row[1]) for row in conn.execute(query)}


def receipts(conn: Connection, plan_id: str) -> tuple[Receipt, ...]:
    """Who has taken note, the first first."""
    _r = tables.receipt
    rows = conn.execute(sa.select(_r).where(_r.c.plan_id == plan_id).order_by(_r.c.at, _r.c.id))
    return tuple(Receipt(row.agency_id, row.by, row.at) for row in rows)


def sub_plans(conn: Connection, plan: Plan, today: date) -> tuple[SubPlanRow, ...]:
    """Every agency that leads a clause today, whether somebody there has read the plan, and whether its own plan
    came in time, late or not. What an ended body was to do, or has sent, is its successor's.
    """
    _party, _s, _c, _r = tables.party, tables.sub_plan, tables.clause, tables.receipt
    leads = (
        sa.select(_party.c.agency_id)
        .distinct()
        .join(_c, _c.c.id == _party.c.clause_id)
        .where(_party.c.plan_id == plan.id, _party.c.role == PartyRole.LEAD.value, _c.c.dropped.is_(None))
    )
    has: dict[str, str] = {}

    def now_is(agency_id: str) -> str:
        if agency_id not in has:
            has[agency_id] = agency_on(conn, agency_id, today).id
        return has[agency_id]

    owe = {now_is(one) for one in conn.execute(leads).scalars()} - {now_is(plan.consolidator_id)}
    sent = conn.execute(sa.select(_s).where(_s.c.plan_id == plan.id).order_by(_s.c.submitted_at.desc())).all()
    came = {now_is(row.agency_id): row for row in sent}
    read = sa.select(_r.c.agency_id, sa.func.min(_r.c.at)).where(_r.c.plan_id == plan.id).group_by(_r.c.agency_id)
    noted = {now_is(agency_id): at for agency_id, at in conn.execute(read)}
    rows = []
    for agency_id in sorted(owe | set(came)):
        row: Any = came.get(agency_id)
        due = plan.sub_plans_due
        if row is None:
            missing = due is not None and due < today and plan.state is PlanState.IN_FORCE
            state = SubPlanState.MISSING if missing else SubPlanState.AWAITED
            rows.append(SubPlanRow(agency_id, state, noted_at=noted.get(agency_id)))
        else:
            late = due is not None and row.submitted_at.astimezone(VIETNAM).date() > due
            state = SubPlanState.LATE if late else SubPlanState.SUBMITTED
            rows.append(
                SubPlanRow(agency_id, state, row.title, row.kept_id, row.submitted_at, noted.get(agency_id))
            )
    return tuple(rows)


def _is_named(plan: Any) -> sa.ColumnElement[bool]:
    """Whether a directive is this kept plan: by number and day, or year; by the number alone only where no other
    kept plan has it, for hundreds of issuers give the same one."""
    other = _P.alias()
    only = ~sa.exists().where(other.c.number_key == plan.c.number_key, other.c.id != plan.c.id)
    unsaid = sa.or_(_D.c.dated == "", plan.c.issued_on.is_(None))
    dated = sa.or_(_D.c.dated == plan.c.issued_on, _D.c.dated == sa.func.substr(plan.c.issued_on, 1, 4))
    return sa.and_(plan.c.number_key == _D.c.number_key, sa.or_(dated, sa.and_(unsaid, only)))


def _children(ids: list[str]) -> sa.Select[Any]:
    """Plans whose directives are these plans, or that agencies sent in for them."""
    parent, child = _P.alias(), _P.alias()
    by_number = (
        sa.select(child.c.id, child.c.number, child.c.issuer)
        .join(_I, _I.c.plan_id == child.c.id)
        .join(_D, _D.c.id == _I.c.directive_id)
        .join(parent, _is_named(parent))
        .where(parent.c.id.in_(ids))
    )
    sent = (
        sa.select(_P.c.id, _P.c.number, _P.c.issuer)
        .join(tables.sub_plan, tables.sub_plan.c.kept_id == _P.c.id)
        .where(tables.sub_plan.c.plan_id.in_(ids))
    )  # fmt: skip
    united = sa.union(by_number, sent).subquery()
    return sa.select(united).order_by(united.c.number)
