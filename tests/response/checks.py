"""The invariants of `domain.md` §1, read from the stored rows alone."""

from collections import defaultdict
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.protocol import Spans, intersect, normalise, subtract, total, union, whole
from lachan.foundation.trail.tables import fact
from lachan.intake.tables import loss
from lachan.response import store, tables
from lachan.response.model import ENDED, HOLDING, OPEN, Hold, HoldState, Hop
from lachan.response.refunds.tables import refund, refund_line
from lachan.response.rules.lawful import FIRST_STEP_BY_DECISION
from lachan.response.rules.tasks import EXCESS


def check_record(conn: Connection) -> None:
    """Everything that must hold at every instant, whatever has happened."""
    hops = store.hops(conn)
    holds = {one.id: one for one in store.holds(conn, sa.true())}
    losses = {row.id: row for row in conn.execute(sa.select(loss))}
    over = over_in(conn)
    check_sums(conn, hops, losses, over)
    check_coins(hops, losses, over)
    check_holds(conn, hops, holds, losses)
    check_tree(hops, holds, over)


def over_in(conn: Connection) -> set[str]:
    """The losses that nobody pursues any more."""
    trace = tables.trace
    unconfirmed = loss.c.confirmation.in_(["denied", "lapsed"])
    query = (
        sa.select(loss.c.id)
        .join(trace, trace.c.report_id == loss.c.report_id)
        .where(sa.or_(trace.c.state == "cancelled", unconfirmed))
    )
    return set(conn.execute(query).scalars())


def check_sums(conn: Connection, hops: list[Hop], losses: dict[str, sa.Row[object]], over: set[str]) -> None:
    """held + returned + located + moving + out of reach + diluted = amount - overlap, per loss and per trace."""
    by_loss: defaultdict[str, int] = defaultdict(int)
    for hop in hops:
        parts = [getattr(hop.sum, part) for part in store.PARTS]
        assert min(parts) >= 0, hop
        assert sum(parts) + hop.forwarded_vnd == total(hop.spans), hop
        by_loss[hop.loss_id] += sum(parts)
    rooted: defaultdict[str, int] = defaultdict(int)
    for hop in hops:
        if hop.parent_id is None:
            rooted[hop.loss_id] += total(hop.spans)
    for loss_id, parts_vnd in by_loss.items():
        assert parts_vnd == rooted[loss_id] <= losses[loss_id].amount_vnd
    # Dividing a pool hands coins from loss to loss; all of them together have what the hops have, part by part.
    rows = conn.execute(sa.select(tables.trace)).all()
    for part in store.PARTS:
        assert sum(getattr(row, part) for row in rows) == sum(getattr(hop.sum, part) for hop in hops), part
    for row in rows:
        own = [one.id for one in losses.values() if one.report_id == row.report_id]
        assert row.reported_vnd - row.overlap_vnd == sum(getattr(row, part) for part in store.PARTS)
        assert min(getattr(row, part) for part in store.PARTS) >= 0
        assert row.reported_vnd - row.overlap_vnd == sum(by_loss[loss_id] for loss_id in own)
        assert row.movable_vnd == row.located_vnd + row.moving_vnd
        assert row.overlap_vnd >= 0
        assert row.reported_vnd == sum(losses[one].amount_vnd for one in own if losses[one].duplicate_of is None)
        taken_vnd = sum(taken_by_others_vnd(hops, losses[one]) for one in own if losses[one].duplicate_of is None)
        # What others had of a loss that is over, and give up, comes back to nobody.
        assert row.overlap_vnd == taken_vnd or (over & set(own) and row.overlap_vnd > taken_vnd)


def taken_by_others_vnd(hops: list[Hop], one: Any) -> int:
    """How many coins of a disputed transfer are another loss's: not what is left over, but what others have."""
    others = normalise(
        span
        for hop in hops
        if hop.loss_id != one.id and (hop.reference, hop.account) == (one.reference, one.payee_account)
        for span in hop.spans
    )
    return total(intersect(others, whole(one.amount_vnd)))


def check_coins(hops: list[Hop], losses: dict[str, sa.Row[object]], over: set[str]) -> None:
    """A coin of a transfer belongs to one hop; every coin of a disputed transfer that is pursued has an owner."""
    by_transfer: defaultdict[tuple[str, str], list[Hop]] = defaultdict(list)
    for hop in hops:
        by_transfer[hop.reference, hop.account].append(hop)
    for same in by_transfer.values():
        for one, other in combinations(same, 2):
            assert not intersect(one.spans, other.spans), (one, other)
        assert len({hop.transfer_vnd for hop in same}) == 1
        assert not subtract(normalise(s for hop in same for s in hop.spans), whole(same[0].transfer_vnd))
    for hop in hops:
        if hop.parent_id is None and hop.loss_id not in over:
            owned = normalise(s for one in by_transfer[hop.reference, hop.account] for s in one.spans)
            assert owned == whole(losses[hop.loss_id].amount_vnd), "a disputed coin is nobody's"


