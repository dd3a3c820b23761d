"""Refunds (hoàn trả): what they are, and which step may follow which."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lachan.foundation.base import Reason
from lachan.foundation.protocol import RefundBasis
from lachan.response.rules.dividing import Claim, Division, Method, PoolMovement
from lachan.response.rules.paying import Coins, Waits


class RefundState(StrEnum):
    """Life-cycle of a refund. Open until its institution has said of each line that it paid it or why not."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class RefundOutcome(StrEnum):
    """How a refund was closed."""

    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    REJECTED = "rejected"


class LineState(StrEnum):
    """One loss's line: due, set aside, nothing due, or what the institution said."""

    DUE = "due"
    SET_ASIDE = "set_aside"
    NOTHING = "nothing"
    PAID = "paid"
    REFUSED = "refused"


RECOMPUTED = "recomputed"
"""Why a list was taken back: a loss that came later has a share in what it pays."""


class RefundReason(Reason):
    """Why money is not given back as wanted."""

    NOTHING_TO_REFUND = "nothing_to_refund"
    REFUND_RUNNING = "refund_running"
    REFUND_WRONG_STATE = "refund_wrong_state"
    REFUND_CHANGED = "refund_changed"
    REFUND_APPEALED = "refund_appealed"
    REFUND_UNANSWERED = "refund_unanswered"
    REFUND_NO_REASONS = "refund_no_reasons"
    REFUND_NO_MOVEMENTS = "refund_no_movements"
    REFUND_LINES_DIFFER = "refund_lines_differ"


@dataclass(frozen=True, slots=True)
class Document:
    """The paper that a refund rests on: the holder's consent, the authority's order, the judgment."""

    issuer: str
    number: str
    signed_on: str
    signatory: str


@dataclass(frozen=True, slots=True)
class Entitled:
    """One loss at a pool: its claim, whose it is, where it is to be paid, and why it waits if it does."""

    claim: Claim
    trace_id: str
    trace_code: str
    institution: str | None
    account: str | None
    waits: Waits | None


@dataclass(frozen=True, slots=True)
class Pool:
    """The pooled balance: what one institution holds on one account, and every loss whose money came there."""

    institution: str
    account: str
    coins: tuple[Coins, ...]
    entitled: tuple[Entitled, ...]
    # None where the institution has told no movements.
    movements: tuple[PoolMovement, ...] | None
    held_vnd: int
    paid_vnd: int

    @property
    def whole_vnd(self) -> int:
        """What is divided: what is held now and what was paid out of the pool before."""
        return self.held_vnd + self.paid_vnd


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """What one loss gets: over all times (`share_vnd`), and now (`amount_vnd`) with which coins."""

    entitled: Entitled
    weight_vnd: int
    share_vnd: int
    amount_vnd: int
    coins: tuple[Coins, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A pool divided and turned into lines; `pays_vnd` is asked for now."""

    pool: Pool
    method: Method
    division: Division
    lines: tuple[PlannedLine, ...]

    @property
    def pays_vnd(self) -> int:
        """What is to be paid now."""
        return sum(line.amount_vnd for line in self.lines if line.entitled.waits is None)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a pay-out list as kept. `number` is paid once, whatever happens."""

    id: str
    refund_id: str
    loss_id: str
    trace_id: str
    position: int
    number: str
    entered_vnd: int
    weight_vnd: int
    share_vnd: int
    amount_vnd: int
    institution: str | None
    account: str | None
    coins: tuple[Coins, ...]
    state: LineState
    waits: Waits | None
    refusal: str | None
    paid_at: datetime | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Refund:
    """One pay-out out of one pool, from its proposal to the institution's word."""

    id: str
    code: str
    trace_id: str
    desk_id: str | None
    institution: str
    account: str
    state: RefundState
    outcome: RefundOutcome | None
    basis: RefundBasis
    document: Document
    method: Method
    reasons: str | None
    content_hash: str
    pool_vnd: int
    amount_vnd: int
    remainder_vnd: int
    revision: int
    requester: str
    requester_name: str
    opened_at: datetime
    pay_by: datetime
    approver: str | None
    approver_name: str | None
    approved_at: datetime | None
    closed_at: datetime | None
    why: str | None
    lines: tuple[Line, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether its institution has been asked and has not said what it did."""
        return self.state is RefundState.OPEN and self.approved_at is not None

    @property
    def unanswered(self) -> bool:
        """Whether it was taken back after its institution was asked, and nobody knows what was paid by then."""
        waits = any(line.state is LineState.DUE for line in self.lines)
        return self.state is RefundState.CANCELLED and self.approved_at is not None and waits
