"""One change of a report: its row, the step's own row, and the fact in the trail."""

from collections.abc import Iterable, Mapping
from typing import Any

from lachan.foundation.access import agency_on
from lachan.foundation.base import new_id
from lachan.foundation.storage import Unit, add_row, change_row
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import append
from lachan.plans.reporting import store
from lachan.plans.reporting.model import FigureValue, PeriodicReport, TextValue
from lachan.plans.reporting.tables import periodic_report, periodic_step


def today_is(unit: Unit, agency_id: str) -> str:
    """Who does an agency's part of a report today: itself, or the body to which an ended one's work has passed."""
    return agency_on(unit.conn, agency_id, vietnam_date(unit.now)).id


def add_report(unit: Unit, report: PeriodicReport, step: str, words: str | None = None) -> PeriodicReport:
    """A new revision."""
    row = add_row(
        unit.conn, periodic_report,
        {
            "id": report.id, "plan_id": report.plan_id, "key": report.key, "agency_id": report.agency_id,
            "receiver_id": report.receiver_id, "consolidated": report.consolidated, "revision": report.revision,
            "state": report.state.value, "version": report.version, "covers_from": report.covers_from.isoformat(),
            "covers_to": report.covers_to.isoformat(), "due_at": report.due_at,
            "form": [store.field_to_json(one) for one in report.form], **contents(report.figures, report.texts),
            "opened_by": report.opened_by, "opened_at": report.opened_at,
            "first_submitted_at": report.first_submitted_at, "restates": report.restates,
        },
    )  # fmt: skip
    made = store.report_from_row(row)
    _keep(unit, made, step, words, None)
    return made


def change_report(
    unit: Unit, report: PeriodicReport, step: str, *, words: str | None = None,
    before: Mapping[str, Any] | None = None, said: Mapping[str, Any] | None = None, **changes: Any,
) -> PeriodicReport:  # fmt: skip
    """A locked report, changed; every change counts its version. `said` is what the fact tells beside."""
    row = change_row(unit.conn, periodic_report, report.id, {"version": report.version + 1, **changes})
    changed = store.report_from_row(row)
    _keep(unit, changed, step, words, before, said)
    return changed


def contents(figures: Iterable[FigureValue], texts: Iterable[TextValue]) -> dict[str, Any]:
    """Figures and narratives as the row holds them."""
    return {
        "figures": [store.figure_to_json(one) for one in figures],
        "texts": {one.field: store.text_to_json(one) for one in texts},
    }


def _keep(
    unit: Unit, report: PeriodicReport, step: str, words: str | None, before: Mapping[str, Any] | None,
    said: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    step_id = new_id()
    add_row(
        unit.conn, periodic_step,
        {
            "id": step_id, "report_id": report.id, "step": step, "by": unit.actor.reference, "at": unit.now,
            "words": words, "before": before,
        },
    )  # fmt: skip
    append(
        unit, f"periodic.{step}", f"plan_report:{report.id}",
        {
            "plan": report.plan_id, "period": report.key, "agency": report.agency_id, "revision": report.revision,
            "consolidated": report.consolidated, **(said or {}),
        },
        rows=[("periodic_report", report.id), ("periodic_report_step", step_id)],
    )  # fmt: skip
