"""What the run came to, read from the record as any report would."""

from typing import Any

import sqlalchemy as sa

from lachan.bootstrap import Services
from lachan.foundation.trail import verify
from lachan.response.store import PARTS
from lachan.response.tables import hold, hop, trace


def _total(name: str) -> "sa.Label[int]":
    return sa.func.coalesce(sa.func.sum(trace.c[name]), 0).label(name)


def result(services: Services) -> dict[str, Any]:
    """The figures of `lachan --json demo` (interfaces): the six parts sum to reported, net of overlap."""
    with services.db.read() as conn:
        totals = conn.execute(
            sa.select(*(_total(name) for name in (*PARTS, "overlap_vnd")),
                      sa.func.coalesce(sa.func.sum(trace.c.reported_vnd), 0).label("all_vnd"))
        ).one()  # fmt: skip
        losses = conn.execute(sa.select(sa.func.count(sa.distinct(hop.c.loss_id)))).scalar_one()
        firsts = conn.execute(
            sa.select(trace.c.opened_at, trace.c.first_hold_at).where(trace.c.first_hold_at.is_not(None))
        ).all()
        deepest = conn.execute(sa.select(sa.func.max(hop.c.depth)).where(hop.c.held_vnd > 0)).scalar() or 0
        holding = conn.execute(
            sa.select(sa.func.count(sa.distinct(hold.c.institution))).where(hold.c.held_vnd > 0)
        ).scalar_one()
        requests = conn.execute(sa.select(sa.func.count()).where(hold.c.requested_at.is_not(None))).scalar_one()
        verified = verify(conn, [services.seal_key.public_text]).intact
    seconds = sorted((first.first_hold_at - first.opened_at).total_seconds() for first in firsts)
    figures = {name: int(getattr(totals, name)) for name in PARTS}
    return {
        "reported_vnd": int(totals.all_vnd) - int(totals.overlap_vnd),
        **figures,
        "overlap_vnd": int(totals.overlap_vnd),
        "losses": losses,
        "first_hold_seconds": round(seconds[len(seconds) // 2]) if seconds else None,
        "max_depth": deepest,
        "institutions": holding,
        "requests": requests,
        "trail_verified": verified,
    }
