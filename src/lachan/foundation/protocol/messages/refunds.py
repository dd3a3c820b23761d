"""Giving money back: the pay-out list of one account, and what its institution did with each line of it."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from lachan.foundation.protocol.coins import Span, total
from lachan.foundation.protocol.fields import (
    SPANS_MAX,
    AccountKey,
    Instant,
    InstitutionCode,
    LongText,
    MessageId,
    Reference,
    Revision,
    ShortText,
    Vnd,
)
from lachan.foundation.protocol.messages.model import Message
from lachan.foundation.protocol.messages.parties import Person

LINES_MAX = 1_000
IsoDay = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class RefundBasis(StrEnum):
    """On what a refund rests."""

    HOLDER_AGREES = "holder_agrees"
    AUTHORITY_ORDER = "authority_order"
    JUDGMENT = "judgment"


class PayOutcome(StrEnum):
    """What the institution did with a line."""

    PAID = "paid"
    REFUSED = "refused"


class PayRefusal(StrEnum):
    """Why a line was not paid."""

    NOT_HELD = "not_held"
    WRONG_ACCOUNT = "wrong_account"
    ACCOUNT_CLOSED = "account_closed"
    NO_LEGAL_BASIS = "no_legal_basis"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


class RefundDocument(Message):
    """The paper behind a refund: the holder's consent, the authority's order, the judgment."""

    issuer: ShortText
    number: ShortText
    signed_on: IsoDay
    signatory: ShortText

    @field_validator("signed_on")
    @classmethod
    def _is_a_day(cls, text: str) -> str:
        date.fromisoformat(text)
        return text


class PayOut(Message):
    """One line: pay this amount to this account. A `number` is paid once, in however many lists it stands."""

    number: Reference
    institution: InstitutionCode
    account: AccountKey
    amount_vnd: Vnd


class PaidFrom(Message):
    """Which held coins of an earlier hold request the money comes from."""

    request_id: Reference
    amount_vnd: Vnd
    spans: Annotated[tuple[Span, ...], Field(min_length=1, max_length=SPANS_MAX)]

    @model_validator(mode="after")
    def _exact(self) -> Self:
        if total(self.spans) != self.amount_vnd:
            raise ValueError("spans sum to amount_vnd")
        return self


class RefundRequest(Message):
    """Pay victims back out of what you hold on one account: these lines, out of these holds, by then.

    A later revision replaces the whole list; a line that was paid stays paid. What is paid out counts as held under
    its hold request in later answers, and is never released. `request.cancelled` with this `id` takes the list
    back: answer with `refund_done`, each line not yet paid refused as `withdrawn`.
    """

    id: Reference
    revision: Revision
    refund_code: ShortText
    institution: InstitutionCode
    account: AccountKey
    basis: RefundBasis
    document: RefundDocument
    amount_vnd: Vnd
    lines: Annotated[tuple[PayOut, ...], Field(min_length=1, max_length=LINES_MAX)]
    paid_from: Annotated[tuple[PaidFrom, ...], Field(min_length=1, max_length=LINES_MAX)]
    requester: Person
    approver: Person
    pay_by: Instant

    @model_validator(mode="after")
    def _exact(self) -> Self:
        if self.requester.id == self.approver.id:
            raise ValueError("requester and approver are two people")
        if len({line.number for line in self.lines}) < len(self.lines):
            raise ValueError("each line has its own number")
        if sum(line.amount_vnd for line in self.lines) != self.amount_vnd:
            raise ValueError("lines sum to amount_vnd")
        if sum(one.amount_vnd for one in self.paid_from) != self.amount_vnd:
            raise ValueError("paid_from sums to amount_vnd")
        return self


class PaidOut(Message):
    """One line as it was done: paid, with its time and the transfer's reference, or refused with the reason."""

    number: Reference
    outcome: PayOutcome
    paid_at: Instant | None = None
    reference: Reference | None = None
    refusal: PayRefusal | None = None

    @model_validator(mode="after")
    def _told(self) -> Self:
        if (self.outcome is PayOutcome.PAID) != (self.paid_at is not None):
            raise ValueError("paid_at stands with paid lines, and only there")
        if (self.outcome is PayOutcome.REFUSED) != (self.refusal is not None):
            raise ValueError("refusal stands with refused lines, and only there")
        return self


class RefundDone(Message):
    """What was done with a pay-out list, line by line: each number of the list once."""

    type: Literal["refund_done"] = "refund_done"
    message_id: MessageId
    request_id: Reference
    request_revision: Revision
    lines: Annotated[tuple[PaidOut, ...], Field(min_length=1, max_length=LINES_MAX)]
    decided_by: ShortText
    note: LongText | None = None
