"""Questions about where a plan comes from and whom it has reached."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import VIETNAM
from lachan.plans import tables
from lachan.plans.kept.model import PartyRole, Plan, PlanState
from lachan.plans.register.model import Ancestor, Descendant, Lineage, Receipt, SubPlanRow, SubPlanState

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
            .outerjoin(_P, _P.c.number_key == _D.c.number_key)
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


def receipts(conn: Connection, plan_id: str) -> tuple[Receipt, ...]:
    """Who has taken note, the first first."""
    _r = tables.receipt
    rows = conn.execute(sa.select(_r).where(_r.c.plan_id == plan_id).order_by(_r.c.at, _r.c.id))
    return tuple(Receipt(row.agency_id, row.by, row.at) for row in rows)


def sub_plans(conn: Connection, plan: Plan, today: date) -> tuple[SubPlanRow, ...]:
    """Every agency that leads a clause, and whether its own plan came in time, late or not."""
    _party, _s = tables.party, tables.sub_plan
    owe = set(
        conn.execute(
            sa.select(_party.c.agency_id).where(_party.c.plan_id == plan.id, _party.c.role == PartyRole.LEAD.value)
        ).scalars()
    ) - {plan.consolidator_id}
    came = {row.agency_id: row for row in conn.execute(sa.select(_s).where(_s.c.plan_id == plan.id))}
    rows = []
    for agency_id in sorted(owe | set(came)):
        row: Any = came.get(agency_id)
        due = plan.sub_plans_due
        if row is None:
            missing = due is not None and due < today and plan.state is PlanState.IN_FORCE
            rows.append(SubPlanRow(agency_id, SubPlanState.MISSING if missing else SubPlanState.AWAITED))
        else:
            late = due is not None and row.submitted_at.astimezone(VIETNAM).date() > due
            state = SubPlanState.LATE if late else SubPlanState.SUBMITTED
            rows.append(SubPlanRow(agency_id, state, row.title, row.kept_id, row.submitted_at))
    return tuple(rows)


def _children(ids: list[str]) -> sa.Select[Any]:
    """Plans whose directives are these plans, or that agencies sent in for them."""
    parent, child = _P.alias(), _P.alias()
    by_number = (
        sa.select(child.c.id, child.c.number, child.c.issuer)
        .join(_I, _I.c.plan_id == child.c.id)
        .join(_D, _D.c.id == _I.c.directive_id)
        .join(parent, parent.c.number_key == _D.c.number_key)
        .where(parent.c.id.in_(ids))
    )
    sent = (
        sa.select(_P.c.id, _P.c.number, _P.c.issuer)
        .join(tables.sub_plan, tables.sub_plan.c.kept_id == _P.c.id)
        .where(tables.sub_plan.c.plan_id.in_(ids))
    )  # fmt: skip
    united = sa.union(by_number, sent).subquery()
    return sa.select(united).order_by(united.c.number)
