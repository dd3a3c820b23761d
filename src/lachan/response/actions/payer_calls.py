"""The victim still paying, by telephone: an officer calls about an alert that nobody at the bank has taken."""

from collections.abc import Collection

import sqlalchemy as sa

from lachan.foundation.access import Permission, desk_of_province, require
from lachan.foundation.protocol import EventType, PayerAlert
from lachan.foundation.protocol.connections import is_connected
from lachan.foundation.protocol.outbox import Message, envelope_of, message, message_by_id
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.taxonomy import clock, vietnam_date
from lachan.foundation.trail import append
from lachan.response import tables
from lachan.response.actions.spent import end_tasks, mark_done
from lachan.response.actions.tasks import open_call_task
from lachan.response.rules.tasks import CALL_PAYER_BANK


def follow_payer_alert(unit: Unit, payment_id: str) -> None:
    """An alert was written: where nobody fetches it somebody telephones, else a clock waits until it is taken."""
    require(unit.actor, Permission.CLOCK_RUN)
    alert = _alert_of(unit, payment_id)
    if alert is None or alert.closed_at is not None:
        return
    if not is_connected(unit.conn, alert.institution):
        _call(unit, alert)
        return
    enqueue(
        unit, "payer_alert_overdue", {"message_id": alert.id}, key=f"payer_alert:{alert.id}",
        due_at=clock("payer_alert_acknowledgement", unit.now).deadline(unit.now),
    )  # fmt: skip


def payer_alert_overdue(unit: Unit, message_id: str) -> None:
    """A connected institution has not taken an alert in time: somebody telephones."""
    require(unit.actor, Permission.CLOCK_RUN)
    # Whoever acknowledges it at this moment waits, and then finds the task.
    locked = sa.select(message.c.closed_at).where(message.c.id == message_id).with_for_update()
    row = unit.conn.execute(locked).first()
    if row is not None and row.closed_at is None:
        _call(unit, message_by_id(unit.conn, message_id))


def alert_taken(unit: Unit, alert: Message) -> None:
    """The payer's institution has an alert: nobody telephones about it any more."""
    if alert.closed_at is None:
        append(unit, "payer.alert_taken", alert.subject, {"institution": alert.institution})
        end_tasks(unit, "payer.alert_taken", alert.subject, {})


def adopt_calls(unit: Unit, desk_id: str) -> None:
    """The first desk takes the calls that were due while there was none."""
    task = tables.task
    where = sa.and_(task.c.report_id.is_(None), task.c.desk_id.is_(None))
    orphans = list(unit.conn.execute(sa.select(task.c.id).where(where)).scalars())
    if orphans:
        unit.conn.execute(sa.update(task).where(task.c.id.in_(orphans)).values(desk_id=desk_id))
        append(
            unit, "task.adopted", f"agency:{desk_id}", {"tasks": len(orphans)},
            rows=[("response_task", one) for one in orphans],
        )  # fmt: skip


def forget_payer_calls(unit: Unit, payments: Collection[str]) -> None:
    """The alerts have had their time, and what officers wrote about them goes too."""
    require(unit.actor, Permission.CLOCK_RUN)
    task = tables.task
    mine = task.c.subject.in_([f"payment:{one}" for one in payments])
    calls = unit.conn.execute(sa.select(task.c.id, task.c.state).where(task.c.kind == CALL_PAYER_BANK, mine)).all()
    found = [row.id for row in calls]
    for row in calls:
        if row.state == "open":
            # Nobody can read any more what it was about.
            mark_done(unit, row.id, by="retention.payments_forgotten")
    if found:
        unit.conn.execute(sa.update(task).where(task.c.id.in_(found)).values(note=None, digest_salt=None))
        append(
            unit, "retention.calls_erased", "response", {"tasks": len(found)},
            rows=[("response_task", one) for one in found],
        )  # fmt: skip


def _alert_of(unit: Unit, payment_id: str) -> Message | None:
    query = sa.select(message.c.id).where(
        message.c.subject == f"payment:{payment_id}", message.c.type == EventType.PAYER_ALERT.value
    )
    # Whoever acknowledges it at this moment waits, and then finds the task.
    found = unit.conn.execute(query.with_for_update()).scalar()
    return message_by_id(unit.conn, found) if found else None


def _call(unit: Unit, alert: Message) -> None:
    data = envelope_of(alert).data
    amount_vnd = data.amount_vnd if isinstance(data, PayerAlert) else 0
    open_call_task(
        unit, f"{CALL_PAYER_BANK}:{alert.id}", desk_id=desk_of_province(unit.conn, vietnam_date(unit.now)),
        institution=alert.institution, amount_vnd=amount_vnd, subject=alert.subject,
        due_at=clock("follow_up_urgent", unit.now).deadline(unit.now),
    )  # fmt: skip
