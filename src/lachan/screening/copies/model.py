"""The key under which one institution may hold a copy, and what was issued. Times of issues are wall time."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from lachan.foundation.base import Reason


class CopyGrantReason(Reason):
    """Why a copy is not handed out."""

    NOT_GRANTED = "copy_not_granted"
    REVOKED = "copy_revoked"
    ALREADY_GRANTED = "copy_already_granted"
    TOO_FAR_BEHIND = "copy_too_far_behind"
    BEING_BUILT = "copy_being_built"


class KeyEnd(StrEnum):
    """How a key ended: the institution may hold no copy any more, or another key took its place."""

    REVOKED = "revoked"
    ROTATED = "rotated"


@dataclass(frozen=True, slots=True)
class CopyKey:
    """One recipient's key, without the key itself. `taken_*` say which whole list was last made for it."""

    id: str
    agency_id: str
    recipient: str
    key_id: str
    contract: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    end: KeyEnd | None = None
    note: str | None = None
    taken_number: int | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GrantedKey:
    """A key to be handed over, shown once: 16 bytes."""

    recipient: str
    key_id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Issue:
    """One number of the list, the same for all recipients: up to which of the registry's changes it goes."""

    number: int
    sequence: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class CopyFile:
    """A whole list as a file for one recipient."""

    path: Path
    number: int
    generation: int
    issued_at_s: int
    sha256: str
