"""Every attempt is counted before it is checked: guesses made at the same time count too."""

import math
from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.access.secret import InstanceSecret
from lachan.foundation.access.sessions import rules, store
from lachan.foundation.base import PUBLIC, NotAllowed
from lachan.foundation.storage import Database, Unit
from lachan.foundation.trail import append


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted attempt at something that only its owner knows."""

    name_mark: str
    source_mark: str


def count_attempt(
    db: Database, secret: InstanceSecret, use: str, name: str, source: str, *, now: datetime, wall_now: datetime
) -> Attempt:
    """Count an attempt at `name` from the address `source`, or refuse LOCKED_OUT.

    It goes the same way whether or not there is such a name.
    """
    attempt = Attempt(secret.mark(f"attempt:{use}", name), secret.mark("source", source))
    with db.unit(now, PUBLIC) as unit:
        # Always in this order, so that two never wait for each other.
        store.queue_up(unit.conn, attempt.name_mark)
        store.queue_up(unit.conn, attempt.source_mark)
        earlier = store.attempts(unit.conn, attempt.name_mark)
        from_source = [at for mark, at in earlier if mark == attempt.source_mark]
        at_any_name = store.attempts_from(unit.conn, attempt.source_mark)
        until = rules.locked_until(from_source, [at for _, at in earlier], wall_now, at_any_name)
        if until is None:
            store.delete_attempts_before(unit.conn, wall_now - rules.LOCK_WINDOW)
            store.insert_attempt(unit.conn, attempt.name_mark, attempt.source_mark, wall_now)
            _note_lock(unit, use, attempt, from_source, earlier, wall_now)
    if until is not None:
        seconds = math.ceil((until - wall_now).total_seconds())
        raise NotAllowed(AccessReason.LOCKED_OUT, seconds=seconds, minutes=math.ceil(seconds / 60))
    return attempt


def forgive(unit: Unit, attempt: Attempt) -> None:
    """The attempt was right: earlier ones from the same place no longer count."""
    store.delete_attempts(unit.conn, attempt.name_mark, attempt.source_mark)


def _note_lock(
    unit: Unit,
    use: str,
    attempt: Attempt,
    from_source: list[datetime],
    earlier: list[tuple[str, datetime]],
    wall_now: datetime,
) -> None:
    locked = rules.locked_until([*from_source, wall_now], [*(at for _, at in earlier), wall_now], wall_now)
    if locked is not None:
        append(unit, "sign_in.locked", f"sign_in:{attempt.name_mark[:16]}", {"use": use})
