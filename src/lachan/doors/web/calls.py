"""Telephoning the bank of somebody who paid a suspected account, where no message reaches it."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from lachan.doors.web.letters import sender_of, signature_of, signed_pdf
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput
from lachan.response import finish_task
from lachan.response.shapes import Message
from lachan.response.views.payer_calls import Call, call_by_id, call_page, payer_letter

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/desk/calls/{task_id}")
def call(visit: VisitOf, task_id: str) -> Response:
    """Whom to call, about what, and what to ask."""
    return _page(visit, task_id, {}, {})


@router.post("/desk/calls/{task_id}")
def finish(visit: VisitOf, task_id: str, form: FormOf) -> Response:
    """The call was made, and what was said."""
    found = _found(visit, task_id, Permission.TASK_WORK)

    def do() -> Response:
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            finish_task(unit, found.task.id, note=form.needed("note"))
        return go("/desk/reports?done=finished")

    try:
        return visit.once(form, do)
    except BadInput as error:
        return _page(visit, task_id, {"note": sentence(error)}, {"note": form.text("note")}, status=422)


@router.get("/desk/calls/{task_id}/letter.pdf")
def letter(visit: VisitOf, task_id: str) -> Response:
    """The alert as a signed letter, to send when they ask for it."""
    return signed_pdf(visit, _letter(visit, task_id), "letter.pdf")


@router.get("/desk/calls/{task_id}/letter.pdf.sig")
def signature(visit: VisitOf, task_id: str) -> Response:
    """The signature over that letter's bytes."""
    return signature_of(visit, _letter(visit, task_id))


def _page(
    visit: Visit, task_id: str, wrong: Mapping[str, Message], typed: Mapping[str, str], *, status: int = 200
) -> Response:
    found = _found(visit, task_id, Permission.TASK_WORK)
    with visit.services.db.read() as conn:
        page = call_page(conn, found, visit.language, typed=typed, wrong=wrong)
    return visit.page("desk/call.html", page, status=status)


def _letter(visit: Visit, task_id: str) -> bytes:
    found = _found(visit, task_id, Permission.ANSWER_ENTER)
    with visit.services.db.read() as conn:
        return payer_letter(conn, found, sender_of(visit), visit.language)


def _found(visit: Visit, task_id: str, permission: Permission) -> Call:
    actor = visit.require(permission)
    with visit.services.db.read() as conn:
        found = call_by_id(conn, task_id)
    require(actor, permission, found.desk_id)
    return found
