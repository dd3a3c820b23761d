"""Make the reminders that are due: record first, each step of each task once; e-mail is handed over later."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from lachan.foundation.access import agency_names, agency_on
from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.storage import Database, Unit, add_row, among, enqueue, hold_names
from lachan.foundation.taxonomy import RemindedBy, RemindedOne, ReminderStep, reminder_steps, vietnam_date
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.kept.model import PlanState
from lachan.plans.register.model import Contact
from lachan.plans.register.store import contacts
from lachan.plans.reminders import rules, wording
from lachan.plans.reminders.wording import Told
from lachan.plans.tasks.model import WAITING

MAIL_JOB = "plan_mail"
_T, _P, _C, _R = tables.task, tables.plan, tables.clause, tables.reminder
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Post:
    """How e-mail names this instance; `host` empty: no e-mail is made, reminders stand in the list alone."""

    host: str
    base_url: str
    sender_name: str

    @property
    def on(self) -> bool:
        """Whether there is a mail server."""
        return bool(self.host)


def sweep_reminders(db: Database, now: datetime, post: Post) -> int:
    """Make what is due at `now`; returns how many reminders were made. Safe to be killed and to run twice."""
    with db.look() as conn:
        wanted = _wanted(conn, vietnam_date(now))
    made = 0
    for start in range(0, len(wanted), _BATCH):
        with db.unit(now, SYSTEM) as unit:
            # Two workers that sweep at once take turns; who comes second finds everything made.
            hold_names(unit.conn, ["the plans' reminders"])
            there = _there(unit.conn, [row.id for row, _ in wanted[start : start + _BATCH]])
            heads, names = contacts(unit.conn), _names(unit, wanted[start : start + _BATCH])
            for row, step in wanted[start : start + _BATCH]:
                if (row.id, step.code, row.due_on) not in there:
                    _make(unit, row, step, heads, names, post)
                    made += 1
    return made


def _wanted(conn: sa.Connection, today: date) -> list[tuple[Any, ReminderStep]]:
    steps = reminder_steps(today)
    until = today + timedelta(days=rules.looks_ahead(steps))
    query = (
        sa.select(
            _T.c.id, _T.c.plan_id, _T.c.lead_id, _T.c.head, _T.c.due_on, _C.c.ref, _C.c.text, _P.c.number,
            _P.c.consolidator_id,
        )
        .join(_P, _P.c.id == _T.c.plan_id)
        .join(_C, _C.c.id == _T.c.clause_id)
        .where(
            _P.c.state == PlanState.IN_FORCE.value, _T.c.due_on <= until.isoformat(),
            _T.c.state.in_([state.value for state in WAITING]),
        )
        .order_by(_T.c.due_on, _T.c.id)
    )  # fmt: skip
    rows = conn.execute(query).all()
    there = _there(conn, [row.id for row in rows])
    return [
        (row, step)
        for row in rows
        for step in rules.reached(date.fromisoformat(row.due_on), steps, today)
        if (row.id, step.code, row.due_on) not in there
    ]


def _there(conn: sa.Connection, task_ids: list[str]) -> set[tuple[str, str, str]]:
    query = sa.select(_R.c.task_id, _R.c.rule, _R.c.due_on).where(among(conn, _R.c.task_id, task_ids))
    return {(row.task_id, row.rule, row.due_on) for row in conn.execute(query)}


def _names(unit: Unit, wanted: list[tuple[Any, ReminderStep]]) -> dict[str, str]:
    today = vietnam_date(unit.now)
    ids = {one for row, _ in wanted for one in (row.lead_id, row.consolidator_id)}
    has = {one: agency_on(unit.conn, one, today).id for one in ids}
    names = agency_names(unit.conn, has.values())
    return has | {f"name:{one}": names[one] for one in set(has.values())}


def _make(
    unit: Unit, row: Any, step: ReminderStep, heads: dict[str, Contact], names: dict[str, str], post: Post
) -> None:  # fmt: skip
    lead, gathers = names[row.lead_id], names[row.consolidator_id]
    whom = gathers if step.to is RemindedOne.CONSOLIDATOR else lead
    contact = heads.get(whom, Contact(whom))
    told = Told(
        step=step, plan=row.number, ref=row.ref, text=row.text, due_on=date.fromisoformat(row.due_on),
        today=vietnam_date(unit.now), lead=names[f"name:{lead}"], consolidator=names[f"name:{gathers}"],
        head=row.head or heads.get(lead, Contact(lead)).head, href=f"{post.base_url}/plans/tasks/{row.id}",
    )  # fmt: skip
    reminder_id = new_id()
    letter = wording.letter(told) if RemindedBy.LETTER in step.by else None
    add_row(
        unit.conn, _R,
        {
            "id": reminder_id, "task_id": row.id, "plan_id": row.plan_id, "rule": step.code, "due_on": row.due_on,
            "audience": step.to.value, "agency_id": whom, "made_at": unit.now, "letter": letter,
        },
    )  # fmt: skip
    rows = [("plan_reminder", reminder_id)]
    address = contact.head_email or contact.email if step.to is RemindedOne.HEAD else contact.email
    if post.on and address and RemindedBy.MAIL in step.by:
        mail_id = new_id()
        subject, body = wording.mail(told, post.sender_name)
        add_row(
            unit.conn, tables.mail,
            {
                "id": mail_id, "reminder_id": reminder_id, "message_id": f"<reminder.{reminder_id}@{post.host}>",
                "to_address": address, "subject": subject, "body": body, "made_at": unit.now, "sent_at": None,
            },
        )  # fmt: skip
        enqueue(unit, MAIL_JOB, {"mail_id": mail_id}, key=f"{MAIL_JOB}:{mail_id}")
        rows.append(("plan_mail", mail_id))
    append(
        unit, "plan_task.reminded", f"plan_task:{row.id}",
        {
            "plan": row.plan_id, "rule": step.code, "due_on": row.due_on, "to": step.to.value, "agency": whom,
            "mail": len(rows) > 1, "letter": letter is not None,
        },
        rows=rows,
    )  # fmt: skip
