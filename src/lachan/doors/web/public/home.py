"""The first page: check, report, look up, what to do now."""

from fastapi import APIRouter, Response

from lachan.doors.web.checking import CheckPage
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.outreach.public import warnings

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_SHOWN = 3


@router.get("/")
def home(visit: VisitOf) -> Response:
    """The box first, and the report button in the first look: whoever is here may have lost money minutes ago."""
    with visit.services.db.read() as conn:
        current = warnings(conn, visit.now)[:_SHOWN]
    return visit.page("public/home.html", CheckPage(), warnings=current, language=visit.language)
