"""Outgoing documents: a number in a book, and what became of it. All frozen."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.base import Reason
from lachan.foundation.documents.administrative import PaperKind

LETTERS_BOOK = "CV"
"""The book of official letters, which carry no type in their number."""


class OutgoingState(StrEnum):
    """A number is in force or cancelled; it is never given again."""

    ISSUED = "issued"
    CANCELLED = "cancelled"


class OutgoingReason(Reason):
    """Why a document is not issued or cancelled."""

    SYMBOL_MALFORMED = "outgoing_symbol_malformed"
    ALREADY_CANCELLED = "outgoing_already_cancelled"
    NUMBERED_ALREADY = "outgoing_numbered_already"
    BEHALF_MALFORMED = "outgoing_behalf_malformed"


@dataclass(frozen=True, slots=True)
class OutgoingDocument:
    """One line of the register. `about` is what the document belongs to (`plan_report:…`), if anything."""

    id: str
    agency_id: str
    year: int
    book: str
    number: int
    symbol: str
    kind: PaperKind
    abstract: str
    issued_on: date
    signatory: str
    recipients: tuple[str, ...]
    state: OutgoingState
    digest: str
    about: str | None
    made_by: str
    made_at: datetime
    cancelled_by: str | None
    cancelled_at: datetime | None
    cancelled_why: str | None

    @property
    def reference(self) -> str:
        """`05/BC-CAT`."""
        return f"{self.number:02d}/{self.symbol}"


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A document's file as it was first written: its bytes and their SHA-256."""

    form: str
    sha256: str
    content: bytes
