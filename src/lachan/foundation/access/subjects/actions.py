"""Receive, identify, decide and withdraw data subjects' requests."""

from dataclasses import replace

import sqlalchemy as sa

from lachan.foundation.access.alarms import AlarmKind, start_alarms, stop_alarms
from lachan.foundation.access.checks import clean_text
from lachan.foundation.access.permissions import Permission, may, require
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.access.subjects.model import (
    NEXT,
    SubjectRequest,
    SubjectRequestKind,
    SubjectRequestState,
)
from lachan.foundation.access.subjects.tables import subject_request
from lachan.foundation.access.subjects.views import find
from lachan.foundation.base import Conflict, new_id, new_reference_code
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail import append


def receive_subject_request(
    unit: Unit, kind: SubjectRequestKind, name: str, contact: str, details: str
) -> SubjectRequest:
    """Take a request from the public, or enter one that came by letter; the clock of the answer starts."""
    if not may(unit.actor, Permission.DATASUBJECT_MANAGE):
        require(unit.actor, Permission.DATASUBJECT_REQUEST)
    made = SubjectRequest(
        new_id(), new_reference_code("YC"), kind, SubjectRequestState.RECEIVED, clean_text(name, "name"),
        clean_text(contact, "contact"), clean_text(details, "details", limit=5_000), unit.now,
        clock("data_subject_answer", unit.now).deadline(unit.now), None, None,
    )  # fmt: skip
    unit.conn.execute(
        sa.insert(subject_request).values(
            id=made.id, code=made.code, kind=kind.value, state=made.state.value, name=made.name,
            contact=made.contact, details=made.details, received_at=made.received_at, answer_by=made.answer_by,
        )
    )  # fmt: skip
    start_alarms(unit, AlarmKind.SUBJECT_REQUEST, made.id, made.answer_by)
    _record(unit, "subject_request.received", made, {"kind": kind.value, "answer_by": made.answer_by.isoformat()})
    return made


def confirm_identity(unit: Unit, request_id: str) -> SubjectRequest:
    """It is known that the asker is the person the data is about."""
    return _move(unit, request_id, SubjectRequestState.IDENTIFIED)


def grant_subject_request(unit: Unit, request_id: str, answer: str, *, erased: bool = False) -> SubjectRequest:
    """Do what was asked, and say so. An erasure is granted by whoever carries it out (`erased`), not by words."""
    if find(unit.conn, request_id).kind is SubjectRequestKind.ERASURE and not erased:
        raise Conflict(AccessReason.WRONG_STATE, field="request_id")
    return _move(unit, request_id, SubjectRequestState.GRANTED, answer)


def refuse_subject_request(unit: Unit, request_id: str, answer: str) -> SubjectRequest:
    """Say no, with the reason: somebody else's data, or data that the law says must be kept."""
    return _move(unit, request_id, SubjectRequestState.REFUSED, answer)


def withdraw_subject_request(unit: Unit, request_id: str) -> SubjectRequest:
    """The asker no longer asks."""
    return _move(unit, request_id, SubjectRequestState.WITHDRAWN)


def _move(unit: Unit, request_id: str, state: SubjectRequestState, answer: str | None = None) -> SubjectRequest:
    require(unit.actor, Permission.DATASUBJECT_MANAGE)
    before = find(unit.conn, request_id)
    if state not in NEXT[before.state]:
        raise Conflict(AccessReason.WRONG_STATE, field="request_id")
    made = replace(before, state=state)
    if answer is not None:
        words = clean_text(answer, "answer", at_least=5, limit=5_000)
        made = replace(made, answer=words, answered_at=unit.now)
    unit.conn.execute(
        sa.update(subject_request)
        .where(subject_request.c.id == request_id)
        .values(state=state.value, answer=made.answer, answered_at=made.answered_at)
    )
    if not NEXT[state]:
        stop_alarms(unit, AlarmKind.SUBJECT_REQUEST, request_id)
    _record(unit, f"subject_request.{state.value}", made, {"late": made.is_overdue(unit.now)})
    return made


def _record(unit: Unit, kind: str, request: SubjectRequest, data: dict[str, object]) -> None:
    append(unit, kind, f"subject_request:{request.id}", data, rows=[("subject_request", request.id)])
