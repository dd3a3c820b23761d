"""Why a task of the desk stands, and which recorded fact takes the reason away. One table; pure.

A task names its reason. When one of the facts beside it is recorded about the task's subject, the task is done:
nobody telephones an institution that has answered, or prolongs a hold that was prolonged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TELEPHONE = "telephone"
HOLD_ENDS_SOON = "hold_ends_soon"
APPEAL_UNDECIDED = "appeal_undecided"
LIFT_REQUEST = "lift_request"
LATE_CONFIRMATION = "late_confirmation"
REVIEW_DUE = "review_due"
ANALYSIS_DUE = "analysis_due"
REPORT_OVERDUE = "report_overdue"
REPORT_EXTENSION = "report_extension"
REPORT_FORWARDING = "report_forwarding"
REPORT_NOTICE = "report_notice"
RECOMMENDATION = "recommendation"
# To telephone with a letter, because no message reaches the institution.
TELL = "tell_institution"
SERVE_NOTICE = "serve_notice_letter"
RELEASE_UNCONFIRMED = "release_unconfirmed"
CONFIRM_CALL = "confirm_by_telephone"
FIND_PAYER = "find_payer_institution"
APPEAL_ESCALATED = "appeal_escalated"
# Somebody paid a suspected account, and their institution has not heard of it.
CALL_PAYER_BANK = "call_payer_bank"
# Giving back: not started, not paid, not over in time; a list to telephone, with its letter in hand; one that was
# taken back after it was sent, and may be paid.
REFUND_START = "refund_start"
REFUND_UNPAID = "refund_unpaid"
REFUND_LATE = "refund_late"
REFUND_LETTER = "refund_letter"
REFUND_TAKEN_BACK = "refund_taken_back"
# A list was taken back because a loss came later, and its institution has said what it paid: propose the rest.
REFUND_AGAIN = "refund_again"
# Tasks of this desk's own; all others are follow-ups of the taxonomy. Each has a name in both languages.
OWN_KINDS = (
    TELEPHONE, HOLD_ENDS_SOON, APPEAL_UNDECIDED, LIFT_REQUEST, LATE_CONFIRMATION, REVIEW_DUE, ANALYSIS_DUE,
    REPORT_OVERDUE, REPORT_EXTENSION, REPORT_FORWARDING, REPORT_NOTICE, RECOMMENDATION, TELL, SERVE_NOTICE,
    RELEASE_UNCONFIRMED, CONFIRM_CALL, FIND_PAYER, APPEAL_ESCALATED, CALL_PAYER_BANK,
    REFUND_START, REFUND_UNPAID, REFUND_LATE, REFUND_LETTER, REFUND_TAKEN_BACK, REFUND_AGAIN,
)  # fmt: skip

SILENT = "silent"
RELEASE_UNTOLD = "release_untold"
RELEASE_DIFFERS = "release_differs"
ASKED_AGAIN = "asked_again"
BRANCH_END = "branch_end"
LIFT_EXCESS = "lift_excess"
EXCESS = "hold.excess"
"""The fact that an authority's decision covers so much that is nobody's any more."""


@dataclass(frozen=True, slots=True)
class TaskReason:
    """One reason for a task: `ended_by` are the kinds of facts that take it away.

    `by_hand`: an officer may note the task as done. Where not, only the fact itself ends it.
    """

    kind: str
    ended_by: frozenset[str]
    by_hand: bool = True


def _reason(kind: str, *ended_by: str, by_hand: bool = True) -> TaskReason:
    return TaskReason(kind, frozenset(ended_by), by_hand)


_HOLD_ENDED = ("hold.released", "hold.expired", "hold.voided", "hold.applied")
_REPORT_ENDED = ("report.closed", "report.withdrawn", "report.referred")
TASK_REASONS: Mapping[str, TaskReason] = {
    SILENT: _reason(TELEPHONE, "hold.placed", "hold.not_placed", *_HOLD_ENDED),
    RELEASE_UNTOLD: _reason(TELL, "release.done"),
    RELEASE_UNCONFIRMED: _reason(RELEASE_UNCONFIRMED),
    TELL: _reason(TELL),
    ASKED_AGAIN: _reason(TELL, "hold.placed", "hold.not_placed", *_HOLD_ENDED),
    SERVE_NOTICE: _reason(SERVE_NOTICE, "notice.served"),
    RECOMMENDATION: _reason(RECOMMENDATION, "hold.converted", *_HOLD_ENDED),
    CONFIRM_CALL: _reason(CONFIRM_CALL, "loss.denied", "trace.cancelled"),
    FIND_PAYER: _reason(FIND_PAYER, "loss.denied", "trace.cancelled"),
    APPEAL_ESCALATED: _reason(APPEAL_ESCALATED, "appeal.decided"),
    CALL_PAYER_BANK: _reason(CALL_PAYER_BANK, "payer.alert_taken"),
    RELEASE_DIFFERS: _reason(TELEPHONE, "release.done"),
    HOLD_ENDS_SOON: _reason(HOLD_ENDS_SOON, "hold.extended", "hold.converted", *_HOLD_ENDED),
    REVIEW_DUE: _reason(REVIEW_DUE, "hold.extended", "hold.converted", *_HOLD_ENDED),
    LIFT_REQUEST: _reason(LIFT_REQUEST, *_HOLD_ENDED),
    LIFT_EXCESS: _reason(LIFT_REQUEST, EXCESS, *_HOLD_ENDED),
    APPEAL_UNDECIDED: _reason(APPEAL_UNDECIDED, "appeal.decided"),
    LATE_CONFIRMATION: _reason(LATE_CONFIRMATION, "trace.cancelled", *_REPORT_ENDED),
    BRANCH_END: _reason("", "loss.denied", "trace.cancelled"),
    ANALYSIS_DUE: _reason(ANALYSIS_DUE, "trace.analysed", "trace.cancelled", by_hand=False),
    REPORT_OVERDUE: _reason(REPORT_OVERDUE, "report.extended", *_REPORT_ENDED, by_hand=False),
    REPORT_EXTENSION: _reason(REPORT_EXTENSION, "report.extension_requested", *_REPORT_ENDED),
    REPORT_FORWARDING: _reason(REPORT_FORWARDING, "report.passed_on", *_REPORT_ENDED, by_hand=False),
    REPORT_NOTICE: _reason(REPORT_NOTICE, "report.notified", by_hand=False),
    REFUND_START: _reason(REFUND_START, "trace.refunding", "trace.completed", by_hand=False),
    REFUND_LATE: _reason(REFUND_LATE, "trace.completed", by_hand=False),
    REFUND_UNPAID: _reason(REFUND_UNPAID, "refund.closed", "refund.cancelled", by_hand=False),
    REFUND_LETTER: _reason(REFUND_LETTER, "refund.closed", "refund.cancelled"),
    REFUND_TAKEN_BACK: _reason(REFUND_TAKEN_BACK, "refund.closed", by_hand=False),
    REFUND_AGAIN: _reason(REFUND_AGAIN, "trace.completed"),
}
# Facts that take a reason away only when they are whole: a hold of which a part is freed goes on.
_WHOLE: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "hold.released": lambda said: not said["held_vnd"],
    "hold.applied": lambda said: not said["held_vnd"],
    "release.done": lambda said: bool(said["held_vnd"] == said["expected_vnd"]),
}
_ENDING = frozenset(kind for reason in TASK_REASONS.values() for kind in reason.ended_by)


def reasons_ended(kind: str, said: Mapping[str, Any]) -> tuple[str, ...]:
    """The reasons that a fact takes away; `said` is the fact's data."""
    if kind not in _ENDING or (kind in _WHOLE and not _WHOLE[kind](said)):
        return ()
    return tuple(name for name, reason in TASK_REASONS.items() if kind in reason.ended_by)


def ends_only_by_fact(reason: str) -> bool:
    """Whether nobody may note such a task as done: only what it waits for ends it."""
    return reason in TASK_REASONS and not TASK_REASONS[reason].by_hand
