"""Taking a call: the officer types while the victim talks, and one button opens the report and asks the banks."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.report_form import Reader, changed_form, empty_form, typed_form
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput
from lachan.intake import Channel, ReportDraft, receive_report
from lachan.response import open_trace
from lachan.response.shapes import ReportForm
from lachan.response.views.banks import Banks, banks_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
ACTION = "/desk/reports/new"


@router.get("/desk/reports/new")
def take(visit: VisitOf) -> Response:
    """An empty form."""
    visit.require(Permission.REPORT_RECEIVE)
    return visit.page("desk/take.html", empty_form(_banks(visit), visit.now, visit.language, action=ACTION))


@router.post("/desk/reports/new")
def send(visit: VisitOf, form: FormOf) -> Response:
    """Read a message, add a transfer, or open the report; nothing typed is lost on a mistake."""
    visit.require(Permission.REPORT_RECEIVE)
    banks = _banks(visit)
    page = typed_form(form, banks, visit.now, visit.language, action=ACTION)
    if form.text("action") != "send":
        return visit.page("desk/take.html", changed_form(page, form.text("action"), banks))
    reader = Reader(page, banks)
    draft = reader.draft(form, visit.language)
    if draft is None:
        return _again(visit, reader.with_mistakes())
    try:
        return visit.once(form, lambda: _receive(visit, draft))
    except BadInput as error:
        reader.take(error)
        return _again(visit, reader.with_mistakes())


def _receive(visit: Visit, draft: ReportDraft) -> RedirectResponse:
    """Receive the report and open its trace at once, so that the officer lands on its page."""
    services, actor = visit.services, visit.actor
    with services.db.unit(visit.now, actor) as unit:
        received = receive_report(unit, draft, Channel.DESK, agency_id=actor.agency_id)
        opened = open_trace(unit, services.outbox, received.report_id)
    if received.duplicate_of_code is not None:
        return go(f"/trace/{received.duplicate_of_code}?done=known")
    return go(f"/trace/{received.code}" if opened else "/desk?done=referred")


def _again(visit: Visit, page: ReportForm) -> Response:
    return visit.page("desk/take.html", page, status=422)


def _banks(visit: Visit) -> Banks:
    with visit.services.db.read() as conn:
        return banks_of(conn)
