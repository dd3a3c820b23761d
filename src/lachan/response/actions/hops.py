"""The tree of hops: opened where coins went, shrunk where they turn out to be another loss's, settled anew.

A coin belongs to one loss. When a trace finds coins inside a transfer that another report disputes, they stay
the loss's whose they were, and the disputing loss reports them as overlap. Both losses then share one request:
the hold's allocations say how much of it is whose.
"""

from datetime import datetime

import orjson
import sqlalchemy as sa

from lachan.foundation.base import new_id
from lachan.foundation.protocol import Answer, Spans, intersect, normalise, subtract, total, union
from lachan.foundation.taxonomy import threshold
from lachan.response import store, tables
from lachan.response.actions.requests import draft_hold, release_spans, send_request, void
from lachan.response.actions.tasks import open_branch_task
from lachan.response.actions.work import Work
from lachan.response.model import ENDED, HOLDING, OPEN, EndReason, Hold, HoldState, Hop, HopState
from lachan.response.rules.lawful import content_hash
from lachan.response.rules.settle import Onward, Settlement, settle, unanswered


def open_or_update(
    work: Work,
    *,
    loss_id: str,
    parent: Hop | None,
    onward: Onward,
    payer_institution: str | None,
    trace_id: str,
) -> None:
    """Make the tree say that exactly `onward.spans` of this transfer are this loss's, and ask for what is new."""
    conn = work.unit.conn
    rows = store.hops(conn, tables.hop.c.reference == onward.reference)
    own = [hop for hop in rows if hop.loss_id == loss_id and hop.account == onward.account]
    known = normalise(span for hop in own for span in hop.spans)
    gone, new = subtract(known, onward.spans), subtract(onward.spans, known)
    for hop in own:
        if lost := intersect(hop.spans, gone):
            _set_spans(work, hop, subtract(hop.spans, lost))
    for other in rows:
        if other.loss_id == loss_id or other.account != onward.account:
            continue
        if shared := intersect(other.spans, new):
            _take_over(work, loss_id, parent, other, shared, trace_id)
            new = subtract(new, shared)
    if new:
        _ask(work, loss_id, parent, onward, new, own, payer_institution, trace_id)


def resettle_hold(work: Work, hold: Hold) -> None:
    """After an answer, a release or an end: settle every hop that shares this hold, then free any excess."""
    for hop in store.hops(work.unit.conn, tables.hop.c.hold_id == hold.id):
        _resettle(work, hop, hold)
    _allocate(work, hold)


def settlement(hop: Hop, hold: Hold, floor_vnd: int) -> Settlement:
    """What is known of a hop's coins now."""
    if hold.answer is None:
        return unanswered(hop.spans)
    return settle(
        hop.spans,
        reference=hold.reference,
        asked=hold.asked,
        answer=Answer.model_validate_json(_json(hold.answer)),
        held=hold.held if hold.state in HOLDING or hold.state is HoldState.APPLIED else (),
        returned=hold.state is HoldState.APPLIED,
        floor_vnd=floor_vnd,
    )


def _ask(
    work: Work,
    loss_id: str,
    parent: Hop | None,
    onward: Onward,
    new: Spans,
    own: list[Hop],
    payer_institution: str | None,
    trace_id: str,
) -> None:
    """Ask for new coins: by a higher revision of this loss's open request for the transfer, else by a new one."""
    conn = work.unit.conn
    for hop in own:
        hold = store.hold(conn, hop.hold_id)
        if hold.loss_id == loss_id and hold.state not in ENDED:
            _set_spans(work, hop, union(hop.spans, new), settle_now=False)
            revise_request(work, hold, union(hold.asked, new))
            _resettle(work, store.hop(conn, hop.id), store.hold(conn, hold.id))
            return
    hold = draft_hold(
        work,
        loss_id=loss_id,
        reference=onward.reference,
        transfer_vnd=onward.transfer_vnd,
        booked_at=onward.booked_at,
        institution=onward.institution or None,
        account=onward.account,
        payer_institution=payer_institution,
        asked=new,
    )
    _insert_hop(work, loss_id, parent, onward.booked_at, hold, new, trace_id)


def _take_over(work: Work, loss_id: str, parent: Hop | None, other: Hop, shared: Spans, trace_id: str) -> None:
    """These coins were asked for as another loss's: they change owner, and the request now serves both."""
    hold = store.hold(work.unit.conn, other.hold_id)
    work.fact(
        "loss.overlap", f"loss:{other.loss_id}",
        {"belongs_to": loss_id, "amount_vnd": total(shared), "hold": hold.id, "reference": other.reference},
    )  # fmt: skip
    rest = subtract(other.spans, shared)
    work.update_hop(other, spans=store.spans_out(rest), amount_vnd=total(rest))
    hop = _insert_hop(work, loss_id, parent, other.booked_at, hold, shared, trace_id)
    _resettle(work, hop, hold)
    _resettle(work, store.hop(work.unit.conn, other.id), hold)
    _allocate(work, hold)


