"""Append a fact, seal what was committed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from lachan.foundation.base import SYSTEM, NotReady, new_id
from lachan.foundation.storage import Database, Unit, enqueue
from lachan.foundation.trail import rules, store, tables
from lachan.foundation.trail.keys import SealKey
from lachan.foundation.trail.model import Checkpoint, TrailReason


def append(
    unit: Unit,
    kind: str,
    subject: str,
    data: Mapping[str, Any],
    *,
    rows: Sequence[tuple[str, str]] = (),
    happened_at: datetime | None = None,
    purpose: str | None = None,
    legal_basis: str | None = None,
    personal: Mapping[str, str] | None = None,
    destroy_salt_after: datetime | None = None,
    priority: int = 0,
) -> str:
    """Record one fact in this transaction; returns its id.

    `rows` names the state rows (table, id) that this action changed: their final content is digested at commit.
    `personal` values enter as commitments under one fresh salt, which is destroyed when its retention ends.
    """
    fact_id = new_id()
    content = dict(data)
    salt = None
    if personal:
        salt = secrets.token_bytes(32)
        content["commitments"] = {
            name: rules.commitment(salt, f"{name}={value}") for name, value in personal.items()
        }
    values = {
        "id": fact_id,
        "kind": kind,
        "subject": subject,
        "actor": unit.actor.reference,
        "agency_id": unit.actor.agency_id,
        "purpose": purpose,
        "legal_basis": legal_basis,
        "happened_at": happened_at or unit.now,
        "learned_at": unit.now,
        "data": content,
    }
    unit.gather("facts", _write)[fact_id] = _Pending(values, tuple(dict.fromkeys(rows)), salt, destroy_salt_after)
    if reacting := unit.outbox_kinds.get(kind):
        enqueue(unit, reacting, {"fact_id": fact_id}, priority=priority)
    return fact_id


@dataclass(frozen=True, slots=True)
class _Pending:
    values: dict[str, Any]
    rows: tuple[tuple[str, str], ...]
    salt: bytes | None
    destroy_after: datetime | None


_INSERT = sa.insert(tables.fact)


def _write(unit: Unit, pending: dict[str, _Pending]) -> None:
    """Digest the final state of every named row, then write all facts of the transaction in their order."""
    wanted: dict[str, dict[str, None]] = {}
    for one in pending.values():
        for table, row_id in one.rows:
            wanted.setdefault(table, {})[row_id] = None
    found = {table: store.state_rows(unit.conn, table, list(ids)) for table, ids in wanted.items()}
    digests = {
        (table, row_id): rules.row_digest(found[table][row_id]) if row_id in found[table] else ""
        for table, ids in wanted.items()
        for row_id in ids
    }
    unit.conn.execute(
        _INSERT,
        [{**one.values, "rows": [[*row, digests[row]] for row in one.rows]} for one in pending.values()],
    )
    salts = [
        {"fact_id": fact_id, "salt": one.salt, "destroy_after": one.destroy_after}
        for fact_id, one in pending.items()
        if one.salt is not None
    ]
    if salts:
        unit.conn.execute(sa.insert(tables.salt), salts)


def seal(
    db: Database, key: SealKey, *, now: datetime, wall_now: datetime, limit: int = 5_000, lost: bool = False
) -> Checkpoint | None:
    """Number what was committed since the last checkpoint and sign a new one; None if there is nothing new.

    Only one sealer works at a time (SQLite's write lock, an advisory lock on PostgreSQL), and it numbers only
    what it can see, which is committed: so numbers have no gaps and nobody who follows them misses a late commit.
    NotReady KEY_NOT_IN_TURN where another key seals this trail now; `lost`: that one can never do so again.
    """
    with db.look() as probe:
        if (
            probe.execute(sa.select(tables.fact.c.id).where(tables.fact.c.sequence.is_(None)).limit(1)).first()
            is None
        ):
            return None
    with db.unit(now, SYSTEM) as unit:
        if not db.is_sqlite:
            unit.conn.execute(sa.text("SELECT pg_advisory_xact_lock(7240117)"))
        last = store.last_checkpoint(unit.conn)
        if last is not None and not lost and key.key_id != (store.heir(unit.conn, last) or last.key_id):
            raise NotReady(TrailReason.KEY_NOT_IN_TURN, key=key.key_id)
        rows = unit.conn.execute(
            sa.select(tables.fact)
            .where(tables.fact.c.sequence.is_(None))
            .order_by(tables.fact.c.ordinal)
            .limit(limit)
        ).all()
        if not rows:
            return None
        first = (last.last_sequence if last else 0) + 1
        facts = [replace(store.fact_from_row(row), sequence=first + i) for i, row in enumerate(rows)]
        unit.conn.execute(
            sa.update(tables.fact)
            .where(tables.fact.c.id == sa.bindparam("b_id"))
            .values(sequence=sa.bindparam("b_sequence")),
            [{"b_id": fact.id, "b_sequence": fact.sequence} for fact in facts],
        )
        leaves = [rules.leaf_hash(fact) for fact in facts]
        number = (last.number if last else 0) + 1
        previous = last.head if last else rules.GENESIS
        root = rules.merkle_root(leaves)
        final = first + len(facts) - 1
        head = rules.chained_head(number, first, final, root, previous, wall_now)
        made = Checkpoint(
            number, first, final, root, previous, head, wall_now, key.key_id, key.sign(head), b"".join(leaves)
        )
        unit.conn.execute(
            sa.insert(tables.checkpoint).values(
                number=number, first_sequence=first, last_sequence=final, root=root, previous_head=previous,
                head=head, sealed_at=wall_now, key_id=made.key_id, signature=made.signature, leaves=made.leaves,
            )
        )  # fmt: skip
    return made


def destroy_due_salts(db: Database, *, now: datetime) -> int:
    """Destroy salts whose retention has ended: their commitments can no longer be tied to anybody."""
    with db.unit(now, SYSTEM) as unit:
        gone = unit.conn.execute(sa.delete(tables.salt).where(tables.salt.c.destroy_after <= now))
        if gone.rowcount:
            append(unit, "retention.salts_destroyed", "trail", {"count": gone.rowcount})
    return gone.rowcount


SEAL_INTERVAL = timedelta(milliseconds=200)
