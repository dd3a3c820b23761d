"""Whose the returned money is. A hold's coins are one loss's; dividing a pool may pay them to another.

Who is paid with another loss's coins is less out of pocket by so much, and hands over, đồng for đồng, what was
still missing of the own: first what is gone, then what may still be found. Every loss's six parts keep summing to
what was reported, and so do those of all of them together.
"""

from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.protocol import total
from lachan.foundation.storage import Unit
from lachan.response import store
from lachan.response.model import Sum
from lachan.response.refunds.model import Line
from lachan.response.refunds.store import foreign_paid
from lachan.response.refunds.tables import refund_line
from lachan.response.tables import hop

# In which order the missing part is handed over.
HANDED = ("out_of_reach_vnd", "diluted_vnd", "located_vnd", "moving_vnd", "held_vnd")


def traces_swapped_with(unit: Unit, traces: Collection[str]) -> frozenset[str]:
    """The traces whose books depend on one of these: they paid with each other's coins."""
    return _connected(unit, traces)[1] - set(traces)


def swapped(unit: Unit, sums: dict[str, Sum]) -> dict[str, Sum]:
    """The parts of these losses after all that was paid with other losses' coins."""
    if not _has_any(unit):
        return sums
    lines, traces = _connected(unit, set(_traces_of(unit.conn, sums.keys()).values()))
    if not lines:
        return sums
    now = dict(sums)
    for trace_id in traces:
        now = store.sums_by_loss(unit.conn, trace_id) | now
    for line in lines:
        for coins in line.coins:
            if coins.owner != line.loss_id and {coins.owner, line.loss_id} <= now.keys():
                now[line.loss_id], now[coins.owner] = _swap(now[line.loss_id], now[coins.owner], total(coins.spans))
    return {loss_id: now[loss_id] for loss_id in sums}


def _swap(paid: Sum, gave: Sum, amount_vnd: int) -> tuple[Sum, Sum]:
    """`paid` got `amount_vnd` of the other's returned coins, and hands over as much of what it misses."""
    # A later word may have made the loss that gave smaller than what was paid with its coins.
    amount_vnd = min(amount_vnd, gave.returned_vnd)
    paid = replace(paid, returned_vnd=paid.returned_vnd + amount_vnd)
    gave = replace(gave, returned_vnd=gave.returned_vnd - amount_vnd)
    left_vnd = amount_vnd
    for part in HANDED:
        moved = min(left_vnd, getattr(paid, part))
        paid = replace(paid, **{part: getattr(paid, part) - moved})
        gave = replace(gave, **{part: getattr(gave, part) + moved})
        left_vnd -= moved
    if left_vnd:
        # More than was missing: a later word made the loss smaller. Nothing is invented: the surplus stays returned
        # to whose coins they were.
        paid = replace(paid, returned_vnd=paid.returned_vnd - left_vnd)
        gave = replace(gave, returned_vnd=gave.returned_vnd + left_vnd)
    return paid, gave


def _connected(unit: Unit, traces: Collection[str]) -> tuple[list[Line], frozenset[str]]:
    """The lines that bind these traces to others, oldest first, and all traces that are so bound together.

    Read from pool to pool: how much was ever given back anywhere else costs nothing.
    """
    found = set(traces)
    if not _has_any(unit):
        return [], frozenset(found)
    while True:
        lines = foreign_paid(unit.conn, found)
        owners = _traces_of(unit.conn, {coins.owner for line in lines for coins in line.coins})
        groups = [{line.trace_id, *(owners[c.owner] for c in line.coins if c.owner in owners)} for line in lines]
        grown = found.union(*(group for group in groups if group & found))
        if grown == found:
            bound = [line for line, group in zip(lines, groups, strict=True) if group & found]
            return bound, frozenset(found)
        found = grown


def _has_any(unit: Unit) -> bool:
    return unit.once(("refunds with other coins",), lambda: _any(unit.conn))


def _any(conn: Connection) -> bool:
    query = sa.select(refund_line.c.id).where(refund_line.c.foreign_vnd > 0).limit(1)
    return conn.execute(query).first() is not None


def _traces_of(conn: Connection, losses: Collection[str]) -> dict[str, str]:
    if not losses:
        return {}
    rows = conn.execute(sa.select(hop.c.loss_id, hop.c.trace_id).where(hop.c.loss_id.in_(list(losses))).distinct())
    return {row.loss_id: row.trace_id for row in rows}
