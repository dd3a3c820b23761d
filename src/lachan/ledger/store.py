"""Facts about transfers: rows to model and back."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import new_ids
from lachan.foundation.storage import Unit, among
from lachan.foundation.trail.tables import fact
from lachan.ledger import tables
from lachan.ledger.facts import BalanceFact, Source, TransferFact
from lachan.ledger.model import TransferKind
from lachan.ledger.told import Said

_T, _B = tables.transfer, tables.balance
_FACTS = sa.select(_T, fact.c.sequence.label("sealed")).join(fact, fact.c.id == _T.c.fact_id, isouter=True)
# Read with every answer, where nobody asks for the facts' numbers in the trail.
_UNSEALED = sa.select(_T, sa.null().label("sealed"))
_PLAIN = tuple(name for name in TransferFact.__dataclass_fields__ if name not in {"source", "kind"})


def fact_from_row(row: sa.Row[Any]) -> TransferFact:
    """A stored fact."""
    kind = TransferKind(row.kind) if row.kind else None
    return TransferFact(source=Source(row.source), kind=kind, **{name: getattr(row, name) for name in _PLAIN})


def book(conn: Connection, told_by: str, account: str) -> list[TransferFact]:
    """Everything an institution has said of one of its accounts."""
    where = (_T.c.about == account, _T.c.told_by == told_by, _T.c.source == Source.ANSWER)
    return list(map(fact_from_row, conn.execute(_UNSEALED.where(*where))))


def receipts_from(conn: Connection, payer: str) -> list[TransferFact]:
    """Everything that others have told of payments from this account past its own institution."""
    where = (_T.c.payer == payer, _T.c.source == Source.RECEIPT)
    return list(map(fact_from_row, conn.execute(_UNSEALED.where(*where))))


def of_origins(conn: Connection, origins: Collection[str]) -> list[TransferFact]:
    """What came with these requests, losses or batches."""
    return list(map(fact_from_row, conn.execute(_FACTS.where(among(conn, _T.c.origin, list(origins))))))


def of_file_rows(conn: Connection, told_by: str, names: Collection[str]) -> dict[str, TransferFact]:
    """By the file's own name, the rows that were imported from this source before."""
    if not names:
        return {}
    query = _FACTS.where(among(conn, _T.c.named, list(names)), _T.c.told_by == told_by)
    return {row.named: fact_from_row(row) for row in conn.execute(query)}


def touching(conn: Connection, accounts: Sequence[str], references: Sequence[str], most: int) -> list[TransferFact]:
    """Facts that name one of these accounts, or one of these transfers; where there are many, more than `most`."""
    found: dict[str, TransferFact] = {}
    asked = [(_T.c.payer, accounts), (_T.c.payee, accounts), (_T.c.reference, references)]
    for column, values in asked:
        if values:
            for row in conn.execute(_FACTS.where(among(conn, column, values)).limit(most + 1)):
                found[row.id] = fact_from_row(row)
    return list(found.values())


def balances(conn: Connection, accounts: Sequence[str]) -> list[BalanceFact]:
    """What answers imply of these accounts' balances."""
    query = (
        sa.select(_B, fact.c.sequence.label("sealed"))
        .join(fact, fact.c.id == _B.c.fact_id, isouter=True)
        .where(among(conn, _B.c.account, list(accounts)))
        .order_by(_B.c.id)
    )
    names = tuple(BalanceFact.__dataclass_fields__)
    return [BalanceFact(**{name: getattr(row, name) for name in names}) for row in conn.execute(query)]


def add_facts(
    unit: Unit,
    said: Iterable[tuple[Said, bool]],
    *,
    ids: Sequence[str],
    source: Source,
    origin: str,
    told_by: str,
    fact_id: str,
    about: str | None = None,
    message_id: str | None = None,
    revision: int | None = None,
    names: Sequence[str | None] | None = None,
) -> None:
    """Write facts; each comes with whether the source takes it back."""
    rows = [
        {
            "id": row_id, "source": source.value, "origin": origin, "told_by": told_by, "about": about,
            "reference": one.reference, "booked_at": one.booked_at, "sequence": one.sequence, "payer": one.payer,
            "payee": one.payee, "amount_vnd": one.amount_vnd, "kind": one.kind.value if one.kind else None,
            "reverses": one.reverses, "partial": one.partial, "withdrawn": withdrawn, "message_id": message_id,
            "revision": revision, "row": one.row, "named": names[place] if names else None,
            "stated_at": one.stated_at, "learned_at": unit.now, "fact_id": fact_id,
        }
        for place, (row_id, (one, withdrawn)) in enumerate(zip(ids, said, strict=True))
    ]  # fmt: skip
    if rows:
        unit.conn.execute(sa.insert(_T), rows)


def add_balance(unit: Unit, values: dict[str, Any]) -> None:
    """Write what an answer implies of a balance."""
    unit.conn.execute(sa.insert(_B), [values])


def last_balance(conn: Connection, told_by: str, account: str, reference: str) -> int | None:
    """What was implied last of the same account before the same credit."""
    query = (
        sa.select(_B.c.amount_vnd)
        .where(_B.c.account == account, _B.c.told_by == told_by, _B.c.reference == reference)
        .order_by(_B.c.learned_at.desc(), _B.c.id.desc())
        .limit(1)
    )
    found: int | None = conn.execute(query).scalar()
    return found


def rows_of(conn: Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> list[sa.Row[Any]]:
    """Rows as they are stored."""
    return list(conn.execute(sa.select(table).where(where)))


def new_row_ids(count: int) -> list[str]:
    """Ids in the order of what they name."""
    return new_ids(count) if count else []


Kept = TypeVar("Kept", TransferFact, BalanceFact)


def known_before(facts: Iterable[Kept], known_at: datetime | None, sealed: int | None) -> list[Kept]:
    """The facts learned at or before `known_at`, and numbered up to `sealed` in the trail."""
    return [
        one
        for one in facts
        if (known_at is None or one.learned_at <= known_at)
        and (sealed is None or (one.sealed is not None and one.sealed <= sealed))
    ]
