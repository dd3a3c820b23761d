"""What names people in a record goes when the time in which records are kept is over; what it counts stays.

Erased are personal fields, narratives, files, the words of corrections, and the salts of their digests. Days,
places, stages, choices and every number that a figure is made of stay, so that the sums still equal a recount.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.activities import evidence, rules, store
from lachan.activities.model import Activity
from lachan.activities.tables import activity, change
from lachan.foundation.access import Permission, require
from lachan.foundation.storage import Unit, among
from lachan.foundation.taxonomy import ActivityKind, FieldType, all_activity_kinds, retention
from lachan.foundation.trail import append

BATCH_MAX = 200
_SHORTEST_MONTH = timedelta(days=28)
# A file is kept before the record that names it is written; a form may stand open that long.
_UNSENT = timedelta(days=2)


def forget_activities(unit: Unit, *, limit: int = BATCH_MAX) -> int:
    """Erase a batch of what has had its time, the oldest first; returns how many records.

    The time runs from the last thing done with a record; one whose stage still has a clock waits.
    """
    require(unit.actor, Permission.CLOCK_RUN)
    surely_younger = unit.now - retention("retention_activity", unit.now).value * _SHORTEST_MONTH
    query = sa.select(activity).where(
        activity.c.erased_at.is_(None), activity.c.changed_at <= surely_younger, activity.c.due_on.is_(None)
    )
    found = unit.conn.execute(query.order_by(activity.c.changed_at, activity.c.id).limit(limit).with_for_update())
    due = [store.activity_from_row(row) for row in found if _is_over(row.changed_at, unit.now)]
    erase(unit, due)
    return len(due)


def erase(unit: Unit, due: Sequence[Activity]) -> None:
    """Erase of these records, which the caller has locked, all that names somebody or tells a story."""
    if not due:
        return
    kinds = {one.code: one for one in all_activity_kinds()}
    ids = [one.id for one in due]
    kind_of = {one.id: kinds[one.kind] for one in due}
    unit.conn.execute(
        sa.update(activity)
        .where(activity.c.id == sa.bindparam("this"))
        .values(content=sa.bindparam("left"), digest_salt=None, erased_at=unit.now),
        [{"this": one.id, "left": left(kind_of[one.id], one.values)} for one in due],
    )
    mine = among(unit.conn, change.c.activity_id, ids)
    acts = unit.conn.execute(sa.select(change.c.id, change.c.activity_id, change.c.before).where(mine)).all()
    if acts:
        unit.conn.execute(
            sa.update(change)
            .where(change.c.id == sa.bindparam("this"))
            .values(before=sa.bindparam("left"), words="", digest_salt=None),
            [{"this": one.id, "left": left(kind_of[one.activity_id], one.before)} for one in acts],
        )
    append(
        unit, "retention.activities_erased", "activities", {"activities": len(ids)},
        rows=[*(("activity", one) for one in ids), *(("activity_change", one.id) for one in acts)],
    )  # fmt: skip


def left(kind: ActivityKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of a record's values: nothing that names somebody or tells a story, everything that is counted."""
    counted = rules.counted_fields(kind)
    gone = {
        one.code
        for one in kind.fields
        if one.code not in counted and (one.is_personal or one.type in {FieldType.FILE, FieldType.LONG_TEXT})
    }
    return {code: value for code, value in values.items() if code not in gone}


def forget_files(conn: Connection, home: Path, now: datetime) -> int:
    """Remove files that no record names any more, and none that a form may still send; returns how many.

    `now` is wall time: files know no other.
    """
    old = (now - _UNSENT).timestamp()
    lying = {path.name: path for path in evidence.kept(home) if path.stat().st_mtime < old}
    if not lying:
        return 0
    for sha256 in _named(conn):
        lying.pop(sha256, None)
    for path in lying.values():
        path.unlink(missing_ok=True)
    return len(lying)


def _named(conn: Connection) -> Iterator[str]:
    """Every file that a record names, or named before it was corrected."""
    kinds = {one.code: [f.code for f in one.fields if f.type is FieldType.FILE] for one in all_activity_kinds()}
    with_files = [code for code, fields in kinds.items() if fields]
    now = sa.select(activity.c.kind, activity.c.content).where(
        activity.c.erased_at.is_(None), activity.c.kind.in_(with_files)
    )
    before = (
        sa.select(activity.c.kind, change.c.before)
        .join(activity, activity.c.id == change.c.activity_id)
        .where(activity.c.erased_at.is_(None), activity.c.kind.in_(with_files))
    )
    for query in (now, before):
        for code, values in conn.execution_options(yield_per=1_000).execute(query):
            for field in kinds[code]:
                yield from (each["sha256"] for each in values.get(field) or ())


def _is_over(since: datetime, now: datetime) -> bool:
    return retention("retention_activity", since).has_run_out(since, now)
