"""Questions about records and figures, for all doors and for plans, reports and dashboards.

Figures are numbers about work, not about people, and ask for no actor; what stands behind them does.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.activities import permits, rules, store
from lachan.activities.model import EVERYWHERE, Activity, Change, SumKey, Total
from lachan.activities.tables import activity, kept_sum, named
from lachan.foundation.access import Permission, agency, may, reaches_all, require, works_for
from lachan.foundation.base import Actor, BadInput, InputReason
from lachan.foundation.storage import among
from lachan.foundation.taxonomy import ActivityKind, activity_kind, activity_kinds, all_activity_kinds, vietnam_date

PAGE = 50
_FIRST_DAY, _LAST_DAY = "0000-01-01", "9999-12-31"


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which records of a kind: by stage, days (both inclusive), commune, province; only what is overdue.

    `agency_id`: what that agency has today, those included whose work it took over, as its figures count it.
    """

    state: str = ""
    since: date | None = None
    until: date | None = None
    commune: str = ""
    province: str = ""
    agency_id: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Records, the newest work first; `after` continues, empty at the end."""

    records: tuple[Activity, ...]
    after: str


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One record, what was done with it, whom it is shared with, whether the actor may change it or end a share."""

    activity: Activity
    kind: ActivityKind
    changes: tuple[Change, ...]
    shared_with: tuple[str, ...]
    may_change: bool
    may_unshare: bool


@dataclass(frozen=True, slots=True)
class KindCount:
    """A kind that the actor may record or see: how many records, how many overdue."""

    kind: ActivityKind
    records: int
    late: int
    may_record: bool


def kinds_for(conn: Connection, actor: Actor, now: datetime) -> list[KindCount]:
    """The kinds that concern the actor, with what there is of each: a restricted one only for who is named."""
    today = vietnam_date(now)
    mine, mine_own = permits.sight(conn, actor, today), permits.own(conn, actor, today)
    late = sa.func.sum(sa.case((activity.c.due_on < today.isoformat(), 1), else_=0)).label("late")
    # Whoever sees all agencies' records sees of a restricted kind the own agency's all the same.
    used = activity_kinds(now)
    own = sa.and_(store.recorded_at(mine_own), activity.c.kind.in_([one.code for one in used]))
    others = sa.not_(store.recorded_at(mine_own))
    open_ = activity.c.kind.in_([one.code for one in used if not one.restricted])
    told = store.told_to(mine) if mine else sa.true()
    counts: dict[str, tuple[int, int]] = {}
    # Two questions, because each finds all it needs in an index; with an OR the records themselves are read.
    for seen in (own, sa.and_(others, open_, told)):
        query = (
            sa.select(activity.c.kind, sa.func.count().label("records"), late)
            .where(seen, activity.c.withdrawn_at.is_(None))
            .group_by(activity.c.kind)
        )
        for row in conn.execute(query):
            records, overdue = counts.get(row.kind, (0, 0))
            counts[row.kind] = (records + row.records, overdue + int(row.late or 0))
    allowed = store.named_kinds(conn, actor.agency_id or "", actor.id)
    found = []
    own_kind = agency(conn, actor.agency_id).kind if actor.agency_id else ""
    records = may(actor, Permission.ACTIVITY_RECORD, actor.agency_id)
    for kind in activity_kinds(now):
        if kind.restricted and kind.code not in allowed:
            continue
        may_record = records and (not kind.recorded_by or own_kind in kind.recorded_by)
        if may_record or kind.code in counts or mine is None:
            found.append(KindCount(kind, *counts.get(kind.code, (0, 0)), may_record))
    return found


def listing(
    conn: Connection, actor: Actor, kind: ActivityKind, narrow: Narrow, now: datetime, *, after: str = "",
    limit: int = PAGE,
) -> Listing:  # fmt: skip
    """The records of a kind that the actor may see, a page of them."""
    query = _seen(conn, actor, kind, narrow, now)
    if after:
        day, _, last = after.partition("~")
        query = query.where(
            sa.or_(activity.c.day < day, sa.and_(activity.c.day == day, activity.c.id < last))
        )  # fmt: skip
    query = query.order_by(activity.c.day.desc(), activity.c.id.desc()).limit(limit + 1)
    found = [store.activity_from_row(row) for row in conn.execute(query)]
    more = found[limit - 1] if len(found) > limit else None
    return Listing(tuple(found[:limit]), f"{more.day}~{more.id}" if more else "")


def everything(
    conn: Connection, actor: Actor, kind: ActivityKind, narrow: Narrow, now: datetime
) -> Iterator[Activity]:  # fmt: skip
    """All of them, for a file: the same records as the list, read a page at a time."""
    after = ""
    while True:
        page = listing(conn, actor, kind, narrow, now, after=after, limit=1_000)
        yield from page.records
        after = page.after
        if not after:
            return


