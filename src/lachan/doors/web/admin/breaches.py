"""The register of personal-data breaches, with the clock of the notice."""

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.reading import needed_moment
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import (
    Breach,
    BreachState,
    breaches,
    close_breach,
    note_breach_notice,
    record_breach,
)
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.storage import Unit
from lachan.response.shapes import BreachesPage, BreachRow, Deadline, Fields, Message, Notice, State

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "breaches"
DONE = "/admin/breaches?done=saved"
# Half a day before its end the clock of the notice is drawn as urgent.
URGENT_S = 12 * 3600


@router.get("/admin/breaches")
def page(visit: VisitOf) -> Response:
    """The register and the form."""
    return show(visit, {}, None, 200)


@router.post("/admin/breaches")
def record(visit: VisitOf, form: FormOf) -> Response:
    """Enter one; its clock starts when it was found."""

    def do(unit: Unit) -> str:
        count = form.needed("people_count").replace(".", "").replace(" ", "")
        if not (count.isascii() and count.isdigit()) or len(count) > 12:
            raise BadInput(InputReason.MALFORMED, field="people_count", expected="1200")
        record_breach(unit, form.text("what"), int(count), needed_moment(form, "found_at"))
        return DONE

    return carry_out(visit, SECTION, form, do, show)


@router.post("/admin/breaches/{key}/notice")
def notify(visit: VisitOf, key: str, form: FormOf) -> Response:
    """The notice has gone out."""

    def do(unit: Unit) -> str:
        note_breach_notice(unit, key, form.needed("notified_to"), needed_moment(form, "notified_at"))
        return DONE

    return carry_out(visit, SECTION, form, do, show)


@router.post("/admin/breaches/{key}/close")
def close(visit: VisitOf, key: str, form: FormOf) -> Response:
    """It is dealt with."""

    def do(unit: Unit) -> str:
        close_breach(unit, key, form.text("conclusion"))
        return DONE

    return carry_out(visit, SECTION, form, do, show)


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    with visit.services.db.read() as conn:
        rows = tuple(_row(visit, one) for one in breaches(conn, visit.actor))
    return section_page(visit, SECTION, BreachesPage(rows, fields, notice), status)


def _row(visit: Visit, one: Breach) -> BreachRow:
    late = one.is_overdue(visit.now)
    state = State.LATE if late else State.WAITING if one.state is BreachState.OPEN else State.RETURNED
    waits = one.state is BreachState.OPEN
    return BreachRow(
        one.id[-8:], one.what, one.found_at, one.people_count, Message(f"web.breach.{one.state.value}"), state,
        Deadline(one.notify_by, one.found_at, URGENT_S) if waits else None, one.id, may_notify=waits,
        may_close=one.state is not BreachState.CLOSED,
    )  # fmt: skip
