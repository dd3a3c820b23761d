"""A lost password or second factor: one administrator asks, another one confirms, the person is told.

Who resets both could sign in as anybody and approve what he asked for himself. Where there is no second
administrator, it is done at the machine's console, whose user is the operator.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.people import appointments, people
from lachan.foundation.access.people import person as person_by_id
from lachan.foundation.access.people import store as people_store
from lachan.foundation.access.permissions import OPERATOR, Permission, Role, require, require_other_person
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.access.sessions import store
from lachan.foundation.access.sessions.tables import access_reset
from lachan.foundation.base import Conflict, InputReason, NotAllowed, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append

CONFIRM_WITHIN = timedelta(days=1)


class ResetKind(StrEnum):
    """What is set anew."""

    PASSWORD = "password"  # noqa: S105 (a kind, not a password)
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class Reset:
    """One reset: who asked, who confirmed; `person:…` or the operator."""

    id: str
    person_id: str
    kind: ResetKind
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


def ask_reset(unit: Unit, person_id: str, kind: ResetKind) -> Reset:
    """Ask another administrator to confirm a reset. ONLY_ADMINISTRATOR where nobody else could."""
    require(unit.actor, Permission.PERSON_MANAGE)
    require_other_person(unit.actor, f"person:{person_id}")
    person_by_id(unit.conn, person_id)
    able = _administrators(unit.conn, unit.now) - {unit.actor.reference, f"person:{person_id}"}
    if not able:
        raise NotAllowed(AccessReason.ONLY_ADMINISTRATOR)
    if any(one.person_id == person_id and one.kind is kind for one in waiting_resets(unit.conn, unit.now)):
        raise Conflict(AccessReason.WRONG_STATE, field="person_id")
    made = Reset(new_id(), person_id, kind, "asked", unit.actor.reference, unit.now, None, None)
    _insert(unit, made)
    _record(unit, "person.reset_asked", made)
    return made


def confirm_reset(unit: Unit, reset_id: str, password_hash: str | None = None) -> Reset:
    """Carry a reset out as the second administrator; `password_hash` is the new first password's.

    Whoever confirms is neither who asked nor whose access it is. All the person's sessions end.
    """
    found = _open(unit, reset_id)
    require_other_person(unit.actor, found.asked_by)
    require_other_person(unit.actor, f"person:{found.person_id}")
    return _carry_out(unit, found, password_hash)


def refuse_reset(unit: Unit, reset_id: str) -> None:
    """Do not carry it out; who asked may take it back so, too."""
    found = _open(unit, reset_id)
    _decide(unit, found, "refused")


def reset_at_console(unit: Unit, person_id: str, kind: ResetKind, password_hash: str | None = None) -> Reset:
    """Carry a reset out at the machine itself. Only the operator."""
    if unit.actor != OPERATOR:
        raise NotAllowed(AccessReason.NOT_PERMITTED)
    person_by_id(unit.conn, person_id)
    made = Reset(new_id(), person_id, kind, "asked", unit.actor.reference, unit.now, None, None)
    _insert(unit, made)
    return _carry_out(unit, made, password_hash)


def waiting_resets(conn: Connection, now: datetime) -> list[Reset]:
    """What waits for a second administrator, the oldest first."""
    query = (
        sa.select(access_reset)
        .where(access_reset.c.state == "asked", access_reset.c.asked_at > now - CONFIRM_WITHIN)
        .order_by(access_reset.c.asked_at, access_reset.c.id)
    )
    return [_reset(row) for row in conn.execute(query)]


def resets_to_tell(conn: Connection, person_id: str) -> list[Reset]:
    """What was set anew for a person who has not signed in completely since."""
    query = (
        sa.select(access_reset)
        .where(
            access_reset.c.person_id == person_id, access_reset.c.state == "done", access_reset.c.told_at.is_(None)
        )
        .order_by(access_reset.c.decided_at, access_reset.c.id)
    )
    return [_reset(row) for row in conn.execute(query)]


def note_told(unit: Unit, person_id: str) -> None:
    """The person has gone through the pages that tell of it."""
    told = resets_to_tell(unit.conn, person_id)
    for one in told:
        unit.conn.execute(sa.update(access_reset).where(access_reset.c.id == one.id).values(told_at=unit.now))
        _record(unit, "person.reset_told", one)


def _administrators(conn: Connection, now: datetime) -> set[str]:
    active = {one.id for one in people(conn) if one.active}
    return {
        f"person:{one.person_id}"
        for one in appointments(conn, now)
        if one.role is Role.ADMINISTRATOR and one.person_id in active
    }


def _open(unit: Unit, reset_id: str) -> Reset:
    require(unit.actor, Permission.PERSON_MANAGE)
    row = unit.conn.execute(sa.select(access_reset).where(access_reset.c.id == reset_id).with_for_update()).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="reset_id")
    if row.state != "asked" or row.asked_at <= unit.now - CONFIRM_WITHIN:
        raise Conflict(AccessReason.WRONG_STATE, field="reset_id")
    return _reset(row)


def _carry_out(unit: Unit, found: Reset, password_hash: str | None) -> Reset:
    if found.kind is ResetKind.PASSWORD:
        if password_hash is None:
            raise ValueError("a new first password is needed")
        people_store.update(unit.conn, found.person_id, password_hash=password_hash, password_is_initial=True)
    else:
        people_store.update(unit.conn, found.person_id, second_factor=None)
        people_store.replace_recovery_codes(unit.conn, found.person_id, ())
    ended = store.delete_of_person(unit.conn, found.person_id)
    done = _decide(unit, found, "done")
    append(
        unit, f"person.{found.kind.value}_reset", f"person:{found.person_id}",
        {"reset": found.id, "asked_by": found.asked_by, "sessions_ended": ended},
        rows=[("person", found.person_id)],
    )  # fmt: skip
    return done


def _decide(unit: Unit, found: Reset, state: str) -> Reset:
    values = {"state": state, "decided_by": unit.actor.reference, "decided_at": unit.now}
    unit.conn.execute(sa.update(access_reset).where(access_reset.c.id == found.id).values(values))
    _record(unit, f"person.reset_{state}", found)
    row = unit.conn.execute(sa.select(access_reset).where(access_reset.c.id == found.id)).one()
    return _reset(row)


def _insert(unit: Unit, made: Reset) -> None:
    unit.conn.execute(
        sa.insert(access_reset).values(
            id=made.id, person_id=made.person_id, kind=made.kind.value, state=made.state, asked_by=made.asked_by,
            asked_at=made.asked_at,
        )
    )  # fmt: skip


def _reset(row: sa.Row[Any]) -> Reset:
    return Reset(
        row.id, row.person_id, ResetKind(row.kind), row.state, row.asked_by, row.asked_at, row.decided_by,
        row.decided_at,
    )  # fmt: skip


def _record(unit: Unit, kind: str, reset: Reset) -> None:
    append(
        unit, kind, f"person:{reset.person_id}", {"what": reset.kind.value, "reset": reset.id},
        rows=[("access_reset", reset.id)],
    )  # fmt: skip
