"""What leaders see: reported, held, returned, how fast, and who was listed wrongly."""

from fastapi import APIRouter, Response

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission, may
from lachan.registry import views
from lachan.response.views.leaders import PERIODS, leader_figures

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/figures")
def figures(visit: VisitOf, period: str = "day") -> Response:
    """The figures of a period."""
    sight = visit.sight(Permission.FIGURES_READ)
    with visit.services.db.read() as conn:
        page = leader_figures(conn, sight, visit.language, visit.now, period=period if period in PERIODS else "day")
        listing = views.measures(conn, visit.actor, page.since, visit.now)
    return visit.page(
        "staff/leaders.html", page, listing=listing, reads_registry=may(visit.actor, Permission.REGISTRY_READ)
    )
