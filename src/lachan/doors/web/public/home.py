"""The first page: report, look up, what to do now."""

from fastapi import APIRouter, Response

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
def home(visit: VisitOf) -> Response:
    """The report button comes first: whoever is here has lost money minutes ago."""
    return visit.page("public/home.html", None)
