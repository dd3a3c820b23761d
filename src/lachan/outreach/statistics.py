"""The public statistics: months of the past, counted once a month and then left alone until the next close.

Whoever read them day by day would see single reports move. So figures change only at a month's close, and a sum
only where enough reports changed it: between two published values lie the changes of at least the dated least.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import VIETNAM, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import Threshold, add_months, threshold, vietnam_date
from lachan.foundation.trail import append
from lachan.outreach.tables import counted, month
from lachan.response import tables as response
from lachan.response.store import PARTS

MONTHS = 12
SUMS = ("reported_vnd", "held_vnd", "returned_vnd")
_T = response.trace


@dataclass(frozen=True, slots=True)
class Month:
    """One month's figures; each None where too few reports stand behind it. `first` is the month's first day."""

    first: date
    reports: int | None
    reported_vnd: int | None
    held_vnd: int | None
    returned_vnd: int | None

    @property
    def hidden(self) -> bool:
        """Whether the figures are left out."""
        return self.reports is None


def months(conn: Connection) -> list[Month]:
    """Reports, money reported, held and given back of the 12 months before the last close, the newest first.

    Money is counted in the month in which its report was traced, as it stood at the close. Empty before the first.
    """
    newest = sa.select(sa.func.max(month.c.closed)).scalar_subquery()
    rows = conn.execute(sa.select(month).where(month.c.closed == newest).order_by(month.c.month.desc()))
    return [
        Month(date.fromisoformat(row.month), row.reports, row.reported_vnd, row.held_vnd, row.returned_vnd)
        for row in rows
    ]


def is_due(conn: Connection, now: datetime) -> bool:
    """Whether a month has ended since the last close."""
    last = conn.execute(sa.select(sa.func.max(month.c.closed))).scalar()
    return last is None or last < _this_month(now).isoformat()


def close_months(unit: Unit) -> int:
    """Count the last 12 whole months where one has ended since the last close; returns how many were counted."""
    require(unit.actor, Permission.CLOCK_RUN)
    if not is_due(unit.conn, unit.now):
        return 0
    this, least = _this_month(unit.now), threshold("public_cell", unit.now)
    earliest = this.replace(year=this.year - 1)
    found = [_closed(unit.conn, add_months(earliest, at), least) for at in range(MONTHS)]
    rows = [
        {
            "id": new_id(), "month": one.first.isoformat(), "closed": this.isoformat(), "reports": one.reports,
            "reported_vnd": one.reported_vnd, "held_vnd": one.held_vnd, "returned_vnd": one.returned_vnd,
            "closed_at": unit.now,
        }
        for one in found
    ]  # fmt: skip
    unit.conn.execute(sa.insert(month), rows)
    append(
        unit, "outreach.months_closed", f"statistics:{this:%Y-%m}",
        {"months": [[one.first.isoformat(), one.reports, *(getattr(one, name) for name in SUMS)] for one in found]},
        rows=[("outreach_month", str(row["id"])) for row in rows],
    )  # fmt: skip
    return len(found)


def _closed(conn: Connection, first: date, least: Threshold) -> Month:
    """A month as it is told now, and what was told remembered, report by report."""
    begins, ends = _midnight(first), _midnight(add_months(first, 1))
    whole: sa.ColumnElement[int] = sa.literal(0)
    for name in PARTS:
        whole = whole + _T.c[name]
    query = sa.select(_T.c.id, whole.label("reported_vnd"), _T.c.held_vnd, _T.c.returned_vnd)
    now = {row.id: row for row in conn.execute(query.where(_T.c.opened_at >= begins, _T.c.opened_at < ends))}
    if not least.reached(len(now)):
        return Month(first, None, None, None, None)
    before = _last_told(conn, first)
    said: dict[str, int | None] = {}
    for name in SUMS:
        mine = sa.and_(counted.c.month == first.isoformat(), counted.c.sum == name)
        known = {row.trace_id: int(row.amount) for row in conn.execute(sa.select(counted).where(mine))}
        current = {one: int(getattr(row, name)) for one, row in now.items()}
        said[name], new = told_sum(current, known, before[name], least)
        if new:
            conn.execute(sa.delete(counted).where(mine))
            rows = [
                {"trace_id": one, "sum": name, "month": first.isoformat(), "amount": amount}
                for one, amount in current.items()
            ]
            conn.execute(sa.insert(counted), rows)
    return Month(first, len(now), said["reported_vnd"], said["held_vnd"], said["returned_vnd"])


def told_sum(
    current: Mapping[str, int], known: Mapping[str, int], before: int | None, least: Threshold
) -> tuple[int | None, bool]:  # fmt: skip
    """What is said of a sum, and whether it is a new value, to be remembered report by report.

    `known`: what each report stood at in the value that was told last, empty where none was; `before`: what was
    said at the last close. Pure.
    """
    behind = sum(1 for amount in current.values() if amount)
    enough = not behind or least.reached(behind)
    if not known:
        return (sum(current.values()), True) if enough else (None, False)
    differs = sum(1 for one in current.keys() | known.keys() if current.get(one, 0) != known.get(one, 0))
    if differs and not least.reached(differs):
        return before, False
    return (sum(current.values()), bool(differs)) if enough else (None, False)


def _last_told(conn: Connection, first: date) -> dict[str, int | None]:
    query = sa.select(month).where(month.c.month == first.isoformat()).order_by(month.c.closed.desc()).limit(1)
    row = conn.execute(query).first()
    return {name: getattr(row, name) if row else None for name in SUMS}


def _this_month(now: datetime) -> date:
    return vietnam_date(now).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
