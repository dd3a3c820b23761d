"""People who work with the system: their roles at agencies, passwords and second factors."""

from lachan.foundation.access.people.actions import add_person, grant_role, revoke_role, set_active
from lachan.foundation.access.people.model import Appointment, Person, PersonDraft
from lachan.foundation.access.people.passwords import hash_password, initial_password
from lachan.foundation.access.people.second_factor import Enrolment
from lachan.foundation.access.people.views import actor_at, appointments, people, person, person_names, workplaces

__all__ = [
    "Appointment",
    "Enrolment",
    "Person",
    "PersonDraft",
    "actor_at",
    "add_person",
    "appointments",
    "grant_role",
    "hash_password",
    "initial_password",
    "people",
    "person",
    "person_names",
    "revoke_role",
    "set_active",
    "workplaces",
]
