"""What everybody may read: warnings in force, what was taken back, notices for banks' apps, and monthly figures."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import VIETNAM, InputReason, NotFound
from lachan.foundation.taxonomy import add_months, threshold, vietnam_date
from lachan.outreach import store
from lachan.outreach.model import SHOWN, Item, ItemKind, ItemState
from lachan.outreach.tables import item
from lachan.response import tables as response
from lachan.response.store import PARTS

FEED_MOST = 100
MONTHS = 12
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


def warnings(conn: Connection, now: datetime) -> list[Item]:
    """The warnings in force, the newest first."""
    return in_force(conn, ItemKind.WARNING, now)


def notices(conn: Connection, now: datetime) -> list[Item]:
    """Published texts for banks' own apps, the newest first."""
    return in_force(conn, ItemKind.PIECE, now, channel="bank_app")


def in_force(
    conn: Connection, kind: ItemKind, now: datetime, *, channel: str | None = None, form: str | None = None
) -> list[Item]:  # fmt: skip
    """What is public of a kind at that instant, the newest first; what is over is not, ended or no."""
    query = sa.select(item).where(
        item.c.kind == kind.value, item.c.state == ItemState.PUBLISHED.value,
        sa.or_(item.c.expires_at.is_(None), item.c.expires_at > now),
    )  # fmt: skip
    if channel is not None:
        query = query.where(item.c.channel == channel)
    if form is not None:
        query = query.where(item.c.scam_form == form)
    rows = conn.execute(query.order_by(item.c.published_at.desc(), item.c.id.desc()).limit(FEED_MOST))
    return [store.item_from_row(row) for row in rows]


def feed(conn: Connection) -> list[Item]:
    """Warnings as a feed tells them: published, taken back and ended ones, the one changed last first."""
    query = sa.select(item).where(
        item.c.kind == ItemKind.WARNING.value, item.c.state.in_([state.value for state in SHOWN])
    )
    rows = conn.execute(query.order_by(item.c.changed_at.desc(), item.c.id.desc()).limit(FEED_MOST))
    return [store.item_from_row(row) for row in rows]


def warning(conn: Connection, code: str) -> Item:
    """A warning that is or was public; NotFound where there is none."""
    found = store.item_by_code(conn, code)
    if found.kind is not ItemKind.WARNING or found.state not in SHOWN:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    return found


def months(conn: Connection, now: datetime) -> list[Month]:
    """Reports, money reported, held and given back of the last 12 whole months, the newest first.

    Money is counted in the month in which its report was traced, as it stands today. A month behind which fewer
    reports stand than the dated least says nothing, nor does a sum that is fewer reports' money, unless it is
    nobody's. The present month is left out until it is over: whoever reads it day by day would see single reports.
    """
    least = threshold("public_cell", now)
    this = vietnam_date(now).replace(day=1)
    earliest = this.replace(year=this.year - 1)
    firsts = [add_months(earliest, count) for count in reversed(range(MONTHS))]
    found = []
    for first in firsts:
        begins, ends = _midnight(first), _midnight(add_months(first, 1))
        row = conn.execute(
            sa.select(
                sa.func.count(), *(sa.func.coalesce(sa.func.sum(column), 0) for column in _sums()),
                *(sa.func.count(sa.case((column > 0, 1))) for column in _sums()),
            ).where(_T.c.opened_at >= begins, _T.c.opened_at < ends)
        ).one()  # fmt: skip
        reports, *values = (int(value) for value in row)
        sums = zip(values[:3], values[3:], strict=True)
        said = [amount if not behind or least.reached(behind) else None for amount, behind in sums]
        found.append(Month(first, reports, *said) if least.reached(reports) else Month(first, *(None,) * 4))
    return found


def _sums() -> tuple[sa.ColumnElement[int], ...]:
    whole: sa.ColumnElement[int] = sa.literal(0)
    for name in PARTS:
        whole = whole + _T.c[name]
    return whole, _T.c.held_vnd, _T.c.returned_vnd


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
