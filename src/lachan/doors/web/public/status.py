"""A report's status by its code: rate-limited, and never more than the status."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Visit, VisitOf, go
from lachan.foundation.access import STATUS_BY_ADDRESS, STATUS_BY_CODE, WRONG_CODE_COST, RateLimiter
from lachan.foundation.base import LachanError, NotFound, read_reference_code
from lachan.intake import report_by_code
from lachan.response.shapes import Field, Message, StatusPage
from lachan.response.views.victim import status_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# Codes of other things that people have in their hands when they come here.
_ELSEWHERE = {"KN": "/appeal/", "TB": "/appeal?notice=", "KD": "/listing/", "TN": "/listing?notice="}


@router.get("/status")
def status(visit: VisitOf, code: Annotated[str, Query()] = "") -> Response:
    """What became of a report."""
    typed = code.strip()[:60]
    if not typed:
        return _page(visit, StatusPage(Field()))
    for prefix, address in _ELSEWHERE.items():
        if typed[:2].upper() == prefix and (other := read_reference_code(typed, prefix)):
            return go(f"{address}{other}")
    clean = read_reference_code(typed)
    if clean is None:
        return _wrong(visit, typed, Message("web.status.mistyped"), 422)
    try:
        look_up(visit, clean)
        with visit.services.db.read() as conn:
            made = status_page(conn, report_by_code(conn, clean))
    except NotFound:
        wrong_code(visit)
        return _wrong(visit, clean, Message("web.status.unknown"), 404)
    except LachanError as error:
        return _wrong(visit, clean, sentence(error), status_of(error))
    return _page(visit, made)


def look_up(visit: Visit, code: str | None) -> None:
    """One look, if this address (and the code, where one is looked at) has looks left; refuses
    TOO_MANY_REQUESTS."""
    limiter: RateLimiter = visit.request.app.state.limiter
    limiter.require(STATUS_BY_ADDRESS, visit.source, visit.wall_now)
    if code is not None:
        limiter.require(STATUS_BY_CODE, code, visit.wall_now)


def wrong_code(visit: Visit) -> None:
    """A code that nobody was given: dear, so that guessing ends soon."""
    limiter: RateLimiter = visit.request.app.state.limiter
    limiter.take(STATUS_BY_ADDRESS, visit.source, visit.wall_now, cost=WRONG_CODE_COST)


def _page(visit: Visit, page: StatusPage, http_status: int = 200) -> Response:
    return visit.page("public/status.html", page, status=http_status)


def _wrong(visit: Visit, typed: str, what: Message, http_status: int) -> Response:
    return _page(visit, StatusPage(Field(typed, what)), http_status)
