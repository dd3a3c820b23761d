"""The tree of hops: opened where coins went, shrunk where they turn out to be another loss's, settled anew.

A coin belongs to one loss. When a trace finds coins inside a transfer that another report disputes, they stay
the loss's whose they were, and the disputing loss reports them as overlap. Both losses then share one request:
the hold's allocations say how much of it is whose.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from lachan.foundation.base import new_id
from lachan.foundation.protocol import Answer, Span, Spans, intersect, normalise, subtract, total, union, whole
from lachan.foundation.taxonomy import threshold
from lachan.intake import Loss, LossConfirmation, losses_by_transfer
from lachan.response import store
from lachan.response.actions.reports import committed
from lachan.response.actions.requests import draft_hold, may_ask, release_spans, revise_request
from lachan.response.actions.tasks import open_branch_task
from lachan.response.actions.work import Work
from lachan.response.model import ENDED, HOLDING, OPEN, EndReason, Hold, HoldState, Hop, HopState, Trace, TraceState
from lachan.response.rules.lawful import covered, stands
from lachan.response.rules.receipts import through_receipts
from lachan.response.rules.settle import Onward, Settlement, settle, unanswered


def open_root(work: Work, loss: Loss, trace_id: str) -> None:
    """The root hop: the disputed transfer's coins, except those that already belong to another living loss."""
    taken = normalise(
        span
        for hop in hops_of(work, loss.reference, loss.payee_account)
        if hop.loss_id != loss.id and not is_over(work, hop)
        for span in hop.spans
    )
    spans = subtract(whole(loss.amount_vnd), taken)
    if overlap := loss.amount_vnd - total(spans):
        work.fact(
            "loss.overlap", f"loss:{loss.id}", {"amount_vnd": overlap},
            **committed(work.unit, reference=loss.reference),
        )  # fmt: skip
    open_or_update(
        work,
        loss_id=loss.id,
        parent=None,
        onward=Onward(
            loss.reference, loss.amount_vnd, loss.booked_at,
            loss.payee_institution or "", loss.payee_account, loss.payee_name, spans,
        ),
        payer_institution=loss.payer_institution,
        trace_id=trace_id,
    )  # fmt: skip


def open_or_update(
    work: Work,
    *,
    loss_id: str,
    parent: Hop | None,
    onward: Onward,
    payer_institution: str | None,
    trace_id: str,
) -> None:
    """Make the tree say that by this road exactly `onward.spans` are this loss's, and ask for what is new.

    The road is the parent: coins of one transfer that came from two credits hang under two hops, and share a
    request.
    """
    onward = _as_large_as_known(work, parent, onward)
    rows = hops_of(work, onward.reference, onward.account)
    own = [hop for hop in rows if hop.loss_id == loss_id and hop.parent_id == (parent.id if parent else None)]
    known = normalise(span for hop in own for span in hop.spans)
    gone, new = subtract(known, onward.spans), subtract(onward.spans, known)
    for hop in own:
        if lost := intersect(hop.spans, gone):
            _set_spans(work, hop, subtract(hop.spans, lost))
    own_ids = {hop.id for hop in own}
    for other in rows:
        if other.id in own_ids or not (shared := intersect(other.spans, new)):
            continue
        # Coins cannot have come here by going on from here: such an answer leaves them unexplained.
        circular = parent is not None and _leads_to(work, other, parent)
        new = subtract(new, shared if circular else _take_over(work, loss_id, parent, other, shared, trace_id))
    if new:
        _ask(work, loss_id, parent, onward, new, payer_institution, trace_id)
    if gone:
        return_to_roots(work, onward.reference, onward.account)


def _as_large_as_known(work: Work, parent: Hop | None, onward: Onward) -> Onward:
    """A bank that told only its part of a transfer may tell a larger one now, or a smaller part: its last word
    counts, beside others' and what was asked for and cannot be asked for anew.
    """
    rows = hops_of(work, onward.reference, onward.account)
    whole_vnd = max([onward.transfer_vnd, *(span.end_vnd for span in onward.spans)])
    if {hop.transfer_vnd for hop in rows} - {whole_vnd}:
        holds = store.holds_by(work.unit.conn, reference=onward.reference, account=onward.account)
        others = [hop.transfer_vnd for hop in rows if parent is None or hop.parent_id != parent.id]
        fixed = [span.end_vnd for hold in holds if hold.state not in OPEN or stands(hold) for span in hold.asked]
        whole_vnd = max([whole_vnd, *others, *fixed])
        for hop in [hop for hop in rows if hop.transfer_vnd != whole_vnd]:
            work.update_hop(hop, transfer_vnd=whole_vnd)
        for hold in [hold for hold in holds if hold.transfer_vnd != whole_vnd]:
            work.update_hold(hold, transfer_vnd=whole_vnd)
    return replace(onward, transfer_vnd=whole_vnd)


