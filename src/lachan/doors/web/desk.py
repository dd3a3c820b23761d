"""The desk: the queue with its tabs, kept up to date while somebody looks."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from lachan.doors.web.live import event_stream
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.render import render
from lachan.doors.web.visit import Visit, VisitOf, go, visit_of
from lachan.foundation.access import Permission, may
from lachan.foundation.base import NotFound
from lachan.intake import report_by_code
from lachan.response.shapes import DeskPage
from lachan.response.views.desk import desk_page, desk_version
from lachan.response.views.queue import TABS, Only

router = APIRouter(route_class=PageRoute, include_in_schema=False)
FRAGMENTS: Mapping[str, str] = {
    "figures": "desk/_figures.html",
    "queue": "desk/_queue.html",
    "approvals": "desk/_approvals.html",
    "institutions": "desk/_institutions.html",
    "roster": "desk/_roster.html",
}


@router.get("/desk")
def desk(
    visit: VisitOf,
    tab: str = "stopping",
    q: str = "",
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
    form: str = "",
    situation: str = "",
    place: str = "",
    institution: str = "",
    since: str = "",
    having: str = "",
) -> Response:
    """The desk, or what a search finds; a whole code goes straight to its page."""
    made = _desk(visit, tab, q.strip()[:64], page, Only(form, situation, place, institution, since, having))
    if q and len(made.rows) == 1 and made.rows[0].code == q.strip().upper():
        return go(made.rows[0].href)
    if q and not made.rows and (file := _file_of(visit, q)):
        return go(file)
    return visit.page("desk/page.html", made)


@router.get("/desk/events")
def desk_events(visit: VisitOf, request: Request, tab: str = "stopping") -> Response:
    """The parts of the desk that changed."""
    visit.require(Permission.REPORT_READ)

    def version() -> object:
        with visit.services.db.read() as conn:
            return desk_version(conn)

    seen: dict[str, object] = {}

    def draw() -> Mapping[str, str] | None:
        now = visit_of(request)
        if now.viewer is None:
            return None
        made = _desk(now, tab, "", 1)
        parts: Mapping[str, object] = {
            "figures": (made.open_reports, made.totals, made.stats),
            "queue": made.rows,
            "approvals": made.approvals,
            "institutions": (made.institutions, made.connected, made.lost),
            "roster": made.roster,
        }
        changed = [name for name, part in parts.items() if seen.get(name) != part]
        seen.update(parts)
        context = now.context()
        return {name: render(now.environment, FRAGMENTS[name], context, page=made) for name in changed}

    return event_stream(request, "desk", version, draw)


def _desk(visit: Visit, tab: str, query: str, page: int, only: Only = Only()) -> DeskPage:  # noqa: B008 (frozen)
    sight = visit.sight()
    with visit.services.db.read() as conn:
        return desk_page(
            conn,
            sight,
            visit.language,
            visit.now,
            tab=tab if tab in TABS else "stopping",
            query=query,
            page=page,
            only=only,
            may_take=may(visit.actor, Permission.HOLD_REQUEST),
        )


def _file_of(visit: Visit, query: str) -> str | None:
    """The file of a report that was never traced, where a whole code names one of this viewer's."""
    with visit.services.db.read() as conn, suppress(NotFound):
        found = report_by_code(conn, query)
        if may(visit.actor, Permission.REPORT_READ, found.agency_id):
            return f"/desk/reports/{found.code}"
    return None
