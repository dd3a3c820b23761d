"""D1 to D103: where each demand is done, by whom, what shows it, today's value. What has no home stands in red."""

from collections import Counter

from fastapi import APIRouter, Response

from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission
from lachan.foundation.taxonomy import activity_kinds
from lachan.plans.views.coverage import coverage

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans/demands")
def demands(visit: VisitOf) -> Response:
    """All of them."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        rows = coverage(conn, sight, visit.now)
        names = names_of(conn, {lead for row in rows for lead in row.leads})
    return visit.page(
        "plans/demands.html", rows, names=names,
        kinds={one.code: one.label(visit.language) for one in activity_kinds(visit.now)},
        counts=Counter(row.standing.value for row in rows),
    )  # fmt: skip