def return_to_roots(work: Work, reference: str, account: str) -> None:
    """Coins that are no loss's any more belong again to the living loss whose disputed transfer carries them."""
    conn = work.unit.conn
    for loss in losses_by_transfer(conn, reference, account):
        trace = store.trace_of_report(conn, loss.report_id)
        if trace is not None and not loss_is_over(loss, trace):
            open_root(work, loss, trace.id)


def is_over(work: Work, hop: Hop) -> bool:
    """Whether nobody pursues this hop's loss any more: not confirmed, or its trace cancelled."""
    return loss_is_over(work.loss(hop.loss_id), work.trace_of(hop.trace_id))


def loss_is_over(loss: Loss, trace: Trace) -> bool:
    """Whether a loss is no longer pursued; its graph is kept for audit."""
    return trace.state is TraceState.CANCELLED or loss.confirmation in {
        LossConfirmation.DENIED, LossConfirmation.LAPSED,
    }  # fmt: skip


def resettle_hold(work: Work, hold: Hold) -> None:
    """After an answer, a release or an end: settle every hop that shares this hold, then free any excess."""
    for hop in work.hops(hold_id=hold.id):
        _resettle(work, work.hop(hop.id), hold)
    _allocate(work, hold)
    if hold.state not in OPEN and subtract(hold.asked, hold.held):
        # What an authority froze of the same coins may be for its victims now.
        for other in store.holds_by(work.unit.conn, reference=hold.reference, account=hold.account):
            if stands(other):
                work.decided[other.id] = None


def settlement(hop: Hop, hold: Hold, floor_vnd: int) -> Settlement:
    """What is known of a hop's coins now; those that the last answer was not asked for may be moving."""
    if hold.answer is None:
        return through_receipts(hop.spans, hold, floor_vnd) if hold.receipts else unanswered(hop.spans)
    result = settle(
        intersect(hop.spans, hold.answered),
        reference=hold.reference,
        asked=hold.answered,
        answer=Answer.model_validate_json(_json(hold.answer)),
        held=hold.held if hold.state in HOLDING else (),
        arrived_at=hop.booked_at,
        applied=hold.applied,
        floor_vnd=floor_vnd,
    )
    unasked_vnd = total(subtract(hop.spans, hold.answered))
    if not unasked_vnd:
        return result
    # A request that has ended is not answered any more: the coins were last known to be in that account.
    part = "located_vnd" if hold.state in ENDED else "moving_vnd"
    return replace(result, sum=replace(result.sum, **{part: getattr(result.sum, part) + unasked_vnd}))


def _leads_to(work: Work, hop: Hop, later: Hop) -> bool:
    """Whether `later` hangs under `hop`, or is it."""
    while later.id != hop.id:
        if later.parent_id is None:
            return False
        later = work.hop(later.parent_id)
    return True


def hops_of(work: Work, reference: str, account: str) -> list[Hop]:
    """The hops of every loss in one transfer."""
    return work.hops(reference=reference, account=account)


