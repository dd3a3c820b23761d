"""The worker's clock by hand: what is due at an instant rings, in the table of `reactions.py`, and nothing else."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from tests.response.staging import OUTBOX

from lachan.bootstrap import Services
from lachan.foundation.base import SYSTEM
from lachan.foundation.storage import Database, claim, finish
from lachan.reactions import CLOCKS
from lachan.response import wait_turn

SERVICES = cast(
    "Services", SimpleNamespace(outbox=OUTBOX, settings=SimpleNamespace(base_url="https://lachan.example"))
)


def ring(db: Database, now: datetime, *kinds: str) -> list[str]:
    """Run every due job of these kinds (of all clocks, if none is named) as the worker does; returns what rang."""
    rung: list[str] = []
    while jobs := claim(db, now=now, wall_now=now, kinds=kinds or tuple(CLOCKS), limit=50):
        for job in jobs:
            with db.unit(now, SYSTEM) as unit:
                wait_turn(unit)
                finish(unit, job)
                payload: dict[str, Any] = dict(job.payload)
                CLOCKS[job.kind](SERVICES, unit, payload)
            rung.append(job.kind)
    return rung
