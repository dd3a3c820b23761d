"""What else moved with an identifier: neighbours by kind, gravest first, hubs capped and expanded on demand."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor
from lachan.registry import store
from lachan.registry.model import VERDICT_ORDER, Entry, EntryState, RelationKind, Verdict
from lachan.registry.tables import relation

# Of a hub, so many of the newest neighbours are put in order of gravity; older ones follow, newest first.
WINDOW = 1_000
# Nobody reads on past this; counting further would cost more than the answer is worth.
COUNT_MAX = 10_000
_STATES = (
    EntryState.ACTIVE, EntryState.REVIEW, EntryState.CORROBORATED, EntryState.PROPOSED, EntryState.EXPIRED,
    EntryState.DELISTED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One identifier that belongs to the one asked about. `entry` is None where nobody has claimed anything of it.

    `times`: how many reports, answers or claims say so; `seen_at`: when the last of them did.
    """

    key: str
    entry: Entry | None
    verdict: Verdict
    times: int
    seen_at: datetime

    @property
    def state(self) -> EntryState | None:
        """Where its own entry stands."""
        return self.entry.state if self.entry else None


@dataclass(frozen=True, slots=True)
class Group:
    """The neighbours of one kind, from `offset` on; `next_offset` is where the next page begins, if there is one.

    `total` is exact unless `capped`: then there are more than that.
    """

    kind: RelationKind
    neighbours: tuple[Neighbour, ...]
    offset: int
    total: int
    capped: bool
    next_offset: int | None

    @property
    def more(self) -> int:
        """How many follow; at least so many where the total is capped."""
        return max(0, self.total - self.offset - len(self.neighbours))


@dataclass(frozen=True, slots=True)
class Around:
    """Everything next to one identifier; kinds without neighbours are left out."""

    key: str
    groups: tuple[Group, ...]


def around(
    conn: Connection, actor: Actor, key: str, now: datetime, *, limit_per_kind: int = 8,
    expand: RelationKind | None = None, offset: int = 0,
) -> Around:  # fmt: skip
    """The neighbours of a canonical key, `limit_per_kind` of each kind.

    With `expand`, only that kind, from `offset` on (a group's `next_offset`).
    """
    require(actor, Permission.REGISTRY_READ)
    kinds = (expand,) if expand is not None else tuple(RelationKind)
    start = offset if expand is not None else 0
    found = (_group(conn, key, kind, now, limit_per_kind, max(0, start)) for kind in kinds)
    return Around(key, tuple(group for group in found if group.total))


def _group(conn: Connection, key: str, kind: RelationKind, now: datetime, limit: int, offset: int) -> Group:
    here = (relation.c.key == key, relation.c.kind == kind)
    query = (
        sa.select(relation.c.other, relation.c.times, relation.c.seen_at)
        .where(*here)
        .order_by(relation.c.seen_at.desc(), relation.c.other.desc())
    )
    if offset < WINDOW:
        window = _neighbours(conn, query.limit(WINDOW), now)
        shown = window[offset : offset + limit]
        total = len(window)
    else:
        shown = _neighbours(conn, query.offset(offset).limit(limit), now)
        total = WINDOW
    if total == WINDOW:
        counted = sa.select(sa.literal(1)).where(*here).limit(COUNT_MAX + 1).subquery()
        total = int(conn.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one())
    capped, end = total > COUNT_MAX, offset + len(shown)
    # Where counting has stopped, a full page means that there may be another.
    goes_on = bool(shown) and (end < min(total, COUNT_MAX) or (capped and len(shown) == limit))
    return Group(kind, tuple(shown), offset, min(total, COUNT_MAX), capped, end if goes_on else None)


def _neighbours(conn: Connection, query: sa.Select[tuple[str, int, datetime]], now: datetime) -> list[Neighbour]:
    rows = conn.execute(query).all()
    entries = store.entries_by_key(conn, [row.other for row in rows]) if rows else {}
    found = []
    for row in rows:
        entry = entries.get(row.other)
        verdict = entry.in_force(now) if entry else Verdict.CLEAR
        found.append(Neighbour(row.other, entry, verdict, row.times, row.seen_at))
    return sorted(found, key=_gravest)


def _gravest(one: Neighbour) -> tuple[int, int, int, float, str]:
    state = _STATES.index(one.state) if one.state is not None else len(_STATES)
    return -VERDICT_ORDER.index(one.verdict), state, -one.times, -one.seen_at.timestamp(), one.key
