"""Standing policies: what goes out without a second look each time; signed by the head of desk, revocable."""

from datetime import UTC, datetime, time

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.reading import needed_day
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import AccessReason
from lachan.foundation.base import VIETNAM, BadInput, InputReason, NotAllowed, parse_vnd
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import legal_bases
from lachan.response import revoke_policy, sign_policy
from lachan.response.rules.lawful import POLICY_STEP_MAX
from lachan.response.shapes import Choice, Fields, Notice, PoliciesPage
from lachan.response.views.policies import policy_rows

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "policies"


@router.get("/admin/policies")
def page(visit: VisitOf) -> Response:
    """The desk's policies and the form to sign one."""
    return show(visit, {}, None, 200)


@router.post("/admin/policies")
def sign(visit: VisitOf, form: FormOf) -> Response:
    """Sign one; it ends with the day that is given."""

    def do(unit: Unit) -> str:
        step = form.needed("step_max")
        if step not in {str(n) for n in range(POLICY_STEP_MAX + 1)}:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="step_max", value=step[:40])
        if unit.actor.agency_id is None:
            raise NotAllowed(AccessReason.NOT_PERMITTED)
        day = needed_day(form, "expires_at")
        sign_policy(
            unit, desk_id=unit.actor.agency_id, title=form.needed("title"), step_max=int(step),
            amount_max_vnd=parse_vnd(form.needed("amount_max_vnd"), field="amount_max_vnd"),
            basis=form.needed("basis"), expires_at=datetime.combine(day, time(23, 59, 59), VIETNAM).astimezone(UTC),
        )  # fmt: skip
        return "/admin/policies?done=signed"

    return carry_out(visit, SECTION, form, do, show)


@router.post("/admin/policies/{key}/revoke")
def revoke(visit: VisitOf, key: str, form: FormOf) -> Response:
    """It ends now; what it approved stays approved."""

    def do(unit: Unit) -> str:
        revoke_policy(unit, key)
        return "/admin/policies?done=saved"

    return carry_out(visit, SECTION, form, do, show)


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    with visit.services.db.read() as conn:
        rows = policy_rows(conn, visit.actor.agency_id, visit.language, visit.now)
    bases = [one for one in legal_bases(visit.now) if any(step <= POLICY_STEP_MAX for step in one.steps)]
    made = PoliciesPage(
        rows, tuple(Choice(one.code, text=one.label(visit.language)) for one in bases), fields, notice
    )
    return section_page(visit, SECTION, made, status)
