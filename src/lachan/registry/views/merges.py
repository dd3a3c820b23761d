"""Entries that may be one thing, for a person to say so; and what persons have said."""

from dataclasses import dataclass
from datetime import datetime
from itertools import product

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agencies, agency_on, require
from lachan.foundation.base import Actor
from lachan.foundation.identifiers import Kind
from lachan.foundation.taxonomy import vietnam_date
from lachan.registry import rules, store
from lachan.registry.model import Entry, Merge, MergeState, MergeWhy
from lachan.registry.tables import entry, merge

# So many entries are looked through for one page of proposals; the next page goes on where it stopped.
SCAN_MAX = 500
# Where proposals are looked for: every pair has one of these. Old mobile numbers had eleven digits and began so.
_SCANNED = tuple(
    (f"{kind}:{begin}", f"{kind}{end}")
    for kind, begin, end in (
        (Kind.ACCOUNT, "", ";"), (Kind.URL, "", ";"), (Kind.WALLET, "", ";"), (Kind.PHONE, "+841", ":+842"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two entries that may be one thing, and why. `entry` has the lesser key."""

    entry: Entry
    twin: Entry
    why: MergeWhy


@dataclass(frozen=True, slots=True)
class Proposals:
    """A page of proposals; `next_after` is where to go on, None at the end."""

    items: tuple[Proposal, ...]
    next_after: str | None


def of_key(conn: Connection, actor: Actor, key: str, now: datetime) -> tuple[Proposal, ...]:
    """What one entry may be the same as, where nobody has decided yet."""
    require(actor, Permission.REGISTRY_READ)
    found = _pairs(conn, [key], now, once=False)
    return tuple(one for _, one in found)


def proposals(conn: Connection, actor: Actor, now: datetime, *, after: str = "", limit: int = 50) -> Proposals:
    """Proposals of the whole registry, in the order of the keys. A page may be short and not the last."""
    require(actor, Permission.REGISTRY_READ)
    ranges = [sa.and_(entry.c.key >= begin, entry.c.key < end) for begin, end in _SCANNED]
    query = sa.select(entry.c.key).where(sa.or_(*ranges), entry.c.key > after).order_by(entry.c.key)
    keys = list(conn.execute(query.limit(SCAN_MAX)).scalars())
    found = _pairs(conn, keys, now, once=True)
    if len(found) > limit:
        # The page ends with a whole key: what else it may be the same as still belongs here.
        last = found[limit - 1][0]
        return Proposals(tuple(one for key, one in found if key <= last), last)
    return Proposals(tuple(one for _, one in found), keys[-1] if len(keys) == SCAN_MAX else None)


def decided(conn: Connection, actor: Actor, *, offset: int = 0, limit: int = 50) -> list[Merge]:
    """What persons have said of two keys, newest first."""
    require(actor, Permission.REGISTRY_READ)
    query = sa.select(merge).order_by(merge.c.decided_at.desc(), merge.c.id).offset(offset).limit(limit)
    return [store.merge_from_row(row) for row in conn.execute(query)]


def merges_of(conn: Connection, actor: Actor, key: str) -> list[Merge]:
    """Every word on this key, merges in effect first."""
    require(actor, Permission.REGISTRY_READ)
    query = sa.select(merge).where(sa.or_(merge.c.key == key, merge.c.other == key))
    found = [store.merge_from_row(row) for row in conn.execute(query)]
    return sorted(found, key=lambda one: (one.state is not MergeState.ACCEPTED, one.key, one.other))


def renamed_banks(conn: Connection, now: datetime) -> dict[str, frozenset[str]]:
    """A bank's code -> its other codes, and those of the banks that took it over, in turn, or that it took over."""
    day = vietnam_date(now)
    found: dict[str, set[str]] = {}
    known = {one.id: one for one in agencies(conn)}
    for old in known.values():
        codes = {*old.codes}
        last, new = agency_on(conn, old.id, day), old
        while new.id != last.id and new.successor_id is not None:
            new = known[new.successor_id]
            codes |= {*new.codes}
        for before, after in product(old.codes, codes):
            if before != after:
                found.setdefault(before, set()).add(after)
                found.setdefault(after, set()).add(before)
    return {code: frozenset(others) for code, others in found.items()}


def _pairs(conn: Connection, keys: list[str], now: datetime, *, once: bool) -> list[tuple[str, Proposal]]:
    """What these keys may be the same as, with the key that was looked at; `once`: each pair on one page only."""
    renamed = renamed_banks(conn, now)
    pairs = [
        (key, min(key, other), max(key, other), why)
        for key in keys
        for other, why in rules.possible_twins(key, renamed).items()
        if not once or key < other or not _is_scanned(other)
    ]
    entries = (
        store.entries_by_key(conn, list({key for _, low, high, _ in pairs for key in (low, high)})) if pairs else {}
    )
    pairs = [one for one in pairs if one[1] in entries and one[2] in entries]
    said = store.decided_pairs(conn, {low for _, low, _, _ in pairs})
    return [
        (key, Proposal(entries[low], entries[high], why))
        for key, low, high, why in pairs
        if (low, high) not in said
    ]  # fmt: skip


def _is_scanned(key: str) -> bool:
    return any(begin <= key < end for begin, end in _SCANNED)
