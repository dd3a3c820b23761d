"""How the trail stands: how far it is sealed, and what the last check found."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.storage import Unit
from lachan.foundation.trail import tables
from lachan.foundation.trail.actions import append
from lachan.foundation.trail.model import Checkpoint, Verification
from lachan.foundation.trail.store import checkpoint_from_row

VERIFIED = "trail.verified"
SHOWN = 10


@dataclass(frozen=True, slots=True)
class TrailStatus:
    """Figures and the newest checkpoints; `verified_ok` is None when nobody has checked yet."""

    sealed: int
    unsealed: int
    checkpoints: tuple[Checkpoint, ...]
    verified_at: datetime | None
    verified_ok: bool | None
    broken_at: str | None


def trail_status(conn: Connection) -> TrailStatus:
    """How it stands now."""
    fact, checkpoint = tables.fact, tables.checkpoint
    unsealed = conn.execute(
        sa.select(sa.func.count()).select_from(fact).where(fact.c.sequence.is_(None))
    ).scalar_one()
    rows = conn.execute(sa.select(checkpoint).order_by(checkpoint.c.number.desc()).limit(SHOWN)).all()
    newest = tuple(map(checkpoint_from_row, rows))
    last = conn.execute(
        sa.select(fact.c.happened_at, fact.c.data)
        .where(fact.c.kind == VERIFIED)
        .order_by(fact.c.ordinal.desc())
        .limit(1)
    ).first()
    return TrailStatus(
        newest[0].last_sequence if newest else 0, int(unsealed), newest,
        last.happened_at if last else None, bool(last.data["intact"]) if last else None,
        last.data.get("first") if last else None,
    )  # fmt: skip


def record_verification(unit: Unit, result: Verification) -> None:
    """Somebody has checked the whole trail: what came of it is itself a fact."""
    first = result.findings[0] if result.findings else None
    append(
        unit, VERIFIED, "trail:whole",
        {
            "intact": result.intact, "facts": result.facts, "checkpoints": result.checkpoints,
            "rows": result.rows_checked, "findings": len(result.findings),
            "first": f"{first.place} {first.where}" if first else None,
        },
    )  # fmt: skip
