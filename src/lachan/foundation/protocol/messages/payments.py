"""Who paid a suspected account: told by the institution that keeps it, passed on to each payer's own."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from lachan.foundation.protocol.fields import AccountKey, Instant, InstitutionCode, LongText, Reference, Vnd
from lachan.foundation.protocol.messages.model import Message

RECEIVED_MAX = 200
SuspicionCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{1,2}$")]


class ListedVerdict(StrEnum):
    """How the account that was paid is listed."""

    WARN = "warn"
    STEP_UP = "step_up"
    BLOCK = "block"


class ReceivedPayment(Message):
    """One payment that an account received in the last days; the payer's institution is warned with it.

    `payer_account` is at `payer_institution`; without it, `reference` must let that institution find the payment.
    """

    payer_institution: InstitutionCode
    payer_account: AccountKey | None = None
    reference: Reference | None = None
    amount_vnd: Vnd
    booked_at: Instant

    @model_validator(mode="after")
    def _findable(self) -> Self:
        if self.payer_account is None and self.reference is None:
            raise ValueError("a payment is named by its payer's account or its reference")
        if self.payer_account is not None and self.payer_account.split(":")[1] != self.payer_institution:
            raise ValueError("the payer's account is at the payer's institution")
        return self


Received = Annotated[tuple[ReceivedPayment, ...], Field(max_length=RECEIVED_MAX)]


class PayerAlert(Message):
    """Your customer paid an account that is suspected now. Warn the customer; ask whether more is to be paid.

    The payment is named by `payer_account` or `reference`, where they are known, else by amount, time and payee.
    `verdict` stands until `until` at most; `reasons` are the codes of the claims; `advice` says in Vietnamese what
    to do. Nothing is held by this message.
    """

    id: Reference
    institution: InstitutionCode
    payer_account: AccountKey | None = None
    reference: Reference | None = None
    amount_vnd: Vnd
    booked_at: Instant
    payee_account: AccountKey
    verdict: ListedVerdict
    reasons: Annotated[tuple[SuspicionCode, ...], Field(max_length=50)]
    until: Instant | None = None
    advice: LongText
