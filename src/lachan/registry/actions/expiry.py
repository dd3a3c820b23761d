"""Time passes: claims expire, review dates come, verdicts end. Nothing stays listed because nobody looked."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import SYSTEM
from lachan.foundation.storage import Database, Unit
from lachan.registry import store
from lachan.registry.actions.projecting import project
from lachan.registry.tables import entry

SWEEP_MAX = 5_000


def sweep(db: Database, now: datetime) -> int:
    """Assess every entry whose time has come, in batches; returns how many. Looking costs no write lock."""
    swept = 0
    while True:
        with db.look() as probe:
            if probe.execute(_due(now).limit(1)).first() is None:
                return swept
        with db.unit(now, SYSTEM) as unit:
            swept += sweep_some(unit)


def sweep_some(unit: Unit, *, limit: int = SWEEP_MAX) -> int:
    """Assess up to `limit` entries whose time has come."""
    require(unit.actor, Permission.CLOCK_RUN)
    keys = unit.conn.execute(_due(unit.now).order_by(entry.c.next_at).limit(limit)).scalars().all()
    if keys:
        project(unit, store.locked_entries(unit.conn, keys, unit.now))
    return len(keys)


def _due(now: datetime) -> sa.Select[Any]:
    return sa.select(entry.c.key).where(entry.c.next_at <= now)
