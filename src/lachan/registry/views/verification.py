"""Is the registry what the trail says? Imports against their Merkle roots, entries against their claims."""

import hashlib
from bisect import bisect_left
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.trail import merkle_root
from lachan.foundation.trail.tables import fact
from lachan.registry import rules, store
from lachan.registry.tables import claim, entry

IMPORTED = "registry.imported"
CLAIMS_ERASED = "retention.claims_erased"
SIGNED = tuple(column.name for column in claim.columns)[:19]
"""What an imported claim says and whence it came; how it ended is added later and stands in facts of its own."""
_PAGE = 5_000


def claim_leaf(values: tuple[object, ...]) -> bytes:
    """The leaf of one imported claim in its chunk's Merkle root: its signed columns, instants in microseconds."""
    return hashlib.sha256(b"\x00" + orjson.dumps(values)).digest()


def unfaithful_imports(conn: Connection) -> list[str]:
    """The ids of facts whose imported claims are no longer what they were.

    Where the time of a chunk's claim was over its words are gone, as another fact says, and with them the proof.
    """
    query = sa.select(fact.c.id, fact.c.data).where(fact.c.kind == IMPORTED).order_by(fact.c.ordinal)
    erased = _erased_claims(conn)
    found: list[str] = []
    for row in conn.execute(query).all():
        said = row.data
        first, last = said["first_claim"], said["last_claim"]
        if said["claims"] and not _any_between(erased, first, last) and _root(conn, first, last) != said["root"]:
            found.append(row.id)
    return found


def unfaithful_entries(conn: Connection, now: datetime) -> list[str]:
    """The keys of entries that are not what their claims and decisions come to at `now`; sweep first."""
    found: list[str] = []
    after = ""
    while True:
        rows = conn.execute(sa.select(entry).where(entry.c.id > after).order_by(entry.c.id).limit(_PAGE)).all()
        if not rows:
            return found
        entries = [store.entry_from_row(row) for row in rows]
        claims = store.bearing_claims(conn, [one.key for one in entries])
        decisions = store.decisions_of(conn, [one.id for one in entries])
        for one in entries:
            policy = rules.policy_on(one.kind, now)
            if claims[one.key]:
                right = rules.assess(claims[one.key], decisions[one.id], one.guard, policy, now)
                if (right.state, right.verdict, right.until) != (one.state, one.verdict, one.until):
                    found.append(one.key)
        after = rows[-1].id


def _erased_claims(conn: Connection) -> list[str]:
    rows = conn.execute(sa.select(fact.c.rows).where(fact.c.kind == CLAIMS_ERASED)).scalars()
    return sorted(claim_id for named in rows for _, claim_id, _ in named)


def _any_between(ids: list[str], first: str, last: str) -> bool:
    place = bisect_left(ids, first)
    return place < len(ids) and ids[place] <= last


def _root(conn: Connection, first: str, last: str) -> str:
    columns = [
        sa.type_coerce(claim.c[name], sa.BigInteger) if name in _INSTANTS else claim.c[name] for name in SIGNED
    ]
    query = (
        sa.select(*columns)
        .where(claim.c.id >= first, claim.c.id <= last, claim.c.batch_id.is_not(None))
        .order_by(claim.c.id)
    )
    return merkle_root([claim_leaf(tuple(row)) for row in conn.execute(query)])


_INSTANTS = {"first_seen", "last_seen", "claimed_at", "expires_at"}
