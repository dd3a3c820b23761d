"""The stream of one machine: messages in the record, numbered without a gap, owned by one worker at a time."""

import time
from collections.abc import Callable
from datetime import timedelta

from lachan.foundation.base import SYSTEM, Clock, WallClock, new_id
from lachan.foundation.storage import Database
from lachan.monitoring.stream import store
from lachan.monitoring.stream.model import DeadLetter, Message

LOCAL = "local"
_OWNERSHIP = timedelta(seconds=5)
_RENEWED_EACH_S = 1.5
_LOOK_S = 0.05


class LocalStream:
    """A `Source` over the record. The ownership is a lease by the machine's clock, renewed while it works."""

    name = LOCAL

    def __init__(
        self, db: Database, clock: Clock, owner: str, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._db = db
        self._clock = clock
        self._owner = owner
        self._holder = new_id()
        self._monotonic = monotonic
        self._renewed_at = -_RENEWED_EACH_S

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
        if not self._hold():
            time.sleep(wait_s)
            return None
        end = self._monotonic() + wait_s
        while not (found := self.read(after, limit)) and self._monotonic() < end:
            time.sleep(_LOOK_S)
        return found

    def done(self, sequence: int) -> None:
        """The owner's row says it already."""

    def bury(self, letters: list[DeadLetter]) -> None:
        """They stand in the record."""

    def close(self) -> None:
        """Let the next one begin at once."""
        with self._db.unit(self._clock.now(), SYSTEM) as unit:
            store.leave_owner(unit.conn, self._owner, LOCAL, self._holder)

    def _hold(self) -> bool:
        if self._monotonic() - self._renewed_at < _RENEWED_EACH_S:
            return True
        with self._db.unit(self._clock.now(), SYSTEM) as unit:
            held = store.hold_owner(
                unit.conn, self._owner, LOCAL, self._holder, WallClock().now(), _OWNERSHIP
            )  # fmt: skip
        if held:
            self._renewed_at = self._monotonic()
        return held
