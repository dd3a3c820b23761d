"""A walk through numbers that was found becomes a record, a fact and an alarm that administrators see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import AlarmKind, Permission, require, ring, stop_alarms
from lachan.foundation.base import Actor, BadInput, Conflict, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import clock, retention
from lachan.foundation.trail import append
from lachan.screening.tables import lookup_alarm
from lachan.screening.watch import Asker, Found, Sign

CONCLUSION_MAX = 2_000


@dataclass(frozen=True, slots=True)
class LookupAlarm:
    """Somebody asked as one does who tries out a list; sums are of the window in which it was last found.

    `caller` is a client's id or an address; an address is erased when its time is over.
    """

    id: str
    asker: Asker
    caller: str
    sign: Sign
    first_at: datetime
    last_at: datetime
    times: int
    asked: int
    near: int
    missed: int
    closed_at: datetime | None
    closed_by: str | None
    conclusion: str | None


def record_found(unit: Unit, found: Sequence[Found]) -> None:
    """Write down what was found; what is found again while nobody has looked into it is one alarm still."""
    require(unit.actor, Permission.CLOCK_RUN)
    for one in found:
        sums = {"asked": one.asked, "near": one.near, "missed": one.missed}
        known = unit.conn.execute(
            sa.select(lookup_alarm.c.id, lookup_alarm.c.times).where(
                lookup_alarm.c.asker == one.asker, lookup_alarm.c.caller == one.caller,
                lookup_alarm.c.sign == one.sign, lookup_alarm.c.closed_at.is_(None),
            )
        ).first()  # fmt: skip
        if known is not None:
            alarm_id = known.id
            unit.conn.execute(
                sa.update(lookup_alarm)
                .where(lookup_alarm.c.id == alarm_id)
                .values(last_at=unit.now, times=known.times + 1, **sums)
            )
        else:
            alarm_id = new_id()
            unit.conn.execute(
                sa.insert(lookup_alarm).values(
                    id=alarm_id, asker=one.asker.value, caller=one.caller, sign=one.sign.value, first_at=unit.now,
                    last_at=unit.now, times=1, **sums,
                )
            )  # fmt: skip
            ring(unit, AlarmKind.LOOKUPS, alarm_id, clock("lookup_alarm_answer", unit.now).deadline(unit.now))
        # Whose address it is stays out of the trail: what is sealed cannot be erased.
        said = {"asker": one.asker.value, "sign": one.sign.value, **sums}
        if one.asker is Asker.INSTITUTION:
            said["client"] = one.caller
        append(unit, "lookups.suspicious", f"lookup_alarm:{alarm_id}", said, rows=[("lookup_alarm", alarm_id)])


def close_lookup_alarm(unit: Unit, alarm_id: str, conclusion: str) -> None:
    """The administrator has looked into it.

    Raises:
        NotFound: NO_SUCH_RECORD. Conflict: CHANGED_MEANWHILE where somebody closed it before.
        BadInput: MISSING or TOO_LONG conclusion.
    """
    require(unit.actor, Permission.CLIENT_MANAGE)
    words = conclusion.strip()
    if not words:
        raise BadInput(InputReason.MISSING, field="conclusion")
    if len(words) > CONCLUSION_MAX:
        raise BadInput(InputReason.TOO_LONG, field="conclusion", limit=CONCLUSION_MAX)
    row = unit.conn.execute(sa.select(lookup_alarm.c.closed_at).where(lookup_alarm.c.id == alarm_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="alarm")
    closed = unit.conn.execute(
        sa.update(lookup_alarm)
        .where(lookup_alarm.c.id == alarm_id, lookup_alarm.c.closed_at.is_(None))
        .values(closed_at=unit.now, closed_by=unit.actor.reference, conclusion=words)
    )
    if not closed.rowcount:
        raise Conflict(InputReason.CHANGED_MEANWHILE, field="alarm")
    stop_alarms(unit, AlarmKind.LOOKUPS, alarm_id)
    append(unit, "lookups.closed", f"lookup_alarm:{alarm_id}", {}, rows=[("lookup_alarm", alarm_id)])


def lookup_alarms(conn: Connection, actor: Actor, *, limit: int = 100) -> list[LookupAlarm]:
    """What was found, the open ones first, then the newest."""
    require(actor, Permission.CLIENT_MANAGE)
    table = lookup_alarm.c
    query = sa.select(lookup_alarm).order_by(table.closed_at.is_not(None), table.last_at.desc(), table.id)
    return [
        LookupAlarm(
            row.id, Asker(row.asker), row.caller, Sign(row.sign), row.first_at, row.last_at, row.times, row.asked,
            row.near, row.missed, row.closed_at, row.closed_by, row.conclusion,
        )
        for row in conn.execute(query.limit(limit))
    ]  # fmt: skip


def erase_due_addresses(unit: Unit, *, limit: int = 500) -> int:
    """Erase the addresses of strangers whose time is over; that something was found stays. Returns how many."""
    require(unit.actor, Permission.CLOCK_RUN)
    row = retention("retention_public_check", unit.now)
    table = lookup_alarm.c
    found = unit.conn.execute(
        sa.select(table.id, table.last_at)
        .where(table.asker == Asker.PUBLIC.value, table.caller != "", table.last_at <= unit.now - timedelta(days=1))
        .order_by(table.last_at)
        .limit(limit)
    )
    due = [one.id for one in found if row.has_run_out(one.last_at, unit.now)]
    if due:
        unit.conn.execute(sa.update(lookup_alarm).where(table.id.in_(due)).values(caller=""))
        append(unit, "retention.addresses_erased", "screening", {"count": len(due)})
    return len(due)