def _insert_hop(
    work: Work, loss_id: str, parent: Hop | None, booked_at: datetime, hold: Hold, spans: Spans, trace_id: str
) -> Hop:
    hop_id = new_id()
    depth = parent.depth + 1 if parent else 1
    state = HopState.OPENED if hold.state in {HoldState.DRAFTED, HoldState.APPROVED} else HopState.NOTIFIED
    work.unit.conn.execute(
        sa.insert(tables.hop).values(
            id=hop_id, trace_id=trace_id, loss_id=loss_id, parent_id=parent.id if parent else None,
            hold_id=hold.id, depth=depth, reference=hold.reference, transfer_vnd=hold.transfer_vnd,
            booked_at=booked_at, institution=hold.institution, account=hold.account,
            spans=store.spans_out(spans), amount_vnd=total(spans), state=state, moving_vnd=total(spans),
        )
    )  # fmt: skip
    work.touch("hop", hop_id)
    work.fact(
        "hop.opened", f"hop:{hop_id}",
        {"loss": loss_id, "hold": hold.id, "depth": depth, "amount_vnd": total(spans),
         "parent": parent.id if parent else None},
    )  # fmt: skip
    return store.hop(work.unit.conn, hop_id)


def _set_spans(work: Work, hop: Hop, spans: Spans, *, settle_now: bool = True) -> None:
    work.update_hop(
        hop, spans=store.spans_out(spans), amount_vnd=total(spans),
        **({} if spans else {"state": HopState.CANCELLED}),
    )  # fmt: skip
    if settle_now:
        hold = store.hold(work.unit.conn, hop.hold_id)
        _resettle(work, store.hop(work.unit.conn, hop.id), hold)
        _allocate(work, hold)


def _resettle(work: Work, hop: Hop, hold: Hold) -> None:
    """Divide one hop's coins by what is known, and bring its children in line."""
    floor_vnd = int(threshold("tracing_floor", work.unit.now).value)
    result = settlement(hop, hold, floor_vnd)
    parts = {part: getattr(result.sum, part) for part in store.PARTS}
    if hop.spans and hold.answer is not None:
        parts["state"] = HopState.ANSWERED
    elif hold.answer is None and hold.state in ENDED:
        # Voided before anybody answered: it was last known to be in that account.
        parts |= {"moving_vnd": 0, "located_vnd": result.sum.moving_vnd}
    work.update_hop(hop, **parts, forwarded_vnd=result.forwarded_vnd)
    wanted = {(onward.reference, onward.account) for onward in result.onward}
    for child in store.hops(work.unit.conn, tables.hop.c.parent_id == hop.id):
        if (child.reference, child.account) not in wanted and child.spans:
            _set_spans(work, child, ())
    for onward in sorted(result.onward, key=lambda o: -total(o.spans)):
        open_or_update(
            work, loss_id=hop.loss_id, parent=hop, onward=onward, payer_institution=hop.institution,
            trace_id=hop.trace_id,
        )  # fmt: skip
    for end in result.ends:
        open_branch_task(work, hop, end)


def _allocate(work: Work, hold: Hold) -> None:
    """Write whose the held coins are; coins that are nobody's any more are released at once."""
    conn = work.unit.conn
    hold = store.hold(conn, hold.id)
    sharers = store.hops(conn, tables.hop.c.hold_id == hold.id)
    owned = normalise(span for hop in sharers for span in hop.spans)
    if hold.state in OPEN and subtract(hold.asked, owned):
        revise_request(work, hold, owned)
        hold = store.hold(conn, hold.id)
    allocations: dict[str, int] = {}
    if hold.state in HOLDING:
        for hop in sharers:
            if mine := total(intersect(hold.held, hop.spans)):
                allocations[hop.loss_id] = allocations.get(hop.loss_id, 0) + mine
    if allocations != _stored_allocations(work, hold.id):
        work.update_hold(hold, allocations=allocations)
        work.fact("hold.allocated", f"hold:{hold.id}", {"allocations": allocations})
    excess = subtract(hold.held, owned) if hold.state in HOLDING else ()
    if excess:
        release_spans(work, hold, excess, EndReason.TAINT_LOWERED)


def revise_request(work: Work, hold: Hold, asked: Spans) -> None:
    """Change what is asked for: a draft is edited (which voids an approval), a sent request gets a revision."""
    if not asked:
        void(work, hold, EndReason.TAINT_LOWERED)
        return
    if hold.state in {HoldState.DRAFTED, HoldState.APPROVED}:
        work.update_hold(
            hold, asked=asked,
            content_hash=content_hash(
                account=hold.account, reference=hold.reference, asked=asked, step=hold.step, basis=hold.basis,
                decision=hold.decision, requester=hold.requester,
            ),
        )  # fmt: skip
        return
    send_request(work, work.update_hold(hold, asked=asked, revision=hold.revision + 1), first=False)


def _stored_allocations(work: Work, hold_id: str) -> dict[str, int]:
    stored: dict[str, int] = work.unit.conn.execute(
        sa.select(tables.hold.c.allocations).where(tables.hold.c.id == hold_id)
    ).scalar_one()
    return stored


def _json(value: object) -> bytes:
    return orjson.dumps(value)
