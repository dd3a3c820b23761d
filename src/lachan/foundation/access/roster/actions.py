"""Plan and cancel shifts."""

from datetime import datetime

from lachan.foundation.access.people import actor_at
from lachan.foundation.access.permissions import Permission, may, require
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.access.roster import rules, store
from lachan.foundation.access.roster.model import Position, Shift
from lachan.foundation.base import Conflict, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append


def plan_shift(
    unit: Unit,
    agency_id: str,
    person_id: str,
    position: Position,
    starts_at: datetime,
    ends_at: datetime,
    *,
    rank: int = 0,
) -> Shift:
    """Put somebody on a desk's roster. Shift heads and deputies must be people who may approve there."""
    require(unit.actor, Permission.ROSTER_MANAGE, agency_id)
    actor = actor_at(unit.conn, person_id, agency_id, unit.now)
    needed = Permission.TASK_WORK if position is Position.OFFICER else Permission.HOLD_APPROVE
    if actor is None or not may(actor, needed, agency_id):
        raise Conflict(AccessReason.CANNOT_APPROVE, field="person_id")
    made = Shift(new_id(), agency_id, person_id, position, rank, starts_at, ends_at)
    rules.check_shift(made, store.between(unit.conn, agency_id, starts_at, ends_at))
    store.insert(unit.conn, made)
    _record(unit, "roster.shift_planned", made)
    return made


def cancel_shift(unit: Unit, shift_id: str) -> None:
    """Take a shift off the roster; a running one ends now, and one that is over stays as it was."""
    found = store.find(unit.conn, shift_id)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="shift_id")
    require(unit.actor, Permission.ROSTER_MANAGE, found.agency_id)
    if found.ends_at <= unit.now:
        raise Conflict(AccessReason.WRONG_STATE, field="shift_id")
    if found.starts_at < unit.now:
        store.end(unit.conn, shift_id, unit.now)
    else:
        store.delete(unit.conn, shift_id)
    _record(unit, "roster.shift_cancelled", found)


def _record(unit: Unit, kind: str, shift: Shift) -> None:
    data = {"person": shift.person_id, "position": shift.position.value, "from": shift.starts_at.isoformat()}
    append(unit, kind, f"agency:{shift.agency_id}", data, rows=[("duty_shift", shift.id)])
