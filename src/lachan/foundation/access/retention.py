"""What access itself keeps about people goes when its time is over: looks, requests, breaches, sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from lachan.foundation.access.breaches.tables import breach
from lachan.foundation.access.permissions import Permission, require
from lachan.foundation.access.purpose.tables import personal_look
from lachan.foundation.access.sessions import rules as session_rules
from lachan.foundation.access.sessions import store as sessions
from lachan.foundation.access.subjects.tables import subject_request
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import append, destroy_salts

_SHORTEST_MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class _Class:
    """Rows of one table, the instant their time began, which of them still say something, and what empties them.

    Without `values` the whole row goes.
    """

    code: str
    table: sa.Table
    since: sa.ColumnElement[datetime]
    still: sa.ColumnElement[bool]
    values: Mapping[str, str | None] | None


_CLASSES = (
    _Class("retention_access_log", personal_look, personal_look.c.granted_at, sa.true(), None),
    _Class(
        "retention_subject_request", subject_request,
        sa.func.coalesce(subject_request.c.answered_at, subject_request.c.answer_by), subject_request.c.name != "",
        {"name": "", "contact": "", "details": "", "answer": None},
    ),
    _Class(
        "retention_breach", breach, breach.c.found_at, sa.and_(breach.c.what != "", breach.c.state == "closed"),
        {"what": "", "conclusion": None},
    ),
)  # fmt: skip


def erase_due_records(unit: Unit, *, wall_now: datetime, limit: int = 500) -> int:
    """Erase what has had its time; the trail keeps that it was there. Returns how many records.

    Sessions go as soon as they end, which their class would let them outlive; the trail keeps when they were.
    """
    require(unit.actor, Permission.CLOCK_RUN)
    sessions.delete_expired(unit.conn, wall_now)
    sessions.delete_attempts_before(unit.conn, wall_now - session_rules.LOCK_WINDOW)
    return sum(_erase(unit, one, limit) for one in _CLASSES)


def _erase(unit: Unit, kind: _Class, limit: int) -> int:
    table, row = kind.table, retention(kind.code, unit.now)
    found = unit.conn.execute(
        sa.select(table.c.id, kind.since.label("since"))
        # Early enough for every row that can be due; the exact instant depends on the calendar.
        .where(kind.since <= unit.now - row.value * _SHORTEST_MONTH, kind.still)
        .order_by(kind.since, table.c.id)
        .limit(limit)
    )
    due = [one.id for one in found if retention(kind.code, one.since).has_run_out(one.since, unit.now)]
    if not due:
        return 0
    if kind.values is None:
        unit.conn.execute(sa.delete(table).where(table.c.id.in_(due)))
    else:
        unit.conn.execute(sa.update(table).where(table.c.id.in_(due)).values(dict(kind.values)))
    destroy_salts(unit, [f"{table.name}:{one}" for one in due])
    append(
        unit, "retention.records_erased", "access", {"class": kind.code, "count": len(due)},
        rows=[(table.name, one) for one in due],
    )  # fmt: skip
    return len(due)
