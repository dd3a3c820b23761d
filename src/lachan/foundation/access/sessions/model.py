"""Sessions of people. Their times are wall time: a simulated domain clock must not end or prolong them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lachan.foundation.access.people import Person
from lachan.foundation.base import Actor


class Stage(StrEnum):
    """How far a sign-in has come. Only `full` may act; the others may only take their next step."""

    SECOND_FACTOR = "second_factor"
    ENROLMENT = "enrolment"
    PASSWORD = "password"  # noqa: S105 (a stage: a first password must be changed)
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Session:
    """One session of one person at one agency. Times are wall time."""

    id: str
    person_id: str
    agency_id: str
    stage: Stage
    demo: bool
    opened_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A session and the token for its cookie; the record keeps only the token's hash."""

    session: Session
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a token: `actor` only when the sign-in is complete."""

    session: Session
    person: Person
    actor: Actor | None
