"""A purpose is stated, and sealed under the viewer's name, before personal data is shown."""

from fastapi import APIRouter, Response

from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go, here_only
from lachan.foundation.access import Permission, Purpose, grant_view, mask_name, require
from lachan.foundation.base import BadInput, InputReason, LachanError
from lachan.intake import Report, report_by_id
from lachan.response import Trace
from lachan.response.shapes import Choice, Field, Message, PurposePage
from lachan.response.views.golden_hour import trace_by_code

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_AT_THE_DESK = (
    Purpose.TRACE_MONEY, Purpose.CONTACT_VICTIM, Purpose.ANSWER_INSTITUTION, Purpose.DECIDE_APPEAL, Purpose.INSPECT,
)  # fmt: skip


@router.get("/purpose")
def ask(visit: VisitOf, trace: str, back: str = "") -> Response:
    """Ask for a purpose."""
    return visit.page("staff/purpose.html", _page(visit, trace, here_only(back, f"/trace/{trace}"), Field(trace)))


@router.post("/purpose")
def state(visit: VisitOf, form: FormOf, trace: str) -> Response:
    """Record the purpose and go back; the data is shown for 15 minutes."""
    back = here_only(form.text("back"), f"/trace/{trace}")
    found, _ = _subject(visit, trace)
    try:
        if form.text("purpose") not in set(_AT_THE_DESK):
            raise BadInput(InputReason.MISSING, field="purpose")
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            grant_view(
                unit, f"report:{found.report_id}", Purpose(form.text("purpose")), form.text("case"),
                wall_now=visit.wall_now, agency_id=found.desk_id,
            )  # fmt: skip
    except LachanError as error:
        in_case = error.field == "note"
        case = Field(form.text("case"), sentence(error) if in_case else None)
        page = _page(visit, trace, back, case, None if in_case else sentence(error), form.text("purpose"))
        return visit.page("staff/purpose.html", page, status=422)
    return go(f"{back}{'&' if '?' in back else '?'}done=shown")


def _subject(visit: Visit, code: str) -> tuple[Trace, Report]:
    actor = visit.require(Permission.REPORT_READ_PERSONAL)
    with visit.services.db.read() as conn:
        found = trace_by_code(conn, code)
        require(actor, Permission.REPORT_READ_PERSONAL, found.desk_id)
        return found, report_by_id(conn, found.report_id)


def _page(
    visit: Visit, code: str, back: str, case: Field, error: Message | None = None, chosen: str = ""
) -> PurposePage:
    found, report = _subject(visit, code)
    return PurposePage(
        subject=mask_name(report.victim_name or "–"),
        what=Message("web.purpose.victim"),
        purposes=tuple(
            Choice(one.value, Message(f"purpose.{one.value}"), chosen=one.value == chosen) for one in _AT_THE_DESK
        ),
        case=case,
        action=f"/purpose?trace={found.code}",
        back_href=back,
        error=error,
    )
