"""What everybody may read: warnings in force, what was taken back, notices for banks' apps."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.outreach import store
from lachan.outreach.model import SHOWN, Item, ItemKind, ItemState
from lachan.outreach.tables import item

FEED_MOST = 100


def warnings(conn: Connection, now: datetime) -> list[Item]:
    """The warnings in force, the newest first."""
    return in_force(conn, ItemKind.WARNING, now)


def notices(conn: Connection, now: datetime) -> list[Item]:
    """Published texts for banks' own apps, the newest first."""
    return in_force(conn, ItemKind.PIECE, now, channel="bank_app")


def in_force(
    conn: Connection, kind: ItemKind, now: datetime, *, channel: str | None = None, form: str | None = None
) -> list[Item]:  # fmt: skip
    """What is public of a kind at that instant, the newest first; what is over is not, ended or no."""
    query = sa.select(item).where(
        item.c.kind == kind.value, item.c.state == ItemState.PUBLISHED.value,
        sa.or_(item.c.expires_at.is_(None), item.c.expires_at > now),
    )  # fmt: skip
    if channel is not None:
        query = query.where(item.c.channel == channel)
    if form is not None:
        query = query.where(item.c.scam_form == form)
    rows = conn.execute(query.order_by(item.c.published_at.desc(), item.c.id.desc()).limit(FEED_MOST))
    return [store.item_from_row(row) for row in rows]


def feed(conn: Connection) -> list[Item]:
    """Warnings as a feed tells them: published, taken back and ended ones, the one changed last first."""
    query = sa.select(item).where(
        item.c.kind == ItemKind.WARNING.value, item.c.state.in_([state.value for state in SHOWN])
    )
    rows = conn.execute(query.order_by(item.c.changed_at.desc(), item.c.id.desc()).limit(FEED_MOST))
    return [store.item_from_row(row) for row in rows]


def warning(conn: Connection, code: str) -> Item:
    """A warning that is or was public; NotFound where there is none."""
    found = store.item_by_code(conn, code)
    if found.kind is not ItemKind.WARNING or found.state not in SHOWN:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    return found
