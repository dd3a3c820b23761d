"""Work that could not be done however often it was tried: seen by the administrator, replayed on demand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor, InputReason, NotFound
from lachan.foundation.protocol.outbox import DELIVER, message_by_id
from lachan.foundation.storage import Unit, dead_jobs, replay
from lachan.foundation.trail import append


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead job; `institution`, `type` and `subject` are there where it is a message to be delivered."""

    id: str
    kind: str
    institution: str | None
    type: str | None
    subject: str | None
    attempts: int
    first_at: datetime
    last_at: datetime
    last_error: str


def dead_letters(conn: Connection, actor: Actor) -> list[DeadLetter]:
    """All that is dead, the newest first."""
    require(actor, Permission.DEADLETTER_READ)
    found = []
    for one in dead_jobs(conn):
        letter = None
        if one.kind == DELIVER:
            letter = message_by_id(conn, str(one.payload["message_id"]))
        found.append(
            DeadLetter(
                one.id, one.kind, letter.institution if letter else None, letter.type if letter else None,
                letter.subject if letter else None, one.attempts, one.due_at, one.dead_at, one.last_error,
            )
        )  # fmt: skip
    return found


def replay_letter(unit: Unit, job_id: str) -> None:
    """Wake one of them for another full round; receivers take a message that comes twice once."""
    require(unit.actor, Permission.DEADLETTER_REPLAY)
    if not replay(unit, job_id):
        raise NotFound(InputReason.NO_SUCH_RECORD, field="job_id")
    append(unit, "job.replayed", f"job:{job_id}", {})


def replay_all(unit: Unit) -> int:
    """Wake all of them; returns how many."""
    require(unit.actor, Permission.DEADLETTER_REPLAY)
    woken = [one.id for one in dead_jobs(unit.conn) if replay(unit, one.id)]
    for job_id in woken:
        append(unit, "job.replayed", f"job:{job_id}", {})
    return len(woken)
