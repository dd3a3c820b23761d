"""The base of every message and the words that messages use."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Strict, closed and frozen: an unknown field or a number in quotes is an error, not a guess."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def as_json(self) -> bytes:
        """The body to sign and send; absent fields are left out."""
        return self.model_dump_json(exclude_none=True).encode()


class EventType(StrEnum):
    """What a center says to an institution."""

    HOLD_REQUESTED = "hold.requested"
    HOLD_RELEASED = "hold.released"
    HOLD_EXTENDED = "hold.extended"
    HOLD_CONVERTED = "hold.converted"
    REQUEST_CANCELLED = "request.cancelled"
    TRANSFER_CONFIRM = "transfer.confirm"
    NOTICE_SERVE = "notice.serve"
    QUERY_UNEXPLAINED = "query.unexplained"
    PAYER_ALERT = "payer.alert"
    REFUND_REQUESTED = "refund.requested"
    RECEIPTS_ASKED = "receipts.asked"


class PartKind(StrEnum):
    """What became of a part of the asked money that is not held."""

    REMAINS = "remains"
    MOVED_ON = "moved_on"
    CASH_OUT = "cash_out"
    CARD_PAYMENT = "card_payment"
    MERCHANT = "merchant"
    VIRTUAL_ASSET = "virtual_asset"
    CROSS_BORDER = "cross_border"
    UNEXPLAINED = "unexplained"

    @property
    def left_the_account(self) -> bool:
        """Whether a debit carried it away, so that it has a reference among the movements."""
        return self not in (PartKind.REMAINS, PartKind.UNEXPLAINED)


class Refusal(StrEnum):
    """Why an institution holds nothing."""

    NO_BALANCE = "no_balance"
    ACCOUNT_CLOSED = "account_closed"
    WRONG_REFERENCE = "wrong_reference"
    TOO_OLD = "too_old"
    NO_LEGAL_BASIS = "no_legal_basis"
    OTHER = "other"


class ReleaseReason(StrEnum):
    """Why held money is freed."""

    TRACE_CANCELLED = "trace_cancelled"
    TRANSFER_UNCONFIRMED = "transfer_unconfirmed"
    APPEAL_UPHELD = "appeal_upheld"
    EXPIRED = "expired"
    EXCESS = "excess"
    AUTHORITY_LIFTED = "authority_lifted"
    MISTAKE = "mistake"


class CancelReason(StrEnum):
    """Why a request is void."""

    TRACE_CANCELLED = "trace_cancelled"
    TRANSFER_UNCONFIRMED = "transfer_unconfirmed"
    EXPIRED = "expired"
    MISTAKE = "mistake"
    APPEALED = "appealed"
    RECOMPUTED = "recomputed"


class ConfirmationOutcome(StrEnum):
    """What the payer's institution finds about a disputed transfer."""

    CONFIRMED = "confirmed"
    NOT_FOUND = "not_found"
    AMOUNT_DIFFERS = "amount_differs"
    TIME_DIFFERS = "time_differs"
    PAYEE_DIFFERS = "payee_differs"
    REVERSED = "reversed"


class Situation(StrEnum):
    """What happened, as the reporter sees it. The last three refuse the hold, never the report."""

    SCAM = "scam"
    ACCOUNT_TAKEOVER = "account_takeover"
    COERCION = "coercion"
    FRAUDULENT_ACCESS = "fraudulent_access"
    OTHER = "other"
    UNKNOWN = "unknown"
    COMMERCIAL_DISPUTE = "commercial_dispute"
    REGRET = "regret"
    MISTYPED_PAYEE = "mistyped_payee"


class Rail(StrEnum):
    """By which road the money went."""

    FAST_TRANSFER = "fast_transfer"
    INTERBANK = "interbank"
    INTERNAL = "internal"
    WALLET = "wallet"
    CARD = "card"
    OTHER = "other"


class ContactKind(StrEnum):
    """How the offender reached the victim."""

    PHONE = "phone"
    URL = "url"
    SOCIAL = "social"
    APP = "app"
    EMAIL = "email"
    SENDER = "sender"
