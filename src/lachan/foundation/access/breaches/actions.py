"""Record a breach, correct it, note its notice, close it."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.access.alarms import AlarmKind, start_alarms, stop_alarms
from lachan.foundation.access.breaches.model import NEXT, Breach, BreachState
from lachan.foundation.access.breaches.tables import breach
from lachan.foundation.access.breaches.views import find
from lachan.foundation.access.checks import clean_text
from lachan.foundation.access.permissions import Permission, require
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import BadInput, Conflict, InputReason, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail import append

_PEOPLE_MAX = 200_000_000


def record_breach(unit: Unit, what: str, people_count: int, found_at: datetime) -> Breach:
    """Enter a breach; the clock of its notice runs from the instant it was found."""
    require(unit.actor, Permission.BREACH_MANAGE)
    if found_at > unit.now:
        raise BadInput(InputReason.IN_THE_FUTURE, field="found_at")
    notify_by = clock("breach_notice", found_at).deadline(found_at)
    made = Breach(
        new_id(),
        BreachState.OPEN,
        found_at,
        _words(what, "what"),
        _count(people_count),
        notify_by,
        None,
        None,
        None,
    )
    unit.conn.execute(
        sa.insert(breach).values(
            id=made.id, state=made.state.value, found_at=found_at, what=made.what, people_count=made.people_count,
            notify_by=notify_by,
        )
    )  # fmt: skip
    start_alarms(unit, AlarmKind.BREACH, made.id, notify_by)
    _record(unit, "breach.recorded", made.id, {"people": made.people_count, "notify_by": notify_by.isoformat()})
    return made


def correct_breach(unit: Unit, breach_id: str, what: str, people_count: int) -> Breach:
    """More is known now; the clock does not start again."""
    before = _open(unit, breach_id, BreachState.CLOSED)
    made = replace(before, what=_words(what, "what"), people_count=_count(people_count))
    _update(unit, breach_id, what=made.what, people_count=made.people_count)
    _record(unit, "breach.corrected", breach_id, {"people": [before.people_count, made.people_count]})
    return made


def note_breach_notice(unit: Unit, breach_id: str, notified_to: str, notified_at: datetime) -> Breach:
    """The notice to the authority has gone out."""
    before = _open(unit, breach_id, BreachState.NOTIFIED)
    if not before.found_at <= notified_at <= unit.now:
        raise BadInput(InputReason.IN_THE_FUTURE, field="notified_at")
    made = replace(
        before,
        state=BreachState.NOTIFIED,
        notified_at=notified_at,
        notified_to=clean_text(notified_to, "notified_to"),
    )
    _update(unit, breach_id, state=made.state.value, notified_at=notified_at, notified_to=made.notified_to)
    late = made.is_overdue(unit.now)
    stop_alarms(unit, AlarmKind.BREACH, breach_id)
    _record(unit, "breach.notified", breach_id, {"at": notified_at.isoformat(), "late": late})
    return made


def close_breach(unit: Unit, breach_id: str, conclusion: str) -> Breach:
    """The breach is dealt with; without a notice the conclusion says why none was owed."""
    before = _open(unit, breach_id, BreachState.CLOSED)
    made = replace(before, state=BreachState.CLOSED, conclusion=_words(conclusion, "conclusion"))
    _update(unit, breach_id, state=made.state.value, conclusion=made.conclusion)
    stop_alarms(unit, AlarmKind.BREACH, breach_id)
    _record(unit, "breach.closed", breach_id, {"notified": before.notified_at is not None})
    return made


def _open(unit: Unit, breach_id: str, target: BreachState) -> Breach:
    require(unit.actor, Permission.BREACH_MANAGE)
    found = find(unit.conn, breach_id)
    if target not in NEXT[found.state]:
        raise Conflict(AccessReason.WRONG_STATE, field="breach_id")
    return found


def _update(unit: Unit, breach_id: str, **values: object) -> None:
    unit.conn.execute(sa.update(breach).where(breach.c.id == breach_id).values(**values))


def _words(text: str, field: str) -> str:
    return clean_text(text, field, at_least=5, limit=5_000)


def _count(people_count: int) -> int:
    if not 0 <= people_count <= _PEOPLE_MAX:
        raise BadInput(InputReason.TOO_LARGE, field="people_count", limit=_PEOPLE_MAX)
    return people_count


def _record(unit: Unit, kind: str, breach_id: str, data: dict[str, object]) -> None:
    append(unit, kind, f"breach:{breach_id}", data, rows=[("breach", breach_id)])
