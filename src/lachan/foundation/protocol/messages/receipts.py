"""What other institutions' accounts received from one whose own institution is silent."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lachan.foundation.protocol.fields import (
    AccountKey,
    Instant,
    InstitutionCode,
    MessageId,
    Reference,
    ShortText,
    Vnd,
)
from lachan.foundation.protocol.messages.model import Message
from lachan.foundation.protocol.messages.parties import LegalBasis, Person

RECEIPTS_MAX = 200


class ReceiptsQuery(Message):
    """What did your accounts receive from this account since then? Its own institution has not answered.

    Tell those payments and nothing else; none is an answer too. Nothing is held by this message: what the answer
    shows may be asked for by a `hold.requested` of its own.
    """

    id: Reference
    trace_code: ShortText
    institution: InstitutionCode
    payer_institution: InstitutionCode
    payer_account: AccountKey
    since: Instant
    legal_basis: LegalBasis
    requester: Person
    answer_by: Instant


class ToldReceipt(Message):
    """One payment that an account of the institution received; `reference` is the transfer's."""

    reference: Reference
    amount_vnd: Vnd
    booked_at: Instant
    account: AccountKey
    name: ShortText | None = None


class ReceiptsTold(Message):
    """What the institution's accounts received; it may be nothing. `request_id` is the question's id."""

    type: Literal["receipts_told"] = "receipts_told"
    message_id: MessageId
    request_id: Reference
    receipts: Annotated[tuple[ToldReceipt, ...], Field(max_length=RECEIPTS_MAX)] = ()
    decided_by: ShortText

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({receipt.reference for receipt in self.receipts}) != len(self.receipts):
            raise ValueError("each payment is told once")
        return self
