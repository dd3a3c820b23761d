"""One piece of work on one trace: what it touches is summed up and digested by one closing fact."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from lachan.foundation.base import Conflict
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.trail import append
from lachan.response import store, tables
from lachan.response.actions.spent import end_tasks
from lachan.response.model import HOLD_NEXT, Hold, HoldReason, Hop, Trace, TraceState

NOTICE = "serve_notice"


@dataclass(slots=True)
class Work:
    """The transaction, the trace it works on, and which rows it has changed so far."""

    unit: Unit
    outbox: Outbox
    trace: Trace
    touched: dict[tuple[str, str], None] = field(default_factory=dict)
    other_traces: dict[str, None] = field(default_factory=dict)

    def touch(self, table: str, row_id: str) -> None:
        """The closing fact digests this row."""
        self.touched[table, row_id] = None

    def update_hold(self, hold: Hold, **values: Any) -> Hold:
        """Change a hold; a state that may not follow is refused."""
        state = values.get("state")
        if state is not None and state != hold.state and state not in HOLD_NEXT[hold.state]:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        stored = {
            name: store.spans_out(value) if name in {"asked", "answered", "held", "released"} else value
            for name, value in values.items()
        }
        if "held" in values:
            stored["held_vnd"] = sum(span.amount_vnd for span in values["held"])
        if "asked" in values:
            stored["asked_vnd"] = sum(span.amount_vnd for span in values["asked"])
        self.unit.conn.execute(sa.update(tables.hold).where(tables.hold.c.id == hold.id).values(stored))
        self.touch("hold", hold.id)
        return replace(hold, **{k: v for k, v in values.items() if k in Hold.__dataclass_fields__})

    def update_hop(self, hop: Hop, **values: Any) -> None:
        """Change a hop."""
        self.unit.conn.execute(sa.update(tables.hop).where(tables.hop.c.id == hop.id).values(values))
        self.touch("hop", hop.id)
        self.touch_trace(hop.trace_id)

    def touch_trace(self, trace_id: str) -> None:
        """The books of this trace are closed at the end, too."""
        if trace_id != self.trace.id:
            self.other_traces[trace_id] = None

    def fact(self, kind: str, subject: str, data: dict[str, Any], **more: Any) -> None:
        """Record one fact of this work; the rows are digested by the closing fact, tasks it ends are done."""
        append(self.unit, kind, subject, {"trace": self.trace.id, **data}, **more)
        end_tasks(self.unit, kind, subject, data)


def wait_turn(unit: Unit) -> None:
    """From here to the end of the transaction nobody else works on any trace.

    Traces share mules, and so hops and holds: on PostgreSQL one lock for all of them does what SQLite's one
    writer does anyway. Who also touches jobs or messages of a trace takes it before them: two who took them in
    different order would wait for each other.
    """
    if unit.conn.dialect.name == "postgresql":
        unit.conn.execute(sa.text("SELECT pg_advisory_xact_lock(7240118)"))


@contextmanager
def working(unit: Unit, outbox: Outbox, trace_id: str) -> Iterator[Work]:
    """Work on one trace alone; at the end its sums are refreshed and one fact closes the books."""
    wait_turn(unit)
    work = Work(unit, outbox, store.trace(unit.conn, trace_id, lock=True))
    yield work
    for changed in (trace_id, *work.other_traces):
        _close_books(work, changed)


def _close_books(work: Work, trace_id: str) -> None:
    conn = work.unit.conn
    by_loss = store.sums_by_loss(conn, trace_id)
    totals = {part: sum(getattr(one, part) for one in by_loss.values()) for part in store.PARTS}
    overlap = conn.execute(sa.select(tables.trace.c.reported_vnd).where(tables.trace.c.id == trace_id)).scalar_one()
    overlap -= sum(totals.values())
    trace = store.trace(conn, trace_id)
    first_hold = None
    if trace.first_hold_at is None and totals["held_vnd"]:
        first_hold = conn.execute(
            sa.select(sa.func.min(tables.hold.c.placed_at)).where(
                tables.hold.c.id.in_(sa.select(tables.hop.c.hold_id).where(tables.hop.c.trace_id == trace_id)),
                tables.hold.c.placed_at.is_not(None),
            )
        ).scalar()
    values: dict[str, Any] = {
        **totals, "overlap_vnd": overlap, "movable_vnd": totals["located_vnd"] + totals["moving_vnd"],
    }  # fmt: skip
    if first_hold is not None:
        values["first_hold_at"] = first_hold
    conn.execute(sa.update(tables.trace).where(tables.trace.c.id == trace_id).values(values))
    _note_all_answered(work, trace)
    rows = [("trace", trace_id)]
    if trace_id == work.trace.id:
        rows += list(work.touched)
    append(
        work.unit, "trace.summed", f"trace:{trace_id}",
        {**totals, "overlap_vnd": overlap, "losses": {loss: _parts(one) for loss, one in by_loss.items()}},
        rows=rows,
    )  # fmt: skip


def _note_all_answered(work: Work, trace: Trace) -> None:
    """When no hop is unanswered any more, the analysis begins and the notices may go out."""
    if trace.state not in {TraceState.CREATED, TraceState.TRACKED, TraceState.AWAITING_ANALYSIS}:
        return
    waiting = store.has_unanswered_hop(work.unit.conn, trace.id)
    state = TraceState.TRACKED if waiting else TraceState.AWAITING_ANALYSIS
    if state is trace.state:
        return
    work.unit.conn.execute(sa.update(tables.trace).where(tables.trace.c.id == trace.id).values(state=state))
    if state is TraceState.AWAITING_ANALYSIS:
        append(work.unit, "trace.all_answered", f"trace:{trace.id}", {"trace": trace.id})
        enqueue(work.unit, NOTICE, {"trace_id": trace.id}, key=f"notice:{trace.id}")


def _parts(one: Any) -> list[int]:
    return [getattr(one, part) for part in store.PARTS]
