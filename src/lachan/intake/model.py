"""A report as it comes in, and as it is kept. Every report is received and gets a code."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lachan.foundation.base import Reason
from lachan.foundation.protocol import Rail, Situation

# Situations that refuse the hold, never the report (domain.md §1): the report is referred.
HOLD_REFUSING = frozenset({Situation.COMMERCIAL_DISPUTE, Situation.REGRET, Situation.MISTYPED_PAYEE})


class Channel(StrEnum):
    """Through which door a report came."""

    WEB = "web"
    DESK = "desk"
    INSTITUTION = "institution"
    API = "api"


class ReportStatus(StrEnum):
    """Life-cycle of a report (tố giác, tin báo)."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    DISPATCHED = "dispatched"
    ACTIONED = "actioned"
    FORMALISED = "formalised"
    CLOSED = "closed"
    REFERRED = "referred"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


NEXT: dict[ReportStatus, frozenset[ReportStatus]] = {
    ReportStatus.RECEIVED: frozenset(
        {ReportStatus.TRIAGED, ReportStatus.REFERRED, ReportStatus.DUPLICATE, ReportStatus.WITHDRAWN}
    ),
    ReportStatus.TRIAGED: frozenset(
        {ReportStatus.DISPATCHED, ReportStatus.REFERRED, ReportStatus.DUPLICATE, ReportStatus.WITHDRAWN}
    ),
    # Also where nothing could be held: the report is resolved all the same.
    ReportStatus.DISPATCHED: frozenset(
        {
            ReportStatus.ACTIONED, ReportStatus.FORMALISED, ReportStatus.CLOSED, ReportStatus.REFERRED,
            ReportStatus.WITHDRAWN,
        }
    ),
    ReportStatus.ACTIONED: frozenset(
        {ReportStatus.FORMALISED, ReportStatus.CLOSED, ReportStatus.REFERRED, ReportStatus.WITHDRAWN}
    ),
    ReportStatus.FORMALISED: frozenset({ReportStatus.CLOSED}),
    ReportStatus.REFERRED: frozenset({ReportStatus.CLOSED, ReportStatus.TRIAGED}),
    ReportStatus.DUPLICATE: frozenset({ReportStatus.TRIAGED}),
    ReportStatus.CLOSED: frozenset(),
    ReportStatus.WITHDRAWN: frozenset(),
}  # fmt: skip


# The time to resolve runs: the report is this desk's and has not come to its end.
RUNNING = frozenset(
    {
        ReportStatus.RECEIVED, ReportStatus.TRIAGED, ReportStatus.DISPATCHED, ReportStatus.ACTIONED,
        ReportStatus.FORMALISED,
    }
)  # fmt: skip


class Outcome(StrEnum):
    """How much of a report's money was saved when the report was closed."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


class LossConfirmation(StrEnum):
    """What the payer's institution says of a disputed transfer."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    LAPSED = "lapsed"


class IntakeReason(Reason):
    """Why a report or one of its transfers cannot be taken as given."""

    NO_TRANSFER = "no_transfer"
    TOO_MANY_TRANSFERS = "too_many_transfers"
    SELF_TRANSFER = "self_transfer"
    SAME_TRANSFER_TWICE = "same_transfer_twice"
    UNKNOWN_INSTITUTION = "unknown_institution"
    CONSENT_MISSING = "consent_missing"
    NO_CONTACT = "no_contact"
    WRONG_STATUS = "wrong_status"
    AMOUNT_NOT_LOWER = "loss_amount_not_lower"
    TOO_MANY_DETAILS = "too_many_details"
    DETAILS_TOO_LONG = "details_too_long"
    DETAILS_TOO_FAST = "details_too_fast"
    NOT_RUNNING = "report_not_running"
    ALREADY_COMPLEX = "report_already_complex"
    NOT_COMPLEX = "report_not_complex"
    TIME_OVER = "report_time_over"
    EXTENSION_TOO_LATE = "extension_too_late"
    EXTENSION_NOT_REQUESTED = "extension_not_requested"
    EXTENDED_ALREADY = "extended_already"
    OUTCOME_AGAINST_BOOKS = "outcome_against_books"
    STILL_ASKING = "report_still_asking"
    NOTHING_TO_FORWARD = "nothing_to_forward"
    WRONG_RECIPIENT = "wrong_recipient"
    NO_NOTICE_OWED = "no_notice_owed"


@dataclass(frozen=True, slots=True)
class LossDraft:
    """One disputed transfer as reported. Accounts are canonical keys; the reference may be unknown."""

    amount_vnd: int
    booked_at: datetime
    payee_account: str
    payer_account: str | None = None
    payee_institution: str | None = None
    payer_institution: str | None = None
    payee_name: str | None = None
    reference: str | None = None
    rail: Rail = Rail.FAST_TRANSFER


@dataclass(frozen=True, slots=True)
class ContactVector:
    """How the offender reached the victim: kind and value as given."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """A report as any door hands it over, already parsed to types."""

    situation: Situation
    victim_name: str
    losses: tuple[LossDraft, ...]
    victim_phone: str | None = None
    victim_citizen_id: str | None = None
    victim_email: str | None = None
    story: str | None = None
    contacts: tuple[ContactVector, ...] = ()
    consent: bool = False
    place: str | None = None
    scam_form: str | None = None
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Loss:
    """One victim's one disputed transfer, as kept."""

    id: str
    report_id: str
    position: int
    reference: str
    amount_vnd: int
    booked_at: datetime
    rail: str
    payer_institution: str | None
    payer_account: str | None
    payee_institution: str | None
    payee_account: str
    payee_name: str | None
    duplicate_of: str | None
    confirmation: LossConfirmation
    confirm_by: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody did with a report and why. `what` is the kind of the fact that was recorded."""

    at: datetime
    by: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report as kept; personal fields are shown only for a stated purpose."""

    id: str
    code: str
    channel: Channel
    status: ReportStatus
    situation: Situation
    agency_id: str | None
    victim_name: str | None
    victim_phone: str | None
    victim_citizen_id: str | None
    victim_email: str | None
    story: str | None
    place: str | None
    scam_form: str | None
    language: str
    received_at: datetime
    duplicate_of: str | None
    police_number: str | None
    resolve_by: datetime | None
    losses: tuple[Loss, ...]
    forward_by: datetime | None = None
    forwarded_at: datetime | None = None
    formalised_at: datetime | None = None
    complex_at: datetime | None = None
    extension_requested_at: datetime | None = None
    extended_at: datetime | None = None
    extension_decision: str | None = None
    referred_to: str | None = None
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    notice_by: datetime | None = None
    notified_at: datetime | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What the reporter is told: a code that shows status only, and a secret that opens the live page."""

    report_id: str
    code: str
    secret: str
    duplicate_of_code: str | None = None
