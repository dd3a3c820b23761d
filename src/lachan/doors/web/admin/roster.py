"""The roster: who is on duty at a desk, and who deputises."""

from datetime import timedelta

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.reading import needed_moment
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import (
    Agency,
    Permission,
    Position,
    agencies,
    appointments,
    cancel_shift,
    person,
    plan_shift,
    reaches_all,
    shifts,
)
from lachan.foundation.base import BadInput, InputReason, alphabetical
from lachan.foundation.storage import Unit
from lachan.response.shapes import Action, Choice, Fields, Message, Notice, RosterPage, RosterSlot

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "roster"
# The roster shows a day back and two weeks ahead.
BACK, AHEAD = timedelta(days=1), timedelta(days=14)


@router.get("/admin/roster")
def page(visit: VisitOf) -> Response:
    """Shifts and the form for one more."""
    return show(visit, {}, None, 200)


@router.post("/admin/roster")
def plan(visit: VisitOf, form: FormOf) -> Response:
    """Put somebody on the roster; a deputy has a shift of the same time."""

    def do(unit: Unit) -> str:
        position = form.needed("position")
        if position not in set(Position):
            raise BadInput(InputReason.UNKNOWN_VALUE, field="position", value=position[:40])
        desk = form.text("agency") or visit.actor.agency_id or ""
        starts_at, ends_at = needed_moment(form, "starts_at"), needed_moment(form, "ends_at")
        plan_shift(unit, desk, form.needed("person_id"), Position(position), starts_at, ends_at)
        if deputy := form.text("deputy"):
            plan_shift(unit, desk, deputy, Position.DEPUTY, starts_at, ends_at, rank=1)
        return "/admin/roster?done=saved"

    return carry_out(visit, SECTION, form, do, show)


@router.post("/admin/roster/{key}/cancel")
def cancel(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Take a shift off; a running one ends now."""

    def do(unit: Unit) -> str:
        cancel_shift(unit, key)
        return "/admin/roster?done=saved"

    return carry_out(visit, SECTION, form, do, show)


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    now = visit.now
    with visit.services.db.read() as conn:
        desks = _desks(visit, conn)
        slots = [(desk, one) for desk in desks for one in shifts(conn, desk.id, now - BACK, now + AHEAD)]
        names = {one.person_id: person(conn, one.person_id).name for _, one in slots}
        staff = {role.person_id for desk in desks for role in appointments(conn, now, agency_id=desk.id)}
        people = {key: person(conn, key).name for key in staff}
    rows = []
    for desk, one in slots:
        deputies = [names[other.person_id] for where, other in slots
                    if where is desk and other.position is Position.DEPUTY and one.position is Position.SHIFT_HEAD
                    and other.starts_at < one.ends_at and one.starts_at < other.ends_at]  # fmt: skip
        rows.append(
            RosterSlot(
                one.id, names[one.person_id], Message(f"duty_position.{one.position.value}"), one.starts_at,
                one.ends_at, ", ".join(deputies) or None, one.starts_at <= now < one.ends_at,
                Action(Message("web.admin.cancel_shift"), f"/admin/roster/{one.id}/cancel", post=True)
                if one.ends_at > now else None,
            )
        )  # fmt: skip
    made = RosterPage(
        tuple(rows),
        tuple(
            Choice(key, text=name) for key, name in sorted(people.items(), key=lambda pair: alphabetical(pair[1]))
        ),
        tuple(Choice(one.value, Message(f"duty_position.{one.value}")) for one in Position),
        tuple(Choice(one.id, text=one.short_name) for one in desks) if len(desks) > 1 else (),
        fields,
        notice,
    )
    return section_page(visit, SECTION, made, status)


def _desks(visit: Visit, conn: Connection) -> list[Agency]:
    """The own desk, or for an administrator every agency that has people and no accounts of money."""
    everybody = reaches_all(visit.actor, Permission.ROSTER_MANAGE)
    staffed = {one.agency_id for one in appointments(conn, visit.now)}
    return [
        one for one in agencies(conn)
        if (everybody and not one.codes and one.id in staffed) or one.id == visit.actor.agency_id
    ]  # fmt: skip
