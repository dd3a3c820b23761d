"""One piece of work on one trace: what it touches is summed up and digested by one closing fact."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import Conflict
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, add_row, change_row, enqueue
from lachan.foundation.trail import append
from lachan.intake import Loss, LossConfirmation, loss_by_id
from lachan.intake.tables import loss
from lachan.response import store, tables
from lachan.response.actions.spent import end_tasks
from lachan.response.model import (
    CANCELLABLE,
    ENDED,
    HOLD_NEXT,
    Hold,
    HoldReason,
    Hop,
    Policy,
    Sum,
    Trace,
    TraceState,
    Verdict,
)
from lachan.response.refunds.store import asked_where_money_came, open_of_trace
from lachan.response.refunds.sums import swapped, traces_swapped_with

NOTICE = "serve_notice"
_GIVING_BACK = frozenset({TraceState.ANALYSED, TraceState.REFUNDING})
_SPANS = frozenset({"asked", "answered", "held", "released", "applied"})
_TURN = sa.text("SELECT pg_advisory_xact_lock(7240118)")


@dataclass(slots=True)
class Work:
    """The transaction, the trace it works on, and which rows it has changed so far.

    Nobody else changes traces meanwhile (`wait_turn`), so a row is read once: the reading methods give what this
    work last read or wrote. A row costs a question to the database, and an answer looks at one row many times.
    """

    unit: Unit
    outbox: Outbox
    trace_id: str
    touched: dict[tuple[str, str], None] = field(default_factory=dict)
    other_traces: dict[str, None] = field(default_factory=dict)
    # Accounts of which others' word may carry other coins now, or none any more.
    told_of: dict[str, None] = field(default_factory=dict)
    # Holds on an authority's decision: the decision may cover what is nobody's any more.
    decided: dict[str, None] = field(default_factory=dict)
    _traces: dict[str, Trace] = field(default_factory=dict)
    _losses: dict[str, Loss] = field(default_factory=dict)
    _holds: dict[str, Hold] = field(default_factory=dict)
    _hops: dict[str, Hop] = field(default_factory=dict)
    _lists: dict[tuple[tuple[str, str], ...], list[str]] = field(default_factory=dict)

    @property
    def trace(self) -> Trace:
        """The trace it works on, as it is now."""
        return self.trace_of(self.trace_id)

    def trace_of(self, trace_id: str) -> Trace:
        """This or another trace."""
        if trace_id not in self._traces:
            self._traces[trace_id] = store.trace(self.unit.conn, trace_id)
        return self._traces[trace_id]

    def loss(self, loss_id: str) -> Loss:
        """A loss; what its payer's institution said is settled before the work on its trace begins."""
        if loss_id not in self._losses:
            self._losses[loss_id] = loss_by_id(self.unit.conn, loss_id)
        return self._losses[loss_id]

    def corrected(self, loss: Loss) -> Loss:
        """A loss as it has just been corrected."""
        self._losses[loss.id] = loss
        return loss

    def hold(self, hold_id: str) -> Hold:
        """A hold."""
        if hold_id not in self._holds:
            self._holds[hold_id] = store.hold(self.unit.conn, hold_id)
        return self._holds[hold_id]

    def hop(self, hop_id: str) -> Hop:
        """A hop."""
        if hop_id not in self._hops:
            self._hops[hop_id] = store.hop(self.unit.conn, hop_id)
        return self._hops[hop_id]

    def hops(self, **where: str) -> list[Hop]:
        """The hops whose columns have these values, in order of depth and creation."""
        key = tuple(where.items())
        if key not in self._lists:
            found = store.hops(self.unit.conn, **where)
            self._hops.update({hop.id: hop for hop in found if hop.id not in self._hops})
            self._lists[key] = [hop.id for hop in found]
        return [self._hops[hop_id] for hop_id in self._lists[key]]

    def policies(self, desk_id: str | None) -> list[Policy]:
        """The standing policies of a desk."""
        return self.unit.once(("policies", desk_id or ""), lambda: store.policies(self.unit.conn, desk_id))

    def touch(self, table: str, row_id: str) -> None:
        """The closing fact digests this row."""
        self.touched[table, row_id] = None

    def insert_hold(self, **values: Any) -> Hold:
        """A new hold."""
        row = add_row(self.unit.conn, tables.hold, values)
        self.touch("hold", row.id)
        # Nothing hangs on it yet.
        self._lists[("hold_id", row.id),] = []
        return self.known(store.hold_from_row(row))

    def known(self, hold: Hold) -> Hold:
        """A hold that has just been read in this transaction need not be read again."""
        self._holds[hold.id] = hold
        return hold

    def update_hold(self, hold: Hold, **values: Any) -> Hold:
        """Change a hold; a state that may not follow is refused."""
        state = values.get("state")
        if state is not None and state != hold.state and state not in HOLD_NEXT[hold.state]:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        if state in ENDED:
            # A decision proposed for what has ended waits for nobody any more.
            values = {"proposal": None, "proposed_at": None, **values}
        stored = {name: store.spans_out(value) if name in _SPANS else value for name, value in values.items()}
        if "held" in values:
            stored["held_vnd"] = sum(span.amount_vnd for span in values["held"])
        if "asked" in values:
            stored["asked_vnd"] = sum(span.amount_vnd for span in values["asked"])
        row = change_row(self.unit.conn, tables.hold, hold.id, stored)
        changed = self._holds[hold.id] = store.hold_from_row(row)
        self.touch("hold", hold.id)
        if hold.receipts or changed.receipts:
            self.told_of[hold.account] = None
        return changed

    def insert_hop(self, **values: Any) -> Hop:
        """A new hop."""
        row = add_row(self.unit.conn, tables.hop, values)
        hop = self._hops[row.id] = store.hop_from_row(row)
        for key, ids in self._lists.items():
            if all(getattr(hop, name) == value for name, value in key):
                ids.append(hop.id)
                ids.sort(key=lambda one: (self._hops[one].depth, one))
        self._lists[("parent_id", row.id),] = []
        self.touch("hop", hop.id)
        self.touch_trace(hop.trace_id)
        return hop

    def update_hop(self, hop: Hop, **values: Any) -> Hop:
        """Change a hop."""
        row = change_row(self.unit.conn, tables.hop, hop.id, values)
        self._hops[hop.id] = store.hop_from_row(row)
        if "reference" in values:
            self._lists.clear()
        self.touch("hop", hop.id)
        self.touch_trace(hop.trace_id)
        return self._hops[hop.id]

    def update_trace(self, trace_id: str, **values: Any) -> Trace:
        """Change a trace."""
        row = change_row(self.unit.conn, tables.trace, trace_id, values)
        self._traces[trace_id] = store.trace_from_row(row)
        self.touch_trace(trace_id)
        return self._traces[trace_id]

    def touch_trace(self, trace_id: str) -> None:
        """The books of this trace are closed at the end, too."""
        if trace_id != self.trace_id:
            self.other_traces[trace_id] = None

    def fact(self, kind: str, subject: str, data: dict[str, Any], **more: Any) -> None:
        """Record one fact of this work; the rows are digested by the closing fact, tasks it ends are done."""
        append(self.unit, kind, subject, {"trace": self.trace_id, **data}, **more)
        end_tasks(self.unit, kind, subject, data)


