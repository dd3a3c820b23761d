"""People: rows to model and back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.people.model import Appointment, Person, PersonDraft
from lachan.foundation.access.people.tables import person, person_role, recovery_code
from lachan.foundation.access.permissions import Role
from lachan.foundation.base import Language, alphabetical


def person_from_row(row: sa.Row[Any]) -> Person:
    """A stored person."""
    return Person(
        row.id, row.name, row.sign_in_name, row.phone, Language(row.language), row.active,
        row.password_is_initial, row.second_factor is not None,
    )  # fmt: skip


def row_by_id(conn: Connection, person_id: str) -> sa.Row[Any] | None:
    """The whole row of a person, with the secrets."""
    return conn.execute(sa.select(person).where(person.c.id == person_id)).first()


def row_by_sign_in_name(conn: Connection, sign_in_name: str) -> sa.Row[Any] | None:
    """The whole row of a person, with the secrets."""
    return conn.execute(sa.select(person).where(person.c.sign_in_name == sign_in_name)).first()


def find_all(conn: Connection) -> list[Person]:
    """Everybody, by name."""
    found = [person_from_row(row) for row in conn.execute(sa.select(person).order_by(person.c.id))]
    return sorted(found, key=lambda one: alphabetical(one.name))


def names(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Names by id."""
    rows = conn.execute(sa.select(person.c.id, person.c.name).where(person.c.id.in_(list(ids))))
    return {row.id: row.name for row in rows}


def insert(conn: Connection, person_id: str, draft: PersonDraft, password_hash: str) -> None:
    """Record a checked draft."""
    conn.execute(
        sa.insert(person).values(
            id=person_id, name=draft.name, sign_in_name=draft.sign_in_name, phone=draft.phone,
            language=draft.language.value, active=True, password_hash=password_hash, password_is_initial=True,
        )
    )  # fmt: skip


def update(conn: Connection, person_id: str, **values: object) -> None:
    """Change columns of one person."""
    conn.execute(sa.update(person).where(person.c.id == person_id).values(**values))


def use_step(conn: Connection, person_id: str, step: int) -> bool:
    """Mark a one-time code as used; False when it, or a later one, was used before."""
    fresh = sa.or_(person.c.second_factor_step.is_(None), person.c.second_factor_step < step)
    done = conn.execute(sa.update(person).where(person.c.id == person_id, fresh).values(second_factor_step=step))
    return done.rowcount == 1


def appointments(
    conn: Connection,
    now: datetime | None = None,
    *,
    person_id: str | None = None,
    agency_id: str | None = None,
) -> list[Appointment]:
    """Roles of a person, at an agency, or all; with `now`, those in force."""
    query = sa.select(person_role).order_by(person_role.c.valid_from, person_role.c.id)
    if person_id is not None:
        query = query.where(person_role.c.person_id == person_id)
    if agency_id is not None:
        query = query.where(person_role.c.agency_id == agency_id)
    if now is not None:
        query = query.where(
            person_role.c.valid_from <= now,
            sa.or_(person_role.c.valid_to.is_(None), person_role.c.valid_to > now),
        )
    return [
        Appointment(row.id, row.person_id, row.agency_id, Role(row.role), row.valid_from, row.valid_to)
        for row in conn.execute(query)
    ]


def appointment(conn: Connection, appointment_id: str) -> Appointment | None:
    """One role."""
    row = conn.execute(sa.select(person_role).where(person_role.c.id == appointment_id)).first()
    if row is None:
        return None
    return Appointment(row.id, row.person_id, row.agency_id, Role(row.role), row.valid_from, row.valid_to)


def insert_appointment(conn: Connection, made: Appointment) -> None:
    """Record a role."""
    conn.execute(
        sa.insert(person_role).values(
            id=made.id, person_id=made.person_id, agency_id=made.agency_id, role=made.role.value,
            valid_from=made.valid_from, valid_to=made.valid_to,
        )
    )  # fmt: skip


def end_appointment(conn: Connection, appointment_id: str, at: datetime) -> None:
    """End a role."""
    conn.execute(sa.update(person_role).where(person_role.c.id == appointment_id).values(valid_to=at))


def replace_recovery_codes(conn: Connection, person_id: str, marks: Iterable[str]) -> None:
    """Give a person exactly these recovery codes (their keyed hashes)."""
    conn.execute(sa.delete(recovery_code).where(recovery_code.c.person_id == person_id))
    for mark in marks:
        conn.execute(sa.insert(recovery_code).values(id=mark, person_id=person_id))


def use_recovery_code(conn: Connection, person_id: str, mark: str, at: datetime) -> bool:
    """Use up a recovery code; False when there is no such unused one."""
    done = conn.execute(
        sa.update(recovery_code)
        .where(
            recovery_code.c.id == mark, recovery_code.c.person_id == person_id, recovery_code.c.used_at.is_(None)
        )
        .values(used_at=at)
    )
    return done.rowcount == 1
