"""Due jobs: reactions to facts, and clocks. Each runs in one transaction with the end of its job.

Reactions that are due together share one: where many wait to write, a worker that came once for each would come too
late for all of them. A clock runs alone, because another's work may have stopped it.
"""

import logging
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from lachan.bootstrap import Services
from lachan.foundation.base import SYSTEM, LachanError, WallClock
from lachan.foundation.storage import Job, Unit, claim, finish, hold_names, retry_later
from lachan.foundation.trail.tables import fact
from lachan.reactions import CLOCKS, REACT, REACTIONS, REGISTER, REGISTRY_ONLY
from lachan.response import wait_turn

MONEY_CLOCKS = tuple(kind for kind in CLOCKS if kind not in REGISTRY_ONLY)
REGISTRY = (REGISTER, *(kind for kind in CLOCKS if kind in REGISTRY_ONLY))
_FACT = sa.select(fact.c.kind, fact.c.subject, fact.c.data).where(fact.c.id == sa.bindparam("fact_id"))
_log = logging.getLogger("lachan.worker")


def run_due_jobs(services: Services, kinds: Sequence[str] = (REACT, *CLOCKS, REGISTER), *, limit: int = 8) -> int:
    """Claim and run what is due of these kinds; returns how many were claimed."""
    jobs = claim(
        services.db, now=services.clock.now(), wall_now=WallClock().now(), kinds=kinds, limit=limit, lease_s=60
    )
    for kind, group in groupby(jobs, key=lambda job: job.kind):
        alike = list(group)
        if len(alike) == 1 or not _go_together(services, kind) or not _run_together(services, alike):
            for job in alike:
                _run(services, job)
    return len(jobs)


def _go_together(services: Services, kind: str) -> bool:
    """On PostgreSQL the registry's do not: locks that several jobs took one after another would meet a claim's."""
    return kind == REACT or (kind == REGISTER and services.db.is_sqlite)


def _run_together(services: Services, jobs: Sequence[Job]) -> bool:
    """All of them in one transaction; or none, where one cannot: each is then tried alone."""
    try:
        with services.db.unit(services.clock.now(), SYSTEM) as unit:
            _wait(unit, jobs[0])
            for job in jobs:
                finish(unit, job)
            for job in jobs:
                _do(services, unit, job)
    except Exception as error:  # noqa: BLE001 which of them it was, and what to do, is found out alone
        _log.warning("%d reactions together failed, each is tried alone: %s", len(jobs), error)
        return False
    return True


def _wait(unit: Unit, job: Job) -> None:
    """Money's turn, or the registry's own: what takes a claim back must see the one that is just being made."""
    if job.kind in REGISTRY:
        hold_names(unit.conn, ["the registry's reactions"])
    else:
        wait_turn(unit)


def _run(services: Services, job: Job) -> None:
    try:
        with services.db.unit(services.clock.now(), SYSTEM) as unit:
            _wait(unit, job)
            # First, in the same transaction: what is done may stop or restart the very clock that rang.
            finish(unit, job)
            _do(services, unit, job)
    except (LachanError, sa.exc.SQLAlchemyError) as error:
        _log.warning("job %s %s failed: %s", job.kind, job.id, error)
        with services.db.unit(services.clock.now(), SYSTEM) as unit:
            retry_later(unit, job, repr(error), wall_now=WallClock().now())
    except Exception as error:  # noqa: BLE001 a bug in one job must not stop the others' clocks
        _log.exception("job %s %s broke", job.kind, job.id)
        with services.db.unit(services.clock.now(), SYSTEM) as unit:
            retry_later(unit, job, repr(error), wall_now=WallClock().now(), max_attempts=8)


def _do(services: Services, unit: Unit, job: Job) -> None:
    if job.kind in CLOCKS:
        CLOCKS[job.kind](services, unit, job.payload)
        return
    row = unit.conn.execute(_FACT, {"fact_id": job.payload["fact_id"]}).one()
    argument: dict[str, Any] = {**row.data, "id": row.subject.partition(":")[2]}
    REACTIONS[row.kind](services, unit, argument)
