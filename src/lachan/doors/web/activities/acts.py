"""What is done with a record in one step: taken back with a reason, shared with another agency."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from lachan.activities import end_share, share_with, withdraw
from lachan.doors.api.problems import status_of
from lachan.doors.web.activities.common import BASE
from lachan.doors.web.activities.one import page_of, show
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, agency_called
from lachan.foundation.base import LachanError
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.response.shapes import Field, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/activities/{kind}/{activity_id}/withdraw")
def take_back(visit: VisitOf, kind: str, activity_id: str, form: FormOf) -> Response:
    """It stays readable and counts no longer."""
    return _do(
        visit, kind, activity_id, form, "words", "activity_withdrawn",
        lambda unit: withdraw(unit, activity_id, form.text("words")),
    )  # fmt: skip


@router.post("/activities/{kind}/{activity_id}/share")
def share(visit: VisitOf, kind: str, activity_id: str, form: FormOf) -> Response:
    """Another agency sees it from now on."""
    return _do(
        visit, kind, activity_id, form, "agency", "activity_shared",
        lambda unit: share_with(
            unit, activity_id, agency_called(unit.conn, form.needed("agency"), vietnam_date(unit.now), "agency").id
        ),
    )  # fmt: skip


@router.post("/activities/{kind}/{activity_id}/share/{agency_id}/end")
def stop_sharing(visit: VisitOf, kind: str, activity_id: str, agency_id: str, form: FormOf) -> Response:
    """The other agency sees it no longer."""
    return _do(
        visit, kind, activity_id, form, "agency", "activity_share_ended",
        lambda unit: end_share(unit, activity_id, agency_id),
    )  # fmt: skip


def _do(
    visit: Visit, kind: str, activity_id: str, form: Form, name: str, done: str, do: Callable[[Unit], object]
) -> Response:  # fmt: skip
    actor = visit.require(Permission.ACTIVITY_RECORD)
    page_of(visit, kind, activity_id)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            do(unit)
        return go(f"{BASE}/{kind}/{activity_id}?done={done}")

    try:
        return visit.once(form, run, as_typed=True)
    except LachanError as error:
        at_field = error.field == name
        fields = {name: Field(form.text(name), sentence(error) if at_field else None)}
        notice = None if at_field else Notice("error", sentence(error))
        return show(visit, kind, activity_id, fields=fields, notice=notice, status=int(status_of(error)))
