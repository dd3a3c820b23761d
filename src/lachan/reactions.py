"""When this is recorded, do that: one visible table.

An earlier stage never calls a later one; it records a fact, and the worker runs what stands here. Each reaction
runs in its own transaction together with the end of its job, so it happens once in effect.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lachan.foundation.access import AlarmKind, ring
from lachan.foundation.storage import Unit
from lachan.response import (
    adopt_orphans,
    alarm_expiry,
    analysis_overdue,
    appeal_overdue,
    escalate_approval,
    expire_hold,
    lapse_confirmation,
    open_trace,
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

Do = Callable[["Services", Unit, Mapping[str, Any]], object]

# fact kind -> what follows; the argument is the fact's subject id and data
REACTIONS: dict[str, Do] = {
    # An earlier report of the same transfer proved untrue: this one is traced after all.
    "report.woken": lambda s, unit, fact: open_trace(unit, s.outbox, fact["id"]),
    # The first desk of an instance takes what came in while there was none.
    "agency.added": lambda s, unit, fact: adopt_orphans(unit, s.outbox, fact["id"]),
    "report.received": lambda s, unit, fact: open_trace(unit, s.outbox, fact["id"]),
}

# clock or job kind -> what is done when it is due; the argument is the job's payload
CLOCKS: dict[str, Do] = {
    "escalate_approval": lambda s, unit, p: escalate_approval(unit, s.outbox, p["hold_id"]),
    "ack_overdue": lambda s, unit, p: silent_institution(unit, s.outbox, p["hold_id"], clock_name="ack"),
    "answer_overdue": lambda s, unit, p: silent_institution(unit, s.outbox, p["hold_id"], clock_name="answer"),
    "confirmation_lapsed": lambda s, unit, p: lapse_confirmation(unit, s.outbox, p["loss_id"]),
    "expire_hold": lambda s, unit, p: expire_hold(unit, s.outbox, p["hold_id"]),
    "expiry_alarm": lambda s, unit, p: alarm_expiry(unit, s.outbox, p["hold_id"]),
    "appeal_overdue": lambda s, unit, p: appeal_overdue(unit, s.outbox, p["appeal_id"]),
    "review_due": lambda s, unit, p: review_due(unit, s.outbox, p["hold_id"]),
    "analysis_overdue": lambda s, unit, p: analysis_overdue(unit, s.outbox, p["trace_id"]),
    "report_overdue": lambda s, unit, p: report_overdue(unit, s.outbox, p["report_id"]),
    "report_extension": lambda s, unit, p: report_extension_due(unit, s.outbox, p["report_id"]),
    "report_forwarding": lambda s, unit, p: report_forwarding_due(unit, s.outbox, p["report_id"]),
    "report_notice": lambda s, unit, p: report_notice_due(unit, s.outbox, p["report_id"]),
    "data_protection_alarm": lambda s, unit, p: ring(
        unit, AlarmKind(p["kind"]), p["id"], datetime.fromisoformat(p["due_at"])
    ),
    "serve_notice": lambda s, unit, p: serve_notices(unit, s.outbox, p["trace_id"], s.settings.base_url),
}
