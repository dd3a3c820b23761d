"""Traces, hops, holds: rows to model and back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.protocol import Spans, subtract
from lachan.foundation.protocol.coins import Span
from lachan.foundation.storage import add_row, rows_by
from lachan.response import tables
from lachan.response.model import (
    ENDED,
    OPEN,
    Hold,
    HoldState,
    Hop,
    HopState,
    Policy,
    Sum,
    Trace,
    TraceState,
    Verdict,
)

PARTS = ("held_vnd", "returned_vnd", "located_vnd", "moving_vnd", "out_of_reach_vnd", "diluted_vnd")


_COINS_OF_TRACE = (
    sa.select(tables.hop.c.spans, tables.hold.c.state, tables.hold.c.answered)
    .join(tables.hold, tables.hold.c.id == tables.hop.c.hold_id)
    .where(
        tables.hop.c.trace_id == sa.bindparam("trace_id"), tables.hop.c.amount_vnd > 0,
        tables.hold.c.state.not_in(list(ENDED)),
    )
)  # fmt: skip
_SUMS_OF_TRACE = (
    sa.select(
        tables.hop.c.loss_id, *(sa.func.coalesce(sa.func.sum(tables.hop.c[part]), 0).label(part) for part in PARTS)
    )
    .where(tables.hop.c.trace_id == sa.bindparam("trace_id"))
    .group_by(tables.hop.c.loss_id)
)


def spans_out(spans: Spans) -> list[list[int]]:
    """Spans as they are stored."""
    return [[span.newer_vnd, span.amount_vnd] for span in spans]


def spans_in(stored: Sequence[Sequence[int]]) -> Spans:
    """Stored spans."""
    return tuple(Span(newer, amount) for newer, amount in stored)


def hop_from_row(row: sa.Row[Any]) -> Hop:
    """A stored hop."""
    return Hop(
        id=row.id, trace_id=row.trace_id, loss_id=row.loss_id, parent_id=row.parent_id, hold_id=row.hold_id,
        depth=row.depth, reference=row.reference, transfer_vnd=row.transfer_vnd, booked_at=row.booked_at,
        institution=row.institution, account=row.account, spans=spans_in(row.spans), state=HopState(row.state),
        sum=Sum(reported_vnd=row.amount_vnd, **{part: getattr(row, part) for part in PARTS}),
        forwarded_vnd=row.forwarded_vnd, verdict=Verdict(row.verdict) if row.verdict else None,
    )  # fmt: skip


_HOLD_PLAIN = tuple(
    name
    for name in Hold.__dataclass_fields__
    if name not in {"asked", "answered", "held", "released", "applied", "state"}
)


def hold_from_row(row: sa.Row[Any]) -> Hold:
    """A stored hold."""
    return Hold(
        **{name: getattr(row, name) for name in _HOLD_PLAIN},
        asked=spans_in(row.asked),
        answered=spans_in(row.answered),
        held=spans_in(row.held),
        released=spans_in(row.released),
        applied=spans_in(row.applied),
        state=HoldState(row.state),
    )


def trace_from_row(row: sa.Row[Any]) -> Trace:
    """A stored trace."""
    return Trace(
        id=row.id, report_id=row.report_id, code=row.code, desk_id=row.desk_id, state=TraceState(row.state),
        opened_at=row.opened_at, first_request_at=row.first_request_at, first_hold_at=row.first_hold_at,
        first_transfer_at=row.first_transfer_at,
        sum=Sum(
            reported_vnd=row.reported_vnd, overlap_vnd=row.overlap_vnd,
            **{part: getattr(row, part) for part in PARTS},
        ),
        officer_id=row.officer_id,
    )  # fmt: skip


def trace(conn: Connection, trace_id: str, *, lock: bool = False) -> Trace:
    """One trace; with `lock`, nobody else changes it before this transaction ends."""
    query = rows_by(tables.trace, "id")
    row = conn.execute(query.with_for_update() if lock else query, {"id": trace_id}).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return trace_from_row(row)


def add_trace(conn: Connection, **values: Any) -> Trace:
    """A new trace."""
    return trace_from_row(add_row(conn, tables.trace, values))


def trace_of_report(conn: Connection, report_id: str) -> Trace | None:
    """The trace of a report, if one was opened."""
    row = conn.execute(rows_by(tables.trace, "report_id"), {"report_id": report_id}).first()
    return trace_from_row(row) if row else None


def hold(conn: Connection, hold_id: str) -> Hold:
    """One hold; NotFound if there is none."""
    row = conn.execute(rows_by(tables.hold, "id"), {"id": hold_id}).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return hold_from_row(row)


def holds(conn: Connection, where: sa.ColumnElement[bool]) -> list[Hold]:
    """The holds that `where` names, oldest first."""
    query = sa.select(tables.hold).where(where).order_by(tables.hold.c.id)
    return list(map(hold_from_row, conn.execute(query)))


def holds_by(conn: Connection, **values: str) -> list[Hold]:
    """The holds whose columns have these values, oldest first."""
    found = map(hold_from_row, conn.execute(rows_by(tables.hold, *values), values))
    return sorted(found, key=lambda one: one.id)


_ALIKE = tables.hold.alias()
_BESIDE = (
    sa.select(tables.hold.c.id, tables.hold.c.state, tables.hold.c.answer_revision)
    .join(_ALIKE, _ALIKE.c.account == tables.hold.c.account)
    .where(_ALIKE.c.id == sa.bindparam("hold_id"))
)


def requests_beside(conn: Connection, hold_id: str) -> dict[str, bool]:
    """Every request about the account of this one, itself too; by id, whether it waits for its first answer."""
    return {
        row.id: not row.answer_revision and row.state in {HoldState.REQUESTED, HoldState.ACKNOWLEDGED}
        for row in conn.execute(_BESIDE, {"hold_id": hold_id})
    }


def hop(conn: Connection, hop_id: str) -> Hop:
    """One hop."""
    row = conn.execute(rows_by(tables.hop, "id"), {"id": hop_id}).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return hop_from_row(row)


def hops(conn: Connection, **values: str) -> list[Hop]:
    """The hops whose columns have these values, in order of depth and creation."""
    return sorted(
        map(hop_from_row, conn.execute(rows_by(tables.hop, *values), values)), key=lambda one: (one.depth, one.id)
    )


def effective_at() -> sa.ColumnElement[datetime]:
    """From when a hold counts in a measure of speed: as the institution says, but not from before it was asked.

    A bank whose clock or books are late names an instant before the request; a time below zero measures nothing.
    NULL where nothing was placed.
    """
    asked_at, placed_at = tables.hold.c.requested_at, tables.hold.c.placed_at
    return sa.case((placed_at < asked_at, asked_at), else_=placed_at)


def has_unanswered_hop(conn: Connection, trace_id: str) -> bool:
    """Whether some coins of the trace wait for an institution's word, whoever asked for them.

    That is so too where an answered request has asked for more since.
    """
    return any(
        row.state in OPEN or subtract(spans_in(row.spans), spans_in(row.answered))
        for row in conn.execute(_COINS_OF_TRACE, {"trace_id": trace_id})
    )


def policies(conn: Connection, desk_id: str | None) -> list[Policy]:
    """The standing policies of a desk."""
    query = sa.select(tables.policy).where(tables.policy.c.desk_id == desk_id).order_by(tables.policy.c.id)
    return [Policy(**row._mapping) for row in conn.execute(query)]


def sums_by_loss(conn: Connection, trace_id: str) -> dict[str, Sum]:
    """Each loss's own six parts over all its hops (which exclude what was passed on to child hops)."""
    rows = conn.execute(_SUMS_OF_TRACE, {"trace_id": trace_id})
    return {row.loss_id: Sum(**{part: int(getattr(row, part)) for part in PARTS}) for row in rows}
