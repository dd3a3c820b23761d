"""Due jobs: reactions to facts, and clocks. Each runs in one transaction with the end of its job."""

import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from lachan.bootstrap import Services
from lachan.foundation.base import SYSTEM, LachanError, WallClock
from lachan.foundation.storage import Job, Unit, claim, finish, retry_later
from lachan.foundation.trail.tables import fact
from lachan.reactions import CLOCKS, REACT, REACTIONS, REGISTER, REGISTRY_ONLY
from lachan.response import wait_turn

MONEY = (REACT, *(kind for kind in CLOCKS if kind not in REGISTRY_ONLY))
REGISTRY = (REGISTER, *(kind for kind in CLOCKS if kind in REGISTRY_ONLY))
_log = logging.getLogger("lachan.worker")


def run_due_jobs(services: Services, kinds: Sequence[str] = (*MONEY, *REGISTRY), *, limit: int = 16) -> int:
    """Claim and run what is due of these kinds; returns how many were claimed."""
    jobs = claim(
        services.db, now=services.clock.now(), wall_now=WallClock().now(), kinds=kinds, limit=limit, lease_s=60
    )
    for job in jobs:
        _run(services, job)
    return len(jobs)


def _run(services: Services, job: Job) -> None:
    try:
        with services.db.unit(services.clock.now(), SYSTEM) as unit:
            if job.kind in MONEY:
                wait_turn(unit)
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
    row = unit.conn.execute(
        sa.select(fact.c.kind, fact.c.subject, fact.c.data).where(fact.c.id == job.payload["fact_id"])
    ).one()
    argument: dict[str, Any] = {**row.data, "id": row.subject.partition(":")[2]}
    REACTIONS[row.kind](services, unit, argument)
