"""What leaders look at: agencies × states, heads, plan against plan, deadlines ahead; one plan's matrix."""

from fastapi import APIRouter, Response

from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission
from lachan.plans.tasks.model import TaskState
from lachan.plans.views import board

router = APIRouter(route_class=PageRoute, include_in_schema=False)
STATES = (TaskState.GIVEN, TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.REPORTED, TaskState.RETURNED,
          TaskState.DONE)  # fmt: skip


@router.get("/plans/dashboard")
def dashboard(visit: VisitOf) -> Response:
    """One page, one sheet of A3: every figure leads to its records."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = board.dashboard(conn, sight)
        ids = [agency_id for agency_id, _ in found.agencies] + [row.task.lead_id for row in found.ahead]
        names = names_of(conn, ids)
    return visit.page("plans/dashboard.html", found, names=names, states=STATES, today=sight.today)


@router.get("/plans/{plan_id}/matrix")
def matrix(visit: VisitOf, plan_id: str) -> Response:
    """Agencies × tasks of one plan."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = board.matrix(conn, sight, plan_id)
        names = names_of(conn, [agency_id for agency_id, _, _ in found.rows])
    return visit.page("plans/matrix.html", found, names=names, states=STATES)
