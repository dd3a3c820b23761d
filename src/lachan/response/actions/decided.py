"""What an authority froze serves every victim whose coins it covers, whoever's request it was; the rest is lifted.

Two requests speak of the same coins where one was sent before anybody knew the transfer's reference.
"""

import sqlalchemy as sa

from lachan.foundation.base import new_id
from lachan.foundation.protocol import Spans, intersect, normalise, subtract, total, union
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail.tables import fact
from lachan.response.actions.hops import hops_of, is_over, move_hop
from lachan.response.actions.tasks import open_task
from lachan.response.actions.work import Work
from lachan.response.model import HOLDING, Hold, Hop, Verdict
from lachan.response.rules.lawful import covered
from lachan.response.rules.tasks import EXCESS, LIFT_EXCESS, LIFT_REQUEST


def join_frozen(work: Work, hold: Hold) -> None:
    """Victims' coins that this freeze holds, and their own request does not, are held by it from now on.

    Their own request is for nothing then; what it holds itself stays there until it ends, what it paid for ever.
    """
    if hold.state not in HOLDING:
        return
    for hop in _elsewhere(work, hold):
        hop, own = work.hop(hop.id), work.hold(hop.hold_id)
        if frozen := subtract(intersect(hop.spans, hold.held), union(own.held, own.applied)):
            move_hop(work, hop, hold, frozen)


def ask_to_lift(work: Work, hold: Hold) -> None:
    """What an authority decided on beyond what is traced: recorded, and its issuer is asked to lift it.

    Nobody else does. A later word changes the amount: then another task takes the place of the last one.
    """
    excess_vnd, now = total(_excess(work, hold)), work.unit.now
    about = f"hold:{hold.id}"
    said = sa.select(fact.c.data).where(fact.c.subject == about, fact.c.kind == EXCESS)
    last = work.unit.conn.execute(said.order_by(fact.c.ordinal.desc()).limit(1)).scalar()
    if excess_vnd == (int(last["excess_vnd"]) if last else 0):
        return
    work.fact(EXCESS, about, {"excess_vnd": excess_vnd, "held_vnd": total(hold.held)}, legal_basis=hold.basis)
    if excess_vnd:
        open_task(
            work, LIFT_REQUEST, f"{LIFT_EXCESS}:{hold.id}:{new_id()}", hold_id=hold.id,
            institution=hold.institution, amount_vnd=excess_vnd, reason=LIFT_EXCESS, trace_id=hold.trace_id,
            due_at=clock("follow_up_urgent", now).deadline(now),
        )  # fmt: skip


def _excess(work: Work, hold: Hold) -> Spans:
    """What a decision covers and no victim claims, whichever request holds it for him; what is paid, nobody."""
    hops = [*work.hops(hold_id=hold.id), *_elsewhere(work, hold)]
    return subtract(
        covered(hold),
        normalise(span for hop in hops for span in subtract(hop.spans, work.hold(hop.hold_id).applied)),
    )


def _elsewhere(work: Work, hold: Hold) -> list[Hop]:
    """Where victims' coins of the same transfer are asked for by another request."""
    hops = [hop for hop in hops_of(work, hold.reference, hold.account) if hop.hold_id != hold.id and hop.spans]
    return [hop for hop in hops if not is_over(work, hop) and hop.verdict is not Verdict.DISAGREED]
