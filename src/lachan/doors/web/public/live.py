"""The victim's own page behind an unguessable link: what happens to the money, as it happens."""

from fastapi import APIRouter, Request, Response

from lachan.doors.web.live import event_stream
from lachan.doors.web.public.forms import PublicFormOf
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.render import render
from lachan.doors.web.visit import Visit, VisitOf, go
from lachan.foundation.access import REPORTS_BY_ADDRESS, RateLimiter
from lachan.foundation.base import PUBLIC, LachanError
from lachan.intake import Report, add_detail, report_by_secret
from lachan.response.shapes import Field, Message
from lachan.response.views.victim import live_page, live_version

router = APIRouter(route_class=PageRoute, include_in_schema=False)
TEMPLATE = "public/live.html"


@router.get("/live/{secret}")
def live(visit: VisitOf, secret: str) -> Response:
    """Held, being chased, not recovered; what happened; what to do now."""
    with visit.services.db.read() as conn:
        made = live_page(conn, report_by_secret(conn, secret), f"/live/{secret}")
    return visit.page(TEMPLATE, made)


@router.get("/live/{secret}/events")
def live_events(visit: VisitOf, request: Request, secret: str) -> Response:
    """The page's middle, whenever it changes."""
    report = _report(visit, secret)

    def version() -> object:
        with visit.services.db.read() as conn:
            return live_version(conn, report.id)

    def draw() -> dict[str, str]:
        with visit.services.db.read() as conn:
            made = live_page(conn, report_by_secret(conn, secret), f"/live/{secret}")
        context = {**visit.context(), "now": visit.clock.now()}
        return {"live": render(visit.environment, "public/_live.html", context, page=made)}

    return event_stream(request, f"live:{report.id}", version, draw)


@router.post("/live/{secret}/detail")
def detail(visit: VisitOf, sent: PublicFormOf, secret: str) -> Response:
    """The victim remembers something."""
    report, text = _report(visit, secret), sent.form.text("detail")
    wrong: Message | None = sent.error
    if wrong is None:
        try:
            limiter: RateLimiter = visit.request.app.state.limiter
            limiter.require(REPORTS_BY_ADDRESS, visit.source, visit.wall_now)
            with visit.services.db.unit(visit.now, PUBLIC) as unit:
                add_detail(unit, report.id, text)
        except LachanError as error:
            wrong = sentence(error)
    if wrong is None:
        return go(f"/live/{secret}?done=detail")
    with visit.services.db.read() as conn:
        made = live_page(conn, report, f"/live/{secret}", detail=Field(text[:20_000], wrong))
    return visit.page(TEMPLATE, made, status=422)


def _report(visit: Visit, secret: str) -> Report:
    with visit.services.db.read() as conn:
        return report_by_secret(conn, secret)
