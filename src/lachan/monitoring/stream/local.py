"""The stream of one machine: messages in the record, numbered without a gap, owned by one worker at a time."""

import contextlib
import fcntl
import time
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import SYSTEM, Clock
from lachan.foundation.storage import Database, lock_key
from lachan.monitoring.stream import store
from lachan.monitoring.stream.model import DeadLetter, Message

LOCAL = "local"
_LOOK_S = 0.05


class LocalStream:
    """A `Source` over the record. Who owns it holds a lock that the system takes back from a killed process."""

    name = LOCAL

    def __init__(self, db: Database, clock: Clock, folder: Path, owner: str = "") -> None:
        """With an `owner` it can own the stream; without, only publish and read. `folder` is for its lock."""
        self._db = db
        self._clock = clock
        self._owner = owner
        self._lock = _FileLock(folder, owner) if db.is_sqlite else _SessionLock(db, owner)

    def last(self) -> int:
        """The newest sequence."""
        with self._db.look() as conn:
            return store.last_sequence(conn, LOCAL)

    def publish(self, bodies: list[bytes], key: str) -> list[int]:
        """Add messages; they are committed when this returns."""
        now = self._clock.now()
        with self._db.unit(now, SYSTEM) as unit:
            return store.add_messages(unit.conn, LOCAL, bodies, key, now)

    def read(self, after: int, limit: int) -> list[Message]:
        """The next messages."""
        with self._db.look() as conn:
            return store.messages_after(conn, LOCAL, after, limit)

    def owned(self, after: int, limit: int, wait_s: float) -> list[Message] | None:
        """The next messages, if this process owns the stream; waits for some."""
        if not self._lock.held():
            time.sleep(wait_s)
            return None
        end = time.monotonic() + wait_s
        while not (found := self.read(after, limit)) and time.monotonic() < end:
            time.sleep(_LOOK_S)
        return found

    def done(self, sequence: int) -> None:
        """The owner's row says it already."""

    def bury(self, letters: list[DeadLetter]) -> None:
        """They stand in the record."""

    def close(self) -> None:
        """Let the next one begin at once."""
        self._lock.leave()


class _FileLock:
    """On the machine that has the one-file record."""

    def __init__(self, folder: Path, owner: str) -> None:
        self._path = folder / f"{owner}.lock"
        self._file: BinaryIO | None = None

    def held(self) -> bool:
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def leave(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None


class _SessionLock:
    """On PostgreSQL: the server takes it back when the connection ends."""

    def __init__(self, db: Database, owner: str) -> None:
        self._db = db
        self._key = lock_key(f"the stream's owner {owner}")
        self._conn: Connection | None = None

    def held(self) -> bool:
        if self._conn is not None:
            try:
                self._conn.execute(sa.select(1))
                return True
            except sa.exc.SQLAlchemyError:
                self.leave()
                return False
        conn = self._db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if conn.execute(sa.select(sa.func.pg_try_advisory_lock(self._key))).scalar():
            self._conn = conn
            return True
        conn.close()
        return False

    def leave(self) -> None:
        if self._conn is not None:
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                # Not back into the pool: the lock ends with the connection.
                self._conn.invalidate()
                self._conn.close()
        self._conn = None