def _ask(
    work: Work,
    loss_id: str,
    parent: Hop | None,
    onward: Onward,
    new: Spans,
    payer_institution: str | None,
    trace_id: str,
) -> None:
    """Ask for new coins: by a higher revision of this loss's request for the transfer, else by a new request.

    What an authority's decision covers, and what was nobody's meanwhile, is held or asked for already.
    """
    for hold in store.holds_by(work.unit.conn, reference=onward.reference, account=onward.account):
        if frozen := intersect(new, subtract(covered(hold), hold.released)):
            hop = _insert_hop(work, loss_id, parent, onward.booked_at, hold, frozen, trace_id)
            _resettle(work, hop, work.hold(hold.id))
            _allocate(work, hold)
            new = subtract(new, frozen)
    if not new:
        return
    for hold in store.holds_by(work.unit.conn, loss_id=loss_id, reference=onward.reference, account=onward.account):
        asked = union(hold.asked, new)
        # What was freed under a request is not held under it again: that needs a new one.
        if not intersect(hold.released, new) and may_ask(work, hold, asked):
            hop = _insert_hop(work, loss_id, parent, onward.booked_at, hold, new, trace_id)
            revise_request(work, hold, asked)
            _resettle(work, hop, work.hold(hold.id))
            return
    hold = draft_hold(
        work,
        trace_id=trace_id,
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


def _take_over(work: Work, loss_id: str, parent: Hop | None, other: Hop, shared: Spans, trace_id: str) -> Spans:
    """These coins were asked for as another hop's: they change owner. Returns those that need no new request.

    The request now serves both hops. What another loss's request asks for no more, or had freed, it does not serve;
    one that has ended serves nobody: the new owner asks anew.
    """
    hold = work.hold(other.hold_id)
    if other.loss_id != loss_id:
        work.fact(
            "loss.overlap", f"loss:{other.loss_id}",
            {"belongs_to": loss_id, "amount_vnd": total(shared), "hold": hold.id},
            **committed(work.unit, reference=other.reference),
        )  # fmt: skip
    rest = subtract(other.spans, shared)
    work.update_hop(other, spans=store.spans_out(rest), amount_vnd=total(rest))
    if other.parent_id is not None:
        # Two roads claim one coin: on the older one's word it went somewhere that is not explained any more.
        before = work.hop(other.parent_id)
        work.update_hop(
            before,
            forwarded_vnd=before.forwarded_vnd - total(shared),
            moving_vnd=before.sum.moving_vnd + total(shared),
        )
    served = shared
    if other.loss_id != loss_id:
        served = () if hold.state in ENDED else subtract(intersect(shared, hold.asked), hold.released)
    if served:
        hop = _insert_hop(work, loss_id, parent, other.booked_at, hold, served, trace_id)
        _resettle(work, hop, hold)
    _resettle(work, work.hop(other.id), hold)
    _allocate(work, hold)
    return served


def _insert_hop(
    work: Work, loss_id: str, parent: Hop | None, booked_at: datetime, hold: Hold, spans: Spans, trace_id: str
) -> Hop:
    parent_id = parent.id if parent else None
    for hop in work.hops(hold_id=hold.id):
        if (hop.loss_id, hop.parent_id) == (loss_id, parent_id):
            spans = union(hop.spans, spans)
            return work.update_hop(hop, spans=store.spans_out(spans), amount_vnd=total(spans))
    depth = parent.depth + 1 if parent else 1
    state = HopState.OPENED if hold.state in {HoldState.DRAFTED, HoldState.APPROVED} else HopState.NOTIFIED
    hop = work.insert_hop(
        id=new_id(), trace_id=trace_id, loss_id=loss_id, parent_id=parent_id,
        hold_id=hold.id, depth=depth, reference=hold.reference, transfer_vnd=hold.transfer_vnd,
        booked_at=booked_at, institution=hold.institution, account=hold.account,
        spans=store.spans_out(spans), amount_vnd=total(spans), state=state, moving_vnd=total(spans),
    )  # fmt: skip
    work.fact(
        "hop.opened", f"hop:{hop.id}",
        {"loss": loss_id, "hold": hold.id, "depth": depth, "amount_vnd": total(spans),
         "parent": parent_id},
    )  # fmt: skip
    return hop


def move_hop(work: Work, hop: Hop, hold: Hold, spans: Spans) -> None:
    """These coins of a hop are held under another request: they hang there from now on, by the same road."""
    parent = None if hop.parent_id is None else work.hop(hop.parent_id)
    _set_spans(work, hop, subtract(hop.spans, spans))
    moved = _insert_hop(work, hop.loss_id, parent, hop.booked_at, hold, spans, hop.trace_id)
    _resettle(work, work.update_hop(moved, verdict=moved.verdict or hop.verdict), hold)
    _allocate(work, hold)


def keep_spans(work: Work, hop: Hop, spans: Spans) -> Hop:
    """Only these coins of a transfer are this loss's any more: what was asked or held for it beyond them ends."""
    _set_spans(work, work.hop(hop.id), spans)
    return work.hop(hop.id)


def _set_spans(work: Work, hop: Hop, spans: Spans) -> None:
    hop = work.update_hop(
        hop, spans=store.spans_out(spans), amount_vnd=total(spans),
        **({} if spans else {"state": HopState.CANCELLED}),
    )  # fmt: skip
    hold = work.hold(hop.hold_id)
    _resettle(work, hop, hold)
    _allocate(work, hold)


def _resettle(work: Work, hop: Hop, hold: Hold) -> None:
    """Divide one hop's coins by what is known, and bring its children in line."""
    floor_vnd = int(threshold("tracing_floor", work.unit.now).value)
    result = settlement(hop, hold, floor_vnd)
    if hold.receipts:
        work.told_of[hold.account] = None
    over = is_over(work, hop)
    children = work.hops(parent_id=hop.id)
    wanted = {(onward.reference, onward.account) for onward in result.onward}
    for child in children:
        if (child.reference, child.account) not in wanted and child.spans:
            _set_spans(work, child, ())
            return_to_roots(work, child.reference, child.account)
    for onward in sorted(result.onward, key=lambda o: -total(o.spans)):
        if hold.answer is None:
            onward = replace(onward, spans=subtract(onward.spans, better_known(work, hop, onward)))
        if over:
            # Nobody pursues it: the tree may shrink, but nothing is asked for any more.
            had = [c for c in children if (c.reference, c.account) == (onward.reference, onward.account)]
            kept = intersect(normalise(span for child in had for span in child.spans), onward.spans)
            onward = replace(onward, spans=kept)
        open_or_update(
            work, loss_id=hop.loss_id, parent=hop, onward=onward, payer_institution=hop.institution,
            trace_id=hop.trace_id,
        )  # fmt: skip
    forwarded_vnd = sum(total(child.spans) for child in work.hops(parent_id=hop.id))
    parts: dict[str, Any] = {part: getattr(result.sum, part) for part in store.PARTS}
    parts["moving_vnd"] += result.forwarded_vnd - forwarded_vnd
    if hop.spans and hold.answer is not None:
        # Analysed is analysed: a later word moves the money, not the verdict.
        parts["state"] = HopState.CLOSED if hop.verdict else HopState.ANSWERED
    elif hold.answer is None and hold.state in ENDED:
        # Voided before anybody answered: it was last known to be in that account.
        parts |= {"moving_vnd": 0, "located_vnd": parts["moving_vnd"]}
    if over and hold.state not in ENDED and (dropped_vnd := total(subtract(hop.spans, _told_of(hold)))):
        # A request that serves others asks for these no more: nobody will say, as if it were voided. What others
        # received of them stays where they said.
        dropped_vnd = min(dropped_vnd, parts["moving_vnd"])
        parts |= {
            "moving_vnd": parts["moving_vnd"] - dropped_vnd, "located_vnd": parts["located_vnd"] + dropped_vnd
        }  # fmt: skip
    work.update_hop(hop, **parts, forwarded_vnd=forwarded_vnd)
    if not over:
        for end in result.ends:
            open_branch_task(work, hop, end)


def better_known(work: Work, hop: Hop, onward: Onward) -> Spans:
    """The coins of this transfer that somebody has by better word than a receiver's: a report's, an answer's."""
    found: list[Span] = []
    for other in hops_of(work, onward.reference, onward.account):
        parent = None if other.parent_id is None else work.hop(other.parent_id)
        if parent is None or (parent.id != hop.id and work.hold(parent.hold_id).answer is not None):
            found.extend(other.spans)
    return normalise(found)


def _told_of(hold: Hold) -> Spans:
    """The coins of which something is said, or is still to be said, under this request."""
    return union(hold.asked, hold.answered if hold.answer is not None else ())


def _allocate(work: Work, hold: Hold) -> None:
    """Write whose the held coins are; coins that are nobody's any more, or were freed before, are freed at once.

    What an authority decided on stays until it lifts it: also what is nobody's, or of a loss that is over.
    """
    hold = work.hold(hold.id)
    sharers = work.hops(hold_id=hold.id)
    decided = stands(hold)
    owned = normalise(span for hop in sharers if decided or not is_over(work, hop) for span in hop.spans)
    if decided:
        work.decided[hold.id] = None
    shrunk = bool(not decided and hold.state in OPEN and subtract(hold.asked, owned))
    if shrunk:
        revise_request(work, hold, owned)
        hold = work.hold(hold.id)
    excess = union(() if decided else subtract(hold.held, owned), intersect(hold.held, hold.released))
    if excess and hold.state in HOLDING:
        hold = release_spans(work, hold, excess, EndReason.TAINT_LOWERED)
    allocations: dict[str, int] = {}
    if hold.state in HOLDING:
        for hop in sharers:
            if mine := total(intersect(hold.held, hop.spans)):
                allocations[hop.loss_id] = allocations.get(hop.loss_id, 0) + mine
    if allocations != hold.allocations:
        work.update_hold(hold, allocations=allocations)
        work.fact("hold.allocated", f"hold:{hold.id}", {"allocations": allocations})
    if excess or shrunk:
        for hop in sharers:
            _resettle(work, work.hop(hop.id), hold)


def _json(value: object) -> bytes:
    return orjson.dumps(value)
