"""Refunds and their lines: rows to model and back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.protocol import RefundBasis, Spans, total
from lachan.foundation.storage import Unit, add_row, among, change_row
from lachan.response.refunds.model import (
    RECOMPUTED,
    Document,
    Line,
    LineState,
    Refund,
    RefundOutcome,
    RefundState,
)
from lachan.response.refunds.tables import refund as refund_table
from lachan.response.refunds.tables import refund_line
from lachan.response.rules.dividing import Method
from lachan.response.rules.paying import Coins, Waits
from lachan.response.store import spans_in, spans_out
from lachan.response.tables import hop

_PLAIN = tuple(
    name
    for name in Refund.__dataclass_fields__
    if name not in {"state", "outcome", "basis", "document", "method", "lines"}
)
_LINE_PLAIN = tuple(name for name in Line.__dataclass_fields__ if name not in {"coins", "state", "waits"})


def refund(conn: Connection, refund_id: str) -> Refund:
    """One refund with its lines; NotFound if there is none."""
    return _one(conn, refund_table.c.id == refund_id)


def refund_by_code(conn: Connection, code: str) -> Refund:
    """The same, by its code."""
    return _one(conn, refund_table.c.code == code)


def running(conn: Connection, institution: str, account: str) -> Refund | None:
    """The open refund of a pool, if there is one."""
    found = refunds(
        conn, refund_table.c.institution == institution, refund_table.c.account == account,
        refund_table.c.state == RefundState.OPEN,
    )  # fmt: skip
    return found[0] if found else None


def refunds(conn: Connection, *where: sa.ColumnElement[bool]) -> list[Refund]:
    """The refunds of which this is true, with their lines, oldest first."""
    rows = conn.execute(sa.select(refund_table).where(*where).order_by(refund_table.c.id)).all()
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines_where(conn, among(conn, refund_line.c.refund_id, [row.id for row in rows])) if rows else ():
        lines[line.refund_id].append(line)
    return [_refund(row, lines[row.id]) for row in rows]


def lines_where(conn: Connection, *where: sa.ColumnElement[bool]) -> list[Line]:
    """The lines of which this is true, in the order of their lists."""
    query = sa.select(refund_line).where(*where).order_by(refund_line.c.refund_id, refund_line.c.position)
    return list(map(line_from_row, conn.execute(query)))


def open_of_trace(conn: Connection, trace_id: str) -> bool:
    """Whether an institution is asked to pay a loss of this trace."""
    query = (
        sa.select(refund_line.c.id)
        .join(refund_table, refund_table.c.id == refund_line.c.refund_id)
        .where(
            refund_line.c.trace_id == trace_id, refund_line.c.state == LineState.DUE,
            refund_table.c.state == RefundState.OPEN, refund_table.c.approved_at.is_not(None),
        )
        .limit(1)
    )  # fmt: skip
    return conn.execute(query).first() is not None


def asked_where_money_came(conn: Connection, trace_id: str) -> list[str]:
    """The ids of the lists that institutions are asked to pay, out of accounts to which this trace's money came."""
    came = sa.select(hop.c.account).where(hop.c.trace_id == trace_id)
    query = sa.select(refund_table.c.id).where(
        refund_table.c.state == RefundState.OPEN, refund_table.c.approved_at.is_not(None),
        refund_table.c.account.in_(came),
    )  # fmt: skip
    return list(conn.execute(query.order_by(refund_table.c.id)).scalars())


def pledged(conn: Connection, hold_id: str, account: str) -> Refund | None:
    """The asked, unpaid refund whose coins lie under this hold, if there is one."""
    for one in refunds(conn, refund_table.c.account == account, refund_table.c.state == RefundState.OPEN):
        if one.asked and any(c.hold == hold_id for line in one.lines for c in line.coins):
            return one
    return None


def unanswered(conn: Connection, institution: str, account: str) -> Refund | None:
    """The list of a pool that was taken back, and whose institution has not said what it had paid by then."""
    taken_back = refunds(
        conn, refund_table.c.institution == institution, refund_table.c.account == account,
        refund_table.c.state == RefundState.CANCELLED, refund_table.c.approved_at.is_not(None),
    )  # fmt: skip
    return next((one for one in taken_back if one.unanswered), None)


def recomputed(conn: Connection, institution: str, account: str) -> list[str]:
    """The ids of a pool's lists that were taken back because a loss came later."""
    query = sa.select(refund_table.c.id).where(
        refund_table.c.institution == institution, refund_table.c.account == account,
        refund_table.c.why == RECOMPUTED,
    )  # fmt: skip
    return list(conn.execute(query).scalars())


