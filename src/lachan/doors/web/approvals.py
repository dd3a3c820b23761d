"""The second person: sees exactly what an approval binds, and says yes or no."""

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, may_see_personal, require
from lachan.foundation.base import BadInput, InputReason, LachanError
from lachan.response import approve_hold, reject_hold, store
from lachan.response.shapes import ApprovalPage, Field, Notice
from lachan.response.views.approvals import approval_page, waiting_approvals
from lachan.response.views.names import names_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/approvals")
def approvals(visit: VisitOf) -> Response:
    """The request that escalates first, or that there is none."""
    sight = visit.sight()
    with visit.services.db.read() as conn:
        waiting = waiting_approvals(conn, sight, names_of(conn), visit.language, visit.now, limit=1)
    return go(waiting[0].href) if waiting else visit.page("staff/no_approvals.html", None)


@router.get("/approvals/{hold_id}")
def approval(visit: VisitOf, hold_id: str) -> Response:
    """One request."""
    return visit.page("staff/approval.html", _page(visit, hold_id))


@router.post("/approvals/{hold_id}")
def decide(visit: VisitOf, hold_id: str, form: FormOf) -> Response:
    """Approve what was shown, or reject it with a reason. The second click changes nothing."""
    code = _page(visit, hold_id).code
    try:
        return visit.once(form, lambda: go(f"/trace/{code}?done={_decide(visit, hold_id, form)}"))
    except LachanError as error:
        wrong = Field(form.text("reason"), sentence(error)) if error.field == "reason" else None
        notice = None if wrong else Notice("error", sentence(error))
        page = _page(visit, hold_id, wrong)
        return visit.page(
            "staff/approval.html", page, status=status_of(error), **({"notice": notice} if notice else {})
        )


def _decide(visit: Visit, hold_id: str, form: Form) -> str:
    actor, services = visit.require(Permission.HOLD_APPROVE), visit.services
    approve = form.text("decision") == "approve"
    if not approve and not form.text("reason"):
        raise BadInput(InputReason.MISSING, field="reason")
    with services.db.unit(visit.now, actor) as unit:
        if approve:
            approve_hold(unit, services.outbox, hold_id, content_hash=form.text("content_hash"))
        else:
            reject_hold(unit, services.outbox, hold_id, reason=form.text("reason"))
    return "approved" if approve else "rejected"


def _page(visit: Visit, hold_id: str, reason: Field | None = None) -> ApprovalPage:
    sight = visit.sight()
    with visit.services.db.read() as conn:
        trace = store.trace(conn, store.hold(conn, hold_id).trace_id)
        require(visit.actor, Permission.REPORT_READ, trace.desk_id)
        full = may_see_personal(conn, visit.actor, f"report:{trace.report_id}", visit.wall_now)
        return approval_page(
            conn, visit.actor, hold_id, sight, names_of(conn), visit.language, visit.now, full=full,
            reason_field=reason,
        )  # fmt: skip
