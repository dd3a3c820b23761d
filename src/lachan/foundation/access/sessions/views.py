"""Who is behind a session token."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.people import actor_at, person
from lachan.foundation.access.sessions import rules, store
from lachan.foundation.access.sessions.actions import token_hash
from lachan.foundation.access.sessions.model import SignedIn, Stage
from lachan.foundation.access.sessions.tables import session


def current(conn: Connection, token: str, *, now: datetime, wall_now: datetime) -> SignedIn | None:
    """The session, person and actor of a token; None when it is unknown or has ended, or the person was closed.

    `now` (domain time) decides which roles are in force, `wall_now` whether the session lives.
    """
    row = store.row_by_token(conn, token_hash(token)) if token else None
    if row is None:
        return None
    here = store.session_from_row(row)
    found = person(conn, here.person_id)
    if not found.active or not rules.is_alive(here, wall_now):
        return None
    full = here.stage is Stage.FULL
    return SignedIn(here, found, actor_at(conn, found.id, here.agency_id, now) if full else None)


def last_seen(conn: Connection) -> dict[str, datetime]:
    """When each person with a session was last here (wall time)."""
    at = sa.func.max(session.c.last_seen_at).label("at")
    query = sa.select(session.c.person_id, at).group_by(session.c.person_id)
    return {row.person_id: row.at for row in conn.execute(query)}
