"""When a session lives, what step comes next, when sign-in is locked. Security parameters, not legal clocks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from lachan.foundation.access.people import Person
from lachan.foundation.access.sessions.model import Session, Stage

IDLE = timedelta(hours=1)
ABSOLUTE = timedelta(hours=12)  # one shift
UNFINISHED = timedelta(minutes=10)
TOUCH_EVERY = timedelta(minutes=1)
DEMO_LINK = timedelta(days=1)

LOCK_WINDOW = timedelta(minutes=15)
# Few from one place; more from everywhere together, so that a stranger cannot easily lock a desk out.
ATTEMPTS_PER_SOURCE = 5
ATTEMPTS_PER_NAME = 30
# Wrong ones at many names from one address, over all servers: an office shares one, a guesser too.
ATTEMPTS_PER_ADDRESS = 100


def is_alive(session: Session, wall_now: datetime) -> bool:
    """Whether the session still counts."""
    return wall_now < session.expires_at and wall_now < session.last_seen_at + IDLE


def needs_touch(session: Session, wall_now: datetime) -> bool:
    """Whether it is time to note that the session is in use; once a minute spares the record."""
    return wall_now - session.last_seen_at >= TOUCH_EVERY


def stage_after_password(person: Person, *, demo: bool) -> Stage:
    """The step after a right password. A demo does not ask for a second factor that nobody has enrolled."""
    if person.has_second_factor:
        return Stage.SECOND_FACTOR
    return stage_after_second_factor(person) if demo else Stage.ENROLMENT


def stage_after_second_factor(person: Person) -> Stage:
    """The step after the second factor: a first password must be changed."""
    return Stage.PASSWORD if person.password_is_initial else Stage.FULL


def expiry(stage: Stage, wall_now: datetime) -> datetime:
    """When a session of this stage ends at latest."""
    return wall_now + (ABSOLUTE if stage is Stage.FULL else UNFINISHED)


def locked_until(
    from_source: Sequence[datetime],
    from_anywhere: Sequence[datetime],
    wall_now: datetime,
    at_any_name: Sequence[datetime] = (),
) -> datetime | None:
    """Until when further attempts are refused, given the instants of earlier ones; None when one is free.

    `from_source` at this name from this address, `from_anywhere` at this name, `at_any_name` from this address.
    """
    until = None
    counted = (
        (from_source, ATTEMPTS_PER_SOURCE),
        (from_anywhere, ATTEMPTS_PER_NAME),
        (at_any_name, ATTEMPTS_PER_ADDRESS),
    )
    for attempts, limit in counted:
        recent = sorted(at for at in attempts if at > wall_now - LOCK_WINDOW)
        if len(recent) >= limit:
            free_at = recent[-limit] + LOCK_WINDOW
            until = max(until, free_at) if until else free_at
    return until
