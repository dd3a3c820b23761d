"""The golden hour: hops, holds, releases, disputes."""

from lachan.response.actions.again import ask_again, raise_hold
from lachan.response.actions.analysis import analyse_trace, analysis_overdue
from lachan.response.actions.answers import acknowledge, enter_answer, take_answer
from lachan.response.actions.appeals import Objection, appeal_overdue, decide_appeal, escalate_appeal, open_appeal
from lachan.response.actions.approvals import approve_hold, reject_hold
from lachan.response.actions.confirmations import (
    enter_confirmation,
    lapse_confirmation,
    name_payer,
    take_confirmation,
)
from lachan.response.actions.conversions import propose_conversion
from lachan.response.actions.course import (
    close_report,
    formalise_report,
    grant_extension,
    name_scam_form,
    note_complex,
    note_report_notice,
    pass_on_report,
    refer_report,
    request_extension,
    withdraw_report,
)
from lachan.response.actions.deadlines import (
    report_extension_due,
    report_forwarding_due,
    report_notice_due,
    report_overdue,
)
from lachan.response.actions.endings import (
    alarm_expiry,
    cancel_trace,
    expire_hold,
    extend_hold,
    release_hold,
    review_due,
)
from lachan.response.actions.entitled import recommend_step
from lachan.response.actions.erasure import grant_erasure, keep_retention
from lachan.response.actions.exhibits import ExhibitMade, issue_exhibit
from lachan.response.actions.notices import confirm_notice_served, serve_notices, take_notice_served
from lachan.response.actions.officers import take_trace
from lachan.response.actions.opening import adopt_orphans, open_trace, pursue_woken
from lachan.response.actions.overdue import escalate_approval, silent_institution
from lachan.response.actions.payer_calls import follow_payer_alert, forget_payer_calls, payer_alert_overdue
from lachan.response.actions.policies import revoke_policy, sign_policy
from lachan.response.actions.receipts import ask_receipts
from lachan.response.actions.releases import take_release_done
from lachan.response.actions.replies import take_acknowledgement, take_reply
from lachan.response.actions.tasks import finish_task
from lachan.response.actions.telling import release_overdue
from lachan.response.actions.work import wait_turn
from lachan.response.model import (
    EndReason,
    ExhibitReason,
    Hold,
    HoldReason,
    HoldState,
    Hop,
    Policy,
    Sum,
    Trace,
    TraceState,
    Verdict,
)
from lachan.response.refunds.clocks import refund_payment_overdue, refund_start_overdue, refund_total_overdue
from lachan.response.refunds.model import Document, Refund, RefundReason, RefundState
from lachan.response.refunds.paying import enter_refund_done, take_refund_done
from lachan.response.refunds.proposing import approve_refund, propose_refund, withdraw_refund
from lachan.response.refunds.recomputing import propose_again, recompute_refund
from lachan.response.rules.dividing import Method
from lachan.response.views.registry import held_account, holds_of_loss, moved_on

__all__ = [
    "Document",
    "EndReason",
    "ExhibitMade",
    "ExhibitReason",
    "Hold",
    "HoldReason",
    "HoldState",
    "Hop",
    "Method",
    "Objection",
    "Policy",
    "Refund",
    "RefundReason",
    "RefundState",
    "Sum",
    "Trace",
    "TraceState",
    "Verdict",
    "acknowledge",
    "adopt_orphans",
    "alarm_expiry",
    "analyse_trace",
    "analysis_overdue",
    "appeal_overdue",
    "approve_hold",
    "approve_refund",
    "ask_again",
    "ask_receipts",
    "cancel_trace",
    "close_report",
    "confirm_notice_served",
    "decide_appeal",
    "enter_answer",
    "enter_confirmation",
    "enter_refund_done",
    "escalate_appeal",
    "escalate_approval",
    "expire_hold",
    "extend_hold",
    "finish_task",
    "follow_payer_alert",
    "forget_payer_calls",
    "formalise_report",
    "grant_erasure",
    "grant_extension",
    "held_account",
    "holds_of_loss",
    "issue_exhibit",
    "keep_retention",
    "lapse_confirmation",
    "moved_on",
    "name_payer",
    "name_scam_form",
    "note_complex",
    "note_report_notice",
    "open_appeal",
    "open_trace",
    "pass_on_report",
    "payer_alert_overdue",
    "propose_again",
    "propose_conversion",
    "propose_refund",
    "pursue_woken",
    "raise_hold",
    "recommend_step",
    "recompute_refund",
    "refer_report",
    "refund_payment_overdue",
    "refund_start_overdue",
    "refund_total_overdue",
    "reject_hold",
    "release_hold",
    "release_overdue",
    "report_extension_due",
    "report_forwarding_due",
    "report_notice_due",
    "report_overdue",
    "request_extension",
    "review_due",
    "revoke_policy",
    "serve_notices",
    "sign_policy",
    "silent_institution",
    "take_acknowledgement",
    "take_answer",
    "take_confirmation",
    "take_notice_served",
    "take_refund_done",
    "take_release_done",
    "take_reply",
    "take_trace",
    "wait_turn",
    "withdraw_refund",
    "withdraw_report",
]
