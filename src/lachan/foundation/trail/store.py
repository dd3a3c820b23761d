"""Facts and checkpoints: rows to model and back."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.storage import metadata
from lachan.foundation.trail import rules, tables
from lachan.foundation.trail.keys import key_id_of
from lachan.foundation.trail.model import SUCCESSION, Checkpoint, Fact, Head

_BATCH = 1_000


def fact_from_row(row: sa.Row[Any]) -> Fact:
    """A stored fact."""
    return Fact(
        row.id, row.sequence, row.kind, row.subject, row.actor, row.agency_id, row.purpose, row.legal_basis,
        row.happened_at, row.learned_at, row.data, tuple((t, i, d) for t, i, d in row.rows),
    )  # fmt: skip


def checkpoint_from_row(row: sa.Row[Any]) -> Checkpoint:
    """A stored checkpoint."""
    return Checkpoint(
        row.number, row.first_sequence, row.last_sequence, row.root, row.previous_head, row.head, row.sealed_at,
        row.key_id, row.signature, bytes(row.leaves),
    )  # fmt: skip


def sealed_facts(conn: Connection, after: int = 0) -> Iterator[Fact]:
    """Numbered facts in order, in batches, from the first after `after`."""
    while True:
        rows = conn.execute(
            sa.select(tables.fact)
            .where(tables.fact.c.sequence > after)
            .order_by(tables.fact.c.sequence)
            .limit(_BATCH)
        ).all()
        if not rows:
            return
        yield from map(fact_from_row, rows)
        after = rows[-1].sequence


def checkpoints(conn: Connection) -> Iterator[Checkpoint]:
    """All checkpoints in order."""
    after = 0
    while True:
        rows = conn.execute(
            sa.select(tables.checkpoint)
            .where(tables.checkpoint.c.number > after)
            .order_by(tables.checkpoint.c.number)
            .limit(_BATCH)
        ).all()
        if not rows:
            return
        yield from map(checkpoint_from_row, rows)
        after = rows[-1].number


def last_checkpoint(conn: Connection) -> Checkpoint | None:
    """The newest checkpoint."""
    row = conn.execute(sa.select(tables.checkpoint).order_by(tables.checkpoint.c.number.desc()).limit(1)).first()
    return checkpoint_from_row(row) if row else None


def heir(conn: Connection, last: Checkpoint) -> str | None:
    """The short name of the key to which this checkpoint's own hands over; None where it goes on itself."""
    query = (
        sa.select(tables.fact.c.data)
        .where(
            tables.fact.c.kind == SUCCESSION,
            tables.fact.c.sequence.between(last.first_sequence, last.last_sequence),
        )
        .order_by(tables.fact.c.sequence)
    )
    named = None
    for data in conn.execute(query).scalars():
        if key_id_of(data["old_key"]) == (named or last.key_id):
            named = key_id_of(data["new_key"])
    return named


_NEWEST = (
    sa.select(tables.checkpoint.c.last_sequence, tables.checkpoint.c.head)
    .order_by(tables.checkpoint.c.number.desc())
    .limit(1)
)


def current_head(conn: Connection) -> Head | None:
    """The newest head, as it travels in messages."""
    row = conn.execute(_NEWEST).first()
    return Head(row.last_sequence, row.head) if row else None


def unsealed_count(conn: Connection) -> int:
    """How many facts wait for their number."""
    return conn.execute(
        sa.select(sa.func.count()).select_from(tables.fact).where(tables.fact.c.sequence.is_(None))
    ).scalar_one()


@cache
def _digested(table_name: str) -> tuple[sa.Select[Any], str, tuple[str, ...]]:
    """The question for a table's rows by id, the name of its key, and its salted columns."""
    table = metadata.tables[table_name]
    (key,) = table.primary_key.columns
    columns = [column for column in table.columns if not column.info.get("undigested")]
    salted = tuple(column.name for column in columns if column.info.get("salted"))
    if salted:
        columns.append(table.c.digest_salt)
    return sa.select(*columns).where(key.in_(sa.bindparam("ids", expanding=True))), key.name, salted


def state_rows(conn: Connection, table_name: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """State rows as their digests see them.

    Personal columns, which may be erased when their time ends, are left out, or enter under the row's salt: then
    a change is found, and after an erasure nobody can guess back what stood there.
    """
    query, key, salted = _digested(table_name)
    rows = conn.execute(query, {"ids": list(ids)}).mappings()
    found = {row[key]: {str(name): value for name, value in row.items()} for row in rows}
    for content in found.values():
        salt = content.pop("digest_salt") if salted else None
        for name in salted:
            value = rules.canonical(content[name]).decode()
            content[name] = rules.commitment(salt, f"{name}={value}") if salt and value != "null" else None
    return found
