"""A report's way to its end, by people: police number, complexity, extension, passing on, referral, closing.

The deadlines are dated rows (Criminal Procedure Code art. 147; Joint Circular 01/2017 for communes). Each is a job
from the moment it runs; what `deadlines.py` does when it rings becomes a task, and the facts recorded here end it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from lachan.foundation.access import Permission, agency, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, format_vnd
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import agency_kind, clock, scam_form, vietnam_date
from lachan.intake import (
    RUNNING,
    IntakeReason,
    Outcome,
    Report,
    ReportStatus,
    complex_until,
    extended_until,
    extension_last_asked,
    fits_books,
    may_become,
    outcome_of,
    report_by_id,
    wait_for_reports,
)
from lachan.response import store
from lachan.response.actions.endings import cancel_trace
from lachan.response.actions.reports import change, restart_resolution, wake_next
from lachan.response.actions.tasks import open_report_task
from lachan.response.actions.wording import words as wording
from lachan.response.actions.work import Work, wait_turn, working
from lachan.response.model import Trace, TraceState
from lachan.response.rules.forwarding import must_pass_on
from lachan.response.rules.tasks import REPORT_NOTICE

NUMBER_MAX = 64
DECISION_MAX = 120
BODY_MAX = 200


def formalise_report(unit: Unit, outbox: Outbox, report_id: str, *, number: str) -> None:
    """The police have registered the report: from now on it bears their number."""
    clean = wording(number, "number", NUMBER_MAX)
    with _at(unit, outbox, report_id, Permission.REPORT_HANDLE) as (report, _):
        change(
            unit, report, "report.formalised", status=ReportStatus.FORMALISED, said={"number": clean},
            police_number=clean, formalised_at=unit.now,
        )  # fmt: skip


def name_scam_form(unit: Unit, outbox: Outbox, report_id: str, *, form: str) -> None:
    """Of which form of fraud the report tells, as far as the desk knows; it may be named anew.

    Figures by form, and warnings about a form that is on the rise, count by it.
    """
    try:
        scam_form(form, unit.now)
    except NotFound as error:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="form", value=form[:40]) from error
    with _at(unit, outbox, report_id, Permission.REPORT_HANDLE) as (report, _):
        change(unit, report, "report.form_named", said={"form": form, "before": report.scam_form}, scam_form=form)


def note_complex(unit: Unit, outbox: Outbox, report_id: str, *, why: str) -> None:
    """The matter is complex: its time is longer, counted from the receipt. Only while the first time runs."""
    words = wording(why, "why")
    with _at(unit, outbox, report_id, Permission.REPORT_CLOSE) as (report, _):
        _check_running(report)
        if report.complex_at is not None:
            raise Conflict(IntakeReason.ALREADY_COMPLEX)
        if report.resolve_by is not None and report.resolve_by <= unit.now:
            raise Conflict(IntakeReason.TIME_OVER, limit=report.resolve_by.isoformat())
        until = complex_until(report.received_at, unit.now)
        change(
            unit, report, "report.complex", why=words, said={"resolve_by": until.isoformat()},
            complex_at=unit.now, resolve_by=until,
        )  # fmt: skip
        restart_resolution(unit, report.id, until)
        alarm_at = clock("report_extension_alarm", unit.now).before(extension_last_asked(until, unit.now))
        enqueue(unit, "report_extension", {"report_id": report.id}, key=f"extension:{report.id}", due_at=alarm_at)


def request_extension(unit: Unit, outbox: Outbox, report_id: str, *, why: str) -> None:
    """The procuracy is asked in writing to extend a complex report's time: once, and days before it is over."""
    words = wording(why, "why")
    with _at(unit, outbox, report_id, Permission.REPORT_CLOSE) as (report, _):
        _check_running(report)
        if report.complex_at is None or report.resolve_by is None:
            raise Conflict(IntakeReason.NOT_COMPLEX)
        if report.extension_requested_at is not None:
            raise Conflict(IntakeReason.EXTENDED_ALREADY)
        last = extension_last_asked(report.resolve_by, unit.now)
        if unit.now >= last:
            raise Conflict(IntakeReason.EXTENSION_TOO_LATE, limit=last.isoformat())
        change(unit, report, "report.extension_requested", why=words, extension_requested_at=unit.now)
        cancel(unit, f"extension:{report.id}")


def grant_extension(unit: Unit, outbox: Outbox, report_id: str, *, decision: str) -> None:
    """The procuracy has extended: `decision` is its number, date and signatory. The basis of the longer time."""
    basis = wording(decision, "decision", DECISION_MAX)
    with _at(unit, outbox, report_id, Permission.REPORT_CLOSE) as (report, _):
        _check_running(report)
        if report.extension_requested_at is None or report.resolve_by is None:
            raise Conflict(IntakeReason.EXTENSION_NOT_REQUESTED)
        if report.extended_at is not None:
            raise Conflict(IntakeReason.EXTENDED_ALREADY)
        until = extended_until(report.resolve_by, unit.now)
        change(
            unit, report, "report.extended", said={"resolve_by": until.isoformat()}, personal={"decision": basis},
            extended_at=unit.now, extension_decision=basis, resolve_by=until,
        )  # fmt: skip
        restart_resolution(unit, report.id, until)


