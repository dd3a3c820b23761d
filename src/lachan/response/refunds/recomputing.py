"""A loss comes after a pay-out list was approved: what was paid stays paid, what is unpaid is divided anew."""

from dataclasses import replace

from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Conflict
from lachan.foundation.protocol import CancelReason
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit
from lachan.response import store
from lachan.response.actions.work import wait_turn, working
from lachan.response.refunds.model import RECOMPUTED, LineState, Refund, RefundReason
from lachan.response.refunds.pools import plan_if_told, pool_of
from lachan.response.refunds.proposing import paid_to, propose_refund, take_back
from lachan.response.refunds.store import refund
from lachan.response.rules.paying import Waits


def recompute_refund(unit: Unit, outbox: Outbox, refund_id: str) -> None:
    """A pool changed while its institution is asked to pay a list: take it back if it pays anyone too much now.

    A loss that nobody has confirmed stops no pay-out, unless the list knew it: else a false report would. The
    institution says what it had paid by then; what is unpaid is proposed and approved anew.
    """
    wait_turn(unit)
    one = refund(unit.conn, refund_id)
    # Books are not closed for nothing: to close them is what asks for this.
    if one.asked and overpays(unit.conn, one):
        with working(unit, outbox, one.trace_id) as work:
            take_back(work, one, RECOMPUTED, CancelReason.RECOMPUTED)


def propose_again(unit: Unit, outbox: Outbox, refund_id: str) -> str:
    """Propose the pool of this list as it is now, on the same paper, by the same method, to the same accounts.

    What was paid stays paid, what is unpaid is divided anew, and a second person approves again. Returns the new
    refund's id.
    """
    one = refund(unit.conn, refund_id)
    require(unit.actor, Permission.REFUND_PROPOSE, agency_id=one.desk_id)
    wait_turn(unit)
    pool = pool_of(unit.conn, one.institution, one.account)
    if not pool.coins:
        raise Conflict(RefundReason.NOTHING_TO_REFUND)
    entitled = {each.claim.loss for each in pool.entitled}
    # Another desk's trace may have money in the pool, too: this list stays with the desk that proposed it.
    holds = list(dict.fromkeys(coins.hold for coins in pool.coins))
    own = (hold_id for hold_id in holds if _desk_of(unit.conn, hold_id) == one.desk_id)
    return propose_refund(
        unit, outbox, next(own, holds[0]), basis=one.basis, document=one.document, method=one.method,
        reasons=one.reasons or "",
        accounts={loss_id: account for loss_id, account in paid_to(one).items() if loss_id in entitled},
    )  # fmt: skip


def overpays(conn: Connection, one: Refund) -> bool:
    """Whether a line that is asked is more than its loss is due, as the pool is now, or nobody can say."""
    known = {line.loss_id for line in one.lines}
    pool = pool_of(conn, one.institution, one.account, paid_to(one))
    sure = tuple(
        each for each in pool.entitled if each.claim.loss in known or each.waits is not Waits.UNCONFIRMED
    )  # fmt: skip
    plan = plan_if_told(replace(pool, entitled=sure), one.method)
    if plan is None:
        return True
    due = {line.entitled.claim.loss: line.amount_vnd for line in plan.lines}
    asked = (line for line in one.lines if line.state is LineState.DUE)
    return any(line.amount_vnd > due.get(line.loss_id, 0) for line in asked)


def _desk_of(conn: Connection, hold_id: str) -> str | None:
    return store.trace(conn, store.hold(conn, hold_id).trace_id).desk_id
