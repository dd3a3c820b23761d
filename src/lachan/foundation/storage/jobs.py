"""The job table: work that must happen, once in effect, whatever is killed meanwhile.

A job is enqueued in the transaction of the action that causes it. A worker claims it under a lease, does it,
and finishes it *in the transaction of its effects*; a worker that dies loses its lease and another goes on.
`due_at` is domain time (a clock of the law may be simulated); leases and retries are wall time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base.errors import Conflict, Reason
from lachan.foundation.base.ids import new_id
from lachan.foundation.storage.engine import Database, Unit, metadata
from lachan.foundation.storage.types import Instant, Json

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("key", sa.String(200), nullable=True, unique=True),
    sa.Column("payload", Json, nullable=False),
    sa.Column("priority", sa.BigInteger, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("retry_at", Instant, nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lease", sa.String(36), nullable=True),
    sa.Column("leased_until", Instant, nullable=True),
    sa.Column("dead_at", Instant, nullable=True),
    sa.Column("last_error", sa.Text, nullable=True),
)
sa.Index("ix_job_claim", job.c.dead_at, job.c.due_at)


class JobReason(Reason):
    """Why a job could not be finished."""

    LEASE_LOST = "lease_lost"


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed piece of work."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    lease: str


@dataclass(frozen=True, slots=True)
class DeadJob:
    """Work that failed too often; it waits for somebody to look and to replay it."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    due_at: datetime
    dead_at: datetime
    last_error: str


@dataclass(frozen=True, slots=True)
class KeyedJob:
    """How the work under a key is doing: `broke` once it failed and is tried again, `dead_at` once it is not."""

    id: str
    attempts: int
    broke: bool
    dead_at: datetime | None


