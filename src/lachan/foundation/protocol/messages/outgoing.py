"""What a center sends to an institution. Every message travels in an envelope, signed, at least once.

Receivers are idempotent by `message_id`; of one request, only a `revision` above the last one seen
counts, and it replaces the earlier content as a whole.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from lachan.foundation.base import new_id
from lachan.foundation.protocol.coins import Span, fits, total
from lachan.foundation.protocol.fields import (
    SPANS_MAX,
    AccountKey,
    HttpsUrl,
    Instant,
    InstitutionCode,
    LongText,
    MessageId,
    Reference,
    Revision,
    Sha256,
    ShortText,
    Vnd,
)
from lachan.foundation.protocol.messages.model import CancelReason, EventType, Message, ReleaseReason
from lachan.foundation.protocol.messages.parties import LegalBasis, Person
from lachan.foundation.protocol.messages.payments import PayerAlert
from lachan.foundation.protocol.messages.receipts import ReceiptsQuery
from lachan.foundation.protocol.messages.refunds import RefundRequest

# Steps 3 and 4 of the ladder rest on a competent authority's written decision (Decree 52/2024 art. 11,
# Criminal Procedure Code art. 129); below, the institution uses its own power.
FIRST_STEP_BY_DECISION = 3

Step = Annotated[int, Field(ge=0, le=4)]


class Issuer(Message):
    """The center that speaks: `instance` is its unique code, `name` what a letter would say."""

    instance: InstitutionCode
    name: ShortText


class TrailHead(Message):
    """The head of the issuer's sealed trail. Keep it: it proves later that nothing was rewritten."""

    sequence: Annotated[int, Field(ge=0, le=2**53)]
    hash: Sha256


class Decision(Message):
    """The competent authority's written decision behind a freeze of steps 3 and 4."""

    issuer: ShortText
    number: ShortText
    signatory: ShortText
    scope: LongText
    term_ends_at: Instant | None = None


class Policy(Message):
    """The standing policy under which the request was approved; it reaches at most step 2."""

    id: Reference
    title: ShortText


class Transfer(Message):
    """The disputed (or onward) transfer, by the reference that both institutions know."""

    reference: Reference
    booked_at: Instant
    amount_vnd: Vnd
    payer_institution: InstitutionCode | None = None


class HoldRequest(Message):
    """Hold these coins of this transfer, on this basis, until then.

    `loss` is opaque: it tells two losses apart, never whose they are. `spans` say which coins of the transfer
    are asked for; they sum to `amount_vnd`. A later revision replaces the whole request and is a top-up or a
    reduction of the same hold, never a second one.
    """

    id: Reference
    revision: Revision
    trace_code: ShortText
    loss: Reference
    institution: InstitutionCode
    account: AccountKey
    transfer: Transfer
    amount_vnd: Vnd
    spans: Annotated[tuple[Span, ...], Field(min_length=1, max_length=SPANS_MAX)]
    step: Step
    legal_basis: LegalBasis
    decision: Decision | None = None
    requester: Person
    approver: Person
    policy: Policy | None = None
    ack_by: Instant
    answer_by: Instant
    expires_at: Instant | None = None
    review_at: Instant | None = None

    @model_validator(mode="after")
    def _lawful_and_exact(self) -> Self:
        _check_term(self.step, self.decision, self.expires_at, self.review_at)
        if self.policy is not None and self.step >= FIRST_STEP_BY_DECISION:
            raise ValueError("a standing policy reaches at most step 2")
        if self.requester.id == self.approver.id:
            raise ValueError("requester and approver are two people")
        if not fits(self.spans, self.transfer.amount_vnd):
            raise ValueError("spans are sorted, merged and inside the transfer")
        if total(self.spans) != self.amount_vnd:
            raise ValueError("spans sum to amount_vnd")
        return self


class HoldRelease(Message):
    """Free exactly `release_vnd` of what this request holds: these spans, or the newest held coins."""

    request_id: Reference
    revision: Revision
    release_vnd: Vnd
    spans: Annotated[tuple[Span, ...], Field(max_length=SPANS_MAX)] = ()
    reason: ReleaseReason

    @model_validator(mode="after")
    def _exact(self) -> Self:
        if self.spans and total(self.spans) != self.release_vnd:
            raise ValueError("spans sum to release_vnd")
        return self


class HoldExtension(Message):
    """The same hold, longer, on a named basis."""

    request_id: Reference
    revision: Revision
    legal_basis: LegalBasis
    decision: Decision | None = None
    expires_at: Instant


class HoldConversion(Message):
    """An authority has decided: the hold now stands on step 3 or 4."""

    request_id: Reference
    revision: Revision
    step: Annotated[int, Field(ge=FIRST_STEP_BY_DECISION, le=4)]
    legal_basis: LegalBasis
    decision: Decision
    expires_at: Instant | None = None
    review_at: Instant | None = None

    @model_validator(mode="after")
    def _lawful(self) -> Self:
        _check_term(self.step, self.decision, self.expires_at, self.review_at)
        return self


class RequestCancellation(Message):
    """The request is void. What is not placed is not placed; what is already held is released."""

    request_id: Reference
    revision: Revision
    reason: CancelReason


class ConfirmationRequest(Message):
    """Ask the payer's institution whether the disputed transfer happened as the victim says.

    A hold whose transfer stays unconfirmed lapses, which is what stops malicious reports.
    """

    id: Reference
    trace_code: ShortText
    institution: InstitutionCode
    transfer: Transfer
    payer_account: AccountKey | None = None
    payee_institution: InstitutionCode | None = None
    payee_account: AccountKey | None = None
    answer_by: Instant


