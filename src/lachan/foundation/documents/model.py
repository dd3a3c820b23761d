"""What goes into a document: plain values, all of them passed in; nothing is looked up or dated here."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.base import Reason


class DocumentReason(Reason):
    """Why a document is not made, or not believed."""

    TEXT_MISSING = "document_text_missing"
    TEXT_TOO_LONG = "document_text_too_long"
    ROW_NOT_LIKE_HEAD = "document_row_not_like_head"
    LINK_NOT_HTTPS = "document_link_not_https"
    AMOUNT_NOT_POSITIVE = "document_amount_not_positive"
    DECISION_MISSING = "document_decision_missing"
    END_MISSING = "document_end_missing"
    REVEALS_REPORT = "notice_reveals_report"
    CHANGED = "document_changed"
    OTHER_KEY = "document_key_differs"
    BAD_SIGNATURE = "document_signature_bad"


class Urgency(StrEnum):
    """Degrees of urgency (Decree 30/2020)."""

    ORDINARY = "ordinary"
    URGENT = "urgent"  # Khẩn
    VERY_URGENT = "very_urgent"  # Thượng khẩn
    IMMEDIATE = "immediate"  # Hỏa tốc


class Capacity(StrEnum):
    """In which capacity somebody signs (Decree 30/2020); the value is what stands before the title."""

    OWN = ""
    ON_BEHALF = "TM."
    FOR_HEAD = "KT."
    BY_ORDER = "TL."
    DELEGATED = "TUQ."
    ACTING = "Q."


@dataclass(frozen=True, slots=True)
class Issuer:
    """The issuing body: `parent` is the body above it (empty where there is none), `place` the seat
    (empty where nobody has recorded it)."""

    name: str
    parent: str
    place: str


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs. With `KT.`, `TL.`, … `signs_for` is the title on whose behalf, `position` the own title."""

    name: str
    position: str
    capacity: Capacity
    signs_for: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What the foot prints: how a stranger finds the record again and checks that this paper is genuine.

    `trail_sequence` and `trail_hash` are the sealed trail's head when the document was made; `url` (https) is
    the page that shows the record of the message.
    """

    message_id: str
    trail_sequence: int
    trail_hash: str
    url: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What every document carries besides its own content. `number` is complete, such as `224/PA05-Đ3`."""

    issuer: Issuer
    number: str
    issued_on: date
    urgency: Urgency
    signatory: Signatory
    recipients: tuple[str, ...]
    verification: Verification


@dataclass(frozen=True, slots=True)
class Decision:
    """The one decision that a hold of steps 3–4 names; without `until` a review date is compulsory."""

    issuer: str
    number: str
    signatory: str
    scope: str
    until: date | None


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """The account in question, as the institution knows it."""

    institution: str
    number: str
    holder: str


@dataclass(frozen=True, slots=True)
class DisputedTransfer:
    """The transfer that brought the money in. `reference` is the rail's own end-to-end id."""

    reference: str
    booked_at: datetime
    amount_vnd: int
    payer_institution: str


@dataclass(frozen=True, slots=True)
class HoldRequestLetter:
    """Asks an institution to hold money. Steps 0–2 ask it to use its own power; 3–4 carry out `decision`."""

    heading: Heading
    trace_code: str
    request_id: str
    revision: int
    account: HeldAccount
    transfer: DisputedTransfer
    amount_vnd: int
    step: int
    legal_basis: tuple[str, ...]  # citations, as the taxonomy gives them
    decision: Decision | None
    requester: str
    approver: str
    acknowledge_by: datetime
    answer_by: datetime
    expires_at: datetime | None
    review_on: date | None
    contact_name: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class ReleaseLetter:
    """Frees exactly `released_vnd` of what one request holds; `remaining_vnd` stays held."""

    heading: Heading
    trace_code: str
    request_id: str
    request_number: str
    request_issued_on: date
    account: HeldAccount
    released_vnd: int
    remaining_vnd: int
    reason: str
    legal_basis: tuple[str, ...]
    contact_name: str
    contact_phone: str


class LetterKind(StrEnum):
    """What the shorter letters are about; each has its words in the catalogue."""

    CANCELLED = "cancelled"
    EXTENDED = "extended"
    CONVERTED = "converted"
    ASK_AGAIN = "ask_again"
    CONFIRM = "confirm"
    RECOMMEND = "recommend"
    PAYER_ALERT = "payer_alert"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class ShortLetter:
    """A letter of a fixed kind: what it is about stands in `facts`, each under a name of the catalogue.

    Amounts are integer VND, instants aware; they are written out in the letter's language.
    """

    heading: Heading
    kind: LetterKind
    to: str
    trace_code: str
    legal_basis: tuple[str, ...]
    decision: Decision | None
    facts: tuple[tuple[str, str | int | datetime], ...]
    contact_name: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class NoticeLetter:
    """Tells an account holder what is held, why, on what basis, until when, and how to object.

    It must not reveal that a suspicious-transaction report exists; `reason` is checked for it.
    """

    heading: Heading
    notice_code: str
    account: HeldAccount
    decided_by: str
    amount_vnd: int
    step: int
    placed_at: datetime
    expires_at: datetime | None
    review_on: date | None
    reason: str
    legal_basis: tuple[str, ...]
    appeal_url: str
    first_decision_hours: int
    contact_phone: str


@dataclass(frozen=True, slots=True)
class CallSheet:
    """What an officer says to an unconnected or silent institution, and where the answer is written down.

    `read_back_code` is given by the officer and read back by the institution, so that both speak of one
    request.
    """

    heading: Heading
    trace_code: str
    request_id: str
    request_number: str
    account: HeldAccount
    transfer: DisputedTransfer
    amount_vnd: int
    step: int
    legal_basis: tuple[str, ...]
    requested_at: datetime
    phones: tuple[str, ...]
    officer: str
    callback_phone: str
    read_back_code: str
