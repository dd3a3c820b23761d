"""Sessions and attempts: rows to model and back."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.sessions.model import Session, Stage
from lachan.foundation.access.sessions.tables import session, sign_in_attempt
from lachan.foundation.base import new_id
from lachan.foundation.storage import hold_names


def session_from_row(row: sa.Row[Any]) -> Session:
    """A stored session."""
    return Session(
        row.id, row.person_id, row.agency_id, Stage(row.stage), row.demo, row.opened_at, row.last_seen_at,
        row.expires_at,
    )  # fmt: skip


def row_by_token(conn: Connection, token_hash: str) -> sa.Row[Any] | None:
    """The whole row of a session."""
    return conn.execute(sa.select(session).where(session.c.token_hash == token_hash)).first()


def insert(conn: Connection, made: Session, token_hash: str) -> None:
    """Record a session."""
    conn.execute(
        sa.insert(session).values(
            id=made.id, token_hash=token_hash, person_id=made.person_id, agency_id=made.agency_id,
            stage=made.stage.value, demo=made.demo, opened_at=made.opened_at, last_seen_at=made.last_seen_at,
            expires_at=made.expires_at,
        )
    )  # fmt: skip


def update(conn: Connection, session_id: str, **values: object) -> bool:
    """Change columns of one session; False when it is gone."""
    done = conn.execute(sa.update(session).where(session.c.id == session_id).values(**values))
    return done.rowcount == 1


def delete(conn: Connection, session_id: str) -> bool:
    """End one session; False when it had ended."""
    return conn.execute(sa.delete(session).where(session.c.id == session_id)).rowcount == 1


def delete_of_person(conn: Connection, person_id: str, keep: str | None = None) -> int:
    """End all sessions of a person, but `keep`; returns how many."""
    gone = sa.delete(session).where(session.c.person_id == person_id)
    if keep is not None:
        gone = gone.where(session.c.id != keep)
    return conn.execute(gone).rowcount


def delete_expired(conn: Connection, wall_now: datetime) -> None:
    """Forget sessions that have ended."""
    conn.execute(sa.delete(session).where(session.c.expires_at <= wall_now))


def queue_up(conn: Connection, name_mark: str) -> None:
    """Let attempts at one name be counted one after the other; SQLite's writers queue up by themselves."""
    hold_names(conn, [f"sign-in {name_mark}"])


def attempts(conn: Connection, name_mark: str) -> list[tuple[str, datetime]]:
    """Attempts at one name: from where and when."""
    rows = conn.execute(sa.select(sign_in_attempt).where(sign_in_attempt.c.name_mark == name_mark))
    return [(row.source_mark, row.at) for row in rows]


def attempts_from(conn: Connection, source_mark: str) -> list[datetime]:
    """When somebody tried from one place, whatever the name."""
    query = sa.select(sign_in_attempt.c.at).where(sign_in_attempt.c.source_mark == source_mark)
    return list(conn.execute(query).scalars())


def insert_attempt(conn: Connection, name_mark: str, source_mark: str, at: datetime) -> None:
    """Record an attempt."""
    conn.execute(
        sa.insert(sign_in_attempt).values(id=new_id(), name_mark=name_mark, source_mark=source_mark, at=at)
    )


def delete_attempts(conn: Connection, name_mark: str, source_mark: str) -> None:
    """Forget the attempts from one place at one name: it was right."""
    conn.execute(
        sa.delete(sign_in_attempt).where(
            sign_in_attempt.c.name_mark == name_mark, sign_in_attempt.c.source_mark == source_mark
        )
    )


def delete_attempts_before(conn: Connection, before: datetime) -> None:
    """Forget attempts that no longer count."""
    conn.execute(sa.delete(sign_in_attempt).where(sign_in_attempt.c.at <= before))
