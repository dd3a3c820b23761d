"""Who may ask for a step of the ladder: the body in whose name a request goes out, and what it recommends."""

from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agency, require
from lachan.foundation.base import BadInput, Conflict, InputReason
from lachan.foundation.protocol import total
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import clock, hold_step
from lachan.response import store
from lachan.response.actions.tasks import open_task
from lachan.response.actions.work import Work, working
from lachan.response.model import ENDED, Hold, HoldReason
from lachan.response.rules import lawful
from lachan.response.rules.tasks import RECOMMENDATION


def desk_kind(conn: Connection, desk_id: str | None) -> str:
    """The kind of the body in whose name a desk asks; a trace that no desk has yet is the province's own."""
    return agency(conn, desk_id).kind if desk_id is not None else lawful.OWN_KIND


def asker_kind(work: Work, desk_id: str | None) -> str:
    """The same, asked once a transaction."""
    return work.unit.once(("desk kind", desk_id or ""), lambda: desk_kind(work.unit.conn, desk_id))


def check_entitled(work: Work, hold: Hold) -> None:
    """Refuse a request whose step the asking body may not ask for, or whose decision nobody competent made."""
    lawful.check_entitled(
        hold.step,
        asker_kind(work, work.trace_of(hold.trace_id).desk_id),
        work.unit.now,
        issuer_kind=(hold.decision or {}).get("issuer_kind"),
        recommended=hold.recommended,
    )


def recommend_step(unit: Unit, outbox: Outbox, hold_id: str, *, step: int, to_kind: str) -> None:
    """Recommend a step that this desk may not order to a body that may decide it: a letter, and a task to send it.

    What that body then decides may be entered here, as its decision.
    """
    hold = store.hold(unit.conn, hold_id)
    require(unit.actor, Permission.HOLD_REQUEST, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        if hold.state in ENDED:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        if hold.institution is None or hold.requested_at is None:
            # The recommendation rests on the request, and its letter is checked by the request's message.
            raise Conflict(HoldReason.NOT_ASKED_YET, field="hold")
        if step <= hold.step or step < lawful.FIRST_STEP_BY_DECISION:
            raise Conflict(HoldReason.STEP_NOT_HIGHER, field="step", step=max(hold.step, lawful.POLICY_STEP_MAX))
        if to_kind not in hold_step(step, unit.now).decided_by:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="to", value=to_kind[:40])
        recommended = {
            "step": step, "to": to_kind, "by": unit.actor.reference, "by_name": unit.actor.name,
            "at": unit.now.isoformat(),
        }  # fmt: skip
        work.update_hold(hold, recommended=recommended)
        work.fact("hold.recommended", f"hold:{hold.id}", {"step": step, "to": to_kind})
        open_task(
            work, RECOMMENDATION, f"{RECOMMENDATION}:{hold.id}:{step}:{to_kind}", hold_id=hold.id,
            institution=hold.institution, amount_vnd=total(hold.held) or total(hold.asked),
            due_at=clock("follow_up_urgent", unit.now).deadline(unit.now),
        )  # fmt: skip
