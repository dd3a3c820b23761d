"""What the refund desk shows: the queue, one pool, one pay-out list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, may, may_see_personal
from lachan.foundation.base import Actor, Conflict
from lachan.foundation.protocol import EventType, PayRefusal, RefundBasis, total
from lachan.foundation.protocol.connections import is_connected
from lachan.foundation.protocol.outbox import message
from lachan.foundation.taxonomy import clock, vietnam_date
from lachan.intake.tables import loss
from lachan.response import store, tables
from lachan.response.model import HOLDING, TraceState
from lachan.response.refunds.model import (
    RECOMPUTED,
    Line,
    LineState,
    PlannedLine,
    Refund,
    RefundOutcome,
    RefundState,
)
from lachan.response.refunds.pools import plan_of, pool_of
from lachan.response.refunds.proposing import paid_to
from lachan.response.refunds.store import lines_where, refund_by_code, refunds, running
from lachan.response.refunds.tables import refund as refund_table
from lachan.response.refunds.tables import refund_line
from lachan.response.rules.dividing import BY_MOVEMENTS, Method
from lachan.response.shapes import Choice, Deadline, Field, IdentifierView, Message, Notice, State
from lachan.response.shapes.refunds import PoolPage, PoolRow, RefundPage, RefundRow, RefundsPage, ShareRow
from lachan.response.views.names import Names, names_of, words
from lachan.response.views.queue import Sight

CLOSED_MAX = 30
# Pools that are divided for the queue; those behind them are counted.
POOLS_MAX = 50
# Whether the viewer has stated a purpose for the report of the trace with this id.
Full = Callable[[str], bool]
_URGENT_S = 6 * 3600
_T, _H = tables.trace, tables.hold
_GIVING_BACK = (TraceState.ANALYSED, TraceState.REFUNDING)
_LINE_STATES = {
    LineState.DUE: State.HELD, LineState.SET_ASIDE: State.WAITING, LineState.NOTHING: State.NOTHING,
    LineState.PAID: State.RETURNED, LineState.REFUSED: State.LATE,
}  # fmt: skip
_OUTCOMES = {
    RefundOutcome.ACCEPTED: State.RETURNED, RefundOutcome.PARTLY_ACCEPTED: State.PARTLY_HELD,
    RefundOutcome.REJECTED: State.LATE,
}  # fmt: skip


def refunds_page(conn: Connection, sight: Sight, now: datetime) -> RefundsPage:
    """What waits to be given back, the nearest deadline first; what is asked; what was closed last."""
    names = names_of(conn)
    mine = sa.true() if sight.desk_id is None else refund_table.c.desk_id == sight.desk_id
    open_ones = refunds(conn, mine, refund_table.c.state == RefundState.OPEN)
    over = (
        sa.select(refund_table.c.id)
        .where(mine, refund_table.c.state != RefundState.OPEN)
        .order_by(refund_table.c.closed_at.desc())
        .limit(CLOSED_MAX)
    )
    closed = refunds(conn, refund_table.c.id.in_(over))
    taken = {(one.institution, one.account) for one in open_ones}
    waiting = _waiting_holds(conn, sight, taken)
    pools = _pool_rows(conn, names, list(waiting.items())[:POOLS_MAX])
    sums = conn.execute(sa.select(sa.func.sum(_T.c.returned_vnd)).where(sight.covers())).scalar()
    return RefundsPage(
        pools=pools,
        running=tuple(_row(one, names) for one in sorted(open_ones, key=lambda one: one.pay_by)),
        closed=tuple(_row(one, names) for one in sorted(closed, key=lambda o: o.closed_at or now, reverse=True)),
        more=len(waiting) - len(pools),
        held_vnd=sum(sum(row.allocations.values()) for rows in waiting.values() for row in rows),
        asked_vnd=sum(one.amount_vnd for one in open_ones if one.asked),
        returned_vnd=int(sums or 0),
    )


def full_for(conn: Connection, actor: Actor, wall_now: datetime) -> Full:
    """What this viewer sees in full: a pool is many reports', and a purpose is stated for each."""

    @cache
    def full(trace_id: str) -> bool:
        return may_see_personal(conn, actor, f"report:{store.trace(conn, trace_id).report_id}", wall_now)

    return full