def wait_turn(unit: Unit) -> None:
    """From here to the end of the transaction nobody else works on any trace.

    Traces share mules, and so hops and holds: on PostgreSQL one lock for all of them does what SQLite's one
    writer does anyway. Who also touches jobs or messages of a trace takes it before them: two who took them in
    different order would wait for each other.
    """
    if unit.conn.dialect.name == "postgresql":
        unit.once(("turn",), lambda: unit.conn.execute(_TURN))


@contextmanager
def working(unit: Unit, outbox: Outbox, trace: str | Trace) -> Iterator[Work]:
    """Work on one trace alone; at the end its sums are refreshed and one fact closes the books.

    A trace that was read, or made, after this transaction's turn had come need not be read again.
    """
    wait_turn(unit)
    trace_id = trace if isinstance(trace, str) else trace.id
    work = Work(unit, outbox, trace_id)
    if not isinstance(trace, str):
        work._traces[trace_id] = trace
    yield work
    from lachan.response.actions.decided import ask_to_lift, join_frozen  # these two work on traces themselves
    from lachan.response.actions.receipts import settle_told

    for hold_id in tuple(work.decided):
        join_frozen(work, work.hold(hold_id))
    if work.told_of:
        settle_told(work)
    for hold_id in work.decided:
        ask_to_lift(work, work.hold(hold_id))
    changed = (trace_id, *work.other_traces)
    for one in (*changed, *sorted(traces_swapped_with(unit, changed))):
        _close_books(work, one)


