"""Questions about people."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.access.agencies import agency
from lachan.foundation.access.people import store
from lachan.foundation.access.people.model import Appointment, Person
from lachan.foundation.base import VIETNAM, Actor, ActorKind, InputReason, NotFound


def person(conn: Connection, person_id: str) -> Person:
    """One person; NotFound where there is none."""
    row = store.row_by_id(conn, person_id)
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="person_id")
    return store.person_from_row(row)


def people(conn: Connection) -> list[Person]:
    """Everybody, by name."""
    return store.find_all(conn)


def person_names(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The names of some people by id, in one query; whoever is unknown is left out."""
    wanted = set(ids)
    return store.names(conn, wanted) if wanted else {}


def appointments(
    conn: Connection,
    now: datetime | None = None,
    *,
    person_id: str | None = None,
    agency_id: str | None = None,
) -> list[Appointment]:
    """Roles of a person, at an agency, or all; with `now`, those in force then."""
    return store.appointments(conn, now, person_id=person_id, agency_id=agency_id)


def workplaces(conn: Connection, person_id: str, now: datetime) -> list[str]:
    """The existing agencies at which a person has a role, the first appointment first.

    A role at a body that has ended is no role at its successor: people are appointed anew.
    """
    day = now.astimezone(VIETNAM).date()
    held = dict.fromkeys(a.agency_id for a in store.appointments(conn, now, person_id=person_id))
    return [agency_id for agency_id in held if agency(conn, agency_id).exists_on(day)]


def actor_at(conn: Connection, person_id: str, agency_id: str, now: datetime) -> Actor | None:
    """The person as an actor at one agency, with the roles in force; None without any, or when inactive."""
    found = person(conn, person_id)
    if not found.active or agency_id not in workplaces(conn, person_id, now):
        return None
    held = store.appointments(conn, now, person_id=person_id, agency_id=agency_id)
    roles = frozenset(a.role.value for a in held)
    return Actor(ActorKind.PERSON, person_id, agency_id, roles, found.name)
