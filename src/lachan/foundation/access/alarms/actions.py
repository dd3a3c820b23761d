"""Start the alarms of a deadline, ring, stop."""

from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.access.alarms.model import AlarmKind
from lachan.foundation.access.alarms.tables import alarm
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail import append


def start_alarms(unit: Unit, kind: AlarmKind, subject_id: str, due_at: datetime) -> None:
    """A deadline runs: it rings some hours before its end (the clock `data_protection_alarm`), and at its end."""
    payload = {"kind": kind.value, "id": subject_id, "due_at": due_at.isoformat()}
    before = clock("data_protection_alarm", unit.now).before(due_at)
    enqueue(unit, "data_protection_alarm", payload, key=f"before:{kind}:{subject_id}", due_at=before)
    enqueue(unit, "data_protection_alarm", payload, key=f"at:{kind}:{subject_id}", due_at=due_at)


def ring(unit: Unit, kind: AlarmKind, subject_id: str, due_at: datetime) -> None:
    """The clock has come: who works on such records sees it on every page of theirs until it is dealt with."""
    key = f"{kind}:{subject_id}"
    if unit.conn.execute(sa.select(alarm.c.id).where(alarm.c.id == key)).first() is None:
        unit.conn.execute(
            sa.insert(alarm).values(id=key, kind=kind.value, subject_id=subject_id, due_at=due_at, rung_at=unit.now)
        )
    late = unit.now >= due_at
    append(unit, "alarm.rung", key, {"due_at": due_at.isoformat(), "late": late}, rows=[("alarm", key)])


def stop_alarms(unit: Unit, kind: AlarmKind, subject_id: str) -> None:
    """What the deadline was for is done, or no longer owed: nothing rings any more."""
    for when in ("before", "at"):
        cancel(unit, f"{when}:{kind}:{subject_id}")
    key = f"{kind}:{subject_id}"
    ended = unit.conn.execute(
        sa.update(alarm).where(alarm.c.id == key, alarm.c.ended_at.is_(None)).values(ended_at=unit.now)
    )
    if ended.rowcount:
        append(unit, "alarm.ended", key, {}, rows=[("alarm", key)])
