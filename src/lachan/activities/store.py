"""Records, changes, shares, names and kept sums: rows to model and back, and the bulk statements."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.activities.model import EVERYWHERE, Act, Activity, Change, Source, SumKey
from lachan.activities.tables import activity, change, kept_sum, named, share
from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.storage import among, insert_into, rows_by


def activity_from_row(row: Any) -> Activity:
    """A stored record."""
    return Activity(
        row.id, row.kind, row.agency_id, row.province, row.commune, row.day, row.state, row.due_on, row.content,
        row.version, row.recorded_by, row.recorded_at, row.changed_at, row.withdrawn_at, row.key,
        Source(row.source), row.erased_at,
    )  # fmt: skip


def activity_values(one: Activity) -> dict[str, Any]:
    """A record as its row."""
    return {
        "id": one.id, "kind": one.kind, "agency_id": one.agency_id, "province": one.province,
        "commune": one.commune, "day": one.day, "state": one.state, "due_on": one.due_on,
        "content": dict(one.values), "version": one.version, "recorded_by": one.recorded_by,
        "recorded_at": one.recorded_at, "changed_at": one.changed_at, "withdrawn_at": one.withdrawn_at,
        "key": one.key, "source": one.source.value,
        "erased_at": one.erased_at,
    }  # fmt: skip


def change_from_row(row: Any) -> Change:
    """A stored change."""
    return Change(
        row.id, row.activity_id, row.version, Act(row.act), row.before, row.state_before, row.by, row.agency_id,
        row.at, row.words,
    )  # fmt: skip


def insert_new(conn: Connection, rows: Sequence[Activity]) -> set[str]:
    """Insert these; returns the ids of those whose key was not there yet, also where somebody wrote meanwhile."""
    if not rows:
        return set()
    return set(conn.execute(_insert(conn.dialect.name), [activity_values(one) for one in rows]).scalars())


def activity_by_id(conn: Connection, activity_id: str) -> Activity:
    """One record; NotFound where there is none."""
    row = conn.execute(rows_by(activity, "id"), {"id": activity_id}).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="activity")
    return activity_from_row(row)


def activity_by_key(conn: Connection, key: str) -> Activity | None:
    """The record that was sent under a key."""
    row = conn.execute(rows_by(activity, "key"), {"key": key}).first()
    return activity_from_row(row) if row is not None else None


def locked_activity(conn: Connection, activity_id: str) -> Activity:
    """One record that nobody else changes before the commit; NotFound where there is none."""
    row = conn.execute(sa.select(activity).where(activity.c.id == activity_id).with_for_update()).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="activity")
    return activity_from_row(row)


def changes_of(conn: Connection, activity_id: str) -> list[Change]:
    """What was done with a record after it was made, in order."""
    rows = conn.execute(sa.select(change).where(change.c.activity_id == activity_id).order_by(change.c.id))
    return [change_from_row(row) for row in rows]


def add_to_sums(conn: Connection, sums: Mapping[SumKey, tuple[int, int]]) -> None:
    """Add to the kept sums; in the keys' order, so that two who write at once never wait in a circle."""
    if not sums:
        return
    rows = [
        {
            "kind": key.kind, "figure": key.figure, "day": key.day, "agency_id": key.agency_id,
            "commune": key.commune, "part": key.part, "amount": amount, "base": base,
        }
        for key, (amount, base) in sorted(sums.items())
    ]  # fmt: skip
    conn.execute(_add(conn.dialect.name), rows)


def shared_with(conn: Connection, activity_id: str) -> list[str]:
    """The agencies that a record is shared with now."""
    query = sa.select(share.c.agency_id).where(share.c.activity_id == activity_id, share.c.ended_at.is_(None))
    query = query.order_by(share.c.at, share.c.id)
    return list(conn.execute(query).scalars())


def is_named(conn: Connection, kind: str, agency_id: str, person_id: str) -> bool:
    """Whether a person is named for a restricted kind at an agency."""
    query = sa.select(named.c.id).where(
        named.c.kind == kind, named.c.agency_id == agency_id, named.c.person_id == person_id,
        named.c.ended_at.is_(None),
    )  # fmt: skip
    return conn.execute(query.limit(1)).first() is not None


def named_kinds(conn: Connection, agency_id: str, person_id: str) -> set[str]:
    """The restricted kinds that a person is named for."""
    query = sa.select(named.c.kind).where(
        named.c.agency_id == agency_id, named.c.person_id == person_id, named.c.ended_at.is_(None)
    )
    return set(conn.execute(query).scalars())


def total_rows(
    conn: Connection, kind: str, figures: Collection[str], agency_ids: Collection[str] | None, since: str,
    until: str, groups: Sequence[str],
) -> list[Any]:  # fmt: skip
    """The kept sums of a period, both days inclusive, grouped by figure and these columns."""
    columns = [kept_sum.c.figure, *(kept_sum.c[name] for name in groups)]
    sums = [sa.func.sum(kept_sum.c[name]).label(name) for name in ("amount", "base")]
    query = (
        sa.select(*columns, *sums)
        .where(
            kept_sum.c.kind == kind, kept_sum.c.figure.in_(list(figures)), kept_sum.c.day >= since,
            kept_sum.c.day <= until,
        )
        .group_by(*columns)
        .order_by(*columns)
    )  # fmt: skip
    everywhere = kept_sum.c.commune == EVERYWHERE
    query = query.where(~everywhere if "commune" in groups else everywhere)
    if agency_ids is not None:
        query = query.where(among(conn, kept_sum.c.agency_id, list(agency_ids)))
    return list(conn.execute(query))


def seen_by(agency_ids: Collection[str] | None) -> sa.ColumnElement[bool]:
    """The condition that a record is one of these agencies', or shared with one of them; None: everybody's."""
    if agency_ids is None:
        return sa.true()
    return sa.or_(recorded_at(agency_ids), told_to(agency_ids))


def recorded_at(agency_ids: Collection[str]) -> sa.ColumnElement[bool]:
    """The condition that a record is one of these agencies'."""
    return activity.c.agency_id.in_(sorted(agency_ids))


def told_to(agency_ids: Collection[str]) -> sa.ColumnElement[bool]:
    """The condition that a record is shared with one of these agencies now."""
    with_them = share.c.agency_id.in_(sorted(agency_ids))
    return activity.c.id.in_(sa.select(share.c.activity_id).where(with_them, share.c.ended_at.is_(None)))


@cache
def _insert(dialect: str) -> Any:
    made = insert_into(dialect, activity)
    return made.on_conflict_do_nothing(index_elements=["key"]).returning(activity.c.id)


@cache
def _add(dialect: str) -> Any:
    made = insert_into(dialect, kept_sum)
    return made.on_conflict_do_update(
        index_elements=["kind", "figure", "day", "agency_id", "commune", "part"],
        set_={
            "amount": kept_sum.c.amount + made.excluded.amount, "base": kept_sum.c.base + made.excluded.base,
        },
    )  # fmt: skip
