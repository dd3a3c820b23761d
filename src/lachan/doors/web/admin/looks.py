"""Who looked at whose personal data, and why: for the auditor."""

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import demand, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.response.views.looks import looks_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "looks"


@router.get("/admin/looks")
def page(visit: VisitOf, q: str = "") -> Response:
    """The newest looks, or those of one person or report."""
    demand(visit, SECTION)
    with visit.services.db.read() as conn:
        made = looks_page(conn, visit.actor, q.strip()[:64])
    return section_page(visit, SECTION, made)