def pool_page(
    conn: Connection,
    actor: Actor,
    hold_id: str,
    *,
    method: Method,
    fields: Mapping[str, Field],
    full: Full,
    notice: Notice | None = None,
) -> PoolPage:
    """The pool in which a hold lies, divided by this method."""
    hold = store.hold(conn, hold_id)
    trace = store.trace(conn, hold.trace_id)
    names = names_of(conn)
    pool = pool_of(conn, hold.institution or "", hold.account)
    try:
        plan = plan_of(pool, method)
    except Conflict as error:
        notice = notice or Notice("caution", Message(f"reason.{error.reason.value}", error.params))
        plan = plan_of(pool, Method.PARI_PASSU)
    now_running = running(conn, hold.institution or "", hold.account)
    back = f"/refunds/pool/{hold_id}"
    purpose = _purpose(trace.code, back)
    return PoolPage(
        hold=hold_id,
        account=names.identifier(
            hold.account, hold.institution, state=State.HELD, full=full(trace.id), purpose_href=purpose
        ),
        held_vnd=pool.held_vnd,
        paid_vnd=pool.paid_vnd,
        pays_vnd=plan.pays_vnd,
        aside_vnd=sum(line.amount_vnd for line in plan.lines if line.entitled.waits),
        remainder_vnd=plan.division.remainder_vnd,
        rows=tuple(_planned(line, names, fields, full, back) for line in plan.lines),
        methods=tuple(
            Choice(one.value, Message(f"refund_method.{one.value}"), chosen=one is plan.method,
                   possible=one not in BY_MOVEMENTS or pool.movements is not None)
            for one in Method
        ),
        bases=tuple(Choice(one.value, Message(f"refund_basis.{one.value}")) for one in RefundBasis),
        fields=fields,
        may_propose=may(actor, Permission.REFUND_PROPOSE, trace.desk_id) and plan.pays_vnd > 0
        and not (now_running and now_running.asked),
        running_href=f"/refunds/{now_running.code}" if now_running else None,
        running_code=now_running.code if now_running else "",
        purpose_href=purpose,
        replaces=bool(now_running and not now_running.asked),
        notice=notice,
    )  # fmt: skip


def refund_page(
    conn: Connection,
    actor: Actor,
    code: str,
    *,
    full: Full,
    why: Field | None = None,
    notice: Notice | None = None,
) -> RefundPage:
    """One pay-out list."""
    one, names = refund_by_code(conn, code), names_of(conn)
    state, status = _status(one)
    open_list = one.state is RefundState.OPEN
    why_not = None
    if open_list and not one.asked:
        if not may(actor, Permission.REFUND_APPROVE, one.desk_id):
            why_not = Message("reason.not_permitted")
        elif actor.reference == one.requester:
            why_not = Message("reason.maker_is_checker")
    paper, signed_on = one.document, date.fromisoformat(one.document.signed_on)
    facts = [
        ("basis", Message(f"refund_basis.{one.basis.value}")),
        ("document", words(f"{paper.number} · {paper.issuer}")),
        ("signed", Message("web.refunds.signed", {"signatory": paper.signatory, "day": signed_on})),
        ("method", Message(f"refund_method.{one.method.value}")),
        ("requester", words(one.requester_name)),
        ("approver", words(one.approver_name or "–")),
    ]  # fmt: skip
    if one.reasons:
        facts.append(("reasons", words(one.reasons)))
    if one.why and one.why not in {"replaced", "appealed", RECOMPUTED}:
        facts.append(("why", words(one.why)))
    elif one.why:
        facts.append(("why", Message(f"web.refunds.why_{one.why}")))
    back = f"/refunds/{one.code}"
    purpose = _purpose(store.trace(conn, one.trace_id).code, back)
    holds = {coins.hold for line in one.lines for coins in line.coins}
    # Who approves is told; a closed list is no question any more, and its accounts may be erased.
    elsewhere = _paid_elsewhere(conn, one) if open_list else frozenset()
    return RefundPage(
        code=one.code,
        account=names.identifier(
            one.account, one.institution, state=state, full=full(one.trace_id), purpose_href=purpose
        ),
        state=state,
        status=status,
        facts=tuple((Message(f"web.refunds.fact.{name}"), said) for name, said in facts),
        amount_vnd=one.amount_vnd,
        remainder_vnd=one.remainder_vnd,
        pool_vnd=one.pool_vnd,
        due=Deadline(one.pay_by, one.opened_at, _URGENT_S) if open_list else None,
        rows=tuple(_kept(conn, line, names, full, back, line.id in elsewhere) for line in one.lines),
        content_hash=one.content_hash,
        may_approve=open_list and not one.asked and why_not is None,
        may_withdraw=open_list and may(actor, Permission.REFUND_APPROVE, one.desk_id),
        may_enter=(one.unanswered or (one.asked and not is_connected(conn, one.institution)))
        and may(actor, Permission.ANSWER_ENTER, one.desk_id),
        may_again=not one.asked and not one.unanswered and may(actor, Permission.REFUND_PROPOSE, one.desk_id)
        and _owes(conn, one),
        why_not=why_not,
        pool_href=f"/refunds/pool/{min(holds)}" if holds else "/refunds",
        letter_href=f"/refunds/{one.code}/letter.pdf" if one.approved_at else None,
        why=why or Field(),
        refusals=tuple(Choice(one.value, Message(f"pay_refusal.{one.value}")) for one in PayRefusal),
        notice=notice,
    )  # fmt: skip


