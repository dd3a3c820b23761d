"""Questions about the stream."""

from typing import Any

from sqlalchemy.engine import Connection

from lachan.foundation.storage import Database
from lachan.monitoring.stream import store
from lachan.monitoring.stream.model import Source


def progress(db: Database, source: Source) -> list[dict[str, Any]]:
    """How far each owner of a stream has come: committed and newest sequence, and what was counted.

    Raises:
        NotReady: the stream is not connected.
    """
    last = source.last()
    with db.read() as conn:
        found = [one for one in store.standings(conn) if one.stream == source.name]
    return [
        {
            "owner": one.owner, "stream": one.stream, "sequence": one.sequence, "last": last,
            "waiting": last - one.sequence, "transfers": one.transfers, "alerts": one.alerts,
            "dead_letters": one.dead_letters, "at": one.at.isoformat(),
        }
        for one in found
    ]  # fmt: skip


def dead_letters_of(conn: Connection, limit: int) -> list[dict[str, Any]]:
    """What could not be judged, newest first."""
    return store.dead_letters(conn, limit)
