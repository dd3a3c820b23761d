"""A change of a report, with what hangs on it: its clocks stop with it, tasks without a reason are done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import retention
from lachan.intake import RUNNING, Report, ReportStatus, change_report, report_by_id, wake_duplicate
from lachan.intake.tables import loss
from lachan.response.actions.spent import end_tasks
from lachan.response.model import TraceState
from lachan.response.tables import trace


def change(
    unit: Unit,
    report: Report,
    kind: str,
    *,
    status: ReportStatus | None = None,
    why: str | None = None,
    said: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    **values: Any,
) -> None:
    """Change a report under the fact `kind`; where its time to be resolved no longer runs, its clocks stop."""
    change_report(unit, report, kind, status=status, why=why, said=said, personal=personal, **values)
    end_tasks(unit, kind, f"report:{report.id}", said or {})
    if status is not None and status not in RUNNING:
        for name in ("resolve", "extension", "forward"):
            cancel(unit, f"{name}:{report.id}")


def committed(unit: Unit, **words: str | None) -> dict[str, Any]:
    """How words enter the trail, which is sealed and exported: as commitments, untied when their time is over."""
    said = {name: text for name, text in words.items() if text}
    if not said:
        return {}
    return {"personal": said, "destroy_salt_after": retention("retention_report", unit.now).deadline(unit.now)}


# An authority's paper in free words; the kind of body and the term are the record's own figures.
_PAPER_WORDS = ("issuer", "number", "signatory", "scope")


def sealed_decision(unit: Unit, decision: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """An authority's decision for the trail: what may be read there for ever, and its names and words, committed.

    The words themselves stand in the hold's row, whose digest the closing fact carries.
    """
    words = {name: str(decision[name]) for name in _PAPER_WORDS if decision.get(name)}
    plain = {name: value for name, value in decision.items() if name not in _PAPER_WORDS}
    return plain, committed(unit, **words)


def note_why(unit: Unit, report_id: str, kind: str, why: str) -> None:
    """Somebody has said why: the words are kept with the report, under the fact `kind`."""
    if why:
        change_report(unit, report_by_id(unit.conn, report_id), kind, why=why)


def wake_next(unit: Unit, loss_id: str) -> None:
    """A loss is given up: the next report of the same transfer stands by itself, unless its trace is cancelled."""
    twins = sa.select(loss.c.report_id).where(loss.c.duplicate_of == loss_id)
    cancelled = sa.select(trace.c.report_id).where(
        trace.c.report_id.in_(twins), trace.c.state == TraceState.CANCELLED
    )
    wake_duplicate(unit, loss_id, over=set(unit.conn.execute(cancelled).scalars()))


def restart_resolution(unit: Unit, report_id: str, due_at: datetime) -> None:
    """The time to resolve a report has a new end."""
    enqueue(unit, "report_overdue", {"report_id": report_id}, key=f"resolve:{report_id}", due_at=due_at)
