"""People's requests about their own data, answered in time; nothing is granted before it is known who asks."""

import re
from collections.abc import Callable

from fastapi import APIRouter, Response

from lachan.activities.subjects import NamesThem, erase_records, records_naming
from lachan.doors.web.admin.common import Show, carry_out, demand, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf
from lachan.foundation.access import (
    Permission,
    SubjectRequest,
    SubjectRequestKind,
    SubjectRequestState,
    agency_names,
    confirm_identity,
    grant_subject_request,
    may,
    receive_subject_request,
    refuse_subject_request,
    subject_requests,
    withdraw_subject_request,
)
from lachan.foundation.base import BadInput, InputReason, Language, NotFound
from lachan.foundation.storage import Unit
from lachan.response import grant_erasure
from lachan.response.shapes import (
    Action,
    Choice,
    Deadline,
    Fields,
    Message,
    NamedRecord,
    NamedRecordsPage,
    Notice,
    State,
    SubjectRequestRow,
    SubjectRequestsPage,
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "subject_requests"
URGENT_S = 12 * 3600
_CODES = re.compile(r"\b(?:LC|KN|KD)-[0-9A-Z]{4}-[0-9A-Z]{5}\b")
_OPEN = {SubjectRequestState.RECEIVED, SubjectRequestState.IDENTIFIED}


@router.get("/admin/subject-requests")
def page(visit: VisitOf) -> Response:
    """The requests and the form."""
    return show(visit, {}, None, 200)


@router.post("/admin/subject-requests")
def enter(visit: VisitOf, form: FormOf) -> Response:
    """Enter one that came by letter or at the counter."""

    def act(unit: Unit) -> object:
        kind = form.needed("kind")
        if kind not in set(SubjectRequestKind):
            raise BadInput(InputReason.UNKNOWN_VALUE, field="kind", value=kind[:40])
        return receive_subject_request(
            unit, SubjectRequestKind(kind), form.text("name"), form.text("contact"), form.text("details")
        )

    return _do(visit, form, act)


@router.post("/admin/subject-requests/{key}/identified")
def identified(visit: VisitOf, key: str, form: FormOf) -> Response:
    """It is known who asks."""
    return _do(visit, form, lambda unit: confirm_identity(unit, key))


@router.post("/admin/subject-requests/{key}/answer")
def answer(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Granted or refused, with words."""

    def act(unit: Unit) -> object:
        if form.text("action") == "grant" and _is_erasure(visit, unit, key):
            codes = form.text("codes").replace(",", " ").split()
            picked = [one for one in form.fields.getlist("activity") if isinstance(one, str)]
            also = erase_records(unit, key, picked)
            return grant_erasure(unit, key, form.text("answer"), codes, Language.VI, also=also)
        decide = {"grant": grant_subject_request, "refuse": refuse_subject_request}.get(form.text("action"))
        if decide is None:
            raise BadInput(InputReason.UNREADABLE_REQUEST)
        return decide(unit, key, form.text("answer"))

    from_records = form.text("from") == "records"
    answered = _do(visit, form, act, _records_again(key) if from_records else None)
    # Whatever was erased leaves the store's side files, too.
    visit.services.db.settle()
    return answered


@router.post("/admin/subject-requests/{key}/withdraw")
def withdraw(visit: VisitOf, key: str, form: FormOf) -> Response:
    """The asker no longer asks."""
    return _do(visit, form, lambda unit: withdraw_subject_request(unit, key))


@router.get("/admin/subject-requests/{key}/activities")
def named_records(visit: VisitOf, key: str) -> Response:
    """Which records of activities name who asks."""
    return _records_again(key)(visit, {}, None, 200)


def _records_again(key: str) -> Show:
    """The page of the records that name who asks."""

    def shown(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
        demand(visit, SECTION)
        with visit.services.db.read() as conn:
            asked = next((one for one in subject_requests(conn, visit.actor) if one.id == key), None)
            if asked is None:
                raise NotFound(InputReason.NO_SUCH_RECORD, field="request_id")
            found = records_naming(conn, visit.actor, key, visit.now)
            names = agency_names(conn, [one.agency_id for one in found])
        reads = may(visit.actor, Permission.ACTIVITY_READ)
        rows = tuple(_record(visit, one, names.get(one.agency_id, ""), reads) for one in found)
        erases = asked.kind is SubjectRequestKind.ERASURE and asked.state is SubjectRequestState.IDENTIFIED
        page = NamedRecordsPage(asked.code, key, asked.name, rows, erases, _codes_in(asked), fields, notice)
        return section_page(visit, SECTION, page, status, template="subject_records")

    return shown


def _record(visit: Visit, one: NamesThem, agency: str, reads: bool) -> NamedRecord:
    kind = Message("web.admin.restricted_record")
    if one.kind is not None:
        kind = Message("web.activities.as_it_is", {"text": one.kind.label(visit.language)})
    keep = one.verdict.keep
    why = Message(f"erasure.keep.{keep.value}") if keep is not None else Message("web.admin.may_be_erased")
    # Who manages requests may be no reader of activities, and of others' never one.
    mine = reads and one.kind is not None and one.agency_id == visit.actor.agency_id
    href = f"/activities/{one.kind.code}/{one.id}" if mine and one.kind is not None else None
    day = f"{one.day[8:10]}/{one.day[5:7]}/{one.day[:4]}"
    return NamedRecord(one.id, day, agency, kind, href, keep is None, why)


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    with visit.services.db.read() as conn:
        rows = tuple(_row(visit, one) for one in subject_requests(conn, visit.actor))
    kinds = tuple(Choice(kind.value, Message(f"web.subject.{kind.value}")) for kind in SubjectRequestKind)
    return section_page(visit, SECTION, SubjectRequestsPage(rows, kinds, fields, notice), status)


def _row(visit: Visit, one: SubjectRequest) -> SubjectRequestRow:
    late, waits = one.is_overdue(visit.now), one.state in _OPEN
    base = f"/admin/subject-requests/{one.id}"
    action = None
    if one.state is SubjectRequestState.RECEIVED:
        action = Action(Message("web.admin.identified"), f"{base}/identified", post=True)
    return SubjectRequestRow(
        one.code, Message(f"web.subject.{one.kind.value}"), f"{one.name} · {one.contact}", one.received_at,
        Message(f"web.subject_state.{one.state.value}"),
        State.LATE if late else State.WAITING if waits else State.RETURNED,
        Deadline(one.answer_by, one.received_at, URGENT_S) if waits else None, action, one.id, one.details,
        may_answer=waits, erasure=one.kind is SubjectRequestKind.ERASURE,
        codes=_codes_in(one), answer=one.answer or "",
        records_href=f"{base}/activities" if waits else None,
    )  # fmt: skip


def _codes_in(one: SubjectRequest) -> str:
    """The codes that the request's own words name."""
    return " ".join(dict.fromkeys(_CODES.findall(one.details.upper())))


def _is_erasure(visit: Visit, unit: Unit, key: str) -> bool:
    return any(
        one.id == key and one.kind is SubjectRequestKind.ERASURE for one in subject_requests(unit.conn, visit.actor)
    )


def _do(visit: Visit, form: Form, act: Callable[[Unit], object], again: Show | None = None) -> Response:
    def do(unit: Unit) -> str:
        act(unit)
        return "/admin/subject-requests?done=saved"

    return carry_out(visit, SECTION, form, do, again or show)