def _owes(conn: Connection, one: Refund) -> bool:
    """Whether the pool of a list that nobody is asked to pay would now give another one."""
    now = running(conn, one.institution, one.account)
    if now is not None and (now.asked or now.id != one.id):
        return False
    try:
        plan = plan_of(pool_of(conn, one.institution, one.account, paid_to(one)), one.method)
    except Conflict:  # its movements were erased
        return False
    if one.state is RefundState.OPEN:
        due = {line.loss_id: line.amount_vnd for line in one.lines}
        return plan.pays_vnd > 0 and due != {line.entitled.claim.loss: line.amount_vnd for line in plan.lines}
    return plan.pays_vnd > 0


def letter_message(conn: Connection, one: Refund) -> str | None:
    """The newest message that asked to pay this list."""
    query = (
        sa.select(message.c.id)
        .where(message.c.subject == f"refund:{one.id}", message.c.type == EventType.REFUND_REQUESTED.value)
        .order_by(message.c.ordinal.desc())
        .limit(1)
    )
    found = conn.execute(query).scalar()
    return str(found) if found else None


def lines_of_report(conn: Connection, report_id: str) -> list[Line]:
    """What a victim is given back: the lines that are asked or answered, of refunds that were not taken back."""
    return lines_where(
        conn,
        refund_line.c.loss_id.in_(sa.select(loss.c.id).where(loss.c.report_id == report_id)),
        refund_line.c.refund_id.in_(
            sa.select(refund_table.c.id).where(
                refund_table.c.approved_at.is_not(None), refund_table.c.state != RefundState.CANCELLED
            )
        ),
    )


def _waiting_holds(
    conn: Connection, sight: Sight, taken: set[tuple[str, str]]
) -> Mapping[tuple[str, str], Sequence[Any]]:
    """By pool, what analysed traces hold there and nobody has begun to give back; the nearest deadline first."""
    rows = conn.execute(
        sa.select(_H.c.id, _H.c.institution, _H.c.account, _H.c.allocations, _T.c.code, _T.c.analysed_at)
        .join(_T, _T.c.id == _H.c.trace_id)
        .where(sight.covers(), _T.c.state.in_(_GIVING_BACK), _H.c.state.in_(list(HOLDING)))
        .order_by(_T.c.analysed_at, _H.c.id)
    ).all()
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        # What is frozen and nobody's is not given back, but lifted.
        if row.institution and row.allocations and (row.institution, row.account) not in taken:
            found.setdefault((row.institution, row.account), []).append(row)
    return found


def _pool_rows(
    conn: Connection, names: Names, waiting: Iterable[tuple[tuple[str, str], Sequence[Any]]]
) -> tuple[PoolRow, ...]:
    made = []
    for (institution, account), (one, *_) in waiting:
        pool = pool_of(conn, institution, account)
        due = clock("refund_start", one.analysed_at).deadline(one.analysed_at)
        made.append(
            PoolRow(
                f"/refunds/pool/{one.id}", names.identifier(account, institution, state=State.HELD), one.code,
                f"/trace/{one.code}", pool.held_vnd, len(pool.entitled), Deadline(due, one.analysed_at, _URGENT_S),
            )
        )  # fmt: skip
    return tuple(sorted(made, key=lambda one: one.due.due_at))


