"""An officer takes a trace: from now on everybody at the desk sees whose it is."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from lachan.doors.api.problems import status_of
from lachan.doors.web.golden_hour import show
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import FormOf, VisitOf, go, here_only
from lachan.foundation.access import Permission, require
from lachan.foundation.base import LachanError
from lachan.response import take_trace
from lachan.response.shapes import Notice
from lachan.response.views.golden_hour import trace_by_code

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/trace/{code}/take")
def take(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Take it, and go back to where it was seen: the queue, or its own page."""
    actor = visit.require(Permission.HOLD_REQUEST)
    with visit.services.db.read() as conn:
        trace = trace_by_code(conn, code)
    require(actor, Permission.HOLD_REQUEST, trace.desk_id)
    back = here_only(form.text("back"), f"/trace/{trace.code}")

    def do() -> RedirectResponse:
        with visit.services.db.unit(visit.now, actor) as unit:
            take_trace(unit, visit.services.outbox, trace.id)
        return go(f"{back}{'&' if '?' in back else '?'}done=taken")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return show(visit, trace.code, notice=Notice("error", sentence(error)), status=status_of(error))
