"""What an institution sends to a center. Every body is signed by the institution.

Replies to an inbox item are told apart by `type`; `revision` of an answer rises with each new answer to the
same request, and the last one is the whole answer.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from lachan.foundation.protocol.coins import Movement, Span
from lachan.foundation.protocol.fields import (
    MOVEMENTS_MAX,
    PARTS_MAX,
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
    VndOrZero,
)
from lachan.foundation.protocol.messages.model import (
    ConfirmationOutcome,
    ContactKind,
    Message,
    PartKind,
    Rail,
    Refusal,
    Situation,
)
from lachan.foundation.protocol.messages.payments import Received
from lachan.foundation.protocol.messages.receipts import ReceiptsTold
from lachan.foundation.protocol.messages.refunds import RefundDone


class Payee(Message):
    """Who received a tainted debit; given only for tainted debits."""

    institution: InstitutionCode
    account: AccountKey
    name: ShortText | None = None


class Part(Message):
    """A part of the asked money that is not held under this request.

    For kinds that left the account, `reference` is the debit's id among the movements and `spans` are the
    coins *inside that debit*; for `remains`, `spans` are coins of the disputed transfer.
    """

    kind: PartKind
    amount_vnd: Vnd
    reference: Reference | None = None
    booked_at: Instant | None = None
    payee: Payee | None = None
    spans: Annotated[tuple[Span, ...], Field(max_length=SPANS_MAX)] = ()


class Acknowledgement(Message):
    """The message has arrived and will be worked on."""

    type: Literal["acknowledgement"] = "acknowledgement"
    message_id: MessageId
    request_id: Reference
    received_at: Instant


class Answer(Message):
    """What is held under the request, and where the rest is: `held_vnd` + parts = the asked amount.

    `held_vnd` counts all that is held under this request, over all its revisions; `held_spans` are those
    coins of the disputed transfer. `available_vnd` is the account's free balance plus `held_vnd`: the
    most that could be held. `movements` are the account's, from the disputed credit up to now, holds
    included; an institution that has none at hand (a person at a telephone) leaves them out.

    Where the request speaks of a transfer under a made-up reference (`unknown-…`), `transfer_reference` is the
    real one: the movements name the credit by it, and so do all later messages.

    `received`: other payments that the account received in the last days. Should the account be suspected, now or
    within days, each payer's own institution is warned.
    """

    type: Literal["answer"] = "answer"
    message_id: MessageId
    request_id: Reference
    request_revision: Revision
    revision: Revision
    held_vnd: VndOrZero
    held_spans: Annotated[tuple[Span, ...], Field(max_length=SPANS_MAX)] = ()
    refusal: Refusal | None = None
    parts: Annotated[tuple[Part, ...], Field(max_length=PARTS_MAX)] = ()
    movements: Annotated[tuple[Movement, ...], Field(max_length=MOVEMENTS_MAX)] = ()
    available_vnd: VndOrZero
    placed_at: Instant | None = None
    decided_by: ShortText
    note: LongText | None = None
    transfer_reference: Reference | None = None
    received: Received = ()


class Confirmation(Message):
    """What the payer's institution finds; `request_id` is the confirmation request's id.

    `amount_vnd` is the transfer's real amount, needed where it is what differs; `transfer_reference` its real
    reference, where the request only has a made-up one (`unknown-…`).
    """

    # A missing amount is refused by its own reason when the word is taken, so only the schema says it here.
    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"outcome": {"const": "amount_differs"}}, "required": ["outcome"]},
            "then": {"properties": {"amount_vnd": {"type": "integer"}}, "required": ["amount_vnd"]},
        }
    )

    type: Literal["confirmation"] = "confirmation"
    message_id: MessageId
    request_id: Reference
    outcome: ConfirmationOutcome
    amount_vnd: Vnd | None = None
    booked_at: Instant | None = None
    payee: Payee | None = None
    decided_by: ShortText
    note: LongText | None = None
    transfer_reference: Reference | None = None


class ReleaseDone(Message):
    """Exactly this amount was freed; `held_vnd` is what stays held under the request."""

    type: Literal["release_done"] = "release_done"
    message_id: MessageId
    request_id: Reference
    request_revision: Revision
    released_vnd: Vnd
    held_vnd: VndOrZero
    released_at: Instant


class NoticeServed(Message):
    """The account holder has been given the notice."""

    type: Literal["notice_served"] = "notice_served"
    message_id: MessageId
    request_id: Reference
    notice_code: Reference
    served_at: Instant
    channel: ShortText


Reply = Answer | Confirmation | ReleaseDone | NoticeServed | RefundDone | ReceiptsTold
REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="type")])


class Victim(Message):
    """Who was cheated. Personal data: the center masks it everywhere but on the officer's own page."""

    name: ShortText
    citizen_id: Annotated[str, Field(pattern=r"^([0-9]{9}|[0-9]{12})$")] | None = None
    phone: Annotated[str, Field(pattern=r"^\+?[0-9]{8,15}$")] | None = None
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    address: ShortText | None = None


class Party(Message):
    """One side of a disputed transfer, as far as it is known."""

    institution: InstitutionCode
    account: AccountKey | None = None
    name: ShortText | None = None


class ReportedLoss(Message):
    """One disputed transfer."""

    rail: Rail
    reference: Reference
    amount_vnd: Vnd
    booked_at: Instant
    payer: Party
    payee: Party


class Contact(Message):
    """One way in which the offender reached the victim."""

    kind: ContactKind
    value: ShortText


class BankReport(Message):
    """A report that an institution sends for its customer (`POST /v1/reports`)."""

    message_id: MessageId
    reported_at: Instant
    situation: Situation
    victim: Victim
    consent: bool
    losses: Annotated[tuple[ReportedLoss, ...], Field(min_length=1, max_length=50)]
    contacts: Annotated[tuple[Contact, ...], Field(max_length=50)] = ()
    story: LongText | None = None
    reported_by: ShortText