def pass_on_report(unit: Unit, outbox: Outbox, report_id: str, *, to: str) -> None:
    """A commune's police pass a report on to a body that resolves reports, which has it from now on."""
    with _at(unit, outbox, report_id, Permission.REPORT_HANDLE) as (report, work):
        if not must_pass_on(report) or report.forward_by is None:
            raise Conflict(IntakeReason.NOTHING_TO_FORWARD)
        _check_recipient(unit, report, to)
        said = {"to": to, "late": unit.now >= report.forward_by}
        change(unit, report, "report.passed_on", said=said, forwarded_at=unit.now, agency_id=to)
        cancel(unit, f"forward:{report.id}")
        if work is not None:
            # Whoever worked on it is not of the desk that has it now.
            work.update_trace(work.trace_id, desk_id=to, officer_id=None)


def refer_report(unit: Unit, outbox: Outbox, report_id: str, *, to: str, why: str) -> None:
    """Another body has to deal with it. What is held stays held until its clock, or whoever cancels the trace."""
    words, body = wording(why, "why"), wording(to, "to", BODY_MAX)
    with _at(unit, outbox, report_id, Permission.REPORT_CLOSE) as (report, _):
        change(
            unit, report, "report.referred", status=ReportStatus.REFERRED, why=words, said={"referred_to": body},
            referred_to=body,
        )  # fmt: skip


def withdraw_report(unit: Unit, outbox: Outbox, report_id: str, *, why: str) -> None:
    """The report was untrue or a mistake: it is withdrawn, and its trace cancelled while that is possible."""
    words = wording(why, "why")
    wait_turn(unit)
    report = report_by_id(unit.conn, report_id)
    require(unit.actor, Permission.REPORT_CLOSE, report.agency_id)
    if not may_become(report, ReportStatus.WITHDRAWN):
        raise Conflict(IntakeReason.WRONG_STATUS, status=report.status)
    trace = store.trace_of_report(unit.conn, report_id)
    if trace is not None and trace.state is not TraceState.CANCELLED:
        cancel_trace(unit, outbox, trace.id, reason=words)
        return
    wait_for_reports(unit, report.losses)
    change(unit, report, "report.withdrawn", status=ReportStatus.WITHDRAWN, why=words)
    for loss in report.losses:
        wake_next(unit, loss.id)


def close_report(unit: Unit, outbox: Outbox, report_id: str, *, outcome: Outcome, why: str) -> None:
    """The report is resolved: how much was saved, and what was decided. The notice of it is owed from now on.

    Nobody may be asked any more, and the outcome may not be less than what the books show as held or returned.
    """
    words = wording(why, "why")
    with _at(unit, outbox, report_id, Permission.REPORT_CLOSE) as (report, work):
        trace = work.trace if work else None
        if trace is not None and trace.state in {TraceState.CREATED, TraceState.TRACKED}:
            raise Conflict(IntakeReason.STILL_ASKING)
        saved_vnd, owed_vnd = books(trace)
        if not fits_books(outcome, outcome_of(saved_vnd, owed_vnd)):
            saved, owed = format_vnd(saved_vnd), format_vnd(owed_vnd)
            raise Conflict(IntakeReason.OUTCOME_AGAINST_BOOKS, field="outcome", saved=saved, owed=owed)
        notice_by = clock("report_notice", unit.now).deadline(unit.now)
        change(
            unit, report, "report.closed", status=ReportStatus.CLOSED, why=words,
            said={"outcome": outcome, "saved_vnd": saved_vnd, "owed_vnd": owed_vnd},
            outcome=outcome, closed_at=unit.now, notice_by=notice_by,
        )  # fmt: skip
        open_report_task(
            unit, report, REPORT_NOTICE, trace_id=trace.id if trace else None, amount_vnd=owed_vnd, due_at=notice_by
        )
        enqueue(unit, "report_notice", {"report_id": report.id}, key=f"tell:{report.id}", due_at=notice_by)


def note_report_notice(unit: Unit, outbox: Outbox, report_id: str, *, why: str) -> None:
    """The procuracy and the reporter have been told of the result: how, by which letter."""
    words = wording(why, "why")
    with _at(unit, outbox, report_id, Permission.REPORT_HANDLE) as (report, _):
        if report.notice_by is None or report.notified_at is not None:
            raise Conflict(IntakeReason.NO_NOTICE_OWED)
        late = unit.now >= report.notice_by
        change(unit, report, "report.notified", why=words, said={"late": late}, notified_at=unit.now)
        cancel(unit, f"tell:{report.id}")


def books(trace: Trace | None) -> tuple[int, int]:
    """What is saved of a report's money, and how much was lost net of what others lost first, in VND."""
    if trace is None:
        return 0, 0
    return trace.sum.held_vnd + trace.sum.returned_vnd, trace.sum.reported_vnd - trace.sum.overlap_vnd


@contextmanager
def _at(unit: Unit, outbox: Outbox, report_id: str, permission: Permission) -> Iterator[tuple[Report, Work | None]]:
    """Work on a report alone, together with its trace where it has one."""
    wait_turn(unit)
    report = report_by_id(unit.conn, report_id)
    require(unit.actor, permission, report.agency_id)
    trace = store.trace_of_report(unit.conn, report_id)
    if trace is None:
        yield report, None
        return
    with working(unit, outbox, trace.id) as work:
        yield report, work


def _check_running(report: Report) -> None:
    if report.status not in RUNNING:
        raise Conflict(IntakeReason.NOT_RUNNING, status=report.status)


def _check_recipient(unit: Unit, report: Report, to: str) -> None:
    try:
        body = agency(unit.conn, to)
    except NotFound as error:
        raise BadInput(IntakeReason.WRONG_RECIPIENT, field="to") from error
    kind = agency_kind(body.kind, unit.now)
    there = body.exists_on(vietnam_date(unit.now))
    if to == report.agency_id or kind.institution or kind.forwarding_clock or not there:
        raise BadInput(IntakeReason.WRONG_RECIPIENT, field="to")