def _row(one: Refund, names: Names) -> RefundRow:
    state, status = _status(one)
    paid_vnd = sum(line.amount_vnd for line in one.lines if line.state is LineState.PAID)
    return RefundRow(
        one.code, f"/refunds/{one.code}", names.institution(one.institution), state, status, one.amount_vnd,
        paid_vnd, Message(f"refund_basis.{one.basis.value}"), one.closed_at or one.opened_at,
        Deadline(one.pay_by, one.opened_at, _URGENT_S) if one.state is RefundState.OPEN else None,
    )  # fmt: skip


def _status(one: Refund) -> tuple[State, Message]:
    if one.outcome is not None:
        return _OUTCOMES[one.outcome], Message(f"web.refunds.state.{one.outcome.value}")
    if one.state is RefundState.CANCELLED:
        return State.NOTHING, Message("web.refunds.state.cancelled")
    word = "asked" if one.asked else "proposed"
    return (State.HELD if one.asked else State.WAITING), Message(f"web.refunds.state.{word}")


def _planned(line: PlannedLine, names: Names, fields: Mapping[str, Field], full: Full, back: str) -> ShareRow:
    one = line.entitled
    state = LineState.NOTHING if not line.amount_vnd else LineState.SET_ASIDE if one.waits else LineState.DUE
    name = f"account_{one.claim.loss}"
    return ShareRow(
        key=one.claim.loss, code=one.trace_code, href=f"/trace/{one.trace_code}",
        account=_account(one.account, one.institution, names, full(one.trace_id), _purpose(one.trace_code, back)),
        number="",
        entered_vnd=one.claim.entered_vnd, weight_vnd=line.weight_vnd, share_vnd=line.share_vnd,
        paid_vnd=one.claim.paid_vnd, amount_vnd=line.amount_vnd,
        foreign_vnd=sum(total(c.spans) for c in line.coins if c.owner != one.claim.loss),
        state=_LINE_STATES[state], status=_waits(one.waits, state), account_field=fields.get(name, Field()),
    )  # fmt: skip


def _kept(conn: Connection, line: Line, names: Names, full: Full, back: str, elsewhere: bool) -> ShareRow:
    code = store.trace(conn, line.trace_id).code
    status = _waits(line.waits, line.state)
    if line.refusal:
        status = Message(f"pay_refusal.{line.refusal}")
    return ShareRow(
        key=line.loss_id, code=code, href=f"/trace/{code}",
        account=_account(line.account, line.institution, names, full(line.trace_id), _purpose(code, back)),
        number=line.number,
        entered_vnd=line.entered_vnd, weight_vnd=line.weight_vnd, share_vnd=line.share_vnd,
        paid_vnd=line.share_vnd - line.amount_vnd, amount_vnd=line.amount_vnd,
        foreign_vnd=sum(total(c.spans) for c in line.coins if c.owner != line.loss_id),
        state=_LINE_STATES[line.state], status=status, paid_at=line.paid_at, elsewhere=elsewhere,
    )  # fmt: skip


def _paid_elsewhere(conn: Connection, one: Refund) -> frozenset[str]:
    """The lines that somebody wants paid to another account than the one the money came from."""
    query = sa.select(loss.c.id, loss.c.payer_account).where(loss.c.id.in_([line.loss_id for line in one.lines]))
    came_from = {row.id: row.payer_account for row in conn.execute(query)}
    return frozenset(line.id for line in one.lines if line.account and line.account != came_from[line.loss_id])


def _account(
    key: str | None, institution: str | None, names: Names, full: bool, purpose: str
) -> IdentifierView | None:
    return names.identifier(key, institution, full=full, purpose_href=purpose) if key else None


def _purpose(code: str, back: str) -> str:
    """Where a purpose is stated for the report of this trace, and of no other in the list."""
    return f"/purpose?trace={code}&back={back}"


def _waits(waits: str | None, state: LineState) -> Message:
    if state is LineState.SET_ASIDE and waits:
        return Message(f"web.refunds.waits.{waits}")
    return Message(f"web.refunds.line.{state.value}")


def signed_day(now: datetime) -> str:
    """Today, as a day field holds it."""
    return vietnam_date(now).isoformat()
