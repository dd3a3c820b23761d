"""The rules of the protocol, as `lachan conform` checks them, and what it found."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from lachan.foundation.protocol import Direction, Movement, Span

MILLION_VND = 1_000_000


class Rule(StrEnum):
    """Every rule, in the order in which it is checked; `conform.<value>` is its sentence."""

    BAD_SIGNATURE_REFUSED = "bad_signature_refused"
    OLD_TIMESTAMP_REFUSED = "old_timestamp_refused"
    NONSENSE_REFUSED = "nonsense_refused"
    HOLD_WITHOUT_BASIS_REFUSED = "hold_without_basis_refused"
    WEBHOOK_ACCEPTED = "webhook_accepted"
    REPLIES_SIGNED = "replies_signed"
    ACKNOWLEDGED_IN_TIME = "acknowledged_in_time"
    ANSWERED_IN_TIME = "answered_in_time"
    ANSWER_READABLE = "answer_readable"
    ANSWER_FITS_REQUEST = "answer_fits_request"
    HELD_WITHIN_REQUEST = "held_within_request"
    MOVEMENTS_FROM_CREDIT = "movements_from_credit"
    PARTS_FOLLOW_MOVEMENTS = "parts_follow_movements"
    SUM_CLOSES = "sum_closes"
    HOLDS_WHAT_IT_CAN = "holds_what_it_can"
    UNKNOWN_ACCOUNT_REFUSED = "unknown_account_refused"
    IDEMPOTENT = "idempotent"
    LOWER_REVISION_IGNORED = "lower_revision_ignored"
    ANSWER_REVISION_RISES = "answer_revision_rises"
    RELEASES_EXACTLY = "releases_exactly"
    ASKED_AGAIN_ANSWERS = "asked_again_answers"
    NOTICE_SERVED = "notice_served"
    CANCEL_RELEASES = "cancel_releases"
    CONFIRMS_HONESTLY = "confirms_honestly"
    PAYER_ALERT_ACKNOWLEDGED = "payer_alert_acknowledged"
    REFUND_ANSWERED = "refund_answered"
    RECEIPTS_TOLD = "receipts_told"
    RECEIPTS_SAME_AGAIN = "receipts_same_again"
    RECEIPTS_WITHOUT_BASIS_REFUSED = "receipts_without_basis_refused"
    RECEIPTS_HOLD_NOTHING = "receipts_hold_nothing"


class Outcome(StrEnum):
    """What became of a rule."""

    KEPT = "kept"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's outcome. `detail` is for the engineer who mends it: statuses, reasons, amounts."""

    rule: Rule
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the rules' order."""

    findings: tuple[Finding, ...]

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The rules that were broken."""
        return tuple(finding for finding in self.findings if finding.outcome is Outcome.BROKEN)

    @property
    def passed(self) -> bool:
        """Every rule was checked and kept."""
        return all(finding.outcome is Outcome.KEPT for finding in self.findings)


class BrokenRuleError(Exception):
    """The rule being checked is broken; the text says how."""


class UncheckedError(Exception):
    """The rule cannot be checked, because an earlier one is broken."""


@dataclass(frozen=True, slots=True)
class Fixture:
    """The account that an institution keeps in its test environment for these checks.

    It has 15 m of older money, then the movements below: 40 m are free. All its movements are older than any
    check, so the institution's limits of age must not apply to it.
    """

    institution: str
    opened_at: datetime = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    opening_vnd: int = 15 * MILLION_VND

    @property
    def account(self) -> str:
        """The fixture account's key."""
        return f"account:{self.institution}:CONFORM01"

    @property
    def unknown_account(self) -> str:
        """An account that the institution does not have."""
        return f"account:{self.institution}:CONFORM99"

    @property
    def payer(self) -> str:
        """The account elsewhere from which both credits came."""
        return "account:999997:0000000001"

    @property
    def movements(self) -> tuple[Movement, ...]:
        """The disputed credit, a clean one, a transfer onward to another bank, and a cash withdrawal."""
        rows = (
            ("CONFORM-IN-1", Direction.CREDIT, 50),
            ("CONFORM-IN-2", Direction.CREDIT, 10),
            ("CONFORM-OUT-1", Direction.DEBIT, 30),
            ("CONFORM-OUT-2", Direction.DEBIT, 5),
        )
        return tuple(
            Movement(name, self.opened_at + timedelta(minutes=i), i, direction, millions * MILLION_VND)
            for i, (name, direction, millions) in enumerate(rows)
        )

    @property
    def spans(self) -> tuple[Span, ...]:
        """The coins of CONFORM-IN-1 that the checks ask for: 10 m went on, 5 m were drawn, 15 m remain."""
        return (Span(10 * MILLION_VND, 30 * MILLION_VND),)

    @property
    def expected_held_vnd(self) -> int:
        """What an institution that computes rightly holds of them."""
        return 15 * MILLION_VND
