"""Is it alive, is it ready, and how much does it do."""

import sqlalchemy as sa
from fastapi import APIRouter, Response

from lachan.doors.api.identity import ServicesOf
from lachan.foundation.storage.jobs import job
from lachan.foundation.trail.tables import fact

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(services: ServicesOf) -> dict[str, str]:
    """The record answers too."""
    with services.db.read() as conn:
        conn.execute(sa.select(sa.literal(1)))
    return {"status": "ready"}


@router.get("/metrics", response_class=Response)
def metrics(services: ServicesOf) -> Response:
    """Gauges for Prometheus: what waits, what is dead, what is unsealed."""
    with services.db.read() as conn:
        waiting = conn.execute(
            sa.select(job.c.kind, sa.func.count()).where(job.c.dead_at.is_(None)).group_by(job.c.kind)
        ).all()
        dead = conn.execute(sa.select(sa.func.count()).where(job.c.dead_at.is_not(None))).scalar_one()
        unsealed = conn.execute(sa.select(sa.func.count()).where(fact.c.sequence.is_(None))).scalar_one()
    lines = ["# TYPE lachan_jobs_waiting gauge"]
    lines += [f'lachan_jobs_waiting{{kind="{kind}"}} {count}' for kind, count in waiting]
    lines += ["# TYPE lachan_jobs_dead gauge", f"lachan_jobs_dead {dead}"]
    lines += ["# TYPE lachan_facts_unsealed gauge", f"lachan_facts_unsealed {unsealed}"]
    return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")