# Soon, then slower: an institution that is down for a minute is reached again within seconds.
RETRY_DELAYS_S = (0.2, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
MAX_ATTEMPTS = 40


def enqueue(
    unit: Unit,
    kind: str,
    payload: Mapping[str, Any],
    *,
    due_at: datetime | None = None,
    key: str | None = None,
    priority: int = 0,
) -> None:
    """Put work into the table, in this transaction. With `key`, an equal waiting job is replaced.

    Higher `priority` runs first among the jobs that are due (the golden hour passes VND at stake).
    """
    values = {
        "id": new_id(), "kind": kind, "key": key, "payload": dict(payload), "priority": priority,
        "due_at": due_at or unit.now, "attempts": 0,
    }  # fmt: skip
    waiting_now = unit.gather("jobs", _write)
    # A changed clock goes to the end: what is written last stands.
    waiting_now.pop(key or "", None)
    waiting_now[key or str(values["id"])] = values


def cancel(unit: Unit, key: str) -> None:
    """Forget a waiting job: its clock was stopped."""
    unit.gather("jobs", _write)[key] = None


def _write(unit: Unit, jobs: dict[str, dict[str, Any] | None]) -> None:
    """One action stops and starts a dozen clocks: two statements for all of them."""
    keys = sorted(name for name, values in jobs.items() if values is None or values["key"] is not None)
    if keys:
        unit.conn.execute(_STOP, {"keys": keys})
    if new := [values for values in jobs.values() if values is not None]:
        unit.conn.execute(_START, new)


_STOP = sa.delete(job).where(job.c.key.in_(sa.bindparam("keys", expanding=True)))
_START = sa.insert(job)


def claim(
    db: Database, *, now: datetime, wall_now: datetime, kinds: Sequence[str], limit: int, lease_s: float = 30
) -> list[Job]:
    """Take up to `limit` due jobs under a lease; nobody else gets them before the lease ends."""
    lease, times = new_id(), {"now": now, "wall_now": wall_now}
    with db.look() as probe:
        # Looking costs no write lock; most looks find nothing.
        if probe.execute(_due(tuple(kinds), 1), times).first() is None:
            return []
    from lachan.foundation.base.actor import SYSTEM

    with db.unit(now, SYSTEM) as unit:
        query = _due(tuple(kinds), limit).order_by(job.c.priority.desc(), job.c.id)
        if not db.is_sqlite:
            query = query.with_for_update(skip_locked=True)
        rows = unit.conn.execute(query, times).all()
        if rows:
            unit.conn.execute(
                sa.update(job)
                .where(job.c.id.in_([row.id for row in rows]))
                .values(
                    lease=lease,
                    leased_until=wall_now + timedelta(seconds=lease_s),
                    attempts=job.c.attempts + 1,
                )
            )
    return [Job(row.id, row.kind, row.payload, row.attempts + 1, lease) for row in rows]


_DONE = sa.delete(job).where(job.c.id == sa.bindparam("done_id"), job.c.lease == sa.bindparam("done_lease"))


def finish(unit: Unit, done: Job) -> None:
    """Remove a job together with its effects; refuses when the lease has passed to another worker."""
    gone = unit.conn.execute(_DONE, {"done_id": done.id, "done_lease": done.lease})
    if gone.rowcount != 1:
        raise Conflict(JobReason.LEASE_LOST)


def retry_later(
    unit: Unit, failed: Job, error: str, *, wall_now: datetime, max_attempts: int = MAX_ATTEMPTS
) -> bool:
    """Give a failed job back with a growing delay; after `max_attempts` it is dead and visible. True if dead."""
    dead = failed.attempts >= max_attempts
    delay_s = RETRY_DELAYS_S[min(failed.attempts, len(RETRY_DELAYS_S)) - 1]
    unit.conn.execute(
        sa.update(job)
        .where(job.c.id == failed.id, job.c.lease == failed.lease)
        .values(
            lease=None,
            leased_until=None,
            retry_at=wall_now + timedelta(seconds=delay_s),
            dead_at=unit.now if dead else None,
            last_error=error[:500],
        )
    )
    return dead


def replay(unit: Unit, job_id: str) -> bool:
    """Wake a dead job for another full round of attempts. False if there is no such dead job."""
    woken = unit.conn.execute(
        sa.update(job)
        .where(job.c.id == job_id, job.c.dead_at.is_not(None))
        .values(dead_at=None, attempts=0, retry_at=None, lease=None, leased_until=None)
    )
    return woken.rowcount == 1


def jobs_by_key(conn: Connection, keys: Sequence[str]) -> dict[str, KeyedJob]:
    """The work under these keys that is not done."""
    rows = conn.execute(sa.select(job).where(job.c.key.in_(keys)))
    return {
        row.key: KeyedJob(row.id, row.attempts, row.attempts > 1 or row.last_error is not None, row.dead_at)
        for row in rows
    }


def dead_jobs(conn: Connection, *, limit: int = 500) -> list[DeadJob]:
    """What is dead, the newest first."""
    query = sa.select(job).where(job.c.dead_at.is_not(None)).order_by(job.c.dead_at.desc()).limit(limit)
    return [
        DeadJob(row.id, row.kind, row.payload, row.attempts, row.due_at, row.dead_at, row.last_error or "")
        for row in conn.execute(query)
    ]


def waiting(conn: Connection) -> tuple[dict[str, int], int]:
    """How many jobs wait, by kind, clocks of the future included; and how many are dead."""
    living = (
        sa.select(job.c.kind, sa.func.count().label("waiting")).where(job.c.dead_at.is_(None)).group_by(job.c.kind)
    )
    dead = sa.select(sa.func.count()).where(job.c.dead_at.is_not(None))
    by_kind = {row.kind: row.waiting for row in conn.execute(living)}
    return by_kind, conn.execute(dead).scalar_one()


def jobs_waiting(conn: Connection, kinds: Sequence[str]) -> int:
    """How many jobs of these kinds wait for their first attempt or are at it."""
    query = sa.select(sa.func.count()).where(job.c.kind.in_(kinds), job.c.dead_at.is_(None), job.c.attempts <= 1)
    return int(conn.execute(query).scalar_one())


@cache
def _due(kinds: tuple[str, ...], limit: int) -> sa.Select[Any]:
    """Put together once: it is asked forty times a second, and putting it together costs more than asking."""
    now, wall_now = sa.bindparam("now", type_=Instant), sa.bindparam("wall_now", type_=Instant)
    return (
        sa.select(job.c.id, job.c.kind, job.c.payload, job.c.attempts)
        .where(
            job.c.dead_at.is_(None),
            job.c.due_at <= now,
            job.c.kind.in_(kinds),
            sa.or_(job.c.retry_at.is_(None), job.c.retry_at <= wall_now),
            sa.or_(job.c.leased_until.is_(None), job.c.leased_until <= wall_now),
        )
        .limit(limit)
    )
