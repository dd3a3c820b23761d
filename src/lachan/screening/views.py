"""What was answered, and what came of the advice: read-only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, reaches_all, require
from lachan.foundation.base import Actor
from lachan.registry import Verdict
from lachan.screening.rules import wilson
from lachan.screening.tables import advice_outcome, screening_hit


@dataclass(frozen=True, slots=True)
class StopRate:
    """Of those who were shown one text: the share that stopped, and its 95 % interval (Wilson)."""

    code: str
    version: int
    variant: str
    stopped: int
    continued: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer that was not clear: when, to which client, about which entry."""

    at: datetime
    client_id: str
    entry_id: str
    verdict: Verdict


def stop_rates(
    conn: Connection, actor: Actor, since: date | None = None, until: date | None = None
) -> Sequence[StopRate]:
    """The share of payers that each text stopped, from day to day, both inclusive; an institution sees its own."""
    require(actor, Permission.FIGURES_READ)
    t = advice_outcome.c
    query = sa.select(t.code, t.version, t.variant, sa.func.sum(t.stopped), sa.func.sum(t.continued))
    if not reaches_all(actor, Permission.FIGURES_READ):
        query = query.where(t.agency_id == actor.agency_id)
    if since is not None:
        query = query.where(t.day >= since.isoformat())
    if until is not None:
        query = query.where(t.day <= until.isoformat())
    query = query.group_by(t.code, t.version, t.variant).order_by(t.code, t.version, t.variant)
    return [_rate(code, version, variant, int(s), int(c)) for code, version, variant, s, c in conn.execute(query)]


def hits_of_entry(conn: Connection, actor: Actor, entry_id: str, *, limit: int = 200) -> list[Hit]:
    """Who was answered about one entry, the newest first; nothing in privacy mode, or after its time."""
    require(actor, Permission.AUDIT_READ)
    query = sa.select(screening_hit).where(screening_hit.c.entry_id == entry_id)
    rows = conn.execute(query.order_by(screening_hit.c.at.desc(), screening_hit.c.id).limit(limit))
    return [Hit(row.at, row.client_id, row.entry_id, Verdict(row.verdict)) for row in rows]


def _rate(code: str, version: int, variant: str, stopped: int, continued: int) -> StopRate:
    shown = stopped + continued
    low, high = wilson(stopped, shown)
    return StopRate(code, version, variant, stopped, continued, stopped / shown if shown else None, low, high)
