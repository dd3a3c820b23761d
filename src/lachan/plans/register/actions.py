"""Take note of a plan, send in one's own, say whom reminders go to."""

import re

import sqlalchemy as sa

from lachan.foundation.access import Permission, agency_on, clean_text, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotAllowed, new_id
from lachan.foundation.storage import Unit, add_row, change_row, hold_names
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.kept import store as kept
from lachan.plans.kept.model import PlanReason, PlanState
from lachan.plans.register.model import Contact
from lachan.plans.tasks.model import TaskReason

TITLE_MAX = 400
_ADDRESS = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,120}\.[^@\s,;<>]{2,}")


def note_plan(unit: Unit, plan_id: str) -> None:
    """This person has read the plan; once is enough."""
    require(unit.actor, Permission.PLAN_READ)
    plan = kept.find(unit.conn, plan_id)
    mine = unit.actor.agency_id
    if mine is None:
        raise NotAllowed(TaskReason.NOT_THE_LEAD)
    _r = tables.receipt
    hold_names(unit.conn, [f"plan noted {plan.id} {unit.actor.reference}"])
    there = sa.select(_r.c.id).where(
        _r.c.plan_id == plan.id, _r.c.agency_id == mine, _r.c.by == unit.actor.reference
    )  # fmt: skip
    if unit.conn.execute(there).first() is not None:
        return
    made = new_id()
    add_row(
        unit.conn, _r,
        {"id": made, "plan_id": plan.id, "agency_id": mine, "by": unit.actor.reference, "at": unit.now},
    )  # fmt: skip
    append(unit, "plan.noted", f"plan:{plan.id}", {"agency": mine}, rows=[("plan_receipt", made)])


def submit_sub_plan(unit: Unit, plan_id: str, title: str, kept_id: str | None = None) -> None:
    """The agency's own plan for carrying this one out; sent again, it has the new title and keeps the first day.

    `kept_id`: it is kept here itself, and is called by its number and title where `title` is empty.
    """
    require(unit.actor, Permission.PLAN_WORK)
    plan = kept.find(unit.conn, plan_id)
    mine = unit.actor.agency_id
    if plan.state is not PlanState.IN_FORCE:
        raise Conflict(PlanReason.NOT_IN_THIS_STATE, plan_state=plan.state.value)
    if mine is None:
        raise NotAllowed(TaskReason.NOT_THE_LEAD)
    if kept_id is not None:
        own = kept.find(unit.conn, kept_id)
        require(unit.actor, Permission.PLAN_WORK, agency_on(unit.conn, own.keeper_id, vietnam_date(unit.now)).id)
        title = title or f"{own.number} {own.title}"[:TITLE_MAX]
    said = clean_text(title, "title", limit=TITLE_MAX)
    _s = tables.sub_plan
    hold_names(unit.conn, [f"sub-plan {plan.id} {mine}"])
    there = unit.conn.execute(sa.select(_s.c.id).where(_s.c.plan_id == plan.id, _s.c.agency_id == mine)).scalar()
    if there is not None:
        change_row(unit.conn, _s, there, {"title": said, "kept_id": kept_id})
    else:
        there = new_id()
        add_row(
            unit.conn, _s,
            {
                "id": there, "plan_id": plan.id, "agency_id": mine, "kept_id": kept_id, "title": said,
                "submitted_by": unit.actor.reference, "submitted_at": unit.now,
            },
        )  # fmt: skip
    append(unit, "plan.sub_plan_submitted", f"plan:{plan.id}", {"agency": mine}, rows=[("plan_sub_plan", there)])


def set_contact(unit: Unit, said: Contact) -> None:
    """Who heads an agency, and where reminders go; empty takes it back."""
    require(unit.actor, Permission.PLAN_WORK, said.agency_id)
    values = {
        "id": said.agency_id, "head": clean_text(said.head, "head", at_least=0),
        "email": _address(said.email, "email"), "head_email": _address(said.head_email, "head_email"),
    }  # fmt: skip
    _c = tables.contact
    hold_names(unit.conn, [f"plan contact {said.agency_id}"])
    there = unit.conn.execute(sa.select(_c.c.id).where(_c.c.id == said.agency_id)).first()
    if there is None:
        add_row(unit.conn, _c, values)
    else:
        change_row(unit.conn, _c, said.agency_id, values)
    append(
        unit, "plan.contact_set", f"agency:{said.agency_id}", {"email": bool(values["email"])},
        rows=[("plan_contact", said.agency_id)],
    )  # fmt: skip


def _address(text: str, field: str) -> str:
    cleaned = text.strip()
    if cleaned and not _ADDRESS.fullmatch(cleaned):
        raise BadInput(InputReason.MALFORMED, field=field, expected="vanthu@example.gov.vn")
    return cleaned
