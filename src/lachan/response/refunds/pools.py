"""The pooled balance of one account as the record has it now, and the plan that follows from it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from lachan.foundation.base import Conflict
from lachan.foundation.protocol import LINES_MAX, Direction, Movement, intersect, total
from lachan.intake import Loss, LossConfirmation, loss_by_id
from lachan.response import store, tables
from lachan.response.model import HOLDING, Hold, Hop, Trace, TraceState, Verdict
from lachan.response.refunds.model import Entitled, Plan, PlannedLine, Pool, RefundReason
from lachan.response.refunds.store import foreign_due, paid_by_loss
from lachan.response.rules.dividing import BY_MOVEMENTS, Claim, Method, PoolMovement, divide
from lachan.response.rules.paying import Coins, Due, Waits, pick_coins

_MOVEMENT: TypeAdapter[Movement] = TypeAdapter(Movement)
# Of these the analysis has said whose the money is.
READY = frozenset({TraceState.ANALYSED, TraceState.REFUNDING, TraceState.COMPLETED})


def pool_of(conn: Connection, institution: str, account: str, accounts: Mapping[str, str] | None = None) -> Pool:
    """What `institution` holds on `account`, and every loss whose money came there.

    What only receivers tell of a silent institution's account may be the holder's own: it is not divided yet. What
    the analysis has found to be somebody else's is not divided at all.
    `accounts` says, by loss, where a victim is paid who is not paid back to where the money came from.
    """
    same = sa.and_(tables.hold.c.account == account, tables.hold.c.institution == institution)
    holds = store.holds(conn, same)
    held = [hold for hold in holds if hold.state in HOLDING]
    hops = [
        hop for hop in store.hops(conn, account=account)
        if hop.institution == institution and hop.spans and hop.verdict is not Verdict.DISAGREED
        and _is_confirmed(conn, hop)
    ]  # fmt: skip
    traces = {trace_id: store.trace(conn, trace_id) for trace_id in {hop.trace_id for hop in hops}}
    losses = {loss_id: loss_by_id(conn, loss_id) for loss_id in {hop.loss_id for hop in hops}}
    of_trace = {hop.loss_id: hop.trace_id for hop in hops}
    living = [
        one for one in losses.values() if not _is_over(one, traces[of_trace[one.id]]) and one.duplicate_of is None
    ]
    caps = _unrecovered(conn, institution, account, living)
    entitled = [
        _entitled(loss, traces[of_trace[loss.id]], hops, caps[loss.id], (accounts or {}).get(loss.id))
        for loss in living
    ]
    # What an authority froze for a loss that is over waits for the authority: it is no victim's.
    coins = tuple(_coins(held, [hop for hop in hops if not _is_over(losses[hop.loss_id], traces[hop.trace_id])]))
    return Pool(
        institution, account, coins, tuple(sorted(entitled, key=lambda one: one.claim.place)),
        _movements(holds, hops), sum(total(one.spans) for one in coins),
        sum(one.claim.paid_vnd for one in entitled),
    )  # fmt: skip


def plan_of(pool: Pool, method: Method) -> Plan:
    """The pool divided by this method, and who is paid what now with which coins."""
    plan = plan_if_told(pool, method)
    if plan is None:
        raise Conflict(RefundReason.REFUND_NO_MOVEMENTS, field="method")
    return plan


def plan_if_told(pool: Pool, method: Method) -> Plan | None:
    """The same; None where the method goes by movements, and the institution's last answer tells none any more."""
    if method in BY_MOVEMENTS and pool.movements is None:
        return None
    division = divide(pool.whole_vnd, [one.claim for one in pool.entitled], method, pool.movements or ())
    due_vnd = {one.claim.loss: division.shares[one.claim.loss] - one.claim.paid_vnd for one in pool.entitled}
    entitled = _in_one_list(pool.entitled, due_vnd)
    dues = [Due(one.claim.loss, due_vnd[one.claim.loss], one.waits) for one in entitled]
    picked = pick_coins(pool.coins, dues)
    lines = tuple(
        PlannedLine(
            one, division.weights[one.claim.loss], division.shares[one.claim.loss], due.amount_vnd,
            picked.get(one.claim.loss, ()),
        )
        for one, due in zip(entitled, dues, strict=True)
    )  # fmt: skip
    return Plan(pool, method, division, lines)