def foreign_paid(conn: Connection, traces: Collection[str]) -> list[Line]:
    """Lines that another loss's coins have paid, out of pools to which these traces' money came; oldest first."""
    mine = list(traces)
    came = sa.select(hop.c.account).where(among(conn, hop.c.trace_id, mine))
    query = (
        sa.select(refund_line)
        .where(
            refund_line.c.foreign_vnd > 0, refund_line.c.state == LineState.PAID,
            sa.or_(
                refund_line.c.refund_id.in_(sa.select(refund_table.c.id).where(refund_table.c.account.in_(came))),
                # Where the accounts are erased.
                among(conn, refund_line.c.trace_id, mine),
            ),
        )
        .order_by(refund_line.c.id)
    )  # fmt: skip
    return list(map(line_from_row, conn.execute(query)))


def foreign_due(conn: Connection, losses: Collection[str], institution: str, account: str) -> Mapping[str, int]:
    """What is on its way to losses from other pools, out of other losses' coins, by loss, in VND.

    Of a list that was taken back only what its institution may have paid: nobody pays what nobody was asked for.
    """
    line = refund_line.c
    query = (
        sa.select(line.loss_id, sa.func.sum(line.foreign_vnd).label("due_vnd"))
        .join(refund_table, refund_table.c.id == line.refund_id)
        .where(
            among(conn, line.loss_id, list(losses)), line.foreign_vnd > 0, line.state == LineState.DUE,
            sa.or_(refund_table.c.state == RefundState.OPEN, refund_table.c.approved_at.is_not(None)),
            sa.or_(refund_table.c.institution != institution, refund_table.c.account != account),
        )
        .group_by(line.loss_id)
    )  # fmt: skip
    return {row.loss_id: int(row.due_vnd) for row in conn.execute(query)}


def paid_by_loss(conn: Connection, losses: Collection[str]) -> Sequence[Any]:
    """What losses were paid: rows of loss_id, institution and account of the pool, paid_vnd."""
    query = (
        sa.select(
            refund_line.c.loss_id, refund_table.c.institution, refund_table.c.account,
            sa.func.sum(refund_line.c.amount_vnd).label("paid_vnd"),
        )
        .join(refund_table, refund_table.c.id == refund_line.c.refund_id)
        .where(refund_line.c.loss_id.in_(list(losses)), refund_line.c.state == LineState.PAID)
        .group_by(refund_line.c.loss_id, refund_table.c.institution, refund_table.c.account)
    )  # fmt: skip
    return conn.execute(query).all()


def add_refund(unit: Unit, values: dict[str, Any], lines: Iterable[dict[str, Any]]) -> Refund:
    """A new refund with its lines."""
    row = add_row(unit.conn, refund_table, values)
    return _refund(row, [line_from_row(add_row(unit.conn, refund_line, one)) for one in lines])


def change_refund(unit: Unit, refund_id: str, **values: Any) -> None:
    """Change a refund."""
    change_row(unit.conn, refund_table, refund_id, values)


def change_line(unit: Unit, line_id: str, **values: Any) -> None:
    """Change a line."""
    change_row(unit.conn, refund_line, line_id, values)


def coins_out(coins: Iterable[Coins]) -> list[dict[str, Any]]:
    """Coins as they are stored."""
    return [{"hold": one.hold, "owner": one.owner, "spans": spans_out(one.spans)} for one in coins]


def foreign_vnd(loss_id: str, coins: Iterable[Coins]) -> int:
    """How much of the coins is another loss's."""
    return sum(total(one.spans) for one in coins if one.owner != loss_id)


def line_from_row(row: sa.Row[Any]) -> Line:
    """A stored line."""
    coins = tuple(Coins(one["hold"], one["owner"], spans_in(one["spans"])) for one in row.coins)
    return Line(
        **{name: getattr(row, name) for name in _LINE_PLAIN}, coins=coins, state=LineState(row.state),
        waits=Waits(row.waits) if row.waits else None,
    )  # fmt: skip


def spans_of(line: Line, hold_id: str) -> Spans:
    """The coins of a line under one hold."""
    return tuple(span for one in line.coins if one.hold == hold_id for span in one.spans)


def _one(conn: Connection, where: sa.ColumnElement[bool]) -> Refund:
    found = refunds(conn, where)
    if not found:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return found[0]


def _refund(row: sa.Row[Any], lines: Sequence[Line]) -> Refund:
    return Refund(
        **{name: getattr(row, name) for name in _PLAIN}, state=RefundState(row.state),
        outcome=RefundOutcome(row.outcome) if row.outcome else None, basis=RefundBasis(row.basis),
        document=Document(**row.document), method=Method(row.method), lines=tuple(lines),
    )  # fmt: skip
