"""What all administration pages share: which sections somebody sees, and how a form is carried out."""

from collections.abc import Callable, Mapping

from fastapi import Response
from fastapi.responses import RedirectResponse

from lachan.doors.api.problems import status_of
from lachan.doors.web.refusals import sentence
from lachan.doors.web.visit import Form, Visit, go
from lachan.foundation.access import AccessReason, AlarmKind, Permission, alarms, may
from lachan.foundation.base import LachanError, NotAllowed
from lachan.foundation.storage import Unit
from lachan.response.shapes import AlarmRow, Deadline, Field, Fields, Message, Notice

SECTIONS: Mapping[str, tuple[Permission, ...]] = {
    "agencies": (Permission.AGENCY_MANAGE,),
    "people": (Permission.PERSON_MANAGE,),
    "clients": (Permission.CLIENT_MANAGE,),
    "connections": (Permission.CONNECTION_MANAGE, Permission.KEY_REGISTER),
    "policies": (Permission.POLICY_SIGN,),
    "roster": (Permission.ROSTER_MANAGE,),
    "clocks": (Permission.CLOCK_READ,),
    "dead_letters": (Permission.DEADLETTER_READ,),
    "trail": (Permission.TRAIL_VERIFY,),
    "breaches": (Permission.BREACH_MANAGE,),
    "subject_requests": (Permission.DATASUBJECT_MANAGE,),
    "looks": (Permission.AUDIT_READ,),
    "lookups": (Permission.CLIENT_MANAGE,),
    "copies": (Permission.COPY_MANAGE,),
    "models": (Permission.MODEL_PROPOSE, Permission.MODEL_APPROVE, Permission.AUDIT_READ),
}
# More than these nobody reads above every page; the registers have them all.
ALARMS_MAX = 5
_REGISTERS = {
    AlarmKind.BREACH: "/admin/breaches",
    AlarmKind.SUBJECT_REQUEST: "/admin/subject-requests",
    AlarmKind.LOOKUPS: "/admin/lookups",
}
Show = Callable[[Visit, Fields, Notice | None, int], Response]


def sections(visit: Visit) -> tuple[str, ...]:
    """The sections that this person may open."""
    actor = visit.actor
    return tuple(key for key, needed in SECTIONS.items() if any(may(actor, one) for one in needed))


def demand(visit: Visit, section: str) -> None:
    """Refuse somebody who may not open this section."""
    if section not in sections(visit):
        raise NotAllowed(AccessReason.NOT_PERMITTED)


def section_page(
    visit: Visit, section: str, page: object, status: int = 200, *, template: str = ""
) -> Response:  # fmt: skip
    """One section as the answer; `template` where a page of it is not the section's own."""
    with visit.services.db.read() as conn:
        ringing = tuple(
            AlarmRow(
                Message(f"web.alarm.{one.kind.value}"), Deadline(one.due_at, one.rung_at, 0), _REGISTERS[one.kind]
            )
            for one in alarms(conn, visit.actor)
        )
    return visit.page(
        f"admin/{template or section}.html",
        page,
        status=status,
        sections=sections(visit),
        alarms=ringing[:ALARMS_MAX],
    )


def carry_out(visit: Visit, section: str, form: Form, do: Callable[[Unit], str], show: Show) -> Response:
    """Do it in one transaction and go on to what `do` returns; a refusal is said at its field, or above."""
    demand(visit, section)
    actor = visit.actor

    def run() -> RedirectResponse:
        with visit.services.db.unit(visit.now, actor) as unit:
            address = do(unit)
        return go(address)

    try:
        return visit.once(form, run)
    except LachanError as error:
        return refused(visit, form, error, show)


def refused(visit: Visit, form: Form, error: LachanError, show: Show) -> Response:
    """The page again, with what was typed and what is wrong."""
    name = error.field or ""
    fields = typed(form)
    if name not in fields:
        return show(visit, fields, Notice("error", sentence(error)), int(status_of(error)))
    fields[name] = Field(fields[name].value, sentence(error))
    return show(visit, fields, None, int(status_of(error)))


def typed(form: Form) -> Fields:
    """Everything that was typed, by field."""
    return {name: Field(form.text(name)) for name in form.fields if name not in {"csrf_token", "once"}}
