"""Hand a report in; return it with remarks; approve it as another person."""

from dataclasses import replace
from typing import Any

from lachan.foundation.access import Permission, clean_text, require, require_other_person
from lachan.foundation.storage import Unit
from lachan.plans.reporting import rules, store
from lachan.plans.reporting.actions.writing import count_figures, on_its_round, writable
from lachan.plans.reporting.model import PeriodicReport, ReportState
from lachan.plans.reporting.recording import change_report, contents, today_is

_REMARKS_MAX = 2_000


def submit(unit: Unit, report_id: str) -> PeriodicReport:
    """Hand it in: the figures are counted a last time and frozen; nobody writes in it any more.

    Raises:
        BadInput: FIELDS_MISSING where a line that must be filled is empty.
    """
    report = writable(unit, report_id)
    rules.check_step(report, ReportState.SUBMITTED)
    moved: dict[str, Any] = {}
    if not report.consolidated:
        report, moved = on_its_round(unit, report)
        report = replace(report, figures=count_figures(unit, report, (report.agency_id,)))
    rules.check_complete(report)
    return change_report(
        unit, report, "submitted",
        said={
            "late": report.first_submitted_at is None and unit.now >= report.due_at,
            "figures": {one.field: str(one.value) if one.value is not None else None for one in report.figures},
        },
        state=ReportState.SUBMITTED.value, submitted_by=unit.actor.reference, submitted_at=unit.now,
        first_submitted_at=report.first_submitted_at or unit.now,
        figures=contents(report.figures, ())["figures"], **moved,
    )  # fmt: skip


def give_back(unit: Unit, report_id: str, remarks: str) -> PeriodicReport:
    """Return it to be changed, with remarks."""
    report = _handed_in(unit, report_id, ReportState.RETURNED)
    said = clean_text(remarks, "remarks", limit=_REMARKS_MAX)
    return change_report(
        unit, report, "returned", words=said, state=ReportState.RETURNED.value, remarks=said,
        decided_by=unit.actor.reference, decided_at=unit.now,
    )  # fmt: skip


def approve(unit: Unit, report_id: str, remarks: str = "") -> PeriodicReport:
    """Take it as it is, with remarks or none; never by who handed it in."""
    report = _handed_in(unit, report_id, ReportState.APPROVED)
    require_other_person(unit.actor, report.submitted_by or "")
    said = clean_text(remarks, "remarks", at_least=0, limit=_REMARKS_MAX) or None
    return change_report(
        unit, report, "approved", words=said, state=ReportState.APPROVED.value, decided_by=unit.actor.reference,
        decided_at=unit.now, remarks=None,
    )  # fmt: skip


def _handed_in(unit: Unit, report_id: str, state: ReportState) -> PeriodicReport:
    report = store.report(unit.conn, report_id, lock=True)
    require(unit.actor, Permission.PERIODIC_CHECK, today_is(unit, report.receiver_id))
    rules.check_step(report, state)
    return report
