"""Taking a call: the officer types while the victim talks, and one button opens the report and asks the banks."""

from dataclasses import replace

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.report_form import (
    Errors,
    TypedReport,
    errors_of,
    parse_report,
    report_form,
    typed_report,
    with_paste_read,
    with_rows_changed,
)
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput
from lachan.foundation.protocol import Situation
from lachan.intake import Channel, ReportDraft, receive_report
from lachan.response import open_trace, take_trace
from lachan.response.views.banks import Banks, banks_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
ACTION = "/desk/reports/new"


@router.get("/desk/reports/new")
def take(visit: VisitOf) -> Response:
    """An empty form."""
    visit.require(Permission.HOLD_REQUEST)
    return _page(visit, TypedReport(situation=Situation.SCAM), _banks(visit), fresh=True)


@router.post("/desk/reports/new")
def send(visit: VisitOf, form: FormOf) -> Response:
    """Read a message, add a transfer, or open the report; nothing typed is lost on a mistake."""
    # Not REPORT_RECEIVE, which banks' officers have too: whoever opens a trace here becomes its desk.
    visit.require(Permission.HOLD_REQUEST)
    banks, action = _banks(visit), form.text("action")
    typed = typed_report({name: value for name, value in form.fields.items() if isinstance(value, str)})
    if action == "read":
        typed, wrong = with_paste_read(typed, banks)
        return _page(visit, typed, banks, {"paste": wrong} if wrong else {})
    if action != "send":
        return _page(visit, with_rows_changed(typed, action) or typed, banks)
    parsed = parse_report(replace(typed, situation=typed.situation or Situation.SCAM), banks, visit.now,
                          visit.language, consent=False)  # fmt: skip
    if parsed.draft is None:
        return _page(visit, typed, banks, parsed.errors, status=422)
    draft = parsed.draft
    try:
        return visit.once(form, lambda: _receive(visit, draft))
    except BadInput as error:
        return _page(visit, typed, banks, errors_of(error), status=422)


def _receive(visit: Visit, draft: ReportDraft) -> RedirectResponse:
    """Receive the report and open its trace at once, so that the officer lands on its page."""
    services, actor = visit.services, visit.actor
    with services.db.unit(visit.now, actor) as unit:
        received = receive_report(unit, draft, Channel.DESK, agency_id=actor.agency_id)
        opened = open_trace(unit, services.outbox, received.report_id)
        if opened:
            take_trace(unit, services.outbox, opened)
    if received.duplicate_of_code is not None:
        return go(f"/trace/{received.duplicate_of_code}?done=known")
    return go(f"/trace/{received.code}" if opened else "/desk?done=referred")


def _page(
    visit: Visit,
    typed: TypedReport,
    banks: Banks,
    errors: Errors | None = None,
    *,
    status: int = 200,
    fresh: bool = False,
) -> Response:
    made = report_form(typed, banks, visit.now, visit.language, errors=errors, action=ACTION)
    return visit.page("desk/take.html", made, status=status, fresh=fresh)


def _banks(visit: Visit) -> Banks:
    with visit.services.db.read() as conn:
        return banks_of(conn)