def _in_one_list(entitled: Iterable[Entitled], due_vnd: Mapping[str, int]) -> tuple[Entitled, ...]:
    """What one message cannot hold waits for the next list, in the order of losses."""
    found, paid = [], 0
    for one in entitled:
        paid += one.waits is None and due_vnd[one.claim.loss] > 0
        waits = Waits.NEXT_LIST if one.waits is None and paid > LINES_MAX else one.waits
        found.append(replace(one, waits=waits))
    return tuple(found)


def _is_confirmed(conn: Connection, hop: Hop) -> bool:
    """Whether every institution on the way has said itself that the money went on."""
    while hop.parent_id is not None:
        hop = store.hop(conn, hop.parent_id)
        if store.hold(conn, hop.hold_id).answer is None:
            return False
    return True


def _is_over(loss: Loss, trace: Trace) -> bool:
    over = {LossConfirmation.DENIED, LossConfirmation.LAPSED}
    return trace.state is TraceState.CANCELLED or loss.confirmation in over


def _entitled(loss: Loss, trace: Trace, hops: Iterable[Hop], cap: tuple[int, int], stated: str | None) -> Entitled:
    unrecovered_vnd, paid_vnd = cap
    entered_vnd = sum(total(hop.spans) for hop in hops if hop.loss_id == loss.id)
    account = stated or loss.payer_account
    waits = None
    if loss.confirmation is not LossConfirmation.CONFIRMED:
        waits = Waits.UNCONFIRMED
    elif trace.state not in READY:
        waits = Waits.NOT_ANALYSED
    elif account is None:
        waits = Waits.NO_ACCOUNT
    claim = Claim(loss.id, loss.booked_at, entered_vnd, unrecovered_vnd, paid_vnd)
    institution = account.split(":")[1] if account else None
    return Entitled(claim, trace.id, trace.code, institution, account, waits)


def _coins(held: Iterable[Hold], hops: Sequence[Hop]) -> Iterable[Coins]:
    """What is held, by hold and by whose it is; each coin once."""
    for hold in held:
        for hop in hops:
            if hop.hold_id == hold.id and (mine := intersect(hold.held, hop.spans)):
                yield Coins(hold.id, hop.loss_id, mine)


def _unrecovered(
    conn: Connection, institution: str, account: str, losses: Sequence[Loss]
) -> dict[str, tuple[int, int]]:
    """Per loss: the most that this pool may give it over all times, and what it was given here already.

    What was paid elsewhere, is held for it elsewhere, or is on its way to it from elsewhere, it does not miss. What
    is held on receivers' word alone it does: that may be let go again tomorrow.
    """
    ids = [one.id for one in losses]
    owed: defaultdict[str, int] = defaultdict(int)
    secured: defaultdict[str, int] = defaultdict(int)
    here: defaultdict[str, int] = defaultdict(int)
    for row in conn.execute(sa.select(tables.hop).where(tables.hop.c.loss_id.in_(ids))).all():
        if row.parent_id is None:
            owed[row.loss_id] += row.amount_vnd
        elsewhere = (row.institution, row.account) != (institution, account)
        if elsewhere and row.held_vnd and _is_confirmed(conn, store.hop_from_row(row)):
            secured[row.loss_id] += row.held_vnd
    for paid in paid_by_loss(conn, ids):
        where = here if (paid.institution, paid.account) == (institution, account) else secured
        where[paid.loss_id] += int(paid.paid_vnd)
    for loss_id, due_vnd in foreign_due(conn, ids, institution, account).items():
        secured[loss_id] += due_vnd
    return {one: (max(here[one], owed[one] - secured[one]), here[one]) for one in ids}


def _movements(holds: Iterable[Hold], hops: Iterable[Hop]) -> tuple[PoolMovement, ...] | None:
    """How the account's balance went, as far as its institution has told it; None where it told nothing."""
    told: dict[str, Movement] = {}
    for hold in holds:
        for one in (hold.answer or {}).get("movements", ()):
            movement = _MOVEMENT.validate_json(orjson.dumps(one))
            if movement.direction in (Direction.CREDIT, Direction.DEBIT):
                told[movement.id] = movement
    if not told:
        return None
    inside: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for hop in hops:
        mine = inside[hop.reference]
        mine[hop.loss_id] = mine.get(hop.loss_id, 0) + total(hop.spans)
    ordered = sorted(told.values(), key=lambda one: (one.booked_at, one.sequence))
    return tuple(
        PoolMovement(
            one.amount_vnd if one.direction is Direction.CREDIT else -one.amount_vnd,
            inside[one.id] if one.direction is Direction.CREDIT else {},
        )
        for one in ordered
    )
