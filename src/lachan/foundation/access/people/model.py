"""People who work with the system, and what they are at which agency."""

from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.access.permissions import Role
from lachan.foundation.base import Language


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """What is needed to record a person."""

    name: str
    sign_in_name: str
    phone: str | None = None
    language: Language = Language.VI


@dataclass(frozen=True, slots=True)
class Person:
    """One person. The password's hash and the sealed second factor stay in the store."""

    id: str
    name: str
    sign_in_name: str
    phone: str | None
    language: Language
    active: bool
    password_is_initial: bool
    has_second_factor: bool

    @property
    def reference(self) -> str:
        """How the trail names the person as an actor."""
        return f"person:{self.id}"


@dataclass(frozen=True, slots=True)
class Appointment:
    """A role of a person at an agency, in `[valid_from, valid_to)`."""

    id: str
    person_id: str
    agency_id: str
    role: Role
    valid_from: datetime
    valid_to: datetime | None
