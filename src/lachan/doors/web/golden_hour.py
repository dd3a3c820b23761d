"""The golden hour: one live page for each report."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from lachan.doors.web.live import event_stream
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.render import render
from lachan.doors.web.visit import Visit, VisitOf, go, visit_of
from lachan.foundation.access import Permission, may_see_personal, require
from lachan.foundation.base import LachanError
from lachan.response.shapes import GoldenHourPage, Notice
from lachan.response.views.golden_hour import Record, golden_hour_page, load, trace_by_code, trace_version
from lachan.response.views.names import names_of
from lachan.response.views.queue import queue_rows

router = APIRouter(route_class=PageRoute, include_in_schema=False)
FRAGMENTS: Mapping[str, str] = {
    name: f"golden_hour/_{name}.html" for name in ("header", "bar", "graph", "holds", "next", "decisions", "stream")
}


def record_of(visit: Visit, code: str) -> Record:
    """One trace as this viewer may see it."""
    actor = visit.require(Permission.REPORT_READ)
    with visit.services.db.read() as conn:
        trace = trace_by_code(conn, code)
        require(actor, Permission.REPORT_READ, trace.desk_id)
        full = may_see_personal(conn, actor, f"report:{trace.report_id}", visit.wall_now)
        return load(conn, trace, actor, visit.language, visit.now, full=full)


@router.get("/trace")
def most_pressing(visit: VisitOf) -> Response:
    """The trace with the most money still movable."""
    sight = visit.sight()
    with visit.services.db.read() as conn:
        rows, _ = queue_rows(conn, sight, names_of(conn), visit.language, visit.now)
    return go(rows[0].href if rows else "/desk")


@router.get("/trace/{code}")
def golden_hour(visit: VisitOf, code: str) -> Response:
    """The page."""
    return show(visit, code)


def show(visit: Visit, code: str, *, notice: Notice | None = None, status: int = 200) -> Response:
    """The page, with what an action came to."""
    page = golden_hour_page(record_of(visit, code))
    extra: dict[str, object] = {"notice": notice} if notice else {}
    return visit.page("golden_hour/page.html", page, status=status, **extra)


@router.get("/trace/{code}/events")
def golden_hour_events(visit: VisitOf, request: Request, code: str) -> Response:
    """The parts of the page that changed."""
    trace = record_of(visit, code).trace

    def version() -> object:
        with visit.services.db.read() as conn:
            return trace_version(conn, trace.id)

    seen: dict[str, object] = {}

    def draw() -> Mapping[str, str] | None:
        now = visit_of(request)
        try:
            made = golden_hour_page(record_of(now, code))
        except LachanError:
            return None
        parts = _parts(made)
        changed = [name for name, part in parts.items() if seen.get(name) != part]
        seen.update(parts)
        context = now.context()
        return {name: render(now.environment, FRAGMENTS[name], context, page=made) for name in changed}

    return event_stream(request, f"trace:{trace.id}", version, draw)


def _parts(page: GoldenHourPage) -> Mapping[str, object]:
    return {
        "header": page.header,
        "bar": (page.bar, page.losses),
        "graph": page.graph,
        "holds": page.holds,
        "next": (page.next_steps, page.asking),
        "decisions": page.decisions,
        "stream": (page.stream, page.sealed),
    }
