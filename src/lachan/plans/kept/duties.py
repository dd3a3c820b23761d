"""A plan's calendar of reports as its keeper sets it: what is due until when, and up to which day it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agency_on, clean_text, require
from lachan.foundation.base import BadInput, Conflict, InputReason, new_id
from lachan.foundation.storage import Unit, add_row
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.kept import giving, rules, store
from lachan.plans.kept.model import Plan, PlanReason, PlanState
from lachan.plans.model import ReportDuty
from lachan.plans.reporting import Occurrence, occurrences

DUTIES_MOST = 24
_WHY_MAX = 1_000
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The duties as they stand, why a person set them (None: as read), and what they come to from today on."""

    plan: Plan
    duties: tuple[ReportDuty, ...]
    why: str | None
    ahead: tuple[Occurrence, ...]


def calendar_of(conn: Connection, plan: Plan, today: date) -> Calendar:
    """A plan's calendar, with every report due within a year."""
    duties = store.report_duties(conn, plan.id)
    return Calendar(plan, duties, by_hand(conn, plan.id), occurrences(duties, today, today + _YEAR))


def by_hand(conn: Connection, plan_id: str) -> str | None:
    """Why a person set a plan's calendar; None where it is as the document was read."""
    why: str | None = conn.execute(sa.select(tables.plan.c.duties_why).where(tables.plan.c.id == plan_id)).scalar()
    return why


def set_duties(
    unit: Unit, plan_id: str, duties: Sequence[ReportDuty], reason: str, *, version: int | None = None
) -> Plan:
    """Set the calendar of a plan: it counts from today on and survives every later reading.

    What was due before today stays as it was asked for, and so does a period for which somebody has handed in; a
    draft follows the calendar when it is counted again.

    Raises:
        BadInput: DUTY_TWICE for a report that is named twice; TOO_LONG for too many.
        Conflict: CHANGED_MEANWHILE where it is not the plan that was read.
    """
    plan = store.find(unit.conn, plan_id, lock=True)
    require(unit.actor, Permission.PLAN_KEEP, agency_on(unit.conn, plan.keeper_id, vietnam_date(unit.now)).id)
    rules.check_open(plan)
    if version is not None and version != plan.version:
        raise Conflict(InputReason.CHANGED_MEANWHILE, field="version")
    said = clean_text(reason, "reason", limit=_WHY_MAX)
    if len(duties) > DUTIES_MOST:
        raise BadInput(InputReason.TOO_LONG, field="duties", limit=DUTIES_MOST)
    named = [(one.period, one.due, one.covers_to, one.sender, one.receiver) for one in duties]
    if len(set(named)) < len(named):
        raise BadInput(PlanReason.DUTY_TWICE, field="duties")
    before = store.report_duties(unit.conn, plan.id)
    keep_duties(unit.conn, plan.id, duties)
    store.update_plan(unit.conn, plan.id, duties_why=said)
    append(
        unit, "plan.duties_set", f"plan:{plan.id}",
        {"before": list(map(_told, before)), "after": list(map(_told, duties))},
        rows=[("plan", plan.id)],
    )  # fmt: skip
    done = store.find(unit.conn, plan.id)
    if done.state is PlanState.IN_FORCE:
        giving.owe_reports(unit, done)
    return done


def keep_duties(conn: Connection, plan_id: str, duties: Sequence[ReportDuty]) -> None:
    """Put these duties in place of those that are kept."""
    _d = tables.report_duty
    conn.execute(sa.delete(_d).where(_d.c.plan_id == plan_id))
    for one in duties:
        add_row(
            conn, _d,
            {
                "id": new_id(), "plan_id": plan_id, "period": one.period.value, "due": _month_day(one.due),
                "covers_from": _month_day(one.covers_from), "covers_to": _month_day(one.covers_to),
                "sender": one.sender, "receiver": one.receiver, "line": one.line.number or None,
            },
        )  # fmt: skip


def _told(one: ReportDuty) -> dict[str, Any]:
    return {
        "period": one.period.value, "due": _month_day(one.due), "from": _month_day(one.covers_from),
        "to": _month_day(one.covers_to),
    }  # fmt: skip


def _month_day(day: tuple[int, int] | None) -> str | None:
    return f"{day[0]:02}-{day[1]:02}" if day else None
