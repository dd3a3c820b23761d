"""Traces, hops and holds: what they are and which step may follow which."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lachan.foundation.base import Reason
from lachan.foundation.protocol import Spans


class TraceState(StrEnum):
    """Life-cycle of a trace (truy vết dòng tiền)."""

    CREATED = "created"
    TRACKED = "tracked"
    AWAITING_ANALYSIS = "awaiting_analysis"
    ANALYSED = "analysed"
    REFUNDING = "refunding"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


# Money may still be found by asking; an officer has not analysed it yet. Cancelling also needs its clock to run.
CANCELLABLE = frozenset({TraceState.CREATED, TraceState.TRACKED, TraceState.AWAITING_ANALYSIS})
# An analysed trace is refunding once an institution is asked to pay, and completed when nothing is held any more.
TRACE_NEXT: dict[TraceState, frozenset[TraceState]] = {
    TraceState.CREATED: frozenset({TraceState.TRACKED, TraceState.CANCELLED}),
    TraceState.TRACKED: frozenset({TraceState.AWAITING_ANALYSIS, TraceState.CANCELLED}),
    TraceState.AWAITING_ANALYSIS: frozenset({TraceState.TRACKED, TraceState.ANALYSED, TraceState.CANCELLED}),
    TraceState.ANALYSED: frozenset({TraceState.REFUNDING, TraceState.COMPLETED}),
    TraceState.REFUNDING: frozenset({TraceState.COMPLETED}),
    TraceState.COMPLETED: frozenset(),
    TraceState.CANCELLED: frozenset(),
}


class HopState(StrEnum):
    """Life-cycle of one notified transfer."""

    OPENED = "opened"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What the analysis finds of a hop: that its money is a loss's, as the institutions answered, or not."""

    AGREED = "agreed"
    DISAGREED = "disagreed"