class NoticeToServe(Message):
    """Serve this reasoned notice with its appeal link to the account holder, and say when it was done."""

    request_id: Reference
    notice_code: Reference
    text: LongText
    appeal_url: HttpsUrl
    pdf_sha256: Sha256 | None = None


class UnexplainedQuery(Message):
    """An earlier answer left this amount unexplained; answer again with a higher answer revision."""

    request_id: Reference
    revision: Revision
    unexplained_vnd: Vnd
    answer_by: Instant


EventData = (
    HoldRequest
    | HoldRelease
    | HoldExtension
    | HoldConversion
    | RequestCancellation
    | ConfirmationRequest
    | NoticeToServe
    | UnexplainedQuery
    | PayerAlert
    | RefundRequest
    | ReceiptsQuery
)


class Envelope(Message):
    """What every event travels in. `message_id` equals the `webhook-id` header."""

    message_id: MessageId
    type: EventType
    issued_at: Instant
    issuer: Issuer
    trail_head: TrailHead | None = None
    data: EventData


class HoldRequested(Envelope):
    """`hold.requested`"""

    type: Literal[EventType.HOLD_REQUESTED] = EventType.HOLD_REQUESTED
    data: HoldRequest


class HoldReleased(Envelope):
    """`hold.released`"""

    type: Literal[EventType.HOLD_RELEASED] = EventType.HOLD_RELEASED
    data: HoldRelease


class HoldExtended(Envelope):
    """`hold.extended`"""

    type: Literal[EventType.HOLD_EXTENDED] = EventType.HOLD_EXTENDED
    data: HoldExtension


class HoldConverted(Envelope):
    """`hold.converted`"""

    type: Literal[EventType.HOLD_CONVERTED] = EventType.HOLD_CONVERTED
    data: HoldConversion


class RequestCancelled(Envelope):
    """`request.cancelled`"""

    type: Literal[EventType.REQUEST_CANCELLED] = EventType.REQUEST_CANCELLED
    data: RequestCancellation


class TransferConfirm(Envelope):
    """`transfer.confirm`"""

    type: Literal[EventType.TRANSFER_CONFIRM] = EventType.TRANSFER_CONFIRM
    data: ConfirmationRequest


class NoticeServe(Envelope):
    """`notice.serve`"""

    type: Literal[EventType.NOTICE_SERVE] = EventType.NOTICE_SERVE
    data: NoticeToServe


class QueryUnexplained(Envelope):
    """`query.unexplained`"""

    type: Literal[EventType.QUERY_UNEXPLAINED] = EventType.QUERY_UNEXPLAINED
    data: UnexplainedQuery


class PayerAlerted(Envelope):
    """`payer.alert`"""

    type: Literal[EventType.PAYER_ALERT] = EventType.PAYER_ALERT
    data: PayerAlert


class RefundRequested(Envelope):
    """`refund.requested`"""

    type: Literal[EventType.REFUND_REQUESTED] = EventType.REFUND_REQUESTED
    data: RefundRequest


class ReceiptsAsked(Envelope):
    """`receipts.asked`"""

    type: Literal[EventType.RECEIPTS_ASKED] = EventType.RECEIPTS_ASKED
    data: ReceiptsQuery


AnyEnvelope = Annotated[
    HoldRequested
    | HoldReleased
    | HoldExtended
    | HoldConverted
    | RequestCancelled
    | TransferConfirm
    | NoticeServe
    | QueryUnexplained
    | PayerAlerted
    | RefundRequested
    | ReceiptsAsked,
    Field(discriminator="type"),
]
ENVELOPE: TypeAdapter[Envelope] = TypeAdapter(AnyEnvelope)

_ENVELOPE_OF: dict[type[Message], type[Envelope]] = {
    HoldRequest: HoldRequested,
    HoldRelease: HoldReleased,
    HoldExtension: HoldExtended,
    HoldConversion: HoldConverted,
    RequestCancellation: RequestCancelled,
    ConfirmationRequest: TransferConfirm,
    NoticeToServe: NoticeServe,
    UnexplainedQuery: QueryUnexplained,
    PayerAlert: PayerAlerted,
    RefundRequest: RefundRequested,
    ReceiptsQuery: ReceiptsAsked,
}
ENVELOPES: tuple[type[Envelope], ...] = tuple(_ENVELOPE_OF.values())


def wrap(
    data: EventData,
    *,
    issued_at: Instant,
    issuer: Issuer,
    trail_head: TrailHead | None = None,
    message_id: str | None = None,
) -> Envelope:
    """Put event data into the envelope of its type."""
    return _ENVELOPE_OF[type(data)](
        message_id=message_id or new_id(),
        issued_at=issued_at,
        issuer=issuer,
        trail_head=trail_head,
        data=data,
    )  # type: ignore[call-arg]  # every subclass fixes its own type


def _check_term(
    step: int, decision: Decision | None, expires_at: Instant | None, review_at: Instant | None
) -> None:
    if step >= FIRST_STEP_BY_DECISION:
        if decision is None:
            raise ValueError("steps 3 and 4 name the authority's decision")
        if expires_at is None and review_at is None:
            raise ValueError("a hold without a term has a review date")
    elif expires_at is None:
        raise ValueError("steps 0 to 2 expire by themselves: expires_at is compulsory")
