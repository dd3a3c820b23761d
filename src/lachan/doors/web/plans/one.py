"""One plan: its clauses, who has them, how far they are, what shows it; and the document as it came."""

from urllib.parse import quote

from fastapi import APIRouter, Response

from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission
from lachan.plans.kept import store
from lachan.plans.views.one import plan_page
from lachan.plans.views.sight import seen_plan

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans/{plan_id}")
def plan(visit: VisitOf, plan_id: str) -> Response:
    """The clause, its owner, its deadline, its evidence."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = plan_page(conn, sight, plan_id)
        rows = [row for _, rows in found.sections for row in rows]
        ids = [task.lead_id for row in rows for task in row.tasks] + [i for row in rows for i in row.clause.leads]
        names = names_of(conn, [*ids, found.plan.consolidator_id, found.plan.keeper_id])
    return visit.page(
        "plans/plan.html", found, names=names, today=sight.today, keeps=sight.keeps(found.plan)
    )  # fmt: skip


@router.get("/plans/{plan_id}/document")
def document(visit: VisitOf, plan_id: str) -> Response:
    """The file, byte for byte; a browser keeps it and opens nothing in it."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        found = seen_plan(conn, look(visit, conn), plan_id)
        reading = store.readings(conn, found.id)[0]
        kept = store.document(conn, reading.document_id)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(kept.name)}",
        "lachan-document-sha256": reading.document_id,
    }
    return Response(kept.content, media_type="application/octet-stream", headers=headers)
