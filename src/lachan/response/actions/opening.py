"""A report opens a trace: one root hop for each loss, asked for at once; the payer's bank is asked to confirm."""

from dataclasses import replace

import sqlalchemy as sa

from lachan.foundation.access import desk_of_province
from lachan.foundation.base import VIETNAM, new_id
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, enqueue
from lachan.intake import (
    Loss,
    ReportStatus,
    adopt_reports,
    loss_by_id,
    move_report,
    report_by_id,
)
from lachan.ledger import learn_loss
from lachan.response import store, tables
from lachan.response.actions.analysis import start_analysis_clock
from lachan.response.actions.confirmations import ask_to_confirm
from lachan.response.actions.hops import loss_is_over, open_root
from lachan.response.actions.payer_calls import adopt_calls
from lachan.response.actions.work import Work, wait_turn, working
from lachan.response.model import TraceState


def open_trace(unit: Unit, outbox: Outbox, report_id: str) -> str | None:
    """Open the trace of a received report; None if it needs none. Doing it twice changes nothing."""
    # Before the losses are read: one of them may be woken at this instant (`pursue_woken`).
    wait_turn(unit)
    report = report_by_id(unit.conn, report_id)
    losses = [loss for loss in report.losses if loss.duplicate_of is None]
    if report.status is not ReportStatus.RECEIVED or not losses:
        return None
    known = store.trace_of_report(unit.conn, report_id)
    if known is not None:
        return known.id
    move_report(unit, report, ReportStatus.TRIAGED)
    trace_id = new_id()
    reported = sum(loss.amount_vnd for loss in losses)
    opened = store.add_trace(
        unit.conn,
        id=trace_id, report_id=report_id, code=report.code, desk_id=report.agency_id,
        state=TraceState.TRACKED, opened_at=report.received_at, reported_vnd=reported, moving_vnd=reported,
        movable_vnd=reported, first_transfer_at=min(loss.booked_at for loss in losses),
    )  # fmt: skip
    with working(unit, outbox, opened) as work:
        work.fact(
            "trace.opened", f"trace:{trace_id}",
            {"report": report_id, "losses": [loss.id for loss in losses], "reported_vnd": reported},
            priority=reported,
        )  # fmt: skip
        for loss in sorted(losses, key=lambda one: -one.amount_vnd):
            learn_loss(unit, loss)
            open_root(work, loss, trace_id)
            _await_confirmation(work, loss)
        start_analysis_clock(work)
    move_report(unit, replace(report, status=ReportStatus.TRIAGED), ReportStatus.DISPATCHED)
    return trace_id


def pursue_woken(unit: Unit, outbox: Outbox, loss_id: str) -> None:
    """A transfer of a report that is traced already stands by itself now: its trace asks for it, too.

    Doing it twice changes nothing.
    """
    wait_turn(unit)
    loss = loss_by_id(unit.conn, loss_id)
    trace = store.trace_of_report(unit.conn, loss.report_id)
    if trace is None or loss_is_over(loss, trace) or store.hops(unit.conn, loss_id=loss.id):
        return
    with working(unit, outbox, trace.id) as work:
        reported_vnd = trace.sum.reported_vnd + loss.amount_vnd
        work.fact(
            "trace.widened", f"trace:{trace.id}",
            {"loss": loss.id, "amount_vnd": loss.amount_vnd, "reported_vnd": reported_vnd}, priority=reported_vnd,
        )  # fmt: skip
        work.update_trace(
            trace.id, reported_vnd=reported_vnd, first_transfer_at=min(trace.first_transfer_at, loss.booked_at)
        )
        learn_loss(unit, loss)
        open_root(work, loss, trace.id)
        _await_confirmation(work, loss)


def adopt_orphans(unit: Unit, outbox: Outbox, agency_id: str) -> None:
    """A desk was entered: where it is the province's, it takes the reports and traces that belong to nobody."""
    if desk_of_province(unit.conn, unit.now.astimezone(VIETNAM).date()) != agency_id:
        return
    adopt_calls(unit, agency_id)
    for report_id in adopt_reports(unit, agency_id):
        orphan = store.trace_of_report(unit.conn, report_id)
        if orphan is not None and orphan.desk_id is None:
            with working(unit, outbox, orphan.id) as work:
                unit.conn.execute(
                    sa.update(tables.trace).where(tables.trace.c.id == orphan.id).values(desk_id=agency_id)
                )
                work.fact("trace.adopted", f"trace:{orphan.id}", {"desk": agency_id})


def _await_confirmation(work: Work, loss: Loss) -> None:
    """Without the word of the payer's institution the hold lapses, which stops malicious reports."""
    enqueue(
        work.unit, "confirmation_lapsed", {"loss_id": loss.id}, key=f"confirm:{loss.id}", due_at=loss.confirm_by
    )
    ask_to_confirm(work, loss)
