"""Where a plan comes from and whom it has reached: lineage, taking note, plans sent in for it."""

from fastapi import APIRouter, Response

from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, VisitOf, go
from lachan.foundation.access import Permission, may
from lachan.plans.register.actions import note_plan, set_contact, submit_sub_plan
from lachan.plans.register.model import Contact
from lachan.plans.register.views import registered
from lachan.plans.views import lists
from lachan.plans.views.one import register_page
from lachan.plans.views.sight import seen_plan

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans/directives")
def directives(visit: VisitOf) -> Response:
    """The register of directives: each with the plans that carry it out, and how far their tasks are."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        found = registered(conn, look(visit, conn))
    return visit.page("plans/directives.html", found)


@router.get("/plans/{plan_id}/register")
def register(visit: VisitOf, plan_id: str) -> Response:
    """Lineage, receipts, completeness."""
    actor = visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = register_page(conn, sight, plan_id)
        ids = [one.agency_id for one in found.receipts] + [one.agency_id for one in found.sub_plans]
        names = names_of(conn, ids, [one.by for one in found.receipts])
        # What the agency keeps here itself can be sent in as it is: then the way leads on to its tasks.
        own = [one for one in lists.kept_here(conn, sight) if one.id != plan_id]
    noted = any(one.by == actor.reference for one in found.receipts)
    owes = may(actor, Permission.PLAN_WORK) and any(one.agency_id == actor.agency_id for one in found.sub_plans)
    return visit.page("plans/register.html", found, names=names, noted=noted, owes=owes, own=own)


@router.post("/plans/{plan_id}/note")
def note(visit: VisitOf, plan_id: str, form: FormOf) -> Response:
    """I have taken note."""
    actor = visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        seen_plan(conn, look(visit, conn), plan_id)

    def do() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            note_plan(unit, plan_id)
        return go(f"/plans/{plan_id}/register?done=plan_noted")

    return visit.once(form, do)


@router.post("/plans/{plan_id}/sub-plan")
def sub_plan(visit: VisitOf, plan_id: str, form: FormOf) -> Response:
    """Our own plan for carrying this one out."""
    actor = visit.require(Permission.PLAN_WORK)
    with visit.services.db.read() as conn:
        seen_plan(conn, look(visit, conn), plan_id)

    def do() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            submit_sub_plan(unit, plan_id, form.text("title"), form.text("kept") or None)
        return go(f"/plans/{plan_id}/register?done=sub_plan_submitted")

    return visit.once(form, do)


@router.post("/plans/mine/contact")
def contact(visit: VisitOf, form: FormOf) -> Response:
    """Who heads the agency, and where its reminders go."""
    actor = visit.require(Permission.PLAN_WORK)

    def do() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            said = Contact(
                actor.agency_id or "", form.text("head"), form.text("email"), form.text("head_email")
            )  # fmt: skip
            set_contact(unit, said)
        return go("/plans/mine?done=plan_contact_set")

    return visit.once(form, do)