class HoldState(StrEnum):
    """Life-cycle of a hold (tạm dừng giao dịch, phong tỏa) and of the request that asks for it."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    REQUESTED = "requested"
    ACKNOWLEDGED = "acknowledged"
    PLACED = "placed"
    REFUSED = "refused"
    CONVERTED = "converted"
    APPLIED = "applied"
    RELEASED = "released"
    EXPIRED = "expired"
    VOIDED = "voided"


_S = HoldState
HOLD_NEXT: dict[HoldState, frozenset[HoldState]] = {
    _S.DRAFTED: frozenset({_S.APPROVED, _S.VOIDED}),
    _S.APPROVED: frozenset({_S.REQUESTED, _S.VOIDED}),
    _S.REQUESTED: frozenset({_S.ACKNOWLEDGED, _S.PLACED, _S.REFUSED, _S.VOIDED}),
    _S.ACKNOWLEDGED: frozenset({_S.PLACED, _S.REFUSED, _S.VOIDED}),
    # A later answer may take more or less; a release, an expiry or an authority ends it.
    _S.PLACED: frozenset({_S.PLACED, _S.CONVERTED, _S.RELEASED, _S.EXPIRED, _S.APPLIED}),
    # Proposed again at a higher step.
    _S.REFUSED: frozenset({_S.PLACED, _S.REFUSED, _S.VOIDED, _S.DRAFTED}),
    _S.CONVERTED: frozenset({_S.CONVERTED, _S.RELEASED, _S.EXPIRED, _S.APPLIED}),
    _S.APPLIED: frozenset(),
    # Paid out before the institution heard that it is free; or let go by the institution itself, and frozen again.
    _S.RELEASED: frozenset({_S.APPLIED, _S.PLACED}),
    _S.EXPIRED: frozenset({_S.APPLIED}),
    _S.VOIDED: frozenset(),
}
# States in which money is held.
HOLDING = frozenset({HoldState.PLACED, HoldState.CONVERTED})
# States in which the request is on its way or may still be answered.
OPEN = frozenset({_S.DRAFTED, _S.APPROVED, _S.REQUESTED, _S.ACKNOWLEDGED})
ENDED = frozenset({_S.APPLIED, _S.RELEASED, _S.EXPIRED, _S.VOIDED})


class HoldReason(Reason):
    """Why a hold is not asked for, approved, extended or ended as wanted."""

    NO_LEGAL_BASIS = "no_legal_basis"
    BASIS_NOT_FOR_STEP = "basis_not_for_step"
    ABOVE_LOSS = "above_loss"
    NOTHING_TO_HOLD = "nothing_to_hold"
    SAME_PERSON = "approver_is_requester"
    POLICY_TOO_WEAK = "policy_too_weak"
    POLICY_AMOUNT = "policy_amount"
    POLICY_EXPIRED = "policy_expired"
    DECISION_MISSING = "decision_missing"
    TERM_MISSING = "term_missing"
    CONTENT_CHANGED = "content_changed"
    WRONG_STATE = "hold_wrong_state"
    BEYOND_BASIS_LIMIT = "beyond_basis_limit"
    NOT_CANCELLABLE = "not_cancellable"
    RELEASE_ABOVE_HELD = "release_above_held"
    NOT_ENTITLED = "not_entitled"
    NOTHING_TO_ASK = "nothing_to_ask"
    STEP_NOT_HIGHER = "step_not_higher"
    APPEAL_LAST_LEVEL = "appeal_last_level"
    NOTHING_TO_ERASE = "nothing_to_erase"
    CANCELLATION_OVER = "cancellation_over"
    TASK_ENDS_BY_FACT = "task_ends_by_fact"
    VERDICT_MISSING = "verdict_missing"
    NOT_ASKED_YET = "not_asked_yet"


class ExhibitReason(Reason):
    """Why an exhibit of traced money is not issued, or not made again."""

    NOTHING_SEALED = "nothing_sealed"
    NOTHING_TRACED = "nothing_traced"
    DIFFERS = "exhibit_differs"
    TOO_WIDE = "ledger_too_wide"


class EndReason(StrEnum):
    """Why a hold ended."""

    EXPIRED = "expired"
    UNCONFIRMED = "unconfirmed"
    APPEAL_UPHELD = "appeal_upheld"
    TRACE_CANCELLED = "trace_cancelled"
    TAINT_LOWERED = "taint_lowered"
    OFFICER = "officer"
    AUTHORITY = "authority"
    REMAINDER = "remainder"


@dataclass(frozen=True, slots=True)
class Sum:
    """The six parts of one loss or trace in VND; they sum to what was reported, net of overlap, always."""

    reported_vnd: int = 0
    overlap_vnd: int = 0
    held_vnd: int = 0
    returned_vnd: int = 0
    located_vnd: int = 0
    moving_vnd: int = 0
    out_of_reach_vnd: int = 0
    diluted_vnd: int = 0

    @property
    def parts_vnd(self) -> int:
        """held + returned + located + moving + out of reach + diluted."""
        return (
            self.held_vnd + self.returned_vnd + self.located_vnd + self.moving_vnd
            + self.out_of_reach_vnd + self.diluted_vnd
        )  # fmt: skip

    @property
    def closes(self) -> bool:
        """Whether the parts sum to the reported amount net of overlap."""
        return self.parts_vnd == self.reported_vnd - self.overlap_vnd


@dataclass(frozen=True, slots=True)
class Trace:
    """The pursuit of one report's money."""

    id: str
    report_id: str
    code: str
    desk_id: str | None
    state: TraceState
    opened_at: datetime
    first_request_at: datetime | None
    first_hold_at: datetime | None
    first_transfer_at: datetime
    sum: Sum
    # The person at the desk who works on it.
    officer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """Some coins of one loss in one transfer at one institution, and what became of them."""

    id: str
    trace_id: str
    loss_id: str
    parent_id: str | None
    hold_id: str
    depth: int
    reference: str
    transfer_vnd: int
    booked_at: datetime
    institution: str | None
    account: str
    spans: Spans
    state: HopState
    sum: Sum
    forwarded_vnd: int
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """One request to one institution for coins of one transfer, and the hold it led to.

    `asked` are the coins requested, `answered` those that the last answer was about, `held` those the institution
    holds, `released` those freed again, `applied` those paid back to victims; all are spans of the transfer
    `reference`. `allocations` say how much of `held` is which loss's, in VND. `answer` is the last accepted answer
    as received; until there is one, `receipts` are what others told of the account.
    """

    id: str
    trace_id: str
    loss_id: str
    institution: str | None
    account: str
    payer_institution: str | None
    reference: str
    transfer_vnd: int
    booked_at: datetime
    asked: Spans
    answered: Spans
    held: Spans
    released: Spans
    applied: Spans
    allocations: dict[str, int]
    step: int
    basis: str
    decision: dict[str, Any] | None
    state: HoldState
    refusal: str | None
    end_reason: str | None
    revision: int
    asked_revision: int
    answer_revision: int
    answer: dict[str, Any] | None
    receipts: list[dict[str, Any]] | None
    content_hash: str
    requester: str
    requester_name: str
    approver: str | None
    approver_name: str | None
    policy_id: str | None
    proposal: dict[str, Any] | None
    recommended: dict[str, Any] | None
    proposed_at: datetime | None
    drafted_at: datetime
    requested_at: datetime | None
    acknowledged_at: datetime | None
    answered_at: datetime | None
    placed_at: datetime | None
    ack_by: datetime | None
    answer_by: datetime | None
    expires_at: datetime | None
    review_at: datetime | None
    notice_by: datetime | None
    notice_served_at: datetime | None


@dataclass(frozen=True, slots=True)
class Policy:
    """A standing policy: a head of desk lets requests within limits go out without a second look each time."""

    id: str
    desk_id: str
    title: str
    step_max: int
    amount_max_vnd: int
    basis: str
    signed_by: str
    signed_by_name: str
    signed_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
