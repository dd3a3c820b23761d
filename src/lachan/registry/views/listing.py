"""Lists of entries for those who work with them: found by a fragment, or narrowed, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor
from lachan.foundation.identifiers import Kind
from lachan.registry import store
from lachan.registry.model import Claim, Entry, EntryState, Verdict
from lachan.registry.search import Finder, Wanted
from lachan.registry.search.finder import Hit
from lachan.registry.tables import RARE_STATES, RARE_VERDICTS, claim, entry

PAGE_ROWS = 30
WAITING = (EntryState.REVIEW, EntryState.CORROBORATED, EntryState.PROPOSED)
"""States that wait for a person, the most pressing first."""
# So many keys that fit the text are looked up for one page; a rarer wish goes on from there at the next.
_LOOKED_UP_MOST = 2_000
_LOOKED_UP_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Narrow:
    """Only entries like these."""

    state: EntryState | None = None
    kind: Kind | None = None
    verdict: Verdict | None = None

    def fits(self, one: Entry, now: datetime) -> bool:
        """Whether an entry is one of them now."""
        return (
            (self.state is None or one.state is self.state)
            and (self.kind is None or one.kind == self.kind)
            and (self.verdict is None or one.in_force(now) is self.verdict)
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """One page. `after`: from where the next one goes on; None where there is no more."""

    entries: tuple[Entry, ...]
    after: str | None


def found(
    conn: Connection, actor: Actor, finder: Finder, wanted: Wanted, now: datetime, *, narrow: Narrow = Narrow(),
    after: str = "",
) -> Listing:  # fmt: skip
    """The entries that a text may mean: whole identifiers in it first, then those that hold it as a fragment."""
    require(actor, Permission.REGISTRY_READ)
    exact = store.entries_by_key(conn, wanted.exact) if wanted.exact else {}
    whole = [exact[key] for key in wanted.exact if key in exact]
    rows = [one for one in whole if narrow.fits(one, now)] if not after else []
    hits = finder.find(conn, wanted.either, kind=narrow.kind or "", after=after)
    place, looked_up = after, 0
    while len(rows) < PAGE_ROWS and looked_up < _LOOKED_UP_MOST:
        some = list(islice(hits, _LOOKED_UP_AT_ONCE))
        if not some:
            return Listing(tuple(rows), None)
        looked_up += len(some)
        entries = store.entries_by_key(conn, [hit.key for hit in some])
        for hit, one in _with_entry(some, entries):
            place = hit.after
            if one.key not in exact and narrow.fits(one, now):
                rows.append(one)
                if len(rows) == PAGE_ROWS:
                    break
        else:
            place = some[-1].after
    return Listing(tuple(rows), place)


def narrowed(conn: Connection, actor: Actor, narrow: Narrow, now: datetime, *, after: str = "") -> Listing:
    """Entries of a state, kind or verdict: what waits by review date, the soonest first, all else newest first."""
    require(actor, Permission.REGISTRY_READ)
    query = sa.select(entry)
    if narrow.kind is not None:
        query = query.where(entry.c.key.startswith(f"{narrow.kind.value}:", autoescape=True))
    if narrow.verdict is not None:
        query = query.where(entry.c.verdict == narrow.verdict)
        if narrow.verdict.value in RARE_VERDICTS:
            query = query.where(_in_words(entry.c.verdict, RARE_VERDICTS))
    waits = narrow.state in WAITING
    if waits:
        query = query.where(_waiting())
    if narrow.state is not None:
        query = query.where(entry.c.state == narrow.state)
        if narrow.state.value in RARE_STATES:
            query = query.where(_in_words(entry.c.state, RARE_STATES))
    elif narrow.verdict not in (None, Verdict.CLEAR):
        query = query.where(entry.c.state.in_([EntryState.ACTIVE, EntryState.REVIEW]))
    query = _behind(query, after, waits)
    order = (entry.c.review_at, entry.c.id) if waits else (entry.c.id.desc(),)
    rows = conn.execute(query.order_by(*order).limit(PAGE_ROWS + 1)).all()
    shown = tuple(store.entry_from_row(row) for row in rows[:PAGE_ROWS])
    more = len(rows) > PAGE_ROWS
    return Listing(shown, _place(shown[-1], waits) if more else None)


def waiting_counts(conn: Connection, actor: Actor) -> dict[EntryState, int]:
    """How many entries wait for a person, by state."""
    require(actor, Permission.REGISTRY_READ)
    return count_waiting(conn)


def count_waiting(conn: Connection) -> dict[EntryState, int]:
    """The same for figures; who may see them is the caller's question."""
    query = sa.select(entry.c.state, sa.func.count()).where(_waiting())
    counted = {str(state): int(count) for state, count in conn.execute(query.group_by(entry.c.state))}
    return {state: counted.get(state.value, 0) for state in WAITING}


def own_claims(conn: Connection, actor: Actor, key: str, now: datetime) -> list[Claim]:
    """The living claims of the actor's own agency on one key."""
    require(actor, Permission.REGISTRY_CLAIM, actor.agency_id)
    rows = conn.execute(
        sa.select(claim)
        .join(entry, entry.c.id == claim.c.entry_id)
        .where(entry.c.key == key, claim.c.claimant == actor.agency_id, claim.c.ended_at.is_(None))
        .order_by(claim.c.claimed_at)
    )
    return [one for one in map(store.claim_from_row, rows) if one.live(now)]


def _with_entry(hits: list[Hit], entries: dict[str, Entry]) -> Iterator[tuple[Hit, Entry]]:
    return ((hit, entries[hit.key]) for hit in hits if hit.key in entries)


def _waiting() -> sa.ColumnElement[bool]:
    words = (EntryState.PROPOSED.value, EntryState.CORROBORATED.value, EntryState.REVIEW.value)
    return _in_words(entry.c.state, words)


def _in_words(column: sa.Column[Any], words: Sequence[str]) -> sa.ColumnElement[bool]:
    """In the very words of an index's condition: SQLite uses it for no others."""
    return column.in_(sa.bindparam(f"{column.name}_in", list(words), expanding=True, literal_execute=True))


def _place(last: Entry, waits: bool) -> str:
    return f"{store.micros(last.review_at) or 0}~{last.id}" if waits else last.id


def _behind(query: sa.Select[Any], after: str, waits: bool) -> sa.Select[Any]:
    if not after:
        return query
    if not waits:
        return query.where(entry.c.id < after)
    micros, _, known = after.partition("~")
    if not (micros.isascii() and micros.isdigit() and len(micros) < 18):
        return query
    at = store.instant(int(micros))
    return query.where(sa.or_(entry.c.review_at > at, sa.and_(entry.c.review_at == at, entry.c.id > known)))
