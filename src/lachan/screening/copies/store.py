"""Keys of recipients and issued numbers: rows to model and back."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.screening.copies.model import CopyKey, Issue, KeyEnd
from lachan.screening.copies.tables import copy_issue, copy_key


def _key(row: sa.Row[Any]) -> CopyKey:
    return CopyKey(
        row.id, row.agency_id, row.recipient, row.key_id, row.contract, row.made_at, row.made_by, row.ended_at,
        row.ended_by, KeyEnd(row.end_kind) if row.end_kind else None, row.end_note, row.taken_number, row.taken_at,
    )  # fmt: skip


def keys(conn: Connection, agency_id: str | None = None) -> list[CopyKey]:
    """All keys, or those of one institution, oldest first."""
    query = sa.select(copy_key).order_by(copy_key.c.recipient, copy_key.c.made_at, copy_key.c.id)
    if agency_id is not None:
        query = query.where(copy_key.c.agency_id == agency_id)
    return [_key(row) for row in conn.execute(query)]


def living(conn: Connection, agency_id: str) -> tuple[CopyKey, str] | None:
    """An institution's key that counts, and the sealed key."""
    query = sa.select(copy_key).where(copy_key.c.agency_id == agency_id, copy_key.c.ended_at.is_(None))
    row = conn.execute(query).first()
    return (_key(row), row.sealed) if row else None


def insert_key(conn: Connection, made: CopyKey, sealed: str) -> None:
    """Record a key."""
    conn.execute(
        sa.insert(copy_key).values(
            id=made.id, agency_id=made.agency_id, recipient=made.recipient, key_id=made.key_id, sealed=sealed,
            contract=made.contract, made_at=made.made_at, made_by=made.made_by,
        )
    )  # fmt: skip


def update_key(conn: Connection, key_id: str, **values: object) -> None:
    """Change columns of one key, by the id of its row."""
    conn.execute(sa.update(copy_key).where(copy_key.c.id == key_id).values(**values))


def newest_issue(conn: Connection) -> Issue | None:
    """The highest number."""
    row = conn.execute(sa.select(copy_issue).order_by(copy_issue.c.number.desc()).limit(1)).first()
    return Issue(row.number, row.sequence, row.issued_at) if row else None


def issue(conn: Connection, number: int) -> Issue | None:
    """One number."""
    row = conn.execute(sa.select(copy_issue).where(copy_issue.c.number == number)).first()
    return Issue(row.number, row.sequence, row.issued_at) if row else None


def insert_issue(conn: Connection, made: Issue) -> None:
    """Record a number; an IntegrityError where another server was faster."""
    conn.execute(sa.insert(copy_issue).values(number=made.number, sequence=made.sequence, issued_at=made.issued_at))


def delete_issues(conn: Connection, before: datetime, below: int) -> None:
    """Forget numbers issued before an instant and below a number."""
    conn.execute(sa.delete(copy_issue).where(copy_issue.c.issued_at < before, copy_issue.c.number < below))
