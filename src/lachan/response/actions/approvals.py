"""The second person approves exactly what was shown, or says no: requests and proposed decisions alike."""

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Conflict
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit
from lachan.response import store
from lachan.response.actions.conversions import as_proposed, convert, drop_proposal
from lachan.response.actions.hops import resettle_hold
from lachan.response.actions.reports import committed, note_why
from lachan.response.actions.requests import approve, void
from lachan.response.actions.wording import words
from lachan.response.actions.work import working
from lachan.response.model import EndReason, HoldReason, HoldState


def approve_hold(unit: Unit, outbox: Outbox, hold_id: str, *, content_hash: str) -> None:
    """A second officer approves exactly the content that was shown; an edit meanwhile voids the click."""
    hold = store.hold(unit.conn, hold_id)
    require(unit.actor, Permission.HOLD_APPROVE, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    if unit.actor.reference == as_proposed(hold).requester:
        raise Conflict(HoldReason.SAME_PERSON)
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        shown = as_proposed(hold)
        if shown.content_hash != content_hash:
            raise Conflict(HoldReason.CONTENT_CHANGED)
        if shown.state is not HoldState.DRAFTED:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        if hold.proposal is not None:
            convert(work, hold)
        else:
            approve(work, hold, unit.actor.reference, unit.actor.name)


def reject_hold(unit: Unit, outbox: Outbox, hold_id: str, *, reason: str) -> None:
    """A second officer says no: a request is void before it was sent, a proposed decision is dropped."""
    hold = store.hold(unit.conn, hold_id)
    require(unit.actor, Permission.HOLD_APPROVE, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    reason = words(reason, "reason")
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        if hold.proposal is not None:
            drop_proposal(work, hold, reason)
            return
        if hold.state is not HoldState.DRAFTED:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        work.fact("hold.rejected", f"hold:{hold.id}", {}, **committed(unit, why=reason))
        note_why(unit, work.trace.report_id, "report.hold_rejected", reason)
        resettle_hold(work, void(work, hold, EndReason.OFFICER))
