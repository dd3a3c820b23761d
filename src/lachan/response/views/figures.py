"""Figures: totals, how fast the first hold was, what came in today, what institutions take to answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.intake import ReportStatus
from lachan.intake.tables import report
from lachan.response import tables
from lachan.response.model import HoldState
from lachan.response.shapes import MoneyBar
from lachan.response.store import PARTS
from lachan.response.views.queue import Sight, start_of_day

# The newest so many say how fast things go now; older ones would only say how fast they went.
SAMPLE = 500
_T = tables.trace
_H = tables.hold


@dataclass(frozen=True, slots=True)
class Speed:
    """Median and 95th percentile of some durations, in seconds; None without any."""

    median_s: int | None
    p95_s: int | None


@dataclass(frozen=True, slots=True)
class Today:
    """Reports received since midnight, sorted by what became of them."""

    valid: int
    duplicate: int
    referred: int

    @property
    def received(self) -> int:
        """All of them."""
        return self.valid + self.duplicate + self.referred


def speed_of(seconds: Sequence[float]) -> Speed:
    """Nearest-rank median and 95th percentile."""
    if not seconds:
        return Speed(None, None)
    ordered = sorted(seconds)
    rank95 = max(0, -(-len(ordered) * 95 // 100) - 1)
    return Speed(round(ordered[(len(ordered) - 1) // 2]), round(ordered[rank95]))


def open_totals(sums: Iterable[Any]) -> MoneyBar:
    """Where the money of all open reports is, from `open_sums`."""
    rows = list(sums)
    parts = {part: sum(int(getattr(row, part)) for row in rows) for part in PARTS}
    return MoneyBar(sum(parts.values()), overlap_vnd=sum(int(row.overlap_vnd) for row in rows), **parts)


def first_hold_speed(conn: Connection, sight: Sight, since: datetime | None = None) -> Speed:
    """From report to first hold: the newest `SAMPLE` first holds, or all since an instant."""
    query = sa.select(_T.c.opened_at, _T.c.first_hold_at).where(sight.covers(), _T.c.first_hold_at.is_not(None))
    if since is None:
        query = query.order_by(_T.c.first_hold_at.desc()).limit(SAMPLE)
    else:
        query = query.where(_T.c.opened_at >= since)
    return speed_of([(held - opened).total_seconds() for opened, held in conn.execute(query)])


def reports_today(conn: Connection, sight: Sight, now: datetime) -> Today:
    """What came in since midnight in Việt Nam."""
    counted = sa.func.count().label("number")
    query = sa.select(report.c.status, counted).where(report.c.received_at >= start_of_day(now))
    if sight.desk_id is not None:
        query = query.where(report.c.agency_id == sight.desk_id)
    counts = {row.status: int(row.number) for row in conn.execute(query.group_by(report.c.status))}
    duplicate, referred = counts.get(ReportStatus.DUPLICATE, 0), counts.get(ReportStatus.REFERRED, 0)
    return Today(sum(counts.values()) - duplicate - referred, duplicate, referred)


def answer_speeds(conn: Connection) -> dict[str, Speed]:
    """How long each institution took to answer, over the newest answers."""
    rows = conn.execute(
        sa.select(_H.c.institution, _H.c.requested_at, _H.c.answered_at)
        .where(_H.c.answered_at.is_not(None), _H.c.requested_at.is_not(None))
        .order_by(_H.c.answered_at.desc())
        .limit(SAMPLE)
    )
    taken: dict[str, list[float]] = {}
    for row in rows:
        taken.setdefault(row.institution or "", []).append((row.answered_at - row.requested_at).total_seconds())
    return {institution: speed_of(seconds) for institution, seconds in taken.items()}


def silent_since(conn: Connection, now: datetime, institutions: Iterable[str]) -> dict[str, datetime]:
    """Which of these let an acknowledgement lapse, and since when they have said nothing."""
    codes = [(code,) for code in institutions]
    if not codes:
        return {}
    asked = sa.values(sa.column("institution", sa.String), name="asked").data(codes).cte()
    # One step into the index for each, however many requests wait.
    since = (
        sa.select(_H.c.requested_at)
        .where(_H.c.institution == asked.c.institution, _H.c.state == HoldState.REQUESTED, _H.c.ack_by < now)
        .order_by(_H.c.ack_by)
        .limit(1)
        .scalar_subquery()
    )
    rows = conn.execute(sa.select(asked.c.institution, since.label("since")))
    return {row.institution: row.since for row in rows if row.since is not None}