def for_operator(
    conn: Connection, actor: Actor, kind: ActivityKind, agency_id: str, now: datetime
) -> Iterator[Activity]:  # fmt: skip
    """All records of a kind for a file made at the console, of one agency or of all; NOT_NAMED where restricted."""
    require(actor, Permission.ACTIVITY_IMPORT)
    permits.require_kind(conn, actor, kind)
    query = sa.select(activity).where(activity.c.kind == kind.code, activity.c.withdrawn_at.is_(None))
    if agency_id:
        query = query.where(activity.c.agency_id == agency_id)
    for row in conn.execute(query.order_by(activity.c.day, activity.c.id)):
        yield store.activity_from_row(row)


def page(conn: Connection, actor: Actor, activity_id: str, today: date) -> ActivityPage:
    """One record with its history; NotFound where it is not the actor's to see, NOT_NAMED where restricted."""
    one = store.activity_by_id(conn, activity_id)
    kind = activity_kind(one.kind, one.recorded_at)
    permits.require_seen(conn, actor, kind, one, today)
    own = permits.may_change(conn, actor, kind, one, today)
    may_change = own and one.withdrawn_at is None and one.erased_at is None
    return ActivityPage(
        one, kind, tuple(store.changes_of(conn, one.id)), tuple(store.shared_with(conn, one.id)), may_change, own
    )  # fmt: skip


def figure(
    conn: Connection, kind: str, figure_code: str, agency_ids: Collection[str] | None = None,
    since: date | None = None, until: date | None = None,
) -> Total:  # fmt: skip
    """One figure over these agencies (None: all) and days, both inclusive, from the kept sums.

    BadInput UNKNOWN_VALUE where the kind has no such figure.
    """
    _known(kind, figure_code)
    rows = store.total_rows(conn, kind, (figure_code,), agency_ids, *_days(since, until), ())
    return Total(int(rows[0].amount), int(rows[0].base)) if rows else Total(0)


def own_figure(
    conn: Connection, actor: Actor, kind: str, figure_code: str, today: date, since: date | None = None,
    until: date | None = None,
) -> Total:  # fmt: skip
    """The figure of the actor's own agency, for an actor who asks: NOT_NAMED where the kind is restricted."""
    require(actor, Permission.ACTIVITY_READ)
    permits.require_kind(conn, actor, _known(kind, figure_code))
    return figure(conn, kind, figure_code, permits.own(conn, actor, today), since, until)


def counted_for(
    conn: Connection, actor: Actor, kind: ActivityKind, today: date, agency_id: str = ""
) -> frozenset[str] | None:  # fmt: skip
    """Whose records the figures on the actor's pages count (None: everybody's); `agency_id` narrows to one agency.

    Empty for another's agency: of that, its records are listed as far as they are shared, and no figure is said.
    """
    every = reaches_all(actor, Permission.ACTIVITY_READ) and not kind.restricted
    if not agency_id:
        return None if every else permits.own(conn, actor, today)
    asked = works_for(conn, agency_id, today)
    return asked if every or asked <= permits.own(conn, actor, today) else frozenset()


def figure_by(
    conn: Connection, kind: str, figure_code: str, group: str, agency_ids: Collection[str] | None = None,
    since: date | None = None, until: date | None = None,
) -> dict[str, Total]:  # fmt: skip
    """The figure divided by `agency_id`, `commune`, `day` or `part` (its own choice field)."""
    _known(kind, figure_code)
    if group not in {"agency_id", "commune", "day", "part"}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="group", value=group[:20])
    rows = store.total_rows(conn, kind, (figure_code,), agency_ids, *_days(since, until), (group,))
    return {getattr(row, group): Total(int(row.amount), int(row.base)) for row in rows}


def figures(
    conn: Connection, kind: ActivityKind, agency_ids: Collection[str] | None = None, since: date | None = None,
    until: date | None = None,
) -> dict[str, Total]:  # fmt: skip
    """Every figure of a kind at once, by its code."""
    codes = [one.code for one in kind.figures]
    rows = store.total_rows(conn, kind.code, codes, agency_ids, *_days(since, until), ())
    found = {row.figure: Total(int(row.amount), int(row.base)) for row in rows}
    return {code: found.get(code, Total(0)) for code in codes}


def summed(
    conn: Connection, kinds: Collection[str], agency_ids: Collection[str], since: date, until: date
) -> dict[tuple[str, str], Total]:
    """Every figure of these kinds over these agencies and days, by kind and code, in one question; what came to
    nothing is not in it."""
    _s = kept_sum.c
    query = (
        sa.select(_s.kind, _s.figure, sa.func.sum(_s.amount).label("amount"), sa.func.sum(_s.base).label("base"))
        .where(
            _s.kind.in_(sorted(kinds)), _s.commune == EVERYWHERE, _s.day >= since.isoformat(),
            _s.day <= until.isoformat(), among(conn, _s.agency_id, list(agency_ids)),
        )
        .group_by(_s.kind, _s.figure)
    )  # fmt: skip
    return {(row.kind, row.figure): Total(int(row.amount), int(row.base)) for row in conn.execute(query)}


