"""A purpose is stated before what a record says about people is shown."""

from fastapi import Response

from lachan.doors.web.refusals import sentence
from lachan.doors.web.visit import Form, Visit, go
from lachan.foundation.access import Permission, Purpose, grant_view
from lachan.foundation.base import BadInput, InputReason, LachanError
from lachan.response.shapes import Choice, Field, Message, PurposePage

_PURPOSES = (Purpose.CARRY_OUT_PLAN, Purpose.INSPECT, Purpose.ANSWER_DATA_SUBJECT)


def purpose_page(
    visit: Visit, subject: str, address: str, back: str, case: Field | None = None, error: Message | None = None,
    chosen: str = "",
) -> Response:  # fmt: skip
    """The question; `address` is the page it belongs to."""
    page = PurposePage(
        subject, Message("web.activities.purpose_what"),
        tuple(Choice(one.value, Message(f"purpose.{one.value}"), chosen=one.value == chosen) for one in _PURPOSES),
        case or Field(), f"{address}/purpose", back, error,
    )  # fmt: skip
    return visit.page("activities/purpose.html", page, status=422 if case else 200)


def state_purpose(
    visit: Visit, form: Form, subject: str, agency_id: str | None, shown: str, address: str
) -> Response:  # fmt: skip
    """Record it under the viewer's name and go back."""
    try:
        if form.text("purpose") not in set(_PURPOSES):
            raise BadInput(InputReason.MISSING, field="purpose")
        with visit.services.db.unit(visit.now, visit.require(Permission.ACTIVITY_READ)) as unit:
            grant_view(
                unit, subject, Purpose(form.text("purpose")), form.text("case"), wall_now=visit.wall_now,
                permission=Permission.ACTIVITY_READ, agency_id=agency_id,
            )  # fmt: skip
    except LachanError as error:
        in_case = error.field == "note"
        case = Field(form.text("case"), sentence(error) if in_case else None)
        wrong = None if in_case else sentence(error)
        return purpose_page(visit, shown, address, address, case, wrong, form.text("purpose"))
    return go(f"{address}?done=shown")
