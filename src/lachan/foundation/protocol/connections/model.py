"""How an institution is reached, and the keys by which its words are known."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lachan.foundation.base import Reason


class Channel(StrEnum):
    """How requests reach an institution."""

    WEBHOOK = "webhook"
    INBOX = "inbox"
    WEB = "web"
    NONE = "none"


class ConnectionReason(Reason):
    """Why a connection, target or key is refused."""

    NO_TARGET = "target_missing"
    NOT_HTTPS = "target_not_https"
    BAD_TARGET = "target_malformed"
    NOT_LISTED = "target_not_listed"
    PRIVATE_TARGET = "target_private"
    UNRESOLVED = "target_unresolved"
    BAD_PUBLIC_KEY = "bad_public_key"
    KEY_KNOWN = "key_known"
    KEY_STATE = "key_wrong_state"


class KeyState(StrEnum):
    """A key counts from its confirmation by a second person, within its validity, until it is revoked."""

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class InstitutionConnection:
    """One institution's connection. An inactive one is treated as unconnected: PDF and telephone."""

    institution_id: str
    channel: Channel
    url: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class InstitutionKey:
    """One public key of an institution (ed25519, 32 bytes), valid in `[valid_from, valid_to)` of wall time."""

    id: str
    institution_id: str
    public: bytes
    state: KeyState
    valid_from: datetime
    valid_to: datetime | None
    registered_by: str
    confirmed_by: str | None

    def counts_at(self, wall_now: datetime) -> bool:
        """Whether signatures with it are believed."""
        in_time = self.valid_from <= wall_now and (self.valid_to is None or wall_now < self.valid_to)
        return self.state is KeyState.CONFIRMED and in_time


@dataclass(frozen=True, slots=True)
class Target:
    """A checked webhook address with the addresses it resolved to: connect to one of these and no other.

    Resolving anew when connecting would let a name change its mind in between.
    """

    url: str
    host: str
    port: int
    addresses: tuple[str, ...] = field(default=())