def _close_books(work: Work, trace_id: str) -> None:
    conn = work.unit.conn
    by_loss = swapped(work.unit, store.sums_by_loss(conn, trace_id))
    totals = {part: sum(getattr(one, part) for one in by_loss.values()) for part in store.PARTS}
    trace = work.trace_of(trace_id)
    values: dict[str, Any] = {
        **totals,
        "overlap_vnd": trace.sum.reported_vnd - sum(totals.values()),
        "movable_vnd": totals["located_vnd"] + totals["moving_vnd"],
    }
    if trace.first_hold_at is None and totals["held_vnd"]:
        first_hold = conn.execute(
            sa.select(sa.func.min(store.effective_at())).where(
                tables.hold.c.id.in_(sa.select(tables.hop.c.hold_id).where(tables.hop.c.trace_id == trace_id)),
                tables.hold.c.placed_at.is_not(None),
            )
        ).scalar()
        if first_hold is not None:
            # A hold that another trace asked for may be older than this one.
            values["first_hold_at"] = max(first_hold, trace.opened_at)
    all_answered = False
    if trace.state in CANCELLABLE:
        state = TraceState.TRACKED if store.has_unanswered_hop(conn, trace_id) else TraceState.AWAITING_ANALYSIS
        all_answered = state is not trace.state and state is TraceState.AWAITING_ANALYSIS
        values["state"] = state
    completed = trace.state in _GIVING_BACK and not _may_pay(conn, trace_id)
    if completed:
        values |= {"state": TraceState.COMPLETED, "closed_at": work.unit.now}
    work.update_trace(trace_id, **values)
    if all_answered:
        # The analysis begins, and the notices may go out.
        append(work.unit, "trace.all_answered", f"trace:{trace_id}", {"trace": trace_id})
        enqueue(work.unit, NOTICE, {"trace_id": trace_id}, key=f"notice:{trace_id}")
    if completed:
        # Nothing is held any more where its money came: all that could be given back was.
        said = {"trace": trace_id, "returned_vnd": totals["returned_vnd"]}
        append(work.unit, "trace.completed", f"trace:{trace_id}", said)
        end_tasks(work.unit, "trace.completed", f"trace:{trace_id}", said)
    note_change(work.unit, trace_id)
    rows = [("trace", trace_id)]
    if trace_id == work.trace_id:
        rows += list(work.touched)
    append(
        work.unit, "trace.summed", f"trace:{trace_id}",
        {**totals, "overlap_vnd": values["overlap_vnd"], "losses": {k: _parts(one) for k, one in by_loss.items()}},
        rows=rows,
    )  # fmt: skip


def note_change(unit: Unit, trace_id: str) -> None:
    """What this trace's losses are due may be another: lists that institutions are asked to pay are looked at."""
    for refund_id in asked_where_money_came(unit.conn, trace_id):
        enqueue(unit, "recompute_refund", {"refund_id": refund_id}, key=f"refund_recompute:{refund_id}")


def _may_pay(conn: Connection, trace_id: str) -> bool:
    """Whether a living loss has something held where this trace's money came, or an institution is asked to pay.

    What an authority froze and is no victim's keeps nobody's trace open.
    """
    hop, other = tables.hop, tables.hop.alias()
    came = sa.select(other.c.account).where(other.c.trace_id == trace_id, other.c.amount_vnd > 0)
    held = (
        sa.select(hop.c.id)
        .join(loss, loss.c.id == hop.c.loss_id)
        .join(tables.trace, tables.trace.c.id == hop.c.trace_id)
        .where(
            hop.c.account.in_(came), hop.c.held_vnd > 0, hop.c.verdict.is_distinct_from(Verdict.DISAGREED),
            tables.trace.c.state != TraceState.CANCELLED,
            loss.c.confirmation.not_in([LossConfirmation.DENIED, LossConfirmation.LAPSED]),
        )
    )  # fmt: skip
    return conn.execute(held.limit(1)).first() is not None or open_of_trace(conn, trace_id)


def _parts(one: Sum) -> list[int]:
    return [getattr(one, part) for part in store.PARTS]
