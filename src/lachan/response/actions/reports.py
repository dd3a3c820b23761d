"""A change of a report, with what hangs on it: its clocks stop with it, tasks without a reason are done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.intake import RUNNING, Report, ReportStatus, change_report
from lachan.response.actions.spent import end_tasks


def change(
    unit: Unit,
    report: Report,
    kind: str,
    *,
    status: ReportStatus | None = None,
    why: str | None = None,
    said: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """Change a report under the fact `kind`; where its time to be resolved no longer runs, its clocks stop."""
    change_report(unit, report, kind, status=status, why=why, said=said, **values)
    end_tasks(unit, kind, f"report:{report.id}", said or {})
    if status is not None and status not in RUNNING:
        for name in ("resolve", "extension"):
            cancel(unit, f"{name}:{report.id}")


def restart_resolution(unit: Unit, report_id: str, due_at: datetime) -> None:
    """The time to resolve a report has a new end."""
    enqueue(unit, "report_overdue", {"report_id": report_id}, key=f"resolve:{report_id}", due_at=due_at)
