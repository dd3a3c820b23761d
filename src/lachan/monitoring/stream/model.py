"""What goes through the stream of transfers: messages, what of them cannot be used, and how far owners are."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from lachan.foundation.base import Reason

TRANSFERS_MAX = 100
"""The most transfers that one message holds."""
MESSAGE_BYTES_MAX = 512 * 1024
KEPT = timedelta(days=7)
"""How long messages and verdicts are kept: far longer than a snapshot lasts."""
LETTERS_KEPT = timedelta(days=30)
"""How long what could not be judged waits for somebody to look at it."""
LATE_MAX = timedelta(hours=1)
"""How far a transfer may lie behind the newest one that was judged; assumed. It is then judged as of that one."""
AHEAD_MAX = timedelta(minutes=5)
"""How far a transfer may be booked after its message was received: clocks differ."""


class StreamReason(Reason):
    """Why something on the stream, or the stream itself, cannot be used."""

    MESSAGE_UNREADABLE = "stream_message_unreadable"
    MESSAGE_TOO_LARGE = "stream_message_too_large"
    TOO_LATE = "transfer_too_late"
    NOT_YOURS = "transfer_not_yours"
    NOT_CONNECTED = "stream_not_connected"
    NO_CLIENT = "stream_client_missing"
    SHORTER_THAN_RECORD = "stream_shorter_than_record"
    OWNED_BY_ANOTHER = "stream_owned_by_another"
    SNAPSHOT_REFUSED = "stream_snapshot_refused"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the stream holds it: its number there (from 1, rising), when it was received, and its bytes."""

    sequence: int
    body: bytes


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What could not be judged: a transfer by its place in the message (from 1), or the whole message (0).

    `raw` is what stood there, as text.
    """

    sequence: int
    row: int
    reason: Reason
    field: str
    raw: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Source(Protocol):
    """A stream that many publish to and that one owner at a time judges, in the order of its sequence."""

    @property
    def name(self) -> str:
        """The stream's name; sequences count within it."""
        ...

    def last(self) -> int:
        """The newest sequence; 0 where nothing was published yet."""
        ...

    def publish(self, bodies: list[bytes], key: str) -> list[int]:
        """Add messages, durably; returns their sequences. The same key again adds nothing."""
        ...

    def read(self, after: int, limit: int) -> list[Message]:
        """Messages from the first one above `after`, in order; none where nothing newer is there."""
        ...

    def owned(self, after: int, limit: int, wait_s: float) -> list[Message] | None:
        """The next messages above `after` for who owns the stream; None for who does not."""
        ...

    def done(self, sequence: int) -> None:
        """What was judged up to this message is committed."""
        ...

    def bury(self, letters: list[DeadLetter]) -> None:
        """Hand what could not be used to those who watch for it."""
        ...

    def close(self) -> None:
        """Give the ownership and the connection back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far an owner has come: `sequence` is committed, with its verdicts and alerts."""

    owner: str
    stream: str
    sequence: int
    transfers: int
    alerts: int
    dead_letters: int
    at: datetime
