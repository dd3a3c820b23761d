"""A report's deadline has come and what it was for is not done: it becomes a task of its desk."""

from datetime import datetime

from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.intake import RUNNING, Report, extension_last_asked, report_by_id
from lachan.response import store
from lachan.response.actions.tasks import open_report_task
from lachan.response.actions.work import working
from lachan.response.rules.tasks import REPORT_EXTENSION, REPORT_FORWARDING, REPORT_OVERDUE


def report_overdue(unit: Unit, outbox: Outbox, report_id: str) -> None:
    """The statutory time to resolve a report has passed (Criminal Procedure Code art. 147): somebody must act."""
    report = report_by_id(unit.conn, report_id)
    if report.status in RUNNING and report.resolve_by is not None and report.resolve_by <= unit.now:
        _open(unit, outbox, report, REPORT_OVERDUE, report.resolve_by)


def report_extension_due(unit: Unit, outbox: Outbox, report_id: str) -> None:
    """Soon it is too late to ask for the extension of a complex report's time."""
    report = report_by_id(unit.conn, report_id)
    if report.status in RUNNING and report.resolve_by is not None and report.extension_requested_at is None:
        _open(unit, outbox, report, REPORT_EXTENSION, extension_last_asked(report.resolve_by, unit.now))


def report_forwarding_due(unit: Unit, outbox: Outbox, report_id: str) -> None:
    """A commune's police should have passed the report on by now."""
    report = report_by_id(unit.conn, report_id)
    if report.forward_by is not None and report.forwarded_at is None:
        _open(unit, outbox, report, REPORT_FORWARDING, report.forward_by)


def report_notice_due(unit: Unit, outbox: Outbox, report_id: str) -> None:
    """The procuracy and the reporter should have been told by now; the task stands since the report was closed."""
    report = report_by_id(unit.conn, report_id)
    if report.notice_by is None or report.notified_at is not None:
        return
    trace = store.trace_of_report(unit.conn, report_id)
    said = {"notice_by": report.notice_by.isoformat()}
    if trace is None:
        append(unit, "report.notice_overdue", f"report:{report_id}", said)
        return
    with working(unit, outbox, trace.id):
        append(unit, "report.notice_overdue", f"report:{report_id}", said)


def _open(unit: Unit, outbox: Outbox, report: Report, kind: str, due_at: datetime) -> None:
    trace = store.trace_of_report(unit.conn, report.id)
    if trace is None:
        lost_vnd = sum(loss.amount_vnd for loss in report.losses if loss.duplicate_of is None)
        open_report_task(unit, report, kind, trace_id=None, amount_vnd=lost_vnd, due_at=due_at)
        return
    with working(unit, outbox, trace.id) as work:
        reported_vnd = work.trace.sum.reported_vnd
        open_report_task(unit, report, kind, trace_id=trace.id, amount_vnd=reported_vnd, due_at=due_at)
