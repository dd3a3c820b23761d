"""Data subjects' requests, to be read."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.permissions import Permission, require
from lachan.foundation.access.subjects.model import SubjectRequest, SubjectRequestKind, SubjectRequestState
from lachan.foundation.access.subjects.tables import subject_request
from lachan.foundation.base import Actor, InputReason, NotFound


def find(conn: Connection, request_id: str) -> SubjectRequest:
    """One request; NotFound where there is none."""
    row = conn.execute(sa.select(subject_request).where(subject_request.c.id == request_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="request_id")
    return _request(row)


def subject_requests(conn: Connection, actor: Actor) -> list[SubjectRequest]:
    """All requests, those due first at the top."""
    require(actor, Permission.DATASUBJECT_MANAGE)
    query = sa.select(subject_request).order_by(
        subject_request.c.answered_at.is_not(None), subject_request.c.answer_by, subject_request.c.id
    )
    return [_request(row) for row in conn.execute(query)]


def subject_request_status(conn: Connection, code: str) -> tuple[SubjectRequestState, str]:
    """The state behind a code and until when (ISO) an answer is due: all that a stranger with the code may know."""
    row = conn.execute(sa.select(subject_request).where(subject_request.c.code == code.strip().upper())).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    return SubjectRequestState(row.state), row.answer_by.isoformat()


def _request(row: sa.Row[Any]) -> SubjectRequest:
    return SubjectRequest(
        row.id, row.code, SubjectRequestKind(row.kind), SubjectRequestState(row.state), row.name, row.contact,
        row.details, row.received_at, row.answer_by, row.answered_at, row.answer,
    )  # fmt: skip