def check_holds(
    conn: Connection, hops: list[Hop], holds: dict[str, Hold], losses: dict[str, sa.Row[object]]
) -> None:
    """Lawful, allocated, never more than the taint; maker and checker differ."""
    stored = {
        row.id: row.allocations for row in conn.execute(sa.select(tables.hold.c.id, tables.hold.c.allocations))
    }
    by_loss: defaultdict[str, int] = defaultdict(int)
    for hold in holds.values():
        owned: defaultdict[str, int] = defaultdict(int)
        for hop in hops:
            if hop.hold_id == hold.id and (mine := total(intersect(hop.spans, hold.held))):
                owned[hop.loss_id] += mine
        if hold.state in HOLDING:
            assert 0 < total(hold.held) <= total(hold.asked)
            assert stored[hold.id] == owned, "allocations are not whose the coins are"
            lift_vnd = twice_vnd = 0
            if hold.step >= FIRST_STEP_BY_DECISION:
                # Only its issuer lowers what an authority decided on: it is asked to, as the last fact says.
                # A bank may say of the same coins that it holds them under a victim's own request, too.
                lift_vnd = excess_said(conn, hold.id)
                twice_vnd = total(intersect(hold.held, held_by_others(hold, hops, holds)))
            assert sum(owned.values()) == total(hold.held) - lift_vnd - twice_vnd, "held above taint"
        else:
            assert not hold.held, hold.state
            assert stored[hold.id] == {}
        assert not intersect(hold.held, hold.released)
        assert not intersect(hold.held, hold.applied)
        assert not intersect(hold.released, hold.applied)
        for loss_id, amount_vnd in stored[hold.id].items():
            by_loss[loss_id] += amount_vnd
        assert hold.basis
        assert hold.requester
        if hold.state not in {HoldState.DRAFTED, HoldState.VOIDED}:
            assert hold.approver
            assert hold.approver != hold.requester
            assert hold.expires_at or hold.review_at
    for loss_id, amount_vnd in by_loss.items():
        assert amount_vnd <= losses[loss_id].amount_vnd
    check_refunds(conn, holds, losses)


def held_by_others(hold: Hold, hops: list[Hop], holds: dict[str, Hold]) -> Spans:
    """The coins of the same transfer that other requests hold for whose they are."""
    others = [hop for hop in hops if hop.hold_id != hold.id]
    same = [hop for hop in others if (hop.reference, hop.account) == (hold.reference, hold.account)]
    return normalise(span for hop in same for span in intersect(hop.spans, holds[hop.hold_id].held))


def excess_said(conn: Connection, hold_id: str) -> int:
    """How much of a hold its issuer is asked to lift, as the newest fact says."""
    query = sa.select(fact.c.data).where(fact.c.subject == f"hold:{hold_id}", fact.c.kind == EXCESS)
    said = conn.execute(query.order_by(fact.c.ordinal.desc()).limit(1)).scalar()
    return int(said["excess_vnd"]) if said else 0


def check_refunds(conn: Connection, holds: dict[str, Hold], losses: dict[str, sa.Row[object]]) -> None:
    """Every đồng applied was paid by one line; no loss is paid more than it lost; lists are two people's."""
    lines = conn.execute(sa.select(refund_line).where(refund_line.c.state == "paid")).all()
    applied: defaultdict[str, int] = defaultdict(int)
    paid: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        paid[line.loss_id] += line.amount_vnd
        assert line.amount_vnd == sum(amount for coins in line.coins for _, amount in coins["spans"])
        for coins in line.coins:
            applied[coins["hold"]] += sum(amount for _, amount in coins["spans"])
    assert {one.id: total(one.applied) for one in holds.values() if one.applied} == applied
    for loss_id, amount_vnd in paid.items():
        assert amount_vnd <= losses[loss_id].amount_vnd
    for row in conn.execute(sa.select(refund)):
        assert row.approver is None or row.approver != row.requester


def check_tree(hops: list[Hop], holds: dict[str, Hold], over: set[str]) -> None:
    """What a hop passed on is what its children carry; what nobody asks for any more does not move for ever."""
    carried: defaultdict[str, int] = defaultdict(int)
    for hop in hops:
        if hop.parent_id is not None:
            carried[hop.parent_id] += total(hop.spans)
    for hop in hops:
        assert hop.forwarded_vnd == carried[hop.id], hop
        if hop.spans:
            hold = holds[hop.hold_id]
            assert (hold.reference, hold.account) == (hop.reference, hop.account)
            if hop.loss_id in over:
                # Of a request that serves others: they are asked for, and these were last known to be there.
                assert hop.sum.moving_vnd <= total(intersect(hop.spans, union(hold.asked, hold.answered))), hop
                continue
            assert not subtract(hop.spans, hold.asked) or hold.state in ENDED | HOLDING, hop
            if hold.state in OPEN:
                assert not subtract(hop.spans, hold.asked)


def facts_seen(conn: Connection) -> dict[str, tuple[object, ...]]:
    """Every fact by its id, without the number that the sealer gives it later."""
    columns = [column for column in fact.c if column.name != "sequence"]
    return {row.id: tuple(map(repr, row)) for row in conn.execute(sa.select(*columns))}
