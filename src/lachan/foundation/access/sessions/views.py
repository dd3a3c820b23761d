"""Who is behind a session token."""

from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.access.people import actor_at, person
from lachan.foundation.access.sessions import rules, store
from lachan.foundation.access.sessions.actions import token_hash
from lachan.foundation.access.sessions.model import SignedIn, Stage


def current(conn: Connection, token: str, *, now: datetime, wall_now: datetime) -> SignedIn | None:
    """The session, person and actor of a token; None when it is unknown or has ended, or the person was closed.

    `now` (domain time) decides which roles are in force, `wall_now` whether the session lives.
    """
    row = store.row_by_token(conn, token_hash(token)) if token else None
    if row is None:
        return None
    session = store.session_from_row(row)
    found = person(conn, session.person_id)
    if not found.active or not rules.is_alive(session, wall_now):
        return None
    full = session.stage is Stage.FULL
    return SignedIn(session, found, actor_at(conn, found.id, session.agency_id, now) if full else None)
