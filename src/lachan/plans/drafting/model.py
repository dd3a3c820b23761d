"""A document as an office types it, before it has a number. All frozen."""

from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.base import Reason
from lachan.foundation.documents import Urgency
from lachan.foundation.documents.administrative import PaperKind


class DraftReason(Reason):
    """Why a draft is not changed or issued."""

    ENDED = "draft_ended"
    TABLE_UNEVEN = "draft_table_uneven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands in the form, as typed: lists with one entry a line, the body in the house's plain lines.

    `letters` are the office's own (`CAT-PA05`); `behalf` on whose behalf is signed; `secretary`
    signs minutes beside the chair.
    """

    kind: PaperKind
    abstract: str
    letters: str = ""
    urgency: Urgency = Urgency.ORDINARY
    addressees: str = ""
    bases: str = ""
    body: str = ""
    recipients: str = ""
    archive: str = ""
    behalf: str = ""
    position: str = ""
    signatory: str = ""
    secretary: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A kept draft. `document_id`: what it was issued as; `dropped_at`: when it was put away."""

    id: str
    agency_id: str
    written: Written
    version: int
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    document_id: str | None
    dropped_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it can still be written in."""
        return self.document_id is None and self.dropped_at is None
