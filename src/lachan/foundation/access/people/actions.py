"""Record people, give and end roles, hand out first passwords."""

import re
from dataclasses import replace

from lachan.foundation.access.agencies import agency
from lachan.foundation.access.checks import clean_text
from lachan.foundation.access.people import store, views
from lachan.foundation.access.people.model import Appointment, Person, PersonDraft
from lachan.foundation.access.permissions import OPERATOR, Permission, Role, require, require_other_person
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import VIETNAM, BadInput, Conflict, InputReason, NotAllowed, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append

_SIGN_IN_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}")
_PHONE = re.compile(r"\+?[0-9 ().-]{3,32}")


def clean_sign_in_name(text: str) -> str:
    """A sign-in name as it is stored and compared: lower case, no spaces around it."""
    return text.strip().lower()


def add_person(unit: Unit, draft: PersonDraft, *, password_hash: str) -> Person:
    """Record a person with the hash of a first password, which the person must change.

    Hashing takes a tenth of a second and is done before the transaction: `passwords.initial_password()`,
    `passwords.hash_password(...)`.
    """
    require(unit.actor, Permission.PERSON_MANAGE)
    checked = _check(draft)
    if store.row_by_sign_in_name(unit.conn, checked.sign_in_name) is not None:
        raise Conflict(AccessReason.NAME_TAKEN, field="sign_in_name")
    person_id = new_id()
    store.insert(unit.conn, person_id, checked, password_hash)
    _record(unit, "person.added", person_id)
    return views.person(unit.conn, person_id)


def grant_role(unit: Unit, person_id: str, agency_id: str, role: Role) -> Appointment:
    """Appoint a person at an agency from now on. Nobody appoints themselves.

    Administrators are appointed at the machine's console only: who could make a second one alone would be two.
    """
    require(unit.actor, Permission.PERSON_MANAGE, agency_id)
    if role is Role.ADMINISTRATOR and unit.actor != OPERATOR:
        raise NotAllowed(AccessReason.ADMINISTRATOR_AT_CONSOLE, field="role")
    require_other_person(unit.actor, f"person:{person_id}")
    views.person(unit.conn, person_id)
    if not agency(unit.conn, agency_id).exists_on(unit.now.astimezone(VIETNAM).date()):
        raise Conflict(AccessReason.AGENCY_ENDED, field="agency_id")
    held = store.appointments(unit.conn, unit.now, person_id=person_id, agency_id=agency_id)
    if any(a.role is role for a in held):
        raise Conflict(AccessReason.ROLE_HELD, field="role")
    made = Appointment(new_id(), person_id, agency_id, role, unit.now, None)
    store.insert_appointment(unit.conn, made)
    _record(unit, "person.role_granted", person_id, {"role": role.value, "agency": agency_id}, made.id)
    return made


def revoke_role(unit: Unit, appointment_id: str) -> None:
    """End a role now."""
    found = store.appointment(unit.conn, appointment_id)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="appointment_id")
    require(unit.actor, Permission.PERSON_MANAGE, found.agency_id)
    if found.valid_to is not None and found.valid_to <= unit.now:
        raise Conflict(AccessReason.WRONG_STATE, field="appointment_id")
    store.end_appointment(unit.conn, appointment_id, unit.now)
    data: dict[str, object] = {"role": found.role.value, "agency": found.agency_id}
    _record(unit, "person.role_revoked", found.person_id, data, appointment_id)


def set_active(unit: Unit, person_id: str, active: bool) -> Person:
    """Close or reopen a person's access; a closed one has no sessions from the next request on."""
    require(unit.actor, Permission.PERSON_MANAGE)
    require_other_person(unit.actor, f"person:{person_id}")
    before = views.person(unit.conn, person_id)
    store.update(unit.conn, person_id, active=active)
    _record(unit, "person.opened" if active else "person.closed", person_id)
    return replace(before, active=active)


def _check(draft: PersonDraft) -> PersonDraft:
    sign_in_name = clean_sign_in_name(draft.sign_in_name)
    if not _SIGN_IN_NAME.fullmatch(sign_in_name):
        raise BadInput(InputReason.MALFORMED, field="sign_in_name", expected="lan.nguyen")
    phone = draft.phone.strip() if draft.phone else None
    if phone and not _PHONE.fullmatch(phone):
        raise BadInput(InputReason.MALFORMED, field="phone", expected="0912 345 678")
    return replace(draft, name=clean_text(draft.name, "name"), sign_in_name=sign_in_name, phone=phone)


def _record(
    unit: Unit, kind: str, person_id: str, data: dict[str, object] | None = None, role_id: str | None = None
) -> None:
    rows = [("person", person_id)] + ([("person_role", role_id)] if role_id else [])
    append(unit, kind, f"person:{person_id}", data or {}, rows=rows)
