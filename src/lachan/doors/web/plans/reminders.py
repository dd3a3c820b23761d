"""The list of reminders, and marking one as seen."""

from fastapi import APIRouter, Response

from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, VisitOf, go
from lachan.foundation.access import Permission, may
from lachan.foundation.taxonomy import reminder_steps
from lachan.plans.reminders import views

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans/reminders")
def reminders(visit: VisitOf) -> Response:
    """What the agency was reminded of, and the steps by which everybody is."""
    actor = visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        rows = views.reminders(conn, look(visit, conn))
        names = names_of(conn, [row.agency_id for row in rows])
    steps = reminder_steps(visit.now)
    return visit.page(
        "plans/reminders.html", rows, names=names, steps=steps, works=may(actor, Permission.PLAN_WORK),
        labels={step.code: step.label(visit.language) for step in steps},
    )  # fmt: skip


@router.post("/plans/reminders/{reminder_id}/seen")
def seen(visit: VisitOf, reminder_id: str, form: FormOf) -> Response:
    """Seen."""
    actor = visit.require(Permission.PLAN_WORK)

    def do() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            views.see(unit, reminder_id)
        return go("/plans/reminders")

    return visit.once(form, do)
