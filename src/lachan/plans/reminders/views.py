"""The list of reminders of an agency, and marking one as seen."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, InputReason, NotAllowed, NotFound
from lachan.foundation.storage import Unit, change_row
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.tasks.model import TaskReason
from lachan.plans.views.sight import Sight, sight_of

_R, _M, _T, _C, _P = tables.reminder, tables.mail, tables.task, tables.clause, tables.plan
PAGE_ROWS = 50
_PLACE = re.compile(r"([01])\.([0-9a-f-]{36})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One reminder beside its task. `mailed`: None no e-mail, else whether the server has taken it.

    `own`: it stands in the viewer's own list; `letters_by_us`: its letter is the viewer's agency's to issue.
    """

    id: str
    task_id: str
    rule: str
    audience: str
    agency_id: str
    due_on: date
    made_at: datetime
    seen_at: datetime | None
    ref: str
    text: str
    plan_number: str
    mailed: bool | None
    letter: dict[str, Any] | None
    own: bool
    letters_by_us: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A piece of the list. `after` is where the next piece begins; empty where there is none."""

    rows: tuple[ReminderRow, ...]
    after: str


def reminders(conn: Connection, sight: Sight, *, after: str = "", limit: int = PAGE_ROWS) -> Listing:
    """What stands in the agency's list, what nobody has seen first; who sees everything sees every list.

    Letters of urging stand in the list of the agency that sends them, too: whoever consolidates the plan. What is
    marked as seen while somebody reads on moves behind them, and takes no other's place.

    Raises:
        BadInput: MALFORMED where `after` is none that was handed out.
    """
    query = (
        sa.select(
            _R, _C.c.ref, _C.c.text, _P.c.number, _P.c.consolidator_id, _M.c.id.label("mail_id"), _M.c.sent_at
        )
        .join(_T, _T.c.id == _R.c.task_id)
        .join(_C, _C.c.id == _T.c.clause_id)
        .join(_P, _P.c.id == _R.c.plan_id)
        .outerjoin(_M, _M.c.reminder_id == _R.c.id)
        .order_by(_R.c.seen_at.is_not(None), _R.c.made_at.desc(), _R.c.id.desc())
        .limit(limit + 1)
    )
    if after:
        query = query.where(_behind(conn, after))
    if not sight.everything:
        sends = sa.and_(_R.c.letter.is_not(None), _P.c.consolidator_id.in_(sight.own))
        query = query.where(sa.or_(_R.c.agency_id.in_(sight.own), sends))
    found = conn.execute(query).all()
    last = found[limit - 1] if len(found) > limit else None
    rows = tuple(
        ReminderRow(
            row.id, row.task_id, row.rule, row.audience, row.agency_id, date.fromisoformat(row.due_on), row.made_at,
            row.seen_at, row.ref, row.text, row.number, None if row.mail_id is None else row.sent_at is not None,
            row.letter, row.agency_id in sight.own, row.letter is not None and row.consolidator_id in sight.own,
        )
        for row in found[:limit]
    )  # fmt: skip
    return Listing(rows, f"{int(last.seen_at is not None)}.{last.id}" if last is not None else "")


def count_unseen(conn: Connection, sight: Sight) -> int:
    """How many reminders nobody of the agency has seen."""
    query = sa.select(sa.func.count()).select_from(_R).where(_R.c.agency_id.in_(sight.own), _R.c.seen_at.is_(None))
    return int(conn.execute(query).scalar_one())


def see(unit: Unit, reminder_id: str) -> None:
    """Somebody of the agency has seen it; the first one counts."""
    require(unit.actor, Permission.PLAN_WORK)
    row = unit.conn.execute(sa.select(_R).where(_R.c.id == reminder_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="reminder")
    if row.agency_id not in sight_of(unit.conn, unit.actor, unit.now).own:
        raise NotAllowed(TaskReason.NOT_THE_LEAD)
    if row.seen_at is None:
        change_row(unit.conn, _R, reminder_id, {"seen_at": unit.now, "seen_by": unit.actor.reference})
        append(
            unit, "plan_task.reminder_seen", f"plan_task:{row.task_id}", {"rule": row.rule},
            rows=[("plan_reminder", reminder_id)],
        )  # fmt: skip


def _behind(conn: Connection, after: str) -> sa.ColumnElement[bool]:
    """The condition that a reminder stands behind the one where a piece ended, as it stood then."""
    place = _PLACE.fullmatch(after)
    made_at = place and conn.execute(sa.select(_R.c.made_at).where(_R.c.id == place[2])).scalar()
    if place is None or made_at is None:
        raise BadInput(InputReason.MALFORMED, field="after", expected="0.0193…")
    older = sa.or_(_R.c.made_at < made_at, sa.and_(_R.c.made_at == made_at, _R.c.id < place[2]))
    if place[1] == "1":
        return sa.and_(_R.c.seen_at.is_not(None), older)
    return sa.or_(_R.c.seen_at.is_not(None), older)
