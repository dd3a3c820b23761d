"""Whose plans and tasks somebody may see: all, or those that the agency, or one it took over, has to do with."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agency_on, may, reaches_all, require, works_for
from lachan.foundation.base import Actor, InputReason, NotFound
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans import tables
from lachan.plans.kept import store as kept
from lachan.plans.kept.model import Plan, PlanState
from lachan.plans.tasks import store as tasks
from lachan.plans.tasks.model import Task

_P, _T, _PARTY = tables.plan, tables.task, tables.party


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks, on which day. `own`: the bodies whose work the actor's agency does; `everything`: no filter."""

    actor: Actor
    today: date
    own: frozenset[str]
    everything: bool

    def plans(self) -> sa.ColumnElement[bool]:
        """Plans that the agency keeps or gathers, and those in which it takes part once they are in force."""
        if self.everything:
            return sa.true()
        kept_here = sa.or_(_P.c.keeper_id.in_(self.own), _P.c.consolidator_id.in_(self.own))
        # The plan's text was sent to everybody who takes part in it: that much is shared.
        takes_part = sa.exists().where(_PARTY.c.plan_id == _P.c.id, _PARTY.c.agency_id.in_(self.own))
        return sa.or_(kept_here, sa.and_(_P.c.state != PlanState.DRAFT.value, takes_part))

    def tasks(self) -> sa.ColumnElement[bool]:
        """Tasks that the agency leads, does, helps with, gathers, or whose plan it keeps."""
        if self.everything:
            return sa.true()
        mine = sa.or_(_T.c.lead_id.in_(self.own), _T.c.delegate_id.in_(self.own))
        gathered = _T.c.plan_id.in_(
            sa.select(_P.c.id).where(sa.or_(_P.c.consolidator_id.in_(self.own), _P.c.keeper_id.in_(self.own)))
        )
        helps = _T.c.clause_id.in_(sa.select(_PARTY.c.clause_id).where(_PARTY.c.agency_id.in_(self.own)))
        return sa.or_(mine, gathered, helps)

    def keeps(self, plan: Plan) -> bool:
        """Whether this person reviews the plan."""
        return self._its_keeper(plan, Permission.PLAN_KEEP)

    def approves(self, plan: Plan) -> bool:
        """Whether this person sets the plan in force, or cancels it."""
        return self._its_keeper(plan, Permission.PLAN_APPROVE)

    def _its_keeper(self, plan: Plan, permission: Permission) -> bool:
        """At the agency that keeps the plan, or that does an ended keeper's work today."""
        mine = self.actor.agency_id if plan.keeper_id in self.own else None
        return may(self.actor, permission, mine or plan.keeper_id)

    def gathers(self, plan: Plan) -> bool:
        """Whether this person returns and approves what is reported."""
        return plan.consolidator_id in self.own and may(self.actor, Permission.PLAN_CHECK)

    def does(self, task: Task) -> bool:
        """Whether this person's agency has the task."""
        return may(self.actor, Permission.PLAN_WORK) and bool({task.lead_id, task.delegate_id} & self.own)


def sight_of(conn: Connection, actor: Actor, now: datetime) -> Sight:
    """What an actor may see; refuses who may see no plans at all."""
    require(actor, Permission.PLAN_READ)
    today = vietnam_date(now)
    own = works_for(conn, actor.agency_id, today) if actor.agency_id else frozenset()
    return Sight(actor, today, own, reaches_all(actor, Permission.PLAN_READ))


def seen_plan(conn: Connection, sight: Sight, plan_id: str) -> Plan:
    """One plan; NotFound where there is none, or none for this person."""
    row: Any = conn.execute(sa.select(_P.c.id).where(_P.c.id == plan_id, sight.plans())).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="plan")
    return kept.find(conn, plan_id)


def seen_task(conn: Connection, sight: Sight, task_id: str) -> Task:
    """One task; NotFound where there is none, or none for this person."""
    row = conn.execute(sa.select(_T.c.id).where(_T.c.id == task_id, sight.tasks())).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="task")
    return tasks.find(conn, task_id)


def who_has(conn: Connection, agency_id: str, today: date) -> str:
    """The body that does an agency's work today."""
    return agency_on(conn, agency_id, today).id
