"""The change feed: every change of a verdict in force, numbered so that nobody who follows it misses one."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.trail.tables import fact
from lachan.registry.actions.projecting import CHANGED, CHANGES_MAX
from lachan.registry.model import Change, Verdict
from lachan.registry.store import reasons_from_text
from lachan.registry.tables import change, change_set

LIMIT_MAX = 100_000
# Single changes come in sets of one: so many sets are looked up in one go.
_SETS = 1_000


def changes(conn: Connection, after: int = 0, limit: int = 10_000) -> list[Change]:
    """Changes with a sequence above `after`, in order, at most `limit`.

    A sequence is the sealed number of the changes' fact and the place within it: what is not sealed yet is not
    given, so a transaction that commits late always stands behind what was given before. The last one of a key is
    what holds; `until` ends a verdict by itself. An empty answer means: nothing new.
    """
    wanted = max(1, min(limit, LIMIT_MAX))
    sealed, place = divmod(max(after, 0), CHANGES_MAX)
    found: list[Change] = []
    while len(found) < wanted:
        sets = _sets(conn, sealed, place, wanted - len(found))
        if not sets:
            break
        found += _changes_of(conn, sets, after, wanted - len(found))
        sealed, place = divmod(found[-1].sequence, CHANGES_MAX)
        after = found[-1].sequence
    return found


def last_sequence(conn: Connection) -> int:
    """The newest sequence that can be given; 0 where there is none."""
    query = (
        sa.select(fact.c.sequence, change_set.c.changes)
        .join(change_set, change_set.c.fact_id == fact.c.id)
        .where(fact.c.kind == CHANGED, fact.c.sequence.is_not(None))
        .order_by(fact.c.sequence.desc())
        .limit(1)
    )
    row = conn.execute(query).first()
    return row.sequence * CHANGES_MAX + row.changes - 1 if row else 0


def changes_between(conn: Connection, after: int, until: int) -> int:
    """How many changes there are above sequence `after` and up to `until`, both the last of a transaction's."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(change_set.c.changes), 0))
        .join(fact, fact.c.id == change_set.c.fact_id)
        .where(
            fact.c.kind == CHANGED,
            fact.c.sequence > after // CHANGES_MAX,
            fact.c.sequence <= until // CHANGES_MAX,
        )
    )
    return int(conn.execute(query).scalar_one())


def _sets(conn: Connection, sealed: int, place: int, wanted: int) -> dict[int, int]:
    """Set number -> sealed number, in order, until they hold `wanted` changes."""
    query = (
        sa.select(change_set.c.number, change_set.c.changes, fact.c.sequence)
        .join(fact, fact.c.id == change_set.c.fact_id)
        .where(fact.c.kind == CHANGED, fact.c.sequence >= sealed)
        .order_by(fact.c.sequence)
        .limit(_SETS)
    )
    sets: dict[int, int] = {}
    held = 0
    for row in conn.execute(query):
        left = row.changes - (place + 1 if row.sequence == sealed else 0)
        if left <= 0:
            continue
        sets[row.number] = row.sequence
        held += left
        if held >= wanted:
            break
    return sets


def _changes_of(conn: Connection, sets: dict[int, int], after: int, wanted: int) -> list[Change]:
    first, after_place = divmod(after, CHANGES_MAX)
    begun = next((number for number, sealed in sets.items() if sealed == first), -1)
    query = sa.select(change).where(
        change.c.set_number.in_(list(sets)),
        sa.or_(change.c.set_number != begun, change.c.position > after_place),
    )
    if len(sets) == 1:
        query = query.order_by(change.c.set_number, change.c.position).limit(wanted)
    rows = conn.execute(query).all()
    found = [
        Change(
            sets[row.set_number] * CHANGES_MAX + row.position, row.key, Verdict(row.verdict),
            reasons_from_text(row.reasons), row.entry_id, row.until,
        )
        for row in rows
    ]  # fmt: skip
    found.sort(key=lambda one: one.sequence)
    return found[:wanted]
