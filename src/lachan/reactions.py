"""When this is recorded, do that: one visible table.

An earlier stage never calls a later one; it records a fact, and the worker runs what stands here. Each reaction
runs in its own transaction together with the end of its job, so it happens once in effect.

What concerns only the registry runs beside the golden hour: it never stands before a request in a queue, and never
holds the turn of those who work on traces.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lachan.foundation.access import AlarmKind, ring
from lachan.foundation.storage import Unit, enqueue
from lachan.registry import (
    alert_payers,
    claim_confirmed_loss,
    claim_hold,
    claim_report,
    forget_origins,
    relate_transfers,
    withdraw_origin,
)
from lachan.registry import (
    appeal_overdue as listing_appeal_overdue,
)
from lachan.response import (
    adopt_orphans,
    alarm_expiry,
    analysis_overdue,
    appeal_overdue,
    ask_receipts,
    escalate_appeal,
    escalate_approval,
    expire_hold,
    follow_payer_alert,
    forget_payer_calls,
    held_account,
    holds_of_loss,
    lapse_confirmation,
    moved_on,
    open_trace,
    payer_alert_overdue,
    pursue_woken,
    recompute_refund,
    refund_payment_overdue,
    refund_start_overdue,
    refund_total_overdue,
    release_overdue,
    report_extension_due,
    report_forwarding_due,
    report_notice_due,
    report_overdue,
    review_due,
    serve_notices,
    silent_institution,
)

if TYPE_CHECKING:
    from lachan.bootstrap import Services

# The kinds of job in which a reaction to a fact runs: one for the golden hour, one for the registry.
REACT, REGISTER = "react", "register"

Do = Callable[["Services", Unit, Mapping[str, Any]], object]

# How money leaves: more than half of it gone when a hold came is money that came in to go out.
_GONE = frozenset({"moved_on", "cash_out", "card_payment", "merchant", "virtual_asset", "cross_border"})


def _trace_report(services: "Services", unit: Unit, fact: Mapping[str, Any]) -> None:
    """The money first; what the report names goes into the registry in a job of its own, after it."""
    open_trace(unit, services.outbox, fact["id"])
    enqueue(unit, "claim_report", {"report_id": fact["id"]})


def _claim_hold(unit: Unit, fact: Mapping[str, Any]) -> None:
    account, institution = held_account(unit.conn, fact["id"])
    gone_vnd = sum(amount_vnd for kind, amount_vnd in fact["parts"] if kind in _GONE)
    claim_hold(
        unit, hold_id=fact["id"], account=account, institution=institution,
        fast_out=2 * gone_vnd > fact["asked_vnd"],
    )  # fmt: skip


def _placed(unit: Unit, fact: Mapping[str, Any]) -> None:
    _claim_hold(unit, fact)
    _relate_answer(unit, fact)


def _relate_answer(unit: Unit, fact: Mapping[str, Any]) -> None:
    """Where the money went on, whether any was held or not."""
    origin = f"hold:{fact['id']}"
    relate_transfers(unit, [(payer, payee, origin) for payer, payee in moved_on(unit.conn, fact["id"])])


def _unclaim_loss(unit: Unit, fact: Mapping[str, Any]) -> None:
    """The transfer was not confirmed: what was claimed because of it does not stand."""
    for origin in (f"loss:{fact['id']}", *(f"hold:{hold_id}" for hold_id in holds_of_loss(unit.conn, fact["id"]))):
        withdraw_origin(unit, origin, "unconfirmed")
    forget_origins(unit, [f"loss:{fact['id']}"])


def _unclaim_appealed(unit: Unit, fact: Mapping[str, Any]) -> None:
    if fact["decision"] == "upheld":
        withdraw_origin(unit, f"hold:{fact['hold']}", "appeal upheld")


def _origins(kind: str, ids: Iterable[str]) -> list[str]:
    return [f"{kind}:{one}" for one in ids]


# fact kind -> what follows; the argument is the fact's subject id and data
REACTIONS: dict[str, Do] = {
    # An earlier report of the same transfer proved untrue: this one is traced after all.
    "report.woken": lambda s, unit, fact: open_trace(unit, s.outbox, fact["id"]),
    # The same, where that one is traced already for other transfers.
    "loss.woken": lambda s, unit, fact: pursue_woken(unit, s.outbox, fact["loss"]),
    "report.received": _trace_report,
    "hold.placed": lambda s, unit, fact: _placed(unit, fact),
    "hold.not_placed": lambda s, unit, fact: _relate_answer(unit, fact),
    "loss.confirmed": lambda s, unit, fact: claim_confirmed_loss(unit, fact["id"]),
    "loss.denied": lambda s, unit, fact: _unclaim_loss(unit, fact),
    "loss.lapsed": lambda s, unit, fact: _unclaim_loss(unit, fact),
    "appeal.decided": lambda s, unit, fact: _unclaim_appealed(unit, fact),
    # No message reaches the payer's bank: it is telephoned.
    "payer.alerted": lambda s, unit, fact: follow_payer_alert(unit, fact["id"]),
    "retention.payments_forgotten": lambda s, unit, fact: forget_payer_calls(unit, fact["alerts"]),
    # What a case said belongs together goes with the case's own data.
    "retention.reports_erased": lambda s, unit, fact: forget_origins(unit, _origins("report", fact["reports"])),
    "retention.transfers_erased": lambda s, unit, fact: forget_origins(unit, _origins("loss", fact["losses"])),
    "retention.requests_erased": lambda s, unit, fact: forget_origins(unit, _origins("hold", fact["holds"])),
    # The first desk of an instance takes what came in while there was none.
    "agency.added": lambda s, unit, fact: adopt_orphans(unit, s.outbox, fact["id"]),
}

# clock or job kind -> what is done when it is due; the argument is the job's payload
CLOCKS: dict[str, Do] = {
    "claim_report": lambda s, unit, p: claim_report(unit, p["report_id"]),
    "alert_payers": lambda s, unit, p: alert_payers(unit, s.outbox, p["keys"]),
    "payer_alert_overdue": lambda s, unit, p: payer_alert_overdue(unit, p["message_id"]),
    "registry_appeal_overdue": lambda s, unit, p: listing_appeal_overdue(unit, p["appeal_id"]),
    "escalate_approval": lambda s, unit, p: escalate_approval(unit, s.outbox, p["hold_id"]),
    "ack_overdue": lambda s, unit, p: silent_institution(unit, s.outbox, p["hold_id"], clock_name="ack"),
    "answer_overdue": lambda s, unit, p: silent_institution(unit, s.outbox, p["hold_id"], clock_name="answer"),
    "ask_receipts": lambda s, unit, p: ask_receipts(unit, s.outbox, p["hold_id"], p["round"]),
    "confirmation_lapsed": lambda s, unit, p: lapse_confirmation(unit, s.outbox, p["loss_id"]),
    "expire_hold": lambda s, unit, p: expire_hold(unit, s.outbox, p["hold_id"]),
    "expiry_alarm": lambda s, unit, p: alarm_expiry(unit, s.outbox, p["hold_id"]),
    "appeal_overdue": lambda s, unit, p: appeal_overdue(unit, s.outbox, p["appeal_id"]),
    "appeal_limit": lambda s, unit, p: escalate_appeal(unit, s.outbox, p["appeal_id"]),
    "review_due": lambda s, unit, p: review_due(unit, s.outbox, p["hold_id"]),
    "release_overdue": lambda s, unit, p: release_overdue(unit, s.outbox, p["hold_id"], p["message_id"]),
    "analysis_overdue": lambda s, unit, p: analysis_overdue(unit, s.outbox, p["trace_id"]),
    "refund_start_overdue": lambda s, unit, p: refund_start_overdue(unit, s.outbox, p["trace_id"]),
    "refund_total_overdue": lambda s, unit, p: refund_total_overdue(unit, s.outbox, p["trace_id"]),
    "refund_payment_overdue": lambda s, unit, p: refund_payment_overdue(unit, s.outbox, p["refund_id"]),
    "recompute_refund": lambda s, unit, p: recompute_refund(unit, s.outbox, p["refund_id"]),
    "report_overdue": lambda s, unit, p: report_overdue(unit, s.outbox, p["report_id"]),
    "report_extension": lambda s, unit, p: report_extension_due(unit, s.outbox, p["report_id"]),
    "report_forwarding": lambda s, unit, p: report_forwarding_due(unit, s.outbox, p["report_id"]),
    "report_notice": lambda s, unit, p: report_notice_due(unit, s.outbox, p["report_id"]),
    "data_protection_alarm": lambda s, unit, p: ring(
        unit, AlarmKind(p["kind"]), p["id"], datetime.fromisoformat(p["due_at"])
    ),
    "serve_notice": lambda s, unit, p: serve_notices(unit, s.outbox, p["trace_id"], s.settings.base_url),
}

REGISTRY_ONLY = frozenset(
    {
        "hold.placed", "hold.not_placed", "loss.confirmed", "loss.denied", "loss.lapsed", "appeal.decided",
        "retention.reports_erased", "retention.transfers_erased", "retention.requests_erased",
        "payer.alerted", "retention.payments_forgotten",
        "claim_report", "alert_payers", "payer_alert_overdue", "registry_appeal_overdue",
    }
)  # fmt: skip

OUTBOX_KINDS = {kind: REGISTER if kind in REGISTRY_ONLY else REACT for kind in REACTIONS}