def leading(conn: Connection, now: datetime, since: date, until: date) -> dict[str, Total]:
    """The first figure of every open kind over all agencies and these days, by the kind's code, in one question."""
    firsts = {one.code: one.figures[0].code for one in activity_kinds(now) if not one.restricted}
    _s = kept_sum.c
    query = (
        sa.select(_s.kind, _s.figure, sa.func.sum(_s.amount).label("amount"), sa.func.sum(_s.base).label("base"))
        .where(
            _s.kind.in_(list(firsts)), _s.figure.in_(sorted(set(firsts.values()))), _s.commune == EVERYWHERE,
            _s.day >= since.isoformat(), _s.day <= until.isoformat(),
        )
        .group_by(_s.kind, _s.figure)
    )  # fmt: skip
    found = {(row.kind, row.figure): Total(int(row.amount), int(row.base)) for row in conn.execute(query)}
    return {kind: found.get((kind, figure), Total(0)) for kind, figure in firsts.items()}


def behind(
    conn: Connection, actor: Actor, kind_code: str, narrow: Narrow, now: datetime, *, after: str = ""
) -> Listing:
    """The records behind a figure, as far as the actor may see them."""
    return listing(conn, actor, activity_kind(kind_code, now), narrow, now, after=after)


def recount(conn: Connection) -> dict[SumKey, tuple[int, int]]:
    """What the kept sums have to be, counted from all records: for checks, not for pages."""
    kinds = {one.code: one for one in all_activity_kinds()}
    query = sa.select(activity).where(activity.c.withdrawn_at.is_(None))
    found: dict[str, list[tuple[Activity, int]]] = {}
    for row in conn.execute(query):
        found.setdefault(row.kind, []).append((store.activity_from_row(row), 1))
    sums: dict[SumKey, tuple[int, int]] = {}
    for code, records in found.items():
        sums |= rules.sums_of(kinds[code], records)
    return sums


def kept(conn: Connection) -> dict[SumKey, tuple[int, int]]:
    """The kept sums as they are, without those that came to nothing."""
    rows = conn.execute(sa.select(kept_sum).where(sa.or_(kept_sum.c.amount != 0, kept_sum.c.base != 0)))
    return {
        SumKey(row.kind, row.figure, row.commune, row.day, row.agency_id, row.part): (row.amount, row.base)
        for row in rows
    }


def serving(demand: int, now: datetime) -> tuple[ActivityKind, ...]:
    """The kinds that serve a demand, `67` for D67."""
    return tuple(kind for kind in activity_kinds(now) if demand in kind.demands)


def namings(conn: Connection, agency_id: str) -> list[Mapping[str, Any]]:
    """Who is named at an agency for which restricted kind now."""
    query = sa.select(named).where(named.c.agency_id == agency_id, named.c.ended_at.is_(None)).order_by(named.c.id)
    return [dict(row) for row in conn.execute(query).mappings()]


def _seen(
    conn: Connection, actor: Actor, kind: ActivityKind, narrow: Narrow, now: datetime
) -> sa.Select[Any]:  # fmt: skip
    today = vietnam_date(now)
    seen = store.seen_by(permits.sight(conn, actor, today))
    if kind.restricted:
        permits.require_kind(conn, actor, kind)
        seen = store.recorded_at(permits.own(conn, actor, today))
    query = sa.select(activity).where(activity.c.kind == kind.code, seen, activity.c.withdrawn_at.is_(None))
    for column, value in (
        (activity.c.state, narrow.state), (activity.c.commune, narrow.commune),
        (activity.c.province, narrow.province),
    ):  # fmt: skip
        if value:
            query = query.where(column == value)
    if narrow.agency_id:
        query = query.where(store.recorded_at(works_for(conn, narrow.agency_id, today)))
    if narrow.since is not None:
        query = query.where(activity.c.day >= narrow.since.isoformat())
    if narrow.until is not None:
        query = query.where(activity.c.day <= narrow.until.isoformat())
    if narrow.late:
        query = query.where(activity.c.due_on < today.isoformat())
    return query


def _known(kind: str, figure_code: str) -> ActivityKind:
    for one in all_activity_kinds():
        if one.code == kind and any(each.code == figure_code for each in one.figures):
            return one
    raise BadInput(InputReason.UNKNOWN_VALUE, field="figure", value=f"{kind}.{figure_code}"[:80])


def _days(since: date | None, until: date | None) -> tuple[str, str]:
    return since.isoformat() if since else _FIRST_DAY, until.isoformat() if until else _LAST_DAY


def require_recordable(conn: Connection, actor: Actor, kind: ActivityKind) -> None:
    """Pass where the actor may record this kind for the own agency: before a form is shown."""
    permits.require_record(conn, actor, kind, actor.agency_id or "")


def require_changeable(conn: Connection, actor: Actor, kind: ActivityKind, one: Activity, today: date) -> None:
    """Pass where the actor may go on with this record: before a form is shown."""
    permits.require_change(conn, actor, kind, one, today)
