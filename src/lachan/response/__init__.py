"""The golden hour: hops, holds, releases, disputes."""

from lachan.response.actions.again import ask_again, raise_hold
from lachan.response.actions.answers import acknowledge, enter_answer, take_answer
from lachan.response.actions.appeals import Objection, appeal_overdue, decide_appeal, open_appeal
from lachan.response.actions.approvals import approve_hold, reject_hold
from lachan.response.actions.confirmations import lapse_confirmation, take_confirmation
from lachan.response.actions.conversions import propose_conversion
from lachan.response.actions.endings import (
    alarm_expiry,
    cancel_trace,
    expire_hold,
    extend_hold,
    release_hold,
    review_due,
)
from lachan.response.actions.notices import serve_notices, take_notice_served
from lachan.response.actions.opening import open_trace
from lachan.response.actions.overdue import escalate_approval, report_overdue, silent_institution
from lachan.response.actions.policies import revoke_policy, sign_policy
from lachan.response.actions.releases import take_release_done
from lachan.response.actions.tasks import finish_task
from lachan.response.actions.work import wait_turn
from lachan.response.model import EndReason, Hold, HoldReason, HoldState, Hop, Policy, Sum, Trace, TraceState
from lachan.response.views.registry import held_account, holds_of_loss

__all__ = [
    "EndReason",
    "Hold",
    "HoldReason",
    "HoldState",
    "Hop",
    "Objection",
    "Policy",
    "Sum",
    "Trace",
    "TraceState",
    "acknowledge",
    "alarm_expiry",
    "appeal_overdue",
    "approve_hold",
    "ask_again",
    "cancel_trace",
    "decide_appeal",
    "enter_answer",
    "escalate_approval",
    "expire_hold",
    "extend_hold",
    "finish_task",
    "held_account",
    "holds_of_loss",
    "lapse_confirmation",
    "open_appeal",
    "open_trace",
    "propose_conversion",
    "raise_hold",
    "reject_hold",
    "release_hold",
    "report_overdue",
    "review_due",
    "revoke_policy",
    "serve_notices",
    "sign_policy",
    "silent_institution",
    "take_answer",
    "take_confirmation",
    "take_notice_served",
    "take_release_done",
    "wait_turn",
]
